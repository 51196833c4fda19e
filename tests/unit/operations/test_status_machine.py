"""Disks, swap, Docker, units."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from operations.status_machine import DISK_PERCENT, SWAP_PERCENT, machine_fact
from operations.status_machine_report import Disk, MachineReport, Swap
from operations.status_place import Place
from tests.unit.operations.looked_at import PLACE, machine


def said(**changes: object) -> list[str]:
    return said_at(PLACE, changes)


def said_at(place: Place, changes: Mapping[str, object]) -> list[str]:
    report: MachineReport = machine("well").model_copy(update=changes)
    fact = machine_fact(report, place)
    return [each.what for each in (*fact.attention, *(a for space in fact.spaces for a in space.attention))]


def disk(used: int, *, mounted: bool = True) -> Disk:
    return Disk(path="/x", used=used, total=1000, mounted=mounted)


def test_a_machine_that_is_well_needs_nothing() -> None:
    assert said() == []


@pytest.mark.parametrize(("key", "name"), [("data", "data disk"), ("boot", "boot disk")])
def test_a_disk_up_to_the_limit_is_well_and_beyond_is_not(key: str, name: str) -> None:
    assert said(**{key: disk(DISK_PERCENT * 10)}) == []
    assert said(**{key: disk(DISK_PERCENT * 10 + 1)}) == [f"the {name} is full to 85 %"]


def test_a_data_disk_that_is_only_a_folder_of_the_boot_disk_needs_attention() -> None:
    assert said(data=disk(1, mounted=False))[0].startswith("the data disk is not mounted")


def test_a_data_disk_that_is_not_there_needs_attention() -> None:
    assert said(data=None)[0].startswith("the data disk is not mounted")


def test_a_computer_of_ones_own_needs_no_data_disk() -> None:
    assert said_at(Place("local", ""), {"data": None}) == []


def test_swap_up_to_the_limit_is_well_and_beyond_is_not() -> None:
    assert said(swap=Swap(used=SWAP_PERCENT, total=100)) == []
    assert said(swap=Swap(used=SWAP_PERCENT + 1, total=100)) == [
        "81 % of the swap space is in use: the memory is too small"
    ]


def test_no_swap_is_no_full_swap() -> None:
    assert said(swap=Swap(used=0, total=0)) == []


def test_a_failed_unit_needs_attention() -> None:
    assert said(failed_units=["homeport-backup.service"]) == ["homeport-backup.service has failed"]


def test_updates_that_wait_for_a_restart_are_no_alarm() -> None:
    assert said(restart_packages=["libc6"]) == []


def test_a_docker_engine_that_does_not_answer_needs_attention() -> None:
    engine = machine("well").engine.model_copy(update={"error": "Cannot connect", "version": None})
    assert said(engine=engine) == ["Docker does not answer: Cannot connect"]
