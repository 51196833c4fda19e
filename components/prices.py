"""Google's and Amazon's prices, as they were on one day. How to update them: docs/cost.md.

All in USD, without tax, before the discounts of a contract. `None`, and an empty field of the table
`prices.csv`, is a price that is not known: the region does not have it, or two sources differ.

- The table: Google's Cloud Billing Catalog of `CATALOG_DATE`, as published in
  https://github.com/Cyclenerd/google-cloud-pricing-cost-calculator. Compared with
  https://github.com/skypilot-org/skypilot-catalog: E2 in every region. Compared with Google's pages and with
  other lists: N2, N2D and T2D in us-central1, disks of the United States, buckets, traffic to the internet.
- https://cloud.google.com/vpc/network-pricing, https://cloud.google.com/dns/pricing,
  https://cloud.google.com/storage/pricing and https://aws.amazon.com/route53/pricing/, as transcribed on
  `LIST_DATE` in the repositories of https://github.com/api-evangelist.
- https://cloud.google.com/stackdriver/pricing: uptime checks, alerts, logs.
- https://cloud.google.com/compute/pricing-announce: what a snapshot in a multi-region costs.
- https://cloud.google.com/free/docs/free-cloud-features: the always-free amounts.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

LIST_DATE = date(2026, 9, 20)
"""The day of the pages."""
CATALOG_DATE = date(2026, 7, 30)
"""The day of the table."""
HOURS = 730
"""Of a month, as Google counts."""

FREE_REGIONS = ("us-west1", "us-central1", "us-east1")
"""Where one e2-micro that is not preemptible is always free."""
FREE_MACHINE_TYPE = "e2-micro"
FREE_DISK_TYPE = "pd-standard"
FREE_DISK = 30
"""GB-months that are always free, all disks of a billing account together."""
FREE_SNAPSHOTS = 5
"""GB-months that may be free in `FREE_SNAPSHOT_REGIONS`: Google's earlier pages had them, lists of 2026 have
not, and a bill of 2026 that somebody shows has a snapshot that was charged."""
FREE_SNAPSHOT_REGIONS = (*FREE_REGIONS, "asia-east1", "europe-west1")
FREE_EGRESS = 1
"""GiB a month that are always free from North America; not to China and Australia."""

ADDRESS = 3.65
"""An external IPv4 address on a machine: 0.005 an hour. Sources differ on whether the always-free machine
pays for its own: Google says that it does not, other sources that it is billed."""
CLOUD_DNS_ZONE = 0.20
ROUTE53_ZONE = 0.50
DNS_QUERIES = 0.40
"""A million of them, the same at both."""
SNAPSHOT_MULTI_REGION_US = 0.065
"""A GB-month in the multi-region of the United States. A schedule that names no place may put them there."""
BUCKET_MULTI_REGION = 0.026
"""A GB-month of standard storage, the same in US, EU and ASIA."""
UPTIME_CHECKS_FREE = 1_000_000
"""Executions a month and project. Each place that asks is one."""
UPTIME_CHECKS = 0.30
"""A thousand more of them."""
ALERT_CONDITION = 0.13
"""A month: 0.10, and 0.35 for each million of series that its query returns, one each 30 seconds. Announced,
and put off more than once; sources differ on whether it is charged yet."""
LOGS_FREE = 50
"""GiB a month and project."""
LOGS = 0.50
"""A GiB more."""

PRICE_LIST = f"price list of {LIST_DATE}, machines and disks of {CATALOG_DATE}"
"""How old all of it is, in words."""

_TABLE = Path(__file__).parent / "prices.csv"
_MULTI_REGIONS = ("US", "EU", "ASIA")
_E2 = {
    "e2-micro": (0.25, 1),
    "e2-small": (0.5, 2),
    "e2-medium": (1, 4),
    "e2-standard-2": (2, 8),
    "e2-standard-4": (4, 16),
    "e2-highmem-2": (2, 16),
}
"""vCPUs that are billed, which for shared-core types are parts of one, and GiB."""
_BY_CPU = {
    "n2-standard-2": ("n2", 2),
    "n2-standard-4": ("n2", 4),
    "n2d-standard-2": ("n2d", 2),
    "n2d-standard-4": ("n2d", 4),
    "t2d-standard-1": ("t2d", 1),
    "t2d-standard-2": ("t2d", 2),
}
"""Column of the table, and vCPUs, each with 4 GiB."""
_SUSTAINED = {"n2": 0.8, "n2d": 0.8, "t2d": 1.0}
"""What a whole month leaves of the price, by Google's sustained use discount."""


@dataclass(frozen=True)
class Rates:
    """What a region asks.

    Columns: an hour of one vCPU (`e2_cpu`), of one GiB (`e2_memory`), of one vCPU with 4 GiB (`n2`, `n2d`,
    `t2d`); a GB-month (`pd_...`; `snapshot`, kept in the region itself; `bucket`, standard storage); a GiB to
    the internet, of the first TiB of a month (`egress`); an hour of an address whose machine is stopped.
    """

    columns: dict[str, float]
    """Those that are known."""

    def hour(self, machine_type: str) -> float | None:
        """An hour of this machine type, as an average of a whole month."""
        if machine_type in _E2:
            cpus, memory = _E2[machine_type]
            cpu, gib = self.columns.get("e2_cpu"), self.columns.get("e2_memory")
            return None if cpu is None or gib is None else cpus * cpu + memory * gib
        family, cpus = _BY_CPU.get(machine_type, ("", 0))
        rate = self.columns.get(family)
        return None if rate is None else cpus * rate * _SUSTAINED[family]


@cache
def rates() -> dict[str, Rates]:
    """The table, by region. A region that is not in it is not known."""
    with _TABLE.open(newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {
        row["region"]: Rates(
            {name: float(value) for name, value in row.items() if name != "region" and value}
        )
        for row in rows
    }


def always_free(machine_type: str, region: str) -> bool:
    """Whether one such machine is always free, if it is not preemptible."""
    return machine_type == FREE_MACHINE_TYPE and region in FREE_REGIONS


def machine(machine_type: str, region: str) -> float | None:
    """A month of this machine type; None where it is not known."""
    found = rates().get(region)
    hour = found.hour(machine_type) if found else None
    return None if hour is None else HOURS * hour


def disk(disk_type: str, region: str) -> float | None:
    """A GB-month of this type of disk; None where it is not known."""
    return _column(region, disk_type.replace("-", "_"))


def snapshot(region: str) -> tuple[float | None, float | None]:
    """A GB-month in the region, and in the multi-region around it; each None where it is not known."""
    own = _column(region, "snapshot")
    return own, SNAPSHOT_MULTI_REGION_US if own is not None and region.startswith("us-") else None


def bucket(location: str) -> float | None:
    """A GB-month of standard storage; None where the location's price is not known."""
    if location.upper() in _MULTI_REGIONS:
        return BUCKET_MULTI_REGION
    return _column(location.lower(), "bucket")


def egress(region: str) -> float | None:
    """A GiB to the internet; None where it is not known."""
    return _column(region, "egress")


def unused_address(region: str) -> float | None:
    """A month of an address whose machine is stopped all the time; None where it is not known."""
    hour = _column(region, "address_unused")
    return None if hour is None else HOURS * hour


def _column(region: str, name: str) -> float | None:
    found = rates().get(region)
    return found.columns.get(name) if found else None
