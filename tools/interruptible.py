"""Ctrl-C and the signals that end a program, the same for every command: one line, status 128 + signal."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, the end that `kill` and CI ask for, and a terminal that is closed."""


class Interrupted(KeyboardInterrupt):
    """One of these signals came. Its notes say what was under way, the innermost step first."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.advice = ""


def message(stop: KeyboardInterrupt) -> str:
    """Return the line that is printed."""
    notes: list[str] = getattr(stop, "__notes__", [])
    advice = stop.advice if isinstance(stop, Interrupted) else ""
    told = "; ".join(words for words in (*notes[:1], advice) if words)
    return f"Interrupted: {told}" if told else "Interrupted."


def status_of(stop: KeyboardInterrupt) -> int:
    """Return the exit status, as shells count it: 130 for Ctrl-C."""
    return 128 + (stop.number if isinstance(stop, Interrupted) else signal.SIGINT)


@contextmanager
def advised(advice: str) -> Iterator[None]:
    """Have the line of an interruption within end with what the person can do now, in a few words."""
    try:
        yield
    except Interrupted as stop:
        stop.advice = stop.advice or advice
        raise


def _raise(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(number)


def interruptible(main: Callable[[], int]) -> int:
    """Run a program's `main`; where a signal ends it, print one line and return the status for it."""
    _handle(_raise)
    try:
        return main()
    except KeyboardInterrupt as stop:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        end_children()
        sys.stdout.flush()
        print(message(stop), file=sys.stderr, flush=True)
        return status_of(stop)


def end_children() -> None:
    """End what threads still run; what has a session of its own, as an engine of Docker, stays."""
    for tasks in Path("/proc/self/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            with suppress(ProcessLookupError):
                if os.getsid(child) == os.getsid(0):
                    os.kill(child, signal.SIGTERM)


@contextmanager
def deferred(noted: Callable[[], None]) -> Iterator[None]:
    """Hold the first signal back until the end of what is within; the second one interrupts at once.

    Args:
        noted: Called when the first one comes, to ask for the end or to say what is waited for.

    Raises:
        Interrupted: At the end, in place of any other error, if a signal came.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        if came:
            _raise(number, frame)
        came.append(number)
        noted()

    before = _handle(hold)
    try:
        yield
    except Exception:
        if came:
            raise Interrupted(came[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise Interrupted(came[0])


def _handle(handler: Callable[[int, FrameType | None], None]) -> dict[int, signal._HANDLER]:
    """Set the handler of these signals, and return the ones of before.

    What a parent ignores, as nohup does with SIGHUP, it means its children to ignore, too.
    """
    heeded = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in heeded}
