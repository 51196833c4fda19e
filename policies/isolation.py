"""What keeps a container from the machine and from its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.container import mounts
from policies.kinds import CONTAINER, DOCKER_NETWORK
from policies.rule import Resource, Rule, StackRule

FRONT = "front"
"""The network that the internet reaches: nginx and what it passes requests to."""
_NAMESPACES = ("networkMode", "pidMode", "ipcMode", "usernsMode")
_SOCKET = (
    "The Docker socket is root on the machine: one flaw in a program that strangers reach would give them"
    " the machine with all apps and keys."
)


def _privileged(container: Resource) -> Iterator[str]:
    if container.properties.flag("privileged"):
        yield "is privileged"


def _machine_namespaces(container: Resource) -> Iterator[str]:
    for name in _NAMESPACES:
        if container.properties.known_text(name) == "host":
            yield f"has {name} host"


def _published_socket(container: Resource) -> Iterator[str]:
    published = [port for port in container.properties.parts("ports") if port.has("external")]
    if not published and not container.properties.flag("publishAllPorts"):
        return
    for mount in mounts(container):
        if mount.is_socket:
            yield f"publishes a port and mounts the Docker socket at {mount.path}"


def _socket_on_front(stack: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    for container in stack:
        if container.kind != CONTAINER or not any(mount.is_socket for mount in mounts(container)):
            continue
        if (DOCKER_NETWORK, FRONT) in container.uses.get("networksAdvanced", ()) or any(
            network.known_text("name") == FRONT for network in container.properties.parts("networksAdvanced")
        ):
            yield container, f"mounts the Docker socket and is on the network {FRONT}"


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
    Rule(
        name="no-published-docker-socket",
        level="mandatory",
        what="No container that publishes a port holds the Docker socket.",
        why=_SOCKET,
        fix="Give the socket to a second container that publishes nothing, as docker-gen is beside nginx.",
        kinds=(CONTAINER,),
        find=_published_socket,
    ),
    StackRule(
        name="no-docker-socket-on-front",
        level="mandatory",
        what="No container on the network `front` holds the Docker socket.",
        why=_SOCKET,
        fix="Move the container to a network of its own, as `control` is.",
        find=_socket_on_front,
    ),
)
