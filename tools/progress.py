"""Progress: a step longer than a second says what it does, that it lives, and how long it took.

In a terminal that is one line that changes in place, with what is left by the measure of the last run.
Elsewhere, as in a CI log, plain lines. Both go to standard error, so that standard output stays free for
results such as a path.

It is imported before anything is installed; without rich it says plain lines in a terminal, too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from tools.durations import Durations
from tools.interruptible import deferred
from tools.running_step import RunningStep

SILENT_SECONDS = 1.0
"""A step shorter than this says nothing."""

BEAT_SECONDS = 15.0
"""How often a long step says that it still lives, where there is no terminal."""


class SetupError(Exception):
    """What went wrong and what to do about it, in words for the person at the keyboard."""


class StepFailedError(SetupError):
    """A command of a step failed; the message ends with the last lines it printed."""


class Display(Protocol):
    """What shows running steps in a terminal: `tools.live_line`."""

    def begin(self, step: RunningStep) -> None:
        """Show a step."""

    def end(self, step: RunningStep) -> None:
        """Show it no more."""

    def say(self, text: str) -> None:
        """Print a line that stays, above the steps."""


class Course:
    """The steps of one command that are done each time, in their order; see `course`."""

    def __init__(self, name: str, usual: Sequence[tuple[str, float]]) -> None:
        self.name = name
        self.done: list[str] = []
        self._usual = list(usual)

    def later(self, key: str) -> float:
        """Return the seconds that the steps after this one took last time."""
        keys = [known for known, _ in self._usual]
        after = keys.index(key) + 1 if key in keys else 0
        return sum(seconds for known, seconds in self._usual[after:] if known not in self.done)


class _Situation:
    """What steps of this process share."""

    def __init__(self) -> None:
        self.durations = Durations()
        self.course: Course | None = None
        self.display: Display | None = None
        self.looked_for_display = False
        self.running = 0
        self.lock = threading.Lock()


_now = _Situation()


def remember(durations: Durations) -> None:
    """Estimate by these durations from now on, and keep new ones there."""
    _now.durations = durations


def is_live(environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether progress is a line that changes in place: in a capable terminal, once rich is there."""
    capable = environment.get("TERM", "") not in {"", "dumb", "unknown"}
    return capable and sys.stderr.isatty() and find_spec("rich") is not None


def _display() -> Display | None:
    if not _now.looked_for_display:
        _now.looked_for_display = True
        _now.display = import_module("tools.live_line").LiveLine() if is_live() else None
    return _now.display


def say(line: str) -> None:
    """Print one line of progress."""
    display = _display()
    if display:
        display.say(line)
    else:
        print(line, file=sys.stderr, flush=True)


@contextmanager
def course(name: str) -> Iterator[None]:
    """Count all steps within as one run of `name`: what is left includes the steps that came later last time.

    Steps that are expected only once do not count: the next run will not have them.
    """
    _now.course = Course(name, _now.durations.course(name))
    try:
        yield
        _now.durations.note_course(name, _now.course.done)
    finally:
        _now.course = None


@contextmanager
def step(
    title: str,
    *,
    expect: str = "",
    detail: Callable[[], str] = str,
    key: str = "",
    plain: bool = True,
) -> Iterator[None]:
    """Announce a step, show that it lives, and say at its end how long it took.

    Args:
        title: What is being done: "Pulumi engine: compile".
        expect: How long it is likely to take or what it needs. With it the step is announced at once;
            without it only once it has lasted a second. It begins with "once" where the result is kept.
        detail: Says how far it is; called at each sign of life.
        key: What its duration is kept under, where steps of one title take different times.
        plain: Without a terminal its caller has lines of its own.
    """
    key = key or title
    with _now.lock:
        outermost = _now.running == 0
        _now.running += 1
    later = _now.course.later(key) if _now.course and outermost else 0.0
    shown = _Shown(RunningStep(title, detail, _now.durations.of(key), later), expect, plain=plain)
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
        _now.durations.note(key, shown.elapsed)
        if _now.course and outermost and not expect.startswith("once"):
            _now.course.done.append(key)
    except KeyboardInterrupt as stop:
        # The one line that the person gets for it says what was under way.
        stop.add_note(f"{title}, after {shown.elapsed:.0f} s")
        outcome = ""
        raise
    finally:
        with _now.lock:
            _now.running -= 1
        shown.end(outcome)


class _Shown:
    """A step's lines: in place in a terminal, else one every 15 seconds."""

    def __init__(self, step: RunningStep, expect: str, *, plain: bool) -> None:
        self._step = step
        self._expect = expect
        self._plain = plain
        self._display = _display()
        self._announced = False
        self._finished = threading.Event()
        if expect:
            self._announce()
        self._herald = threading.Thread(target=self._beat, name=f"progress of {step.title}", daemon=True)
        self._herald.start()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._step.started

    def end(self, outcome: str) -> None:
        """Show it no more, and say how it ended and after how long."""
        self._finished.set()
        self._herald.join()
        if not self._announced:
            return
        if self._display:
            self._display.end(self._step)
        if outcome and (self._plain or self._display):
            say(f"{self._step.title}: {outcome} {self.elapsed:.1f} s")

    def _announce(self) -> None:
        self._announced = True
        if self._display:
            self._display.begin(self._step)
        elif self._plain:
            say(f"{self._step.title} ..." + (f" ({self._expect})" if self._expect else ""))

    def _beat(self) -> None:
        if not self._announced:
            if self._finished.wait(SILENT_SECONDS):
                return
            self._announce()
        while self._plain and not self._display and not self._finished.wait(BEAT_SECONDS):
            progress = self._step.detail()
            say(f"{self._step.title}: {self.elapsed:.0f} s" + (f": {progress}" if progress else ""))


def run(
    title: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    expect: str = "",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    limit: float = 3600.0,
    whole: bool = False,
) -> None:
    """Run a command as one step; its output goes to `log`, and to the message if it fails.

    Args:
        title: See `step`.
        command: Program and arguments; no shell.
        log: File that receives standard output and error; its folder is made.
        expect: See `step`.
        cwd: Where it runs.
        env: Added to this process's environment.
        limit: Seconds after which it is ended, with everything it started.
        whole: It must not be cut off: Ctrl-C waits for its end, and only a second one ends it.

    Raises:
        StepFailedError: It could not be started, failed, or took longer than `limit`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with step(title, expect=expect, detail=lambda: last_line(log)), log.open("w") as output:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        except OSError as error:
            raise StepFailedError(f"{title}: {command[0]} could not be started: {error}") from error
        try:
            if whole:
                with deferred(lambda: say(f"{title}: finished first; press Ctrl-C again to cut it off")):
                    code = process.wait(limit)
            else:
                code = process.wait(limit)
        except subprocess.TimeoutExpired:
            _end(process)
            raise StepFailedError(f"{title}: not done after {limit:.0f} s.\n{tail(log)}") from None
        except BaseException:
            _end(process)
            raise
    if code != 0:
        raise StepFailedError(f"{title}: {command[0]} failed with status {code}.\n{tail(log)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children; it leads a session of its own.

    As by Ctrl-C first: Go and pip remove their temporary folders then, which SIGTERM would leave.
    """
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        # Once more after its leader is gone: a shell's background processes ignore SIGINT.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, ending)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)


def tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log, indented, with its path before them."""
    text = log.read_text(errors="replace") if log.exists() else ""
    shown = "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
    return f"  The end of {log}:\n{shown}" if shown else f"  It printed nothing ({log})."


def last_line(log: Path) -> str:
    """Return the last line of a log that is not blank, cut to 80 characters."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        stream.seek(max(0, stream.tell() - 4096))
        text = stream.read().decode(errors="replace")
    written = [line.strip() for line in text.splitlines() if line.strip()]
    return written[-1][:80] if written else ""
