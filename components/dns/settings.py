"""What a stack may say about its DNS zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, Field

from components.domain import Settings, host_name, is_inside


class _Dns(Settings):
    wait: int = Field(default=600, ge=10, le=86400)
    """Seconds to wait until every name resolves to the machine, before any certificate is asked for."""
    caa: bool = True
    """A CAA record at each host name: only the certificate authority of `edge.certificate` may issue for it.
    At the host names and not for the whole domain, so nobody else's certificates are affected."""


class _Zone(Settings):
    name: Annotated[str, AfterValidator(host_name("a zone's name in DNS", "example.com"))]
    """The zone's DNS name, such as `example.com`. A host name belongs to the longest zone that it is in."""
    create: bool = False
    """Make the zone, protected from deletion; its domain must then be delegated to the name servers in the
    output `nameServers`, at its registrar. Left out, the zone is there already."""


class CloudDnsZone(_Zone):
    """One zone in Google's Cloud DNS."""

    managed_zone: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")] | None = None
    """The zone's name in Google Cloud, which is not its DNS name: `gcloud dns managed-zones list`. Left out,
    the public zone with that DNS name is looked up in the project."""

    @property
    def new_name(self) -> str:
        """What a zone that is made is called in Google Cloud."""
        return self.managed_zone or f"zone-{self.name.replace('.', '-')}"[:63].rstrip("-")


class Route53Zone(_Zone):
    """One hosted zone in Amazon's Route 53, found by its DNS name."""


Zone = TypeVar("Zone", bound=_Zone)


def zone_of(name: str, zones: Sequence[Zone]) -> Zone | None:
    """The longest zone that a name is in; None where it is in none."""
    around = [zone for zone in zones if is_inside(name, zone.name)]
    return max(around, key=lambda zone: len(zone.name), default=None)


def zone_holding(name: str, zones: Sequence[Zone]) -> Zone:
    """The longest zone that a name is in. Raises `LookupError` where it is in none."""
    zone = zone_of(name, zones)
    if zone is None:
        raise LookupError(f"{name} is in no zone of homeport:dns.zones")
    return zone


def _different(zones: list[Zone]) -> list[Zone]:
    names = [zone.name for zone in zones]
    if len(set(names)) < len(names):
        raise ValueError("zones with different names")
    return zones


class CloudDnsSettings(_Dns):
    """Zones in Google's Cloud DNS."""

    kind: Literal["clouddns"]
    zones: Annotated[list[CloudDnsZone], Field(min_length=1), AfterValidator(_different)]
    """The zones that hold the records; every host name must be inside one."""

    @property
    def zone_names(self) -> tuple[str, ...]:
        """The zones' DNS names."""
        return tuple(zone.name for zone in self.zones)


class Route53Settings(_Dns):
    """Zones in Amazon's Route 53. Credentials come from the AWS provider's usual places."""

    kind: Literal["route53"]
    zones: Annotated[list[Route53Zone], Field(min_length=1), AfterValidator(_different)]
    """The zones that hold the records; every host name must be inside one."""

    @property
    def zone_names(self) -> tuple[str, ...]:
        """The zones' DNS names."""
        return tuple(zone.name for zone in self.zones)


class NoDnsSettings(_Dns):
    """Records are created elsewhere: they are listed in the output `dnsRecords`."""

    kind: Literal["none"]
    zone_names: ClassVar[tuple[str, ...]] = ()


DnsSettings = Annotated[CloudDnsSettings | Route53Settings | NoDnsSettings, Field(discriminator="kind")]
