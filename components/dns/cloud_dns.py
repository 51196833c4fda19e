"""Zones in Google's Cloud DNS.

Facts from terraform-provider-google's source, which pulumi-gcp is made of: a record set that is created
deletes one of the same name and type that was there, without a word (`resourceDnsRecordSetCreate`); the list
of zones is read from its first page only and lets private zones through (`dataSourceDnsManagedZonesRead`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pulumi_gcp as gcp
from pulumi import (
    InvokeOptions,
    InvokeOutputOptions,
    Output,
    Resource,
    ResourceHookArgs,
    ResourceHookBinding,
    ResourceOptions,
)
from pulumi.runtime import invoke_async
from pulumi_gcp import _utilities

from components.dns.records import Record
from components.dns.rrdata import cloud_dns_value
from components.dns.settings import CloudDnsZone, zone_holding
from components.hooks import resource_hook

_MANAGED_ZONES = "gcp:dns/getManagedZones:getManagedZones"


class TakenError(Exception):
    """There is a record set of that name and type which this stack did not make."""

    def __init__(self, name: str, kind: str, zone: str, values: Sequence[str]) -> None:
        there = "\n".join(f"    {value}" for value in values)
        super().__init__(
            f"the zone {zone} has {kind} records of {name} already:\n{there}\n"
            "They would be replaced. Delete them first; what of them is still wanted, such as TXT records of "
            "other services, belongs into homeport:mail.records as well"
        )


class CloudDnsZones:
    """Managed zones, found by their DNS names or made here."""

    def __init__(self, zones: Sequence[CloudDnsZone], api: Sequence[Resource], parent: Resource) -> None:
        """`api`: what has to be there before Cloud DNS is asked."""
        self._zones = zones
        self._api = api
        self._parent = parent
        self._made = {zone.name: self._make(zone) for zone in zones if zone.create}
        self.name_servers = {name: made.name_servers.apply(list) for name, made in self._made.items()}
        self._hooks = ResourceHookBinding(before_create=[resource_hook("dns-not-taken", refuse_taken)])

    def put(self, record: Record) -> Resource:
        """See `Zones.put`. Fails instead of replacing what somebody else put there."""
        zone = zone_holding(record.name, self._zones)
        return gcp.dns.RecordSet(
            f"{record.name}-{record.type}",
            managed_zone=self._managed_zone(zone),
            name=f"{record.name}.",
            type=record.type,
            ttl=record.ttl,
            rrdatas=[
                Output.from_input(value).apply(lambda text: cloud_dns_value(record.type, text))
                for value in record.values
            ],
            opts=ResourceOptions(parent=self._parent, hooks=self._hooks),
        )

    def _managed_zone(self, zone: CloudDnsZone) -> Output[str]:
        if zone.create:
            return self._made[zone.name].name
        if zone.managed_zone:
            return Output.from_input(zone.managed_zone)
        return self._there.apply(lambda there: found_zone(zone.name, there.managed_zones))

    @cached_property
    def _there(self) -> Output[gcp.dns.GetManagedZonesResult]:
        return Output.from_input(self._found())  # type: ignore[arg-type]  # an output inside is taken out

    async def _found(self) -> Output[gcp.dns.GetManagedZonesResult]:
        # At once, so that a preview tells of a missing zone; later where the update switches the API on. What
        # the SDK's own function raises fails the program even where it is caught, so it is not used here.
        try:
            there = await invoke_async(
                _MANAGED_ZONES, {}, _utilities.get_invoke_opts_defaults(), gcp.dns.GetManagedZonesResult
            )
        except Exception as problem:
            if not self._api or not is_disabled(problem):
                raise
            return gcp.dns.get_managed_zones_output(opts=InvokeOutputOptions(depends_on=list(self._api)))
        return Output.from_input(there)

    def _make(self, zone: CloudDnsZone) -> gcp.dns.ManagedZone:
        return gcp.dns.ManagedZone(
            zone.name,
            name=zone.new_name,
            dns_name=f"{zone.name}.",
            description="Made by Homeport",
            opts=ResourceOptions(parent=self._parent, depends_on=self._api, protect=True),
        )


def is_disabled(problem: Exception) -> bool:
    """Whether Google refused to answer because the API is off in the project."""
    return "accessNotConfigured" in str(problem) or "SERVICE_DISABLED" in str(problem)


def found_zone(name: str, zones: Sequence[gcp.dns.outputs.GetManagedZonesManagedZoneResult]) -> str:
    """The name in Google Cloud of the one public zone with this DNS name.

    Raises `LookupError` where there is none, or more than one.
    """
    found = [zone.name or "" for zone in zones if zone.dns_name == f"{name}." and zone.visibility == "public"]
    if len(found) == 1:
        return found[0]
    problem = f"{' and '.join(found)} are all" if found else "no managed zone of this project is"
    raise LookupError(
        f"{problem} the public zone of {name}. Say which one in homeport:dns.zones, as managedZone, or "
        "have it made with create: true"
    )


async def refuse_taken(args: ResourceHookArgs) -> None:
    """Before a record set is made: raise `TakenError` where another one is in its place."""
    inputs = args.new_inputs or {}
    name, kind, zone = str(inputs["name"]), str(inputs["type"]), str(inputs["managedZone"])
    there = await gcp.dns.get_record_sets_output(
        managed_zone=zone, name=name, type=kind, opts=InvokeOptions()
    ).future()
    values = [value for found in there.rrsets for value in found.rrdatas] if there else []
    # The same values are ours: an update that was killed had made them.
    if values and sorted(values) != sorted(inputs["rrdatas"]):
        raise TakenError(name.rstrip("."), kind, zone, values)
