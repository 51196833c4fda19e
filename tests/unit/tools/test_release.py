"""What may become a release, and what is in it."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from tools.engine_version import engine_version
from tools.release import ReleaseError, archive, check, notes, publish, version_of

CHANGES = """\
# Changelog

## [Unreleased]

### Added

- Something.

## [1.1.0] - 2026-11-20

### Fixed

- A fault.

## [1.0.0] - 2026-10-01

- The first.
"""


@pytest.mark.parametrize("tag", ["v1.2.0", "1.2.0"])
def test_a_tag_is_a_version_with_a_v(tag: str) -> None:
    assert version_of(tag) == "1.2.0"


@pytest.mark.parametrize("tag", ["", "v1", "1.2.0; true", "v1.2.0$(id)", "vv1.2.0", "v1.2.0/../.."])
def test_what_is_no_version_is_refused(tag: str) -> None:
    with pytest.raises(ReleaseError, match=r"is no version: VERSION=v1\.2\.0 is one"):
        version_of(tag)


def test_the_newest_version_may_be_released() -> None:
    check(CHANGES, "1.1.0")


@pytest.mark.parametrize("version", ["1.0.0", "1.2.0"])
def test_any_other_version_is_refused_with_the_newest_one(version: str) -> None:
    with pytest.raises(ReleaseError, match=r"v1\.[02]\.0 do not agree: its newest version is 1\.1\.0"):
        check(CHANGES, version)


def test_a_changelog_without_a_version_is_refused() -> None:
    with pytest.raises(ReleaseError, match="it has no version yet"):
        check("## [Unreleased]\n\n- A.\n", "1.0.0")


@pytest.mark.parametrize("date", ["", " - soon"])
def test_a_version_without_a_date_is_refused(date: str) -> None:
    with pytest.raises(ReleaseError, match="needs its date"):
        check(CHANGES.replace(" - 2026-11-20", date), "1.1.0")


def test_a_version_of_which_nothing_is_told_is_refused() -> None:
    with pytest.raises(ReleaseError, match="is empty"):
        check("## [1.1.0] - 2026-11-20\n\n## [1.0.0] - 2026-10-01\n", "1.1.0")


def test_the_notes_are_the_version_s_section_alone() -> None:
    assert notes(CHANGES, "1.1.0") == "### Fixed\n\n- A fault."
    assert notes(CHANGES, "1.0.0") == "- The first."


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "tracked").write_text("yes")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "all"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "untracked").write_text("no")
    return tmp_path


def test_the_archive_has_what_is_committed_under_the_release_s_name(repository: Path) -> None:
    path = archive(repository, "1.1.0")
    with tarfile.open(repository / path) as packed:
        assert packed.getnames() == ["homeport-1.1.0", "homeport-1.1.0/tracked"]


def test_the_same_commit_gives_the_same_bytes(repository: Path) -> None:
    first = (repository / archive(repository, "1.1.0")).read_bytes()
    assert (repository / archive(repository, "1.1.0")).read_bytes() == first


def test_nothing_is_published_without_its_archive(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"make release-archive VERSION=v1\.1\.0"):
        publish(tmp_path, CHANGES, "1.1.0")


def test_the_engine_s_version_is_the_one_that_the_sdk_is_pinned_to() -> None:
    assert engine_version("attrs==1.0\npulumi==3.259.0 \\\n    --hash=x\npulumi-gcp==9.0\n") == "3.259.0"


def test_requirements_without_the_sdk_have_no_engine() -> None:
    with pytest.raises(ValueError, match="no line 'pulumi==<version>'"):
        engine_version("pulumi-gcp==9.0\n")
