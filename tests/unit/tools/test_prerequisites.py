from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.prerequisites import available_memory, check_disk, check_memory, check_owner, existing, gib
from tools.progress import SetupError


@pytest.fixture
def meminfo(tmp_path: Path) -> Path:
    """A computer with 2 GiB available and 1 GiB of free swap."""
    file = tmp_path / "meminfo"
    file.write_text(
        "MemTotal: 8388608 kB\nMemAvailable: 2097152 kB\nSwapFree: 1048576 kB\nHugePages_Total: 0\n"
    )
    return file


def test_swap_counts_as_memory(meminfo: Path) -> None:
    assert available_memory(meminfo) == 3072


def test_too_little_memory_is_told_before_anything_begins(meminfo: Path) -> None:
    check_memory(3072, "the build", meminfo)
    with pytest.raises(SetupError, match=r"the build needs 3\.0 GiB of memory, and 3\.0 GiB are available"):
        check_memory(3073, "the build", meminfo)


def test_a_system_that_does_not_say_its_memory_is_not_refused(tmp_path: Path) -> None:
    check_memory(10**9, "the build", tmp_path / "none")


def test_the_disk_of_a_folder_that_is_not_there_yet_is_that_of_the_one_above(tmp_path: Path) -> None:
    assert existing(tmp_path / "a" / "b") == tmp_path
    check_disk(tmp_path / "a" / "b", 1, "the build")
    with pytest.raises(SetupError, match=rf"needs .* GiB of disk at {tmp_path}/a, and .* are free there"):
        check_disk(tmp_path / "a", 10**9, "the build")


def test_a_folder_that_sudo_made_is_told_with_the_command_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    # Root may write everywhere, and root may run these tests.
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder)
    with pytest.raises(SetupError, match=rf'sudo chown -R "\$USER" {folder}$'):
        check_owner([folder, tmp_path / "absent", tmp_path])


@pytest.mark.parametrize(("mib", "shown"), [(300, "300 MiB"), (1536, "1.5 GiB")])
def test_sizes_are_told_in_the_unit_that_fits(mib: int, shown: str) -> None:
    assert gib(mib) == shown
