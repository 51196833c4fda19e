"""Processes that end with the provider that started them, however it ends."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cache

_SETPRIV = "setpriv"
"""A program of util-linux, which every Debian, Ubuntu and Fedora has."""


@cache
def _tie() -> tuple[str, ...]:
    return (_SETPRIV, "--pdeathsig", "KILL") if shutil.which(_SETPRIV) else ()


def tied(command: Sequence[str]) -> list[str]:
    """The command line of a process that the kernel kills when the thread that starts it ends.

    An engine that is killed ends nothing, and a provider that then leaves at once ends nothing either. The
    official providers speak SSH within their own process or over pipes, so nothing of them stays. A thread of
    gRPC's pool lasts as long as its process (`PR_SET_PDEATHSIG` in prctl(2)).
    """
    return [*_tie(), *command]
