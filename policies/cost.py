"""What is outside of what Google gives away for ever, with its price a month.

The prices, their sources and their date are in `components/prices.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components import prices
from policies.kinds import (
    ADDRESS,
    DISK,
    INSTANCE,
    MANAGED_ZONE,
    RESOURCE_POLICY,
    ROUTE53_ZONE,
    SNAPSHOT,
)
from policies.properties import Properties
from policies.rule import AnyRule, Resource, Rule, StackRule

_ZONES = {MANAGED_ZONE: prices.CLOUD_DNS_ZONE, ROUTE53_ZONE: prices.ROUTE53_ZONE}
_WHY = f"Google gives away some things for ever, and this is not one of them ({prices.PRICE_LIST})."
_FIX = "If it is worth its price, nothing is to be done: `pulumi stack output estimate` has the whole bill."


def _machine(instance: Resource) -> Iterator[str]:
    properties = instance.properties
    region = _region(properties.text("zone"))
    machine_type = _last(properties.text("machineType"))
    scheduling = properties.part("scheduling")
    # Its price is one of the day: there is none in the list.
    if scheduling.flag("preemptible") or scheduling.text("provisioningModel") == "SPOT":
        yield f"has the type {machine_type} and may be preempted, which is never free"
    elif not prices.always_free(machine_type, region):
        yield f"has the type {machine_type} in {region}: {_month(prices.machine(machine_type, region))}"


def _disks(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """What all disks together have beyond the free amount; it goes to those of the machines first."""
    left = prices.FREE_DISK
    for resource, size, kind, region in sorted(
        _each_disk(resources), key=lambda one: one[0].kind != INSTANCE
    ):
        rate = prices.disk(kind, region)
        if size is None:
            yield resource, f"has a {kind} disk that says no size, in {region}"
        elif kind != prices.FREE_DISK_TYPE:
            yield resource, f"has {size} GB of {kind} in {region}: {_month(rate and rate * size)}"
        else:
            beyond = max(0, size - left)
            left = max(0, left - size)
            if beyond:
                yield (
                    resource,
                    f"has {size} GB of {kind} in {region}, {beyond} GB beyond the {prices.FREE_DISK} GB"
                    f" that are free for all disks together: {_month(rate and rate * beyond)}",
                )


def _each_disk(resources: Sequence[Resource]) -> Iterator[tuple[Resource, int | None, str, str]]:
    """Each disk that is made: whose it is, GB, type and region."""
    for resource in resources:
        properties = resource.properties
        if resource.kind == DISK:
            yield resource, *_described(properties, properties)
        elif resource.kind == INSTANCE:
            boot = properties.part("bootDisk").part("initializeParams")
            yield resource, *_described(boot, properties)


def _described(disk: Properties, placed: Properties) -> tuple[int | None, str, str]:
    # A disk that says no type is a standard one.
    kind = _last(disk.text("type")) or prices.FREE_DISK_TYPE
    return disk.number("size"), kind, _region(placed.text("zone"))


def _address(address: Resource) -> Iterator[str]:
    if address.properties.text("addressType") == "INTERNAL":
        return
    region = _last(address.properties.text("region"))
    unused = _month(prices.unused_address(region))
    yield (
        f"is an external IPv4 address: {_month(prices.ADDRESS)}, which an always-free machine may not have to"
        f" pay, and {unused} while its machine is stopped"
    )


def _snapshots(resource: Resource) -> Iterator[str]:
    properties = resource.properties
    if resource.kind == SNAPSHOT:
        region = _region(properties.text("zone"))
        yield f"is a snapshot: {_snapshot_price(region)}"
    elif properties.has("snapshotSchedulePolicy"):
        retention = properties.part("snapshotSchedulePolicy").part("retentionPolicy")
        days = retention.number("maxRetentionDays")
        region = _last(properties.text("region"))
        kept = f"keeps snapshots for {days} days" if days else "keeps snapshots for ever"
        yield f"{kept}: {_snapshot_price(region)}"


def _snapshot_price(region: str) -> str:
    own, around = prices.snapshot(region)
    if own is None:
        return "a price that is not known for this region"
    several = f" to {around:g} USD" if around is not None else " USD or more"
    return f"{own:g}{several} for a GB and month"


def _zone(zone: Resource) -> Iterator[str]:
    properties = zone.properties
    name = (properties.text("dnsName") or properties.text("name")).rstrip(".")
    price, queries = _month(_ZONES[zone.kind]), f"{prices.DNS_QUERIES:.2f} USD"
    yield f"is the zone of {name}: {price}, and {queries} for a million queries"


def _month(price: float | None) -> str:
    return "a price that is not known" if price is None else f"{price:.2f} USD a month"


def _region(zone: str) -> str:
    return _last(zone).rpartition("-")[0]


def _last(path: str) -> str:
    """The name at the end of a resource's path; Google's API gives both."""
    return path.rpartition("/")[2]


RULES: tuple[AnyRule, ...] = (
    Rule(
        name="always-free-machine",
        level="advisory",
        what="The machine is the one that is always free.",
        why=_WHY,
        fix=f"Take one {prices.FREE_MACHINE_TYPE} in {', '.join(prices.FREE_REGIONS)}. {_FIX}",
        kinds=(INSTANCE,),
        find=_machine,
    ),
    StackRule(
        name="always-free-disks",
        level="advisory",
        what=f"All disks together are {prices.FREE_DISK} GB of standard disk or less.",
        why=_WHY,
        fix=f"Make boot and data disk smaller, or of the type {prices.FREE_DISK_TYPE}. {_FIX}",
        find=_disks,
    ),
    Rule(
        name="always-free-address",
        level="advisory",
        what="No static external address is paid for.",
        why=_WHY,
        fix=_FIX,
        kinds=(ADDRESS,),
        find=_address,
    ),
    Rule(
        name="always-free-snapshots",
        level="advisory",
        what="No snapshots are paid for.",
        why=_WHY,
        fix=f"Set `snapshots: 0` for none; backups are something else and still wanted. {_FIX}",
        kinds=(RESOURCE_POLICY, SNAPSHOT),
        find=_snapshots,
    ),
    Rule(
        name="always-free-zones",
        level="advisory",
        what="No DNS zone is paid for.",
        why=_WHY,
        fix=f"With `dns.kind: none` the records are created by hand elsewhere. {_FIX}",
        kinds=tuple(_ZONES),
        find=_zone,
    ),
)
