"""The line in a terminal: a pseudo terminal reads what a person would see."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping

from tools.python_environment import REPOSITORY

PROGRAM = """
import time
from tools.progress import say, step
with step("Sandbox: boot", expect="a minute", detail=lambda: "waiting for chat"):
    time.sleep(0.4)
    say("a line that stays")
    time.sleep(0.4)
print("result")
"""


def seen(variables: Mapping[str, str]) -> str:
    """What a program with a step writes to a terminal."""
    mine, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env={**os.environ, "LANG": "C.UTF-8", "COLUMNS": "60", **variables},
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    written = b""
    while True:
        try:
            part = os.read(mine, 65536)
        except OSError:  # nobody holds the other end any more
            break
        written += part
    os.close(mine)
    assert process.wait(10) == 0
    return written.decode()


def test_the_line_changes_in_place_and_is_gone_in_the_end() -> None:
    text = seen({"TERM": "xterm"})
    assert re.search(r"Sandbox: boot 0:0\d  waiting for chat", text)
    # Erased before the line that stays.
    assert text.rindex("\x1b[2K") < text.rindex("Sandbox: boot: done in ")
    assert "Sandbox: boot ..." not in text


def test_what_is_said_meanwhile_stays_above_it() -> None:
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in seen({"TERM": "xterm"}).splitlines()]
    assert any(line.strip().endswith("a line that stays") for line in lines)
    assert lines[-1] == "result"


def test_the_cursor_is_shown_again() -> None:
    text = seen({"TERM": "xterm"})
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_no_color_is_honoured() -> None:
    assert not re.search(
        r"\x1b\[(3|4|9|10)[0-9](;[0-9]+)*m", seen({"TERM": "xterm-256color", "NO_COLOR": "1"})
    )


def test_a_dumb_terminal_gets_the_plain_lines() -> None:
    text = seen({"TERM": "dumb"})
    assert "\x1b" not in text
    assert text.splitlines()[0] == "Sandbox: boot ... (a minute)"
