"""A container as rules read it: its reasons, its command, what it mounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.properties import NotKnownYet
from policies.rule import Resource

DOCKER_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock")
_REASON = 10
"""Letters that a reason has at least; `true` or a hyphen is none."""


@dataclass(frozen=True)
class Mount:
    """Something that is mounted into a container."""

    path: str
    """Inside the container."""
    host: str = ""
    """A folder or file of the machine; empty for a volume."""
    is_anonymous: bool = False
    """A volume that Docker makes up for this one container."""

    @property
    def is_socket(self) -> bool:
        """Whether it gives the container the machine's containers, and so the machine."""
        return any(path.endswith(DOCKER_SOCKETS) for path in (self.path, self.host))


def has_reason(container: Resource, label: str) -> bool:
    """Whether a label says why the container cannot keep a rule."""
    for one in container.properties.parts("labels"):
        try:
            if one.text("label") == label:
                return len(one.text("value").strip()) >= _REASON
        except NotKnownYet:
            continue
    return False


def words(container: Resource) -> list[str]:
    """What the container starts with: entry point and command."""
    return [*container.properties.texts("entrypoints"), *container.properties.texts("command")]


def mounts(container: Resource) -> Iterator[Mount]:
    """Everything that is mounted, temporary file systems in memory left out."""
    for volume in container.properties.parts("volumes"):
        path = volume.text("containerPath")
        host = volume.known_text("hostPath")
        named = "volumeName" in volume.values or "fromContainer" in volume.values
        yield Mount(path, host, is_anonymous=not host and not named and "hostPath" not in volume.values)
    for mount in container.properties.parts("mounts"):
        kind = mount.text("type")
        source = mount.known_text("source")
        if kind == "bind":
            yield Mount(mount.text("target"), source)
        elif kind == "volume":
            yield Mount(mount.text("target"), is_anonymous="source" not in mount.values)


def is_service(container: Resource) -> bool:
    """Whether it runs for good, and is no job that ends."""
    properties = container.properties
    if properties.flag("attach") or properties.flag("rm"):
        return False
    return not properties.has("mustRun") or properties.flag("mustRun")
