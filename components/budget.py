"""Memory as a budget: what every container may use, against what the machine has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.host.machine_types import SYSTEM_RESERVE
from components.workload import App


def edge_memory(memory: int) -> dict[str, int]:
    """MiB of RAM that each of the edge's containers may use, where there are so many in all.

    nginx needs more for more clients at the same time (components/edge/connections.py).
    """
    return {"nginx": min(64 + memory // 16, 1024), "docker-gen": 32, "acme-companion": 96}


@dataclass(frozen=True)
class Budget:
    """All numbers in MiB."""

    memory: int
    """RAM of the machine."""
    swap: int
    items: tuple[tuple[str, int], ...]
    rolling: tuple[tuple[str, int], ...] = ()
    """Services of one app that an update starts beside the old ones. A new version changes all of them, and
    the old ones go at the end of the update."""

    @property
    def needed(self) -> int:
        """The sum of all limits during an update."""
        return self.steady + sum(size for _, size in self.rolling)

    @property
    def steady(self) -> int:
        """The sum of all limits between updates."""
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
        needed = f"{' + '.join(f'{name} {size}' for name, size in self.items)} = {self.steady} MiB"
        if self.rolling:
            needed += (
                f"; with a second {' + '.join(name for name, _ in self.rolling)} during an update"
                f" = {self.needed} MiB"
            )
        return (
            f"{needed}; available are"
            f" {self.memory} RAM + {self.swap} swap - {SYSTEM_RESERVE} for the system = {self.available} MiB"
        )


def budget(apps: Sequence[App], memory: int, swap: int) -> Budget:
    """The budget of these apps behind the edge, on a machine with so many MiB of RAM and swap.

    It counts on one app changing at a time: an update of all at once may need swap beyond it.
    """
    services = [
        (f"{app.name}/{service.name}", service.memory.limit) for app in apps for service in app.services
    ]
    rolling = [
        tuple(
            (f"{app.name}/{service.name}", service.memory.limit)
            for service in app.services
            if app.rolls(service)
        )
        for app in apps
    ]
    largest = max(rolling, key=lambda items: sum(size for _, size in items), default=())
    return Budget(memory, swap, (*edge_memory(memory).items(), *services), largest)
