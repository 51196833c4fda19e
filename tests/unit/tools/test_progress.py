from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tools import progress
from tools.progress import StepFailedError, last_line, run, step


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
