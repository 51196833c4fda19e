"""What all tests share: how many processes run them, and the table of how long each part took."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from types import FrameType

import pytest

from tests.durations import Durations
from tests.order import position

_BOX_BYTES = 3 * 1024**3
"""Memory that one process takes with its box, the largest of them (docs/benchmarks.md)."""
_SIGNALS: Mapping[signal.Signals, Callable[[int, FrameType | None], object] | signal.Handlers] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGTERM: signal.SIG_DFL,
}
_MOST = 3
"""Boxes at once; two processors have nothing to gain from more."""


def pytest_configure(config: pytest.Config) -> None:
    """Measure this run, and heed the signals that whoever started it may ignore, as nohup does.

    What is ignored here would be ignored by the commands that tests interrupt.
    """
    for number, handler in _SIGNALS.items():
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)
    config.pluginmanager.register(Durations(), "durations")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep each file in one process, since its tests share fixtures, and put the files in order."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(config.rootpath))))
    items.sort(key=lambda item: position(item.path.relative_to(config.rootpath)))


def pytest_xdist_auto_num_workers() -> int:
    """How many processes `--numprocesses auto` means: as many boxes as the memory holds."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(_MOST, memory // _BOX_BYTES))
