"""Zones in Amazon's Route 53.

A record set that somebody else made is not replaced: the provider creates with the action CREATE, which
fails then, as long as `allow_overwrite` is not set (terraform-provider-aws, `resourceRecordCreate`).
"""

from __future__ import annotations

from collections.abc import Sequence

# Imported only where a stack has such zones: it takes a tenth of a second of every preview.
import pulumi_aws as aws
from pulumi import Output, Resource, ResourceOptions

from components.dns.records import Record
from components.dns.rrdata import route53_value
from components.dns.settings import Route53Zone, zone_holding


class Route53Zones:
    """Hosted zones, found by their DNS names or made here."""

    def __init__(self, zones: Sequence[Route53Zone], parent: Resource) -> None:
        self._zones = zones
        self._parent = parent
        self._ids: dict[str, Output[str]] = {}
        self.name_servers: dict[str, Output[list[str]]] = {}
        for zone in zones:
            if zone.create:
                made = aws.route53.Zone(
                    zone.name,
                    name=zone.name,
                    comment="Made by Homeport",
                    opts=ResourceOptions(parent=parent, protect=True),
                )
                self._ids[zone.name] = made.zone_id
                self.name_servers[zone.name] = made.name_servers.apply(list)

    def put(self, record: Record) -> Resource:
        """See `Zones.put`."""
        zone = zone_holding(record.name, self._zones)
        return aws.route53.Record(
            f"{record.name}-{record.type}",
            zone_id=self._zone_id(zone.name),
            name=record.name,
            type=record.type,
            ttl=record.ttl,
            records=[
                Output.from_input(value).apply(lambda text: route53_value(record.type, text))
                for value in record.values
            ],
            opts=ResourceOptions(parent=self._parent),
        )

    def _zone_id(self, name: str) -> Output[str]:
        if name not in self._ids:
            self._ids[name] = aws.route53.get_zone_output(name=name).zone_id
        return self._ids[name]
