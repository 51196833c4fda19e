from __future__ import annotations

from pathlib import Path

import pytest

from tools.durations import Durations


def test_what_was_noted_is_known_to_the_next_process(tmp_path: Path) -> None:
    Durations(tmp_path / "durations.json").note("build", 214.26)
    assert Durations(tmp_path / "durations.json").of("build") == 214.26


def test_a_course_is_its_steps_with_their_times(tmp_path: Path) -> None:
    durations = Durations(tmp_path / "cache" / "durations.json")
    durations.note("boot", 5)
    durations.note("up", 75)
    durations.note_course("demo", ["boot", "up"])
    assert durations.course("demo") == [("boot", 5.0), ("up", 75.0)]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"steps": 3}', '{"steps": {"build": "x"}}'])
def test_a_file_that_is_broken_knows_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / "durations.json"
    file.write_text(content)
    assert Durations(file).of("build") is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Durations(tmp_path / "file" / "durations.json").note("build", 3)


def test_without_a_file_nothing_is_kept() -> None:
    durations = Durations()
    durations.note("build", 3)
    assert durations.of("build") is None
