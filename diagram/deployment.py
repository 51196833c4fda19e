"""The picture of a stack: its resources, understood."""

from __future__ import annotations

from collections.abc import Sequence

from diagram.containers import Containers, external
from diagram.graph import Picture
from diagram.rehearsal import Record
from diagram.resources import Resources
from diagram.surroundings import Surroundings


def picture(stack: str, records: Sequence[Record]) -> Picture:
    """The picture of these resources; boxes and things in it stand in the same order in every run."""
    resources = Resources(records)
    containers = Containers(resources)
    around = Surroundings(resources, containers)
    others = dict(external(containers))
    nodes = dict.fromkeys((*around.nodes(), *containers.nodes(), *others))
    groups = (*around.groups(), *containers.groups())
    filled = {node.group for node in nodes}
    return Picture(
        title=f"stack {stack}",
        # An empty box tells nothing.
        groups=tuple(one for one in groups if one.key in filled or one.key == "machine"),
        nodes=tuple(nodes),
        reaches=tuple(dict.fromkeys((*around.reaches(), *containers.reaches(), *others.values()))),
    )
