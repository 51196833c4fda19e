"""What a stack costs a month, item by item, from its settings alone: known before anything is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from components import prices
from components.backup.settings import BackupSettings, DirectoryStore, GcsStore, S3BackupStore
from components.dns.settings import CloudDnsSettings, DnsSettings, NoDnsSettings
from components.host.settings import GceSettings, HostSettings
from components.logs import GoogleLogs, LogSettings
from components.monitoring_settings import MonitoringSettings
from components.workload import App

FREE: tuple[str, ...] = ()
ITEMS_OF: Mapping[str, tuple[str, ...]] = {
    "aws:route53:Record": ("dnsQueries",),
    "aws:route53:Zone": ("dnsZones",),
    "gcp:compute:Address": ("address",),
    "gcp:compute:Disk": ("dataDisk",),
    "gcp:compute:DiskResourcePolicyAttachment": FREE,
    "gcp:compute:Firewall": FREE,
    "gcp:compute:Instance": ("machine", "bootDisk", "traffic"),
    "gcp:compute:Network": FREE,
    "gcp:compute:ResourcePolicy": ("snapshots",),
    "gcp:compute:Snapshot": ("moveSnapshot",),
    "gcp:compute:Subnetwork": FREE,
    "gcp:dns:ManagedZone": ("dnsZones",),
    "gcp:dns:RecordSet": ("dnsQueries",),
    "gcp:monitoring:AlertPolicy": ("alerts",),
    "gcp:monitoring:NotificationChannel": FREE,
    "gcp:monitoring:UptimeCheckConfig": ("uptimeChecks",),
    "gcp:projects:IAMMember": FREE,
    "gcp:projects:Service": FREE,
    "gcp:serviceaccount:Account": FREE,
    "gcp:storage:Bucket": ("backups",),
    "gcp:storage:BucketIAMMember": FREE,
}
"""Type of a resource, as Pulumi shows it -> the items that it is part of. A test compares it with the code
of the program: a new type that costs something has an item before it has a user."""

_PLACES = 6
"""From where an uptime check asks that names no regions. Source: Google's documentation of uptime checks."""
_MONTH = 30 * 24 * 3600
_LEAST_SNAPSHOTS = 0.1
"""Of the disk: what all of its snapshots together are assumed to hold at least; at most, all of it. They are
incremental and compressed."""


@dataclass(frozen=True)
class Item:
    """One item of the bill, in USD a month. `None` is not known."""

    name: str
    low: float | None
    high: float | None
    note: str
    by_usage: bool = False
    """Not in the sum: it depends on what people do, so the note has the rate."""

    def __str__(self) -> str:
        if self.by_usage:
            return f"by usage: {self.note}"
        amount = between(self.low, self.high)
        return f"{amount}, {self.note}" if self.note else amount


def between(low: float | None, high: float | None) -> str:
    """An amount of money between these two."""
    if low is None:
        return "unknown"
    if high is None:
        return f"{low:.2f} USD or more"
    # To a cent: what rounds to the same is the same to who reads it.
    return f"{low:.2f} USD" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f} USD"


@dataclass(frozen=True)
class Estimate:
    """The whole bill."""

    items: tuple[Item, ...]

    @property
    def low(self) -> float:
        """The least that it can be, without what is not known and what is by usage."""
        return round(sum(item.low or 0 for item in self._summed), 2)

    @property
    def high(self) -> float | None:
        """The most, without what is by usage; None where an item of it is not known."""
        highs = [item.high for item in self._summed]
        known = [high for high in highs if high is not None]
        return round(sum(known), 2) if len(known) == len(highs) else None

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Names of the items in the sum that are not one figure."""
        return tuple(item.name for item in self._summed if item.low is None or item.low != item.high)

    @property
    def by_usage(self) -> tuple[str, ...]:
        """Names of the items that are not in the sum."""
        return tuple(item.name for item in self.items if item.by_usage)

    @property
    def _summed(self) -> list[Item]:
        return [item for item in self.items if not item.by_usage]


def estimate(
    host: HostSettings,
    dns: DnsSettings,
    apps: Sequence[App],
    *,
    logs: LogSettings,
    backup: BackupSettings | None = None,
    monitoring: MonitoringSettings | None = None,
) -> Estimate:
    """What these settings cost. A host of one's own costs nothing here, whatever it costs at home."""
    region = host.region if isinstance(host, GceSettings) else ""
    return Estimate(
        (
            *(_host(host) if isinstance(host, GceSettings) else ()),
            *_dns(dns),
            *(_backups(backup, region) if backup else ()),
            *(_monitoring(monitoring, apps, with_backup=backup is not None) if monitoring else ()),
            *(_logs(logs)),
        )
    )


def _host(host: GceSettings) -> Iterator[Item]:
    machine = prices.machine(host.machine_type, host.region)
    free = prices.always_free(host.machine_type, host.region)
    described = f"{host.machine_type} in {host.region}"
    if free:
        note = f"{described}: always free, one for each billing account"
        yield Item("machine", 0, 0, f"{note}; else {between(machine, machine)}")
    else:
        yield Item("machine", machine, machine, described)
    yield from _disks(host)
    if host.snapshots:
        yield _snapshots("snapshots", host, f"{host.snapshots} days of snapshots")
    if host.moved_from:
        yield _snapshots("moveSnapshot", host, f"the copy of the disk in {host.moved_from}")
    stopped = prices.unused_address(host.region)
    note = f"{between(stopped, stopped)} while the machine is stopped"
    if free:
        note = f"sources differ on whether this machine pays for it; {note}"
    yield Item("address", 0 if free else prices.ADDRESS, prices.ADDRESS, note)
    yield _traffic(host.region)


def _disks(host: GceSettings) -> Iterator[Item]:
    """Each disk, after what of the free amount those before it have left."""
    rate = prices.disk(host.disk_type, host.region)
    left = prices.FREE_DISK if host.disk_type == prices.FREE_DISK_TYPE else 0
    sure = host.region in prices.FREE_REGIONS
    sizes = {"bootDisk": host.boot_disk, "dataDisk": host.data_disk}
    if host.moved_from:
        sizes["dataDiskBefore"] = host.data_disk
    for name, size in sizes.items():
        free = min(left, size)
        left -= free
        note = f"{size} GB {host.disk_type}"
        if free:
            always = "always free" if sure else "may be always free"
            note += f", {always}" if free == size else f", {free} GB of them {always}"
        if rate is None:
            yield Item(name, None, None, f"{note}: not in the price list for {host.region}")
        else:
            yield Item(name, rate * (size - free), rate * (size - free if sure else size), note)


def _snapshots(name: str, host: GceSettings, what: str) -> Item:
    regional, multi_region = prices.snapshot(host.region)
    least, most = round(host.data_disk * _LEAST_SNAPSHOTS), host.data_disk
    if regional is None:
        return Item(name, None, None, f"{what}: not in the price list for {host.region}")
    rate = _rate(regional)
    if multi_region is None:
        rate += " or more"
    elif multi_region != regional:
        rate += f" to {_rate(multi_region)}"
    note = f"{what}, assumed to hold {least} to {most} GB at {rate} a GB"
    charged = least
    if host.region in prices.FREE_SNAPSHOT_REGIONS:
        charged = max(0, least - prices.FREE_SNAPSHOTS)
        note += f", {prices.FREE_SNAPSHOTS} GB of it may be free"
    return Item(name, regional * charged, multi_region and multi_region * most, note)


def _traffic(region: str) -> Item:
    rate = prices.egress(region)
    if rate is None:
        return Item("traffic", None, None, f"to the internet, unknown for {region}", by_usage=True)
    note = f"{_rate(rate)} a GiB to the internet, more to China and Australia"
    if region.startswith(("us-", "northamerica-")):
        note += f"; {prices.FREE_EGRESS} GiB is always free"
    return Item("traffic", None, None, note, by_usage=True)


def _dns(dns: DnsSettings) -> Iterator[Item]:
    if isinstance(dns, NoDnsSettings):
        return
    rate = prices.CLOUD_DNS_ZONE if isinstance(dns, CloudDnsSettings) else prices.ROUTE53_ZONE
    made = sum(zone.create for zone in dns.zones)
    there = len(dns.zones) - made
    if made:
        yield Item("dnsZones", made * rate, made * rate, f"{_count(made, 'zone')} made here")
    if there:
        note = f"{_count(there, 'zone')} there already, {_rate(rate)} each: not part of this stack"
        yield Item("dnsZonesThere", 0, 0, note)
    yield Item("dnsQueries", None, None, f"{_rate(prices.DNS_QUERIES)} a million", by_usage=True)


def _backups(backup: BackupSettings, region: str) -> Iterator[Item]:
    match backup.store:
        case GcsStore(bucket=None) as store:
            location = store.location_for(region)
            rate = prices.bucket(location)
            price = "an unknown price" if rate is None else _rate(rate)
            note = f"{price} a GB in {location}, and operations"
            yield Item("backups", None, None, note, by_usage=True)
        case GcsStore(bucket=str(bucket)):
            note = f"the prices of the bucket {bucket}, which is there already"
            yield Item("backups", None, None, note, by_usage=True)
        case S3BackupStore(endpoint=endpoint):
            yield Item("backups", None, None, f"the prices of {endpoint}", by_usage=True)
        case DirectoryStore(path=path):
            yield Item("backups", None, None, f"the prices of what is mounted at {path}", by_usage=True)


def _monitoring(settings: MonitoringSettings, apps: Sequence[App], *, with_backup: bool) -> Iterator[Item]:
    watched = sum(app.access is None for app in apps)
    executions = watched * _PLACES * _MONTH // settings.period
    above = max(0, executions - prices.UPTIME_CHECKS_FREE)
    charge = above / 1000 * prices.UPTIME_CHECKS
    yield Item(
        "uptimeChecks",
        charge,
        charge,
        f"{executions} executions, {prices.UPTIME_CHECKS_FREE} of a project are free",
    )
    conditions = 2 * watched + (3 if with_backup else 0)
    note = f"{_count(conditions, 'condition')}; sources differ on whether they are charged yet"
    yield Item("alerts", 0, conditions * prices.ALERT_CONDITION, note)


def _logs(logs: LogSettings) -> Iterator[Item]:
    if isinstance(logs, GoogleLogs):
        note = f"{_rate(prices.LOGS)} a GiB, {prices.LOGS_FREE} GiB a month of a project are free"
        yield Item("logs", None, None, note, by_usage=True)


def _rate(price: float) -> str:
    """A price of one: to a cent, or to what it has below."""
    return f"{price:.2f} USD" if round(price, 2) == price else f"{price:.4f}".rstrip("0") + " USD"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
