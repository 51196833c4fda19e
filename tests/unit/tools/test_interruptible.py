"""Ctrl-C and the signals that end a program, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.interruptible import Interrupted, advised, deferred, message
from tools.python_environment import REPOSITORY

SLOW_IMPORT = """
import time
print("begun", flush=True)
time.sleep(30)
"""
STEP = """
from pathlib import Path
from tools.progress import run
print("begun", flush=True)
run("Engine: build", ["sh", "-c", "sleep 30 & echo $! >child; wait"], log=Path("log"), whole=WHOLE)
"""
SHORT_WHOLE = """
from pathlib import Path
from tools.progress import run
print("begun", flush=True)
SCRIPT = "echo $$ >child; sleep 1; echo done >done"
run("Packages: install", ["sh", "-c", SCRIPT], log=Path("log"), whole=True)
"""

IN_A_THREAD = """
import subprocess, threading, time
SCRIPT = "echo $$ >child; exec sleep 30"
threading.Thread(target=subprocess.run, args=(["sh", "-c", SCRIPT],), daemon=True).start()
print("begun", flush=True)
time.sleep(30)
"""


class Command:
    """A module that is run as `make` runs one, in a process group of its own."""

    def __init__(self, folder: Path, source: str) -> None:
        self.folder = folder
        (folder / "work.py").write_text(source)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools", "-m", "work"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{folder}:{REPOSITORY}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell's background job, as these tests may be, ignores Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "begun\n"

    def interrupt(self, number: int = signal.SIGINT) -> tuple[int, list[str]]:
        """Send the signal to the whole group, as a terminal does; its status and what it said."""
        os.killpg(self.process.pid, number)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said.splitlines()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_while_a_command_is_imported_is_one_line(tmp_path: Path, number: int, status: int) -> None:
    assert Command(tmp_path, SLOW_IMPORT).interrupt(number) == (status, ["Interrupted."])


def test_the_line_says_which_step_was_under_way(tmp_path: Path) -> None:
    command = Command(tmp_path, STEP.replace("WHOLE", "False"))
    _wait_for(tmp_path / "child")
    status, said = command.interrupt()
    assert (status, said) == (130, ["Interrupted: Engine: build, after 0 s"])


def test_a_step_that_is_interrupted_takes_its_children_along(tmp_path: Path) -> None:
    command = Command(tmp_path, STEP.replace("WHOLE", "False"))
    child = _wait_for(tmp_path / "child")
    command.interrupt(signal.SIGTERM)
    assert _ends(int(child))


def test_what_a_thread_runs_is_ended_too(tmp_path: Path) -> None:
    command = Command(tmp_path, IN_A_THREAD)
    child = _wait_for(tmp_path / "child")
    # Not to the group: `kill` and CI send it to the one process.
    command.process.terminate()
    assert command.process.wait(20) == 143
    assert _ends(int(child))


def test_what_must_not_be_cut_off_is_finished_first(tmp_path: Path) -> None:
    command = Command(tmp_path, SHORT_WHOLE)
    _wait_for(tmp_path / "child")
    status, said = command.interrupt()
    assert status == 130
    assert said[-1].startswith("Interrupted: Packages: install, after 1 s")
    assert (tmp_path / "done").exists()


def test_a_second_ctrl_c_cuts_off_even_that(tmp_path: Path) -> None:
    command = Command(tmp_path, STEP.replace("WHOLE", "True"))
    child = _wait_for(tmp_path / "child")
    os.killpg(command.process.pid, signal.SIGINT)
    time.sleep(0.3)
    status, _ = command.interrupt()
    assert status == 130
    assert _ends(int(child))


def test_a_command_that_ends_by_itself_keeps_its_status(tmp_path: Path) -> None:
    command = Command(tmp_path, "import sys\nprint('begun', flush=True)\nsys.exit(3)\n")
    assert command.process.wait(10) == 3


def _stopped_engine() -> None:
    with deferred(lambda: None):
        os.kill(os.getpid(), signal.SIGTERM)
        raise RuntimeError("the engine failed, since it was stopped")


def test_a_signal_within_deferred_wins_over_the_error_that_it_causes() -> None:
    with pytest.raises(Interrupted):
        _stopped_engine()


def test_an_error_within_deferred_without_a_signal_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="by itself"), deferred(lambda: None):
        raise RuntimeError("by itself")


def test_the_innermost_advice_is_what_the_line_ends_with() -> None:
    with pytest.raises(Interrupted) as caught, advised("outer"), advised("make demo goes on"):
        raise Interrupted(signal.SIGINT)
    caught.value.add_note("Engine: build, after 3 s")
    assert message(caught.value) == "Interrupted: Engine: build, after 3 s; make demo goes on"


def _wait_for(file: Path) -> str:
    deadline = time.monotonic() + 10
    while not (file.exists() and file.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return file.read_text()


def _ends(process: int) -> bool:
    """Whether it is gone within two seconds, or only waits for its parent to take note."""
    for _ in range(40):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state in {"Z", "X"}:
            return True
        time.sleep(0.05)
    return False
