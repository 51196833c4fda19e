"""A deployment as boxes, things in boxes, and who reaches whom: what every form of the picture is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

NodeKind: TypeAlias = Literal[
    "people", "firewall", "container", "host", "volume", "record", "outside", "bucket", "danger"
]
"""What a node is, and so how it is drawn. `danger` is what gives power over the machine."""
GroupKind: TypeAlias = Literal["internet", "dns", "machine", "open", "closed", "disk"]
"""A network is `open` where its containers can get out of the machine, else `closed`."""
ReachKind: TypeAlias = Literal["traffic", "data", "name"]
"""Connections over a network; files; a name that stands for something."""


@dataclass(frozen=True)
class Group:
    """A box around nodes."""

    key: str
    kind: GroupKind
    title: str
    details: tuple[str, ...] = ()
    parent: str = ""
    """Key of the box around it."""


@dataclass(frozen=True)
class Node:
    """One thing of the picture. Its key is the same in every run: tests compare pictures by it."""

    key: str
    kind: NodeKind
    title: str
    details: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Reach:
    """An arrow: who begins a connection, who writes to whom, what a name stands for."""

    source: str
    target: str
    kind: ReachKind
    label: str = ""


@dataclass(frozen=True)
class Picture:
    """One deployment."""

    title: str
    groups: tuple[Group, ...]
    nodes: tuple[Node, ...]
    reaches: tuple[Reach, ...]

    def __post_init__(self) -> None:
        """Raises `ValueError` for an arrow or a box that leads nowhere: it would silently be left out."""
        nodes = {node.key for node in self.nodes}
        groups = {group.key for group in self.groups} | {""}
        keys = [*(node.key for node in self.nodes), *(group.key for group in self.groups)]
        if len(keys) != len(set(keys)):
            raise ValueError(f"keys are there twice: {sorted({key for key in keys if keys.count(key) > 1})}")
        lost = [
            f"{one.source} -> {one.target}" for one in self.reaches if not {one.source, one.target} <= nodes
        ]
        lost += [node.key for node in self.nodes if node.group not in groups]
        lost += [group.key for group in self.groups if group.parent not in groups]
        if lost:
            raise ValueError(f"these lead nowhere: {', '.join(lost)}")

    def inside(self, group: str) -> tuple[tuple[Group, ...], tuple[Node, ...]]:
        """The boxes and nodes directly in a box; of the whole picture where the key is empty."""
        return (
            tuple(one for one in self.groups if one.parent == group),
            tuple(one for one in self.nodes if one.group == group),
        )
