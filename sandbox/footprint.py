"""What the demo does to this computer, said and checked before it begins.

Command line: `python -m sandbox.footprint mattermost`.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

import docker
from docker.errors import DockerException

from sandbox import machine
from sandbox.box import Box
from sandbox.demonstrations import DEMONSTRATIONS, changes
from sandbox.deployment import sandbox_folder
from sandbox.machine_rights import bounding_set, machine_capabilities
from sandbox.subnets import SUBNETS, free_subnets, taken_subnets
from tools import docker_engine, engine
from tools.cache import cache_directory
from tools.prerequisites import MIB, available_memory, existing, gib
from tools.progress import SetupError

IMAGES_MIB: Mapping[str, int] = {"mattermost": 1500, "mastodon": 1700, "both": 1900, "web": 1600}
"""What a demonstration's images take, those that they are made from and the registry's volume included."""

RUNNING_MIB: Mapping[str, int] = {"mattermost": 1800, "mastodon": 2100, "both": 2500, "web": 1800}
"""What a deployed one takes without its swap: packages that its machine installs, images and data there."""

CLOUD_MEMORY_MIB = 150
"""What the container with the cloud's services takes."""

_SHARED = {"label": "homeport.sandbox.shared=true"}
_LABELS = ("runs", "turns on", "takes", "uses", "installs")
_WIDTH = 80


@dataclass(frozen=True)
class Footprint:
    """What a demonstration takes; sizes in MiB."""

    machine_memory: int
    capabilities: Sequence[str]
    swap: int
    images: int
    """Disk for the images, 0 where there are some already."""
    running: int
    """Disk beside images and swap."""
    engine_disk: int
    """Disk for the build of the engine, 0 where it is here."""
    engine_memory: int
    packages: Sequence[str]
    """Packages of the operating system that are installed."""

    @property
    def memory(self) -> int:
        """What must be available: the engine is built before the containers start."""
        return max(self.machine_memory + CLOUD_MEMORY_MIB, self.engine_memory)

    @property
    def docker_disk(self) -> int:
        """What is taken where Docker keeps its data."""
        return self.images + self.running + self.swap


@dataclass(frozen=True)
class Computer:
    """What there is of it; sizes in MiB."""

    docker_folder: Path
    cache_folder: Path
    disks: Mapping[Path, tuple[int, int]]
    """Folder -> number of its file system, and the free space there."""
    memory: int | None
    """Available, swap included; None where it is not known."""
    subnet: IPv4Network | None
    """The network that is free, if one is."""


def footprint(
    demonstration: str, *, has_images: bool, has_engine: bool, packages: Sequence[str]
) -> Footprint:
    """What a demonstration takes by its settings. Raises `KeyError` for one that does not exist."""
    host = changes(demonstration)["homeport:host"]
    if not isinstance(host, dict):
        raise TypeError("the stack file of the sandbox has no host")
    return Footprint(
        machine_memory=machine.MACHINE_TYPES[host["machineType"]],
        capabilities=machine_capabilities(bounding_set()),
        swap=int(host["swap"]),
        images=0 if has_images else IMAGES_MIB[demonstration],
        running=RUNNING_MIB[demonstration],
        engine_disk=0 if has_engine else engine.BUILD_DISK_MIB,
        engine_memory=0 if has_engine else engine.BUILD_MEMORY_MIB,
        packages=packages,
    )


def lines(what: Footprint, computer: Computer) -> list[str]:
    """Tell it, in less than a screen."""
    free = computer.disks[computer.docker_folder][1]
    disk = [f"{gib(what.docker_disk)} of disk in {computer.docker_folder} ({gib(free)} are free)"]
    if what.engine_disk:
        disk.append(f"{gib(what.engine_disk)} for the build of the Pulumi engine in {computer.cache_folder}")
    texts = (
        f"two containers in Docker: a machine with {gib(what.machine_memory)} of memory, the capabilities"
        f" {' '.join(what.capabilities)} and loop devices, without Docker's seccomp and AppArmor profiles;"
        f" and the cloud around it, with {gib(CLOUD_MEMORY_MIB)}",
        f"{gib(what.swap)} of swap in this computer's kernel",
        ", and ".join(disk),
        f"the network {computer.subnet}; of this computer's own ports one at 127.0.0.1, for the images",
        f"{' '.join(what.packages)} (apt-get)" if what.packages else "no package",
    )
    told = [
        line
        for label, text in zip(_LABELS, texts, strict=True)
        for line in textwrap.wrap(
            text, _WIDTH, initial_indent=f"  {label:9} ", subsequent_indent=" " * 12, break_on_hyphens=False
        )
    ]
    return ["On this computer the demo", *told, "make demo-down undoes it; images and packages stay."]


def problems(what: Footprint, computer: Computer) -> list[str]:
    """What there is too little of, a line each."""
    found = list(_full(what, computer))
    if computer.memory is not None and computer.memory < what.memory:
        found.append(
            f"Memory: {gib(what.memory)} are needed, and {gib(computer.memory)} are available, swap included:"
            " end other programs first."
        )
    if computer.subnet is None:
        found.append(
            f"Networks: every /24 of {SUBNETS} is taken by a Docker network, a route or a name server of this"
            " computer: docker network prune removes the networks that no container uses."
        )
    return found


def _full(what: Footprint, computer: Computer) -> Iterable[str]:
    """Two folders may be on one file system, which then needs room for both."""
    needs = {computer.docker_folder: what.docker_disk, computer.cache_folder: what.engine_disk}
    for number in {number for number, _ in computer.disks.values()}:
        folders = [folder for folder in needs if computer.disks[folder][0] == number and needs[folder]]
        needed = sum(needs[folder] for folder in folders)
        free = min((computer.disks[folder][1] for folder in folders), default=0)
        if free < needed:
            names = " and ".join(str(folder) for folder in folders)
            yield (
                f"Disk: {gib(needed)} are needed in {names}, and {gib(free)} are free:"
                " docker system df shows what Docker holds, docker system prune removes what nothing uses."
            )


def look(client: docker.DockerClient | None) -> Computer:
    """Look at this computer; without an engine at where one that is installed will keep its data."""
    root = Path(str(client.info()["DockerRootDir"])) if client else Path("/var/lib/docker")
    folders = (root, cache_directory())
    return Computer(
        docker_folder=folders[0],
        cache_folder=folders[1],
        disks={folder: _disk(folder) for folder in folders},
        memory=available_memory(),
        subnet=next(free_subnets(taken_subnets(client)), None),
    )


def _disk(folder: Path) -> tuple[int, int]:
    there = existing(folder)
    return there.stat().st_dev, shutil.disk_usage(there).free // MIB


def main(arguments: Sequence[str]) -> int:
    """Say what the demo takes; the status is 1 where it is too much. One that runs takes nothing more."""
    demonstration = arguments[0] if arguments else "mattermost"
    if demonstration not in DEMONSTRATIONS:
        print(f"make demo: APP is {demonstration}; it can be {', '.join(DEMONSTRATIONS)}", file=sys.stderr)
        return 2
    now = docker_engine.look()
    try:
        client = docker.DockerClient(base_url=now.endpoint, timeout=60) if now.answer.version else None
        if client and Box(sandbox_folder("demo"), client).is_running():
            return 0
        what = footprint(
            demonstration,
            has_images=bool(client and client.images.list(filters=_SHARED)),
            has_engine=not engine.is_missing(),
            packages=docker_engine.to_install(now),
        )
        computer = look(client)
    except (DockerException, SetupError, OSError) as problem:
        print(f"make demo: {problem}", file=sys.stderr)
        return 1
    print("\n".join(lines(what, computer)), flush=True)
    found = problems(what, computer)
    if found:
        print("\n" + "\n".join(f"make demo: {problem}" for problem in found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
