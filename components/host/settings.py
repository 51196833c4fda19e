"""What a stack may say about the machine its containers run on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.domain import ClosedCidr, Port, Settings
from components.host.machine_types import MACHINE_TYPES


def _known_machine_type(value: str) -> str:
    if value not in MACHINE_TYPES:
        raise ValueError(f"one of {', '.join(MACHINE_TYPES)}; more can be added in machine_types.py")
    return value


class SshSettings(Settings):
    """Who may log in. Password log-in is off; the key that deploys is generated."""

    allow_from: list[ClosedCidr] = Field(min_length=1)
    """Networks that may open SSH connections; yours is `curl -4 ifconfig.me`, with /32 behind it."""
    user: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,30}$")] = "homeport"
    authorized_keys: list[str] = []
    """Public keys of people who may log in besides the deployment itself, in OpenSSH's form."""
    directory: str = "~/.ssh/homeport"
    """Where the deployment keeps its key and the pinned host key, in a folder per stack."""

    @field_validator("authorized_keys")
    @classmethod
    def _public_keys(cls, keys: list[str]) -> list[str]:
        for key in keys:
            if "PRIVATE KEY" in key:
                raise ValueError("public keys only; this is a private one, replace it at once")
            if not key.startswith(("ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-", "sk-")):
                raise ValueError("public keys in OpenSSH's form, as in ~/.ssh/id_ed25519.pub")
        return keys


class FirewallPort(Settings):
    """One port to open besides 80, 443 and SSH."""

    port: Port
    protocol: Literal["tcp", "udp"] = "tcp"
    allow_from: list[ClosedCidr] | None = None
    """Networks that may use it; left out, everybody."""


class GceSettings(Settings):
    """A virtual machine on Google Compute Engine."""

    kind: Literal["gce"]
    region: Annotated[str, Field(pattern=r"^[a-z]+-[a-z]+\d+$")] = "us-west1"
    zone: Annotated[str, Field(pattern=r"^[a-z]+-[a-z]+\d+-[a-z]$")] = "us-west1-b"
    """Inside the region. us-west1, us-central1 and us-east1 have the always-free e2-micro."""
    machine_type: Annotated[str, AfterValidator(_known_machine_type)] = "e2-micro"
    image: Annotated[str, Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")] = "ubuntu-os-cloud/ubuntu-2404-lts-amd64"
    """Project and family of a Debian or Ubuntu image; `debian-cloud/debian-12` works too."""
    boot_disk: int = Field(default=10, ge=10, le=2048)
    """GB. With the data disk at most 30 to stay always-free."""
    data_disk: int = Field(default=20, ge=10, le=65536)
    """GB. May grow later, never shrink."""
    disk_type: Literal["pd-standard", "pd-balanced", "pd-ssd"] = "pd-standard"
    """`pd-standard` is the always-free one."""
    snapshots: int = Field(default=7, ge=0, le=365)
    """Days that the daily snapshots of the data disk are kept; 0 for none."""
    swap: int = Field(default=2048, ge=0, le=16384)
    """MiB of swap; must leave room on the boot disk."""
    docker: Literal["distribution", "docker-ce"] = "distribution"
    ssh: SshSettings
    ports: list[FirewallPort] = []

    @field_validator("zone")
    @classmethod
    def _zone_inside_region(cls, zone: str, info: ValidationInfo) -> str:
        region = info.data.get("region")
        if region and not zone.startswith(f"{region}-"):
            raise ValueError(f"a zone of the region {region}, such as {region}-b")
        return zone

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
    docker_host: Annotated[str, Field(pattern=r"^(unix|ssh|tcp|npipe)://.+$")] = "unix:///var/run/docker.sock"
    memory: int = Field(default=4096, ge=512)
    """MiB that the containers may use in all."""
    swap: int = Field(default=0, ge=0)
    """MiB of swap that the containers may use in all."""

    @field_validator("docker_host")
    @classmethod
    def _no_plain_tcp(cls, value: str) -> str:
        if value.startswith("tcp://"):
            raise ValueError(
                "unix:// or ssh://; a Docker engine on plain TCP gives root to whoever reaches it"
            )
        return value


HostSettings = Annotated[GceSettings | LocalSettings, Field(discriminator="kind")]
