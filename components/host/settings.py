"""What a stack may say about the machine its containers run on."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.domain import Cidr, ClosedCidr, Port, Settings, WithheldError
from components.host.images import is_arm_machine, problem_of_image
from components.host.machine_types import MACHINE_TYPES
from components.host.public_keys import is_private_key, problem_of_public_key
from components.host.system_accounts import is_taken

_ZONE = Annotated[str, Field(pattern=r"^[a-z]+-[a-z]+[0-9]+-[a-z]$")]


def _known_machine_type(value: str) -> str:
    if value not in MACHINE_TYPES:
        arm = f"; {value} has Arm processors, for which not all apps have images" * is_arm_machine(value)
        raise ValueError(f"one of {', '.join(MACHINE_TYPES)}; more can be added in machine_types.py{arm}")
    return value


def _public_key(value: str) -> str:
    problem = problem_of_public_key(value)
    if problem and is_private_key(value):
        raise WithheldError("a private key", problem)
    if problem:
        raise ValueError(problem)
    return value


class SshSettings(Settings):
    """Who may log in. Password log-in is off; the key that deploys is generated."""

    allow_from: list[ClosedCidr] = Field(min_length=1)
    """Networks that may open SSH connections, at least one; yours is `curl -4 ifconfig.me`, with /32 behind
    it. Later: the firewall changes at once."""
    user: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,30}$")] = "homeport"
    """The account that everybody logs in with; it has sudo and Docker, so it is root. Later: the bootstrap
    makes the new account on the running machine and leaves the old one there."""
    authorized_keys: list[Annotated[str, AfterValidator(_public_key)]] = []
    """Public keys of people who may log in besides the deployment itself, in OpenSSH's form: the content of
    `~/.ssh/id_ed25519.pub`, for example."""
    directory: str = "~/.ssh/homeport"
    """Folder of the computer that deploys; the log-in key and the pinned host key are written to a folder of
    the stack's name in it."""

    @field_validator("user")
    @classmethod
    def _not_the_systems(cls, user: str) -> str:
        if user == "root":
            raise ValueError("another name: root cannot log in to the machine, the account has sudo")
        if is_taken(user):
            raise ValueError(
                "another name: the system has an account or a group of this one for itself, as which nobody"
                " can log in"
            )
        return user


class FirewallPort(Settings):
    """One port to open besides 80, 443 and SSH. Only the firewall is opened: what listens is up to you."""

    port: Port
    """The port on the machine; not 22, 80 or 443, nor an app's `callsPort`, which is opened by itself."""
    protocol: Literal["tcp", "udp"] = "tcp"
    """Write the port twice to open it for both."""
    allow_from: list[Cidr] | None = Field(default=None, min_length=1)
    """Networks that may use it, at least one; left out, everybody."""


class GceSettings(Settings):
    """A virtual machine on Google Compute Engine."""

    kind: Literal["gce"]
    region: Annotated[str, Field(pattern=r"^[a-z]+-[a-z]+[0-9]+$")] = "us-west1"
    """Google Cloud's region. Later: refused, as the address and the data disk cannot move."""
    zone: _ZONE = Field(default="us-west1-b", validate_default=True)
    """Inside the region. us-west1, us-central1 and us-east1 have the always-free e2-micro. Later: refused
    without `movedFrom`, as the data disk is in the old one."""
    moved_from: _ZONE | None = None
    """The zone, of the same region, that machine and data are in, for the update that moves them to `zone`:
    same address, same data, but [some minutes](operations.md#another-zone) without service. The disk in the
    old zone stays. Later: taken out, which gives that disk up."""
    machine_type: Annotated[str, AfterValidator(_known_machine_type)] = "e2-micro"
    """One of the [machine types](#machine-types). Later: the machine stops, changes and starts."""
    image: Annotated[str, Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")] = "ubuntu-os-cloud/ubuntu-2404-lts-amd64"
    """Project and family of a Debian or Ubuntu image; `debian-cloud/debian-12` works too. The newest image of
    the family is taken when the machine is made. Later: a new machine, same address and data."""
    boot_disk: int = Field(default=10, ge=10, le=2048)
    """Size in GB. With the data disk at most 30 to stay always-free. Later: a new machine, same address and
    data."""
    data_disk: int = Field(default=20, ge=10, le=65536)
    """Size in GB of the disk that holds everything that lasts. Later: it grows while in use, its file
    system too; it never shrinks."""
    disk_type: Literal["pd-standard", "pd-balanced", "pd-ssd"] = "pd-standard"
    """Kind of both disks; `pd-standard` is the always-free one. Later: refused, as the data disk would have
    to be made anew."""
    snapshots: int = Field(default=7, ge=0, le=365)
    """Days that the snapshots of the data disk are kept, one taken daily after 04:00 UTC; 0 for none."""
    swap: int = Field(default=2048, ge=0, le=16384)
    """MiB of swap, 0 for none; at most half of the boot disk. Later: changed on the running machine."""
    docker: Literal["distribution", "docker-ce"] = "distribution"
    """Where the engine comes from: the packages of Debian or Ubuntu, which `unattended-upgrades` keeps safe,
    or Docker's own repository. Later: the bootstrap installs the other one on the running machine."""
    enable_apis: bool = True
    """Whether the program switches on the APIs of Google Cloud that the settings need; it never switches one
    off. `false` where your role may not, and somebody else has done it."""
    ssh: SshSettings
    """Who may log in."""
    ports: list[FirewallPort] = []
    """Ports to open besides 80, 443 and SSH. Later: the firewall changes at once."""

    @field_validator("image")
    @classmethod
    def _fits_the_machine(cls, image: str, info: ValidationInfo) -> str:
        problem = problem_of_image(image, info.data.get("machine_type"))
        if problem:
            raise ValueError(problem)
        return image

    # The default too: another region alone would leave it outside.
    @field_validator("zone")
    @classmethod
    def _zone_inside_region(cls, zone: str, info: ValidationInfo) -> str:
        region = info.data.get("region")
        if region and not zone.startswith(f"{region}-"):
            raise ValueError(f"a zone of the region {region}, such as {region}-b")
        return zone

    @field_validator("moved_from")
    @classmethod
    def _moved_inside_the_region(cls, moved_from: str | None, info: ValidationInfo) -> str | None:
        region, zone = info.data.get("region"), info.data.get("zone")
        if moved_from and region and not moved_from.startswith(f"{region}-"):
            raise ValueError(
                f"a zone of the region {region}: address and network belong to it, so data moves to another"
                " region by a backup (backup.restoreFrom)"
            )
        if moved_from and moved_from == zone:
            raise ValueError("another zone than zone, which is where machine and data are to go; or nothing")
        return moved_from

    @field_validator("swap")
    @classmethod
    def _swap_fits_the_boot_disk(cls, swap: int, info: ValidationInfo) -> int:
        boot_disk = info.data.get("boot_disk")
        if boot_disk and swap > boot_disk * 1000 // 2:
            raise ValueError(f"at most half of the boot disk's {boot_disk} GB, the system needs the rest")
        return swap

    @property
    def memory(self) -> int:
        """RAM of the machine, in MiB."""
        return MACHINE_TYPES[self.machine_type]


class LocalSettings(Settings):
    """The Docker engine of the user's own computer."""

    kind: Literal["local"]
    docker_host: str = "unix:///var/run/docker.sock"
    """Where the engine listens: `unix://` and a path, or `ssh://user@host`. Plain `tcp://` is refused."""
    memory: int = Field(default=4096, ge=512)
    """MiB of RAM that the containers may use in all. Only counted with: the apps' `memory` must fit."""
    swap: int = Field(default=0, ge=0)
    """MiB of swap that the containers may use in all. Only counted with."""

    @field_validator("docker_host")
    @classmethod
    def _no_plain_tcp(cls, value: str) -> str:
        if value.startswith("tcp://"):
            raise ValueError(
                "unix:// or ssh://; a Docker engine on plain TCP gives root to whoever reaches it"
            )
        if not re.match(r"(unix|ssh|npipe)://.", value):
            raise ValueError(
                "where the engine listens, such as unix:///var/run/docker.sock or ssh://user@host"
            )
        return value


HostSettings = Annotated[GceSettings | LocalSettings, Field(discriminator="kind")]
