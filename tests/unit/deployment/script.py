"""The scripts that a deployment has run, as they reach a shell's standard input."""

from __future__ import annotations

import re
import shlex

from tests.unit.deployment.recording import Resource

_VARIABLE = re.compile(r"readonly ([A-Z_]+)=((?:'[^']*'|\"[^\"]*\"|[^\s'\"])*)\n")


def variables(text: str) -> dict[str, str]:
    """The variables in a script's header."""
    position = text.index("\n") + 1 if text.startswith("#!") else 0
    found = {}
    while match := _VARIABLE.match(text, position):
        found[match[1]] = shlex.split(match[2])[0]
        position = match.end()
    return found


def told(command: Resource) -> dict[str, str]:
    """What the script of a command is told."""
    return variables(command.text("stdin"))
