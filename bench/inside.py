"""The machine of a box, from the inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from docker.models.containers import Container

from sandbox.box import LABEL, Box
from sandbox.machine import LABEL as MACHINE_LABEL

MIB = 1024 * 1024


@dataclass(frozen=True)
class Inside:
    """Runs commands as root on the one machine of a box."""

    machine: Container

    @classmethod
    def of(cls, box: Box) -> Inside:
        """The box's machine, which must be the only one."""
        (machine,) = box.client.containers.list(filters={"label": [f"{LABEL}={box.name}", MACHINE_LABEL]})
        return cls(machine)

    def read(self, *command: str) -> str:
        """What a command prints. Raises `RuntimeError` where it fails."""
        status, output = self.machine.exec_run(list(command))
        text: str = output.decode()
        if status:
            raise RuntimeError(f"{command[0]} on the machine failed with status {status}: {text}")
        return text

    def can(self, container: str, *command: str) -> bool:
        """Whether a command succeeds in a container."""
        status, _ = self.machine.exec_run(["docker", "exec", container, *command])
        return bool(status == 0)

    def containers(self, *labels: str) -> list[str]:
        """Ids of the containers that run on the machine with all of these labels, in order."""
        filters = [part for label in labels for part in ("--filter", f"label={label}")]
        return sorted(self.read("docker", "ps", "--no-trunc", "--quiet", *filters).split())

    def edge(self) -> list[str]:
        """Ids of nginx, docker-gen and acme-companion."""
        found = self.containers("homeport.role")
        if len(found) != 3:
            raise RuntimeError(f"the edge should be three containers, not {len(found)}")
        return found

    def memory(self, container: str) -> Memory:
        """What a container holds."""
        url = f"http://docker/containers/{container}/stats?stream=false&one-shot=1"
        answer = self.read("curl", "--silent", "--fail", "--unix-socket", "/var/run/docker.sock", url)
        return memory(json.loads(answer)["memory_stats"])


@dataclass(frozen=True)
class Memory:
    """Bytes of memory of a container, by its control group."""

    in_use: int
    """As `docker stats` counts: without the files that the kernel drops first."""
    resident: int
    """What its processes have written and no file has: only swap could take it away from them."""
    with_cache: int
    """All that counts towards its limit: also files that the kernel keeps for it, and the kernel's own."""


def memory(statistics: Mapping[str, object]) -> Memory:
    """From the memory statistics of Docker's API, whose names are those of the control group's version."""
    usage, details = statistics["usage"], statistics["stats"]
    if not isinstance(usage, int) or not isinstance(details, dict):
        raise TypeError(f"no memory statistics: {statistics}")
    # Version 1 has names with and without "total": the latter leave out the groups below.
    first = "total_inactive_file" in details
    droppable: int = details["total_inactive_file" if first else "inactive_file"]
    resident: int = details["total_rss" if first else "anon"]
    return Memory(usage - droppable, resident, usage)
