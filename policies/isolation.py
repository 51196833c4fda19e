"""What keeps a container from the machine and from its neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from policies.kinds import CONTAINER
from policies.rule import Resource, Rule


def _privileged(container: Resource) -> Iterator[str]:
    if container.properties.flag("privileged"):
        yield "is privileged"


def _machine_namespaces(container: Resource) -> Iterator[str]:
    for name in ("networkMode", "pidMode", "ipcMode", "usernsMode"):
        if container.properties.text(name) == "host":
            yield f"has {name} host"


RULES = (
    Rule(
        name="no-privileged-container",
        level="mandatory",
        what="No container is privileged.",
        why="A privileged container is root on the machine: who takes over the app has the machine.",
        fix="Leave `privileged` out and add the one capability that is needed.",
        kinds=(CONTAINER,),
        find=_privileged,
    ),
    Rule(
        name="no-machine-namespace",
        level="mandatory",
        what="No container shares the network, processes, memory or users of the machine.",
        why="The firewall between containers, and the block of the metadata server, do not hold for it.",
        fix="Join the app's own network and publish the port that has to be reached.",
        kinds=(CONTAINER,),
        find=_machine_namespaces,
    ),
)
