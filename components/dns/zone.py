"""The stack's records in their DNS zones, at Cloud DNS, Route 53 or nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, assert_never

from pulumi import ComponentResource, Output, Resource, ResourceOptions

from components.dns.cloud_dns import CloudDnsZones
from components.dns.records import Record, record_sets
from components.dns.settings import CloudDnsSettings, DnsSettings, NoDnsSettings, Route53Settings
from components.host.host import Host
from components.host.shell import Command, Script, script

_AWAIT = Path(__file__).parent / "await_resolution.sh"


class Zones(Protocol):
    """The zones of one provider."""

    @property
    def name_servers(self) -> Mapping[str, Output[list[str]]]:
        """For each zone that was made here, the servers that its domain must be delegated to."""
        ...

    def put(self, record: Record) -> Resource:
        """Create one record set in the zone that its name belongs to."""
        ...


class Zone(ComponentResource):
    """The records in their zones. `resources` exist once the provider has them all.

    `api`: what must exist before Cloud DNS is asked.
    """

    def __init__(
        self,
        name: str,
        settings: DnsSettings,
        records: Sequence[Record],
        api: Sequence[Resource] = (),
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("homeport:dns:Zone", name, None, opts)
        self.records = record_sets(records)
        """What is created, or has to be."""
        zones = self._zones(settings, api)
        self.resources = [zones.put(record) for record in self.records] if zones else []
        self.name_servers = dict(zones.name_servers) if zones else {}
        """For each zone that was made here, the servers that its domain must be delegated to."""
        self._wait = settings.wait
        self.register_outputs({})

    def resolution(self, name: str, hostnames: Sequence[str], host: Host) -> Command:
        """A resource that exists once every one of the host names resolves to the host's address.

        Asked on the machine, like the certificate authority from outside: it fails after `wait` seconds
        with what each name resolved to.
        """
        return host.shell.run(
            f"{name}-resolution",
            Script(
                script(
                    _AWAIT,
                    address=host.address,
                    names=" ".join(hostnames),
                    wait=str(self._wait),
                    delegations=self._delegations(),
                    **({} if host.ipv6 is None else {"aaaa": host.ipv6}),
                ),
                triggers=[host.address],
            ),
            ResourceOptions(parent=self, depends_on=[*self.resources, *host.ready]),
        )

    def _zones(self, settings: DnsSettings, api: Sequence[Resource]) -> Zones | None:
        match settings:
            case CloudDnsSettings():
                return CloudDnsZones(settings.zones, api, self)
            case Route53Settings():
                # Here, since only these stacks should wait for it: a tenth of a second in every preview.
                from components.dns.route53 import Route53Zones  # noqa: PLC0415

                return Route53Zones(settings.zones, self)
            case NoDnsSettings():
                return None
            case _:
                assert_never(settings)

    def _delegations(self) -> Output[str] | str:
        """For each zone that was made here a line that says whom its registrar must name."""
        if not self.name_servers:
            return ""
        return Output.all(**self.name_servers).apply(
            lambda known: "\n".join(f"{zone} {' '.join(servers)}" for zone, servers in known.items())
        )
