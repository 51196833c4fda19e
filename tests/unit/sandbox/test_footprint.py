"""What the demo says of what it takes, and when it does not begin. What it really takes: tests/e2e."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from sandbox.demonstrations import DEMONSTRATIONS, changes
from sandbox.footprint import CLOUD_MEMORY_MIB, Computer, Footprint, footprint, lines, main, problems
from sandbox.machine import MACHINE_TYPES

DOCKER, CACHE = Path("/var/lib/docker"), Path("/home/ada/.cache/homeport")
TAKES = Footprint(
    machine_memory=1024,
    capabilities=("SYS_ADMIN", "NET_ADMIN"),
    swap=2048,
    images=1500,
    running=1000,
    engine_disk=4096,
    engine_memory=1800,
    packages=("debootstrap",),
)
HAS = Computer(
    docker_folder=DOCKER,
    cache_folder=CACHE,
    disks={DOCKER: (1, 20000), CACHE: (2, 20000)},
    memory=8000,
    subnet=IPv4Network("172.31.3.0/24"),
)


@pytest.mark.parametrize("demonstration", DEMONSTRATIONS)
def test_memory_and_swap_are_those_of_the_settings(demonstration: str) -> None:
    host = changes(demonstration)["homeport:host"]
    assert isinstance(host, Mapping)
    takes = footprint(demonstration, has_images=True, has_engine=True, packages=())
    assert (takes.machine_memory, takes.swap) == (MACHINE_TYPES[host["machineType"]], host["swap"])


def test_what_is_here_already_is_not_counted_again() -> None:
    first = footprint("mattermost", has_images=False, has_engine=False, packages=())
    again = footprint("mattermost", has_images=True, has_engine=True, packages=())
    assert first.docker_disk > again.docker_disk
    assert (again.images, again.engine_disk, again.engine_memory) == (0, 0, 0)


@pytest.mark.parametrize("demonstration", DEMONSTRATIONS)
def test_it_fits_a_small_screen(demonstration: str) -> None:
    takes = footprint(demonstration, has_images=False, has_engine=False, packages=("a-package",) * 6)
    told = lines(takes, HAS)
    assert len(told) <= 20
    assert max(map(len, told)) <= 80


@pytest.mark.parametrize(
    "words",
    [
        "SYS_ADMIN NET_ADMIN",
        "1.0 GiB of memory",
        "2.0 GiB of swap",
        "4.4 GiB of disk in /var/lib/docker",
        "172.31.3.0/24",
        "debootstrap (apt-get)",
        "make demo-down",
    ],
)
def test_it_says(words: str) -> None:
    assert words in " ".join(" ".join(lines(TAKES, HAS)).split())


def test_a_computer_with_enough_of_all_has_no_problem() -> None:
    assert problems(TAKES, HAS) == []


def test_two_folders_of_one_disk_need_room_for_both() -> None:
    together = replace(HAS, disks={DOCKER: (1, 8000), CACHE: (1, 8000)})
    apart = replace(HAS, disks={DOCKER: (1, 8000), CACHE: (2, 8000)})
    assert problems(TAKES, apart) == []
    (problem,) = problems(TAKES, together)
    assert problem.startswith("Disk: 8.4 GiB are needed in /var/lib/docker and /home/ada/.cache/homeport")


def test_too_little_memory_is_said() -> None:
    needed = TAKES.engine_memory
    (problem,) = problems(TAKES, replace(HAS, memory=needed - 1))
    assert problem.startswith("Memory: 1.8 GiB are needed")


def test_the_engine_is_built_before_the_machine_takes_its_memory() -> None:
    assert replace(TAKES, engine_memory=0).memory == 1024 + CLOUD_MEMORY_MIB


def test_a_computer_without_a_free_network_is_said() -> None:
    (problem,) = problems(TAKES, replace(HAS, subnet=None))
    assert problem.startswith("Networks: every /24 of 172.31.0.0/16")


def test_an_app_that_there_is_no_demonstration_of_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discourse"]) == 2
    assert "APP is discourse; it can be mattermost, mastodon, both" in capsys.readouterr().err
