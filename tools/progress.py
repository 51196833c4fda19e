"""Progress in plain text: a step longer than a second says what it does, that it lives, and how long it took.

Lines go to standard error, so that standard output stays free for results such as a path. Nothing depends on
a terminal: the same lines are readable in a CI log.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SILENT_SECONDS = 1.0
"""A step shorter than this says nothing."""

BEAT_SECONDS = 15.0
"""How often a long step says that it still lives."""


class SetupError(Exception):
    """What went wrong and what to do about it, in words for the person at the keyboard."""


class StepFailedError(SetupError):
    """A command of a step failed; the message ends with the last lines it printed."""


def say(line: str) -> None:
    """Print one line of progress."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(title: str, *, expect: str = "", detail: Callable[[], str] = str) -> Iterator[None]:
    """Announce a step, show every 15 seconds that it lives, and say at its end how long it took.

    Args:
        title: What is being done: "Pulumi engine: compile".
        expect: How long it is likely to take or what it needs. With it the step is announced at once;
            without it only once it has lasted a second.
        detail: Says how far it is; called at each sign of life.
    """
    started = time.monotonic()
    finished = threading.Event()
    announced = threading.Event()

    def announce() -> None:
        announced.set()
        say(f"{title} ..." + (f" ({expect})" if expect else ""))

    def beat() -> None:
        if not announced.is_set():
            if finished.wait(SILENT_SECONDS):
                return
            announce()
        while not finished.wait(BEAT_SECONDS):
            progress = detail()
            say(f"{title}: {time.monotonic() - started:.0f} s" + (f": {progress}" if progress else ""))

    if expect:
        announce()
    herald = threading.Thread(target=beat, name=f"progress of {title}", daemon=True)
    herald.start()
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
    finally:
        finished.set()
        herald.join()
        if announced.is_set():
            say(f"{title}: {outcome} {time.monotonic() - started:.1f} s")


def run(
    title: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    expect: str = "",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    limit: float = 3600.0,
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
    """End a process and its children; it leads a session of its own."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, ending)
            process.wait(5)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


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
