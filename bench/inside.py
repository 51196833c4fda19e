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

    def memory(self, container: str) -> int:
        """Bytes of memory that a container uses."""
        url = f"http://docker/containers/{container}/stats?stream=false&one-shot=1"
        answer = self.read("curl", "--silent", "--fail", "--unix-socket", "/var/run/docker.sock", url)
        return memory_in_use(json.loads(answer)["memory_stats"])


def memory_in_use(statistics: Mapping[str, object]) -> int:
    """Bytes in use as `docker stats` counts them: without the files the kernel can drop at once."""
    usage, details = statistics["usage"], statistics["stats"]
    if not isinstance(usage, int) or not isinstance(details, dict):
        raise TypeError(f"no memory statistics: {statistics}")
    # The name in cgroup version 1; version 2 has it without "total".
    name = "total_inactive_file" if "total_inactive_file" in details else "inactive_file"
    droppable: int = details[name]
    return usage - droppable
