"""The digest of a folder that an image is built from."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.apps.build_context import folder_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM base:1\n")
    (tmp_path / "bin" / "start").write_text("start\n")
    return tmp_path


def test_it_is_the_same_for_the_same_files_elsewhere(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("copy")
    (copy / "bin").mkdir()
    for name in ("Dockerfile", "bin/start"):
        (copy / name).write_bytes((folder / name).read_bytes())
    assert folder_digest(copy) == folder_digest(folder)


def test_it_changes_with_a_files_content(folder: Path) -> None:
    before = folder_digest(folder)
    (folder / "Dockerfile").write_text("FROM base:2\n")
    assert folder_digest(folder) != before


def test_it_changes_with_a_files_name(folder: Path) -> None:
    before = folder_digest(folder)
    (folder / "bin" / "start").rename(folder / "bin" / "run")
    assert folder_digest(folder) != before


def test_it_changes_when_a_file_becomes_executable(folder: Path) -> None:
    before = folder_digest(folder)
    (folder / "bin" / "start").chmod(0o755)
    assert folder_digest(folder) != before
