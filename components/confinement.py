"""What a container may do on its machine, beside the limits of its memory. Pure data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

WRITABLE = "homeport.writable"
"""Label that says in words why a container's root file system can be written."""
ROOT = "homeport.root"
"""Label that says in words why a container's first process is root, or may be."""

SCRATCH = "homeport.scratch"
"""Label with the folders of a container that hold nothing worth keeping, by which its policy knows them."""

USER = re.compile(r"[1-9]\d*:\d+")
"""A user other than root, and a group."""
_CAPABILITY = re.compile(r"CAP_[A-Z_]+")


@dataclass(frozen=True)
class MemoryFolder:
    """A folder that is empty at each start. What is in it counts as the container's memory."""

    path: str
    size: int
    """MiB that it may hold."""
    owner: str = "0:0"
    """`uid:gid`."""
    mode: str = "1777"

    @property
    def options(self) -> str:
        """As Docker takes them, and tells them later. `noexec`, `nosuid` and `nodev` are its own defaults."""
        uid, gid = self.owner.split(":")
        return f"size={self.size}m,uid={uid},gid={gid},mode={self.mode}"


@dataclass(frozen=True)
class Confinement:
    """A container has no capability and cannot write its root file system, but for what is said here.

    Either `user`, or `root` with a reason; ValueError for both, for none, and for what Docker would take and
    the provider then find changed at each refresh.
    """

    user: str | None = None
    """`uid:gid` that its processes run as, from the first one on."""
    root: str = ""
    """Why no user is set but the image's own, which may be root: words for who reads the label."""
    capabilities: tuple[str, ...] = ()
    """What is added to none, such as `CAP_CHOWN`."""
    memory_folders: tuple[MemoryFolder, ...] = ()
    scratch: tuple[str, ...] = ()
    """Folders on disk that go with the container. Each begins with what the image has there."""
    writable: str = ""
    """Why its root file system can be written: words for who reads the label."""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if bool(self.user) == bool(self.root):
            raise ValueError("a user, or the reason for root, and not both")
        if self.user and not USER.fullmatch(self.user):
            raise ValueError(f"not a user other than 0 and a group, as numbers: {self.user}")
        wrong = [name for name in self.capabilities if not _CAPABILITY.fullmatch(name)]
        if wrong:
            # Docker's newer clients and engines tell the long form back, whatever they were given.
            raise ValueError(f"not a capability in its long form, such as CAP_CHOWN: {', '.join(wrong)}")

    @property
    def read_only(self) -> bool:
        """Whether the root file system cannot be written."""
        return not self.writable

    @property
    def tmpfs(self) -> dict[str, str]:
        """Path -> options, as Docker takes them."""
        return {folder.path: folder.options for folder in self.memory_folders}

    @property
    def labels(self) -> Mapping[str, str]:
        """The reasons for what it is allowed beyond the rule, and its scratch folders."""
        reasons = {WRITABLE: self.writable, ROOT: self.root, SCRATCH: " ".join(self.scratch)}
        return {label: reason for label, reason in reasons.items() if reason}

    @property
    def options(self) -> tuple[str, ...]:
        """The same for `docker run`."""
        options = ["--security-opt", "no-new-privileges:true", "--cap-drop", "ALL"]
        for capability in self.capabilities:
            options += ["--cap-add", capability]
        if self.user:
            options += ["--user", self.user]
        if self.read_only:
            options.append("--read-only")
        for path, mount in self.tmpfs.items():
            options += ["--tmpfs", f"{path}:{mount}"]
        for path in self.scratch:
            options += ["--volume", path]
        return tuple(options)
