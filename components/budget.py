"""Memory as a budget: what every container may use, against what the machine has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.host.machine_types import SYSTEM_RESERVE
from components.workload import App

EDGE = {"nginx": 64, "docker-gen": 32, "acme-companion": 96}
"""MiB of RAM that the edge's containers may use."""


@dataclass(frozen=True)
class Budget:
    """All numbers in MiB."""

    memory: int
    """RAM of the machine."""
    swap: int
    items: tuple[tuple[str, int], ...]

    @property
    def needed(self) -> int:
        """The sum of all limits."""
        return sum(size for _, size in self.items)

    @property
    def available(self) -> int:
        """RAM and swap, less what the system keeps."""
        return self.memory + self.swap - SYSTEM_RESERVE

    @property
    def fits(self) -> bool:
        """Whether every container may use all it is allowed to at the same time."""
        return self.needed <= self.available

    def __str__(self) -> str:
        items = " + ".join(f"{name} {size}" for name, size in self.items)
        return (
            f"{items} = {self.needed} MiB; available are"
            f" {self.memory} RAM + {self.swap} swap - {SYSTEM_RESERVE} for the system = {self.available} MiB"
        )


def budget(apps: Sequence[App], memory: int, swap: int) -> Budget:
    """The budget of these apps behind the edge, on a machine with so many MiB of RAM and swap."""
    services = [
        (f"{app.name}/{service.name}", service.memory.limit) for app in apps for service in app.services
    ]
    return Budget(memory, swap, (*EDGE.items(), *services))
