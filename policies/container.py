"""A container as rules read it: its reasons, its command, what it mounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    return len(label_of(container, label).strip()) >= _REASON


def label_of(container: Resource, name: str) -> str:
    """The value of a label; empty where there is none, or none that is known."""
    for label in container.properties.parts("labels"):
        if label.known_text("label") == name:
            return label.known_text("value")
    return ""


def words(container: Resource) -> list[str]:
    """What the container starts with: entry point and command."""
    return [*container.properties.texts("entrypoints"), *container.properties.texts("command")]


def mounts(container: Resource) -> Iterator[Mount]:
    """Everything that is mounted, temporary file systems in memory left out."""
    for volume in container.properties.parts("volumes"):
        path = volume.text("containerPath")
        host = volume.known_text("hostPath")
        sources = ("hostPath", "volumeName", "fromContainer")
        yield Mount(path, host, is_anonymous=not any(volume.names(source) for source in sources))
    for mount in container.properties.parts("mounts"):
        kind = mount.text("type")
        source = mount.known_text("source")
        if kind == "bind":
            yield Mount(mount.text("target"), source)
        elif kind == "volume":
            yield Mount(mount.text("target"), is_anonymous=not mount.names("source"))


def is_service(container: Resource) -> bool:
    """Whether it runs for good, and is no job that ends."""
    properties = container.properties
    if properties.flag("attach") or properties.flag("rm"):
        return False
    return not properties.has("mustRun") or properties.flag("mustRun")
