"""A boot disk that changes its size: it grows in use, and never becomes smaller."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from components.host.boot_disk import ShrinkingError, refuse_smaller

_BOOTSTRAP = Path(__file__).parents[3] / "components" / "host" / "bootstrap.sh"
_FUNCTIONS = "\n".join(
    match[0]
    for match in re.finditer(r"^(?:grow|step_root)\(\) \{\n.*?^\}\n", _BOOTSTRAP.read_text(), re.M | re.S)
)
GIB = 2**30 // 512
"""Sectors."""


def sized(size: int) -> dict[str, object]:
    return {"bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "size": size}}}


@pytest.mark.parametrize(("now", "wanted"), [(10, 10), (10, 12)])
def test_a_boot_disk_may_stay_or_grow(now: int, wanted: int) -> None:
    refuse_smaller(sized(now), sized(wanted), "chat")


def test_a_smaller_one_is_refused_with_both_ways_out() -> None:
    with pytest.raises(ShrinkingError) as caught:
        refuse_smaller(sized(15), sized(10), "chat")
    said = str(caught.value)
    assert said.startswith("homeport:host.bootDisk: 10 is less than the 15 GB that the boot disk has")
    assert "Set 15 or more" in said
    assert "pulumi up -s chat --replace '**gcp:compute/instance:Instance**'" in said


def test_what_is_not_known_is_not_refused() -> None:
    refuse_smaller({}, sized(10), "chat")
    refuse_smaller(sized(10), {"bootDisk": None}, "chat")


class Machine:
    """Commands of a machine that write down how they were called, and what the kernel says of its disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name, status in {"growpart": 0, "resize2fs": 0, "packages": 0}.items():
            self.command(name, status)

    def command(self, name: str, status: int, prints: str = "") -> None:
        path = self._folder / name
        path.write_text(
            f'#!/bin/sh\necho "{name} $*" >>{self._folder}/done\n'
            + (f"echo '{prints}'\n" if prints else "")
            + f"exit {status}\n"
        )
        path.chmod(0o755)

    def disk(self, sectors: int, *, partition: Mapping[str, int] | None = None) -> Path:
        """The folder in /sys of the partition, or of the disk where there is none."""
        disk = self._folder / "sys" / "sda"
        disk.mkdir(parents=True)
        (disk / "size").write_text(f"{sectors}\n")
        if partition is None:
            return disk
        folder = disk / "sda1"
        folder.mkdir()
        for name, value in {"partition": 1, **partition}.items():
            (folder / name).write_text(f"{value}\n")
        return folder

    def run(self, function: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        words = " ".join(map(str, (function, *arguments)))
        return subprocess.run(
            ["bash", "-c", f"set -euo pipefail; RUN={self._folder}; BOOT_GB=12\n{_FUNCTIONS}\n{words}"],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{self._folder}:{os.environ['PATH']}"},
        )

    def done(self) -> Sequence[str]:
        path = self._folder / "done"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_partition_and_its_file_system_grow_to_the_end_of_a_larger_disk(machine: Machine) -> None:
    partition = machine.disk(12 * GIB, partition={"start": 262144, "size": 10 * GIB - 262144 - 34})
    assert machine.run("grow", partition).returncode == 0
    assert machine.done() == ["growpart /dev/sda 1", "resize2fs /dev/sda1"]


def test_a_partition_that_fills_its_disk_stays_and_a_run_that_was_killed_is_finished(
    machine: Machine,
) -> None:
    partition = machine.disk(12 * GIB, partition={"start": 262144, "size": 12 * GIB - 262144 - 34})
    assert machine.run("grow", partition).returncode == 0
    assert machine.done() == ["resize2fs /dev/sda1"]


def test_a_partition_that_cannot_grow_any_more_is_no_error(machine: Machine) -> None:
    machine.command("growpart", 1)
    partition = machine.disk(12 * GIB, partition={"start": 2048, "size": 5 * GIB})
    assert machine.run("grow", partition).returncode == 0
    assert machine.done()[-1] == "resize2fs /dev/sda1"


def test_a_partition_table_that_cannot_be_changed_is_an_error(machine: Machine) -> None:
    machine.command("growpart", 2)
    partition = machine.disk(12 * GIB, partition={"start": 2048, "size": 5 * GIB})
    assert machine.run("grow", partition).returncode != 0
    assert machine.done() == ["growpart /dev/sda 1"]


def test_a_disk_without_partitions_grows_as_well(machine: Machine) -> None:
    assert machine.run("grow", machine.disk(12 * GIB)).returncode == 0
    assert machine.done() == ["resize2fs /dev/sda"]


@pytest.mark.parametrize("root", ["0:50 overlay /", "8:1 ext4 /var/lib/docker/vfs/dir/a", "0:30 btrfs /@"])
def test_a_root_that_is_no_disk_of_its_own_is_left_alone(machine: Machine, root: str) -> None:
    machine.command("findmnt", 0, root)
    ran = machine.run("step_root")
    assert (ran.returncode, ran.stdout) == (0, f"the root file system, {root.split()[1]}, does not grow\n")
    assert [line.split()[0] for line in machine.done()] == ["findmnt"]
