from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import progress
from tools.durations import Durations
from tools.progress import Course, StepFailedError, course, last_line, run, step


def test_a_short_step_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with step("short"):
        pass
    assert capsys.readouterr().err == ""


def test_a_step_that_lasts_is_announced_and_timed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.01)
    with step("long"):
        time.sleep(0.05)
    announced, ended = capsys.readouterr().err.splitlines()
    assert announced == "long ..."
    assert ended.startswith("long: done in 0.")


def test_a_long_step_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "BEAT_SECONDS", 0.01)
    with step("build", expect="4 minutes", detail=lambda: "package 7"):
        time.sleep(0.05)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "build ... (4 minutes)"
    assert lines[1] == "build: 0 s: package 7"


def test_a_step_that_fails_is_not_called_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no"), step("install", expect="soon"):
        raise ValueError("no")
    assert "install: failed after" in capsys.readouterr().err


def test_a_failed_command_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="failed with status 3") as caught:
        run("step", ["sh", "-c", "echo reason; exit 3"], log=tmp_path / "log")
    assert str(caught.value).endswith("    reason")


def test_a_command_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="could not be started"):
        run("step", ["no-such-command-here"], log=tmp_path / "log")


def test_a_command_over_its_time_is_ended_with_what_it_started(tmp_path: Path) -> None:
    children = tmp_path / "children"
    with pytest.raises(StepFailedError, match="not done after"):
        run("step", ["sh", "-c", f"sleep 60 & echo $! >{children}; wait"], log=tmp_path / "log", limit=0.2)
    with pytest.raises(ProcessLookupError):
        _wait_until_gone(int(children.read_text()))


def _wait_until_gone(process: int) -> None:
    """Raise ProcessLookupError once the process is gone; give up after two seconds."""
    for _ in range(40):
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state == "Z":  # ended, and only waits for its new parent to take note
            raise ProcessLookupError
        time.sleep(0.05)


def test_the_detail_of_a_step_is_the_last_line_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("go: downloading a\ngithub.com/pulumi/pulumi\n\n")
    assert last_line(log) == "github.com/pulumi/pulumi"


@pytest.fixture
def durations(tmp_path: Path) -> Iterator[Durations]:
    """A file of durations that steps are kept in, for one test."""
    kept = Durations(tmp_path / "durations.json")
    progress.remember(kept)
    yield kept
    progress.remember(Durations())


def test_how_long_a_step_took_is_kept(durations: Durations) -> None:
    with step("build"):
        time.sleep(0.02)
    assert (durations.of("build") or 0) >= 0.02


def test_how_long_a_step_took_that_failed_is_not_kept(durations: Durations) -> None:
    with pytest.raises(ValueError, match="no"), step("build"):
        raise ValueError("no")
    assert durations.of("build") is None


def test_a_course_has_the_outer_steps_that_are_done_each_time(durations: Durations) -> None:
    with course("demo"):
        with step("images", expect="once"):
            pass
        with step("boot"), step("wait for another"):
            pass
        with step("up", key="up, again"):
            pass
    assert [name for name, _ in durations.course("demo")] == ["boot", "up, again"]


def test_what_comes_later_is_counted_from_the_step_that_runs() -> None:
    now = Course("demo", [("boot", 5), ("up", 75), ("look", 2)])
    assert now.later("boot") == 77
    assert now.later("an image that is built this time") == 82
    now.done.append("boot")
    assert now.later("an image that is built this time") == 77


@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(
    term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert not progress.is_live({"TERM": term})


def test_a_pipe_gets_plain_lines() -> None:
    assert not progress.is_live({"TERM": "xterm-256color"})


def test_an_interrupted_step_says_nothing_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), step("build", expect="4 minutes"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "build ... (4 minutes)\n"
