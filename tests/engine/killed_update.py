"""An update in a process of its own, killed in the middle with everything it started."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.engine.trial import Program, Trial

_SECONDS = 180.0
"""How long an update may take to come to the point at which it is killed."""


_PAUSE = 0.2
"""Seconds between two looks: what is waited for in a sandbox costs the processor more than it does."""


def killed_update(trial: Trial, program: Program, when: Callable[[], bool]) -> None:
    """Update to a program that can be pickled, and kill it once `when` is true. See `killed`."""
    arguments = (trial.engine.directory, trial.engine.project.stack, trial.world, program)
    killed(functools.partial(_update, *arguments), when)


def killed(update: Callable[[], object], when: Callable[[], bool], pause: float = _PAUSE) -> None:
    """Run an update that can be pickled; SIGKILL for program, engine and plugins once `when` is true.

    `pause`: seconds between two looks, fewer where what must not have happened yet follows at once.
    Raises `AssertionError` where the update ends before, or does not come so far.
    """
    process = multiprocessing.get_context("spawn").Process(target=_in_session, args=(update,))
    process.start()
    try:
        wait_until(lambda: when() or not process.is_alive(), pause)
        assert process.is_alive(), f"the update ended by itself, with {process.exitcode}"
    finally:
        # The engine gives each plugin a process group of its own; the session they have in common.
        while members := _session(process.pid or 0):
            for member in members:
                _kill(member)
            time.sleep(0.02)
        process.join()
    assert process.exitcode == -signal.SIGKILL


def wait_until(condition: Callable[[], bool], pause: float = _PAUSE) -> None:
    """Poll; raises `AssertionError` after three minutes."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(pause)


def _in_session(update: Callable[[], object]) -> None:
    os.setsid()
    update()


def _update(directory: Path, stack: str, world: Path, program: Program) -> None:
    Trial(directory, stack, world).up(program)


def is_alive(process: int) -> bool:
    """Whether it is there, and more than an entry that waits for its parent."""
    return _state_and_session(process)[0] not in {"", "X", "Z"}


def _state_and_session(process: int) -> tuple[str, int]:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return "", 0
    # After the name, which may hold blanks: state, parent, group, session.
    state, _, _, session = text.rpartition(")")[2].split()[:4]
    return state, int(session)


def _session(leader: int) -> list[int]:
    """Living processes of a session, and its leader even before it leads one.

    The leader, which is the program, comes first: it would complain of an engine that is gone.
    """
    numbers = sorted(int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return [
        number for number in numbers if leader in {number, _state_and_session(number)[1]} and is_alive(number)
    ]


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
