"""A DNS zone with the stack's records in it, at Cloud DNS, Route 53 or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

import pulumi_gcp as gcp
from pulumi import ComponentResource, Resource, ResourceOptions

from components.dns.records import Record
from components.dns.settings import CloudDnsSettings, DnsSettings, NoDnsSettings, Route53Settings
from components.host import Host
from components.host.shell import Command, Script, script

_AWAIT = Path(__file__).parent / "await_resolution.sh"


class Zone(ComponentResource):
    """The records in their zone. `resources` exist once the provider has them all."""

    def __init__(
        self,
        name: str,
        settings: DnsSettings,
        records: Sequence[Record],
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("homeport:dns:Zone", name, None, opts)
        match settings:
            case CloudDnsSettings():
                self.resources: list[Resource] = [self._cloud_dns(settings, record) for record in records]
            case Route53Settings():
                self.resources = self._route53(settings, records)
            case NoDnsSettings():
                self.resources = []
            case _:
                assert_never(settings)
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
                script(_AWAIT, address=host.address, names=" ".join(hostnames), wait=str(self._wait)),
                triggers=[host.address],
            ),
            ResourceOptions(parent=self, depends_on=[*self.resources, host.provider]),
        )

    def _cloud_dns(self, settings: CloudDnsSettings, record: Record) -> Resource:
        return gcp.dns.RecordSet(
            f"{record.name}-{record.type}",
            managed_zone=settings.managed_zone,
            name=f"{record.name}.",
            type=record.type,
            ttl=record.ttl,
            rrdatas=list(record.values),
            opts=ResourceOptions(parent=self),
        )

    def _route53(self, settings: Route53Settings, records: Sequence[Record]) -> list[Resource]:
        # Here, since only these stacks should wait for it: a tenth of a second in every preview.
        import pulumi_aws as aws  # noqa: PLC0415

        zone = aws.route53.get_zone_output(name=settings.zone)
        return [
            aws.route53.Record(
                f"{record.name}-{record.type}",
                zone_id=zone.zone_id,
                name=record.name,
                type=record.type,
                ttl=record.ttl,
                records=list(record.values),
                opts=ResourceOptions(parent=self),
            )
            for record in records
        ]
