"""Copies of the stack's containers, as Docker Compose would have described and deployed them."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

import yaml

from bench.command_line import timed
from bench.inside import Inside

PROJECT = "homeport-bench"
_ASLEEP = ["sleep", "infinity"]
_SEEN_BY_THE_EDGE = ("VIRTUAL_", "ACME_HOST")


class HostConfig(TypedDict):
    """What Docker tells of a container's place on its machine."""

    Binds: list[str] | None
    LogConfig: dict[str, object]
    Memory: int
    MemorySwap: int
    MemoryReservation: int
    SecurityOpt: list[str] | None


class ContainerConfig(TypedDict):
    """What Docker tells of what a container runs."""

    Env: list[str]
    Image: str


class NetworkSettings(TypedDict):
    """The networks of a container by name."""

    Networks: dict[str, object]


class Inspected(TypedDict):
    """The part of `docker inspect` that makes a Compose service."""

    Name: str
    Config: ContainerConfig
    HostConfig: HostConfig
    NetworkSettings: NetworkSettings


class Service(TypedDict):
    """One service of a Compose file."""

    image: str
    pull_policy: str
    entrypoint: NotRequired[list[str]]
    environment: dict[str, str]
    networks: list[str]
    volumes: list[str]
    mem_limit: int
    memswap_limit: int
    mem_reservation: int
    restart: str
    security_opt: list[str]
    logging: dict[str, object]
    healthcheck: dict[str, bool]
    stop_grace_period: str


def compose_file(
    containers: Sequence[Inspected], images: Mapping[str, str], awake: Collection[str]
) -> dict[str, object]:
    """The content of a Compose file with a copy of each container.

    Args:
        containers: The models.
        images: References of their images by id.
        awake: Ids of the images without a `sleep` command.

    Each copy has the image, environment, networks, volumes and limits of its model. It sleeps, since two
    databases must not share their files; where it cannot it runs beside its model, as in a rolling update,
    which only a stateless service may. It publishes no port, since two containers cannot; and what
    docker-gen and acme-companion look for is named otherwise. Compose looks at none of these when it
    compares what runs with what should.
    """
    services = {f"copy-of-{_service(container)}": _copy(container, images, awake) for container in containers}
    networks = {name for service in services.values() for name in service["networks"]}
    volumes = {
        volume.split(":")[0]
        for service in services.values()
        for volume in service["volumes"]
        if not volume.startswith("/")
    }
    return {
        "name": PROJECT,
        "services": services,
        "networks": {name: {"external": True} for name in sorted(networks)},
        "volumes": {name: {"external": True} for name in sorted(volumes)},
    }


def _service(container: Inspected) -> str:
    return container["Name"].removeprefix("/")


def _copy(container: Inspected, images: Mapping[str, str], awake: Collection[str]) -> Service:
    config, host = container["Config"], container["HostConfig"]
    variables = dict(variable.split("=", 1) for variable in config["Env"])
    service: Service = {
        "image": images.get(config["Image"], config["Image"]),
        "pull_policy": "never",
        "environment": {
            # Compose replaces what follows one dollar sign.
            (f"COPY_OF_{name}" if name.startswith(_SEEN_BY_THE_EDGE) else name): value.replace("$", "$$")
            for name, value in variables.items()
        },
        "networks": sorted(container["NetworkSettings"]["Networks"]),
        "volumes": host["Binds"] or [],
        "mem_limit": host["Memory"],
        "memswap_limit": host["MemorySwap"],
        "mem_reservation": host["MemoryReservation"],
        "restart": "always",
        "security_opt": host["SecurityOpt"] or [],
        "logging": {"driver": host["LogConfig"]["Type"], "options": host["LogConfig"]["Config"]},
        "healthcheck": {"disable": True},
        "stop_grace_period": "1s",
    }
    if config["Image"] not in awake:
        service["entrypoint"] = _ASLEEP
    return service


@dataclass(frozen=True)
class Copies:
    """The copies on a machine, reached by Compose over the same SSH as the deployment."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    inside: Inside

    @classmethod
    def start(
        cls, command: Sequence[str], folder: Path, file: Mapping[str, object], ssh: str, inside: Inside
    ) -> Copies:
        """Deploy them. `ssh` is the command line that logs in to the machine."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "compose.yaml").write_text(yaml.safe_dump(dict(file), sort_keys=False))
        program, *options, target = shlex.split(ssh)
        # Docker's client calls `ssh` by name and takes no options for it.
        wrapper = folder / "bin" / program
        wrapper.parent.mkdir(exist_ok=True)
        real = shutil.which(program) or program
        wrapper.write_text(f'#!/bin/sh\nexec {shlex.join([real, *options])} "$@"\n')
        wrapper.chmod(0o755)
        path = f"{wrapper.parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "DOCKER_HOST": f"ssh://{target}"}
        copies = cls(command, folder, environment, inside)
        copies.up()
        return copies

    def up(self) -> float:
        """Seconds that `docker compose up -d` takes."""
        return timed([*self.command, "up", "--detach"], self.environment, self.folder)

    def up_without_change(self) -> float:
        """The same, and it must have changed nothing."""
        before = self.ids()
        took = self.up()
        if self.ids() != before:
            raise RuntimeError("docker compose up made the copies anew: that is not the run to compare with")
        return took

    def ids(self) -> list[str]:
        """Ids of the copies that run."""
        found = self.inside.containers(f"com.docker.compose.project={PROJECT}")
        if not found:
            raise RuntimeError("no copy runs on the machine")
        return found
