"""What a stack costs, from its settings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from components.backup.settings import BackupSettings
from components.cost import Estimate, Item, between, estimate
from components.dns.settings import DnsSettings
from components.host.settings import HostSettings
from components.logs import GoogleLogs, LocalLogs
from components.monitoring_settings import MonitoringSettings
from components.workload import Access, App, GeneratedPassword

NO_DNS = {"kind": "none"}


def app(name: str, access: Access | None = None) -> App:
    return App(name, "web", "1.0", f"https://{name}.example.com", (), access=access)


def bill(
    *,
    dns: dict[str, Any] | None = None,
    backup: dict[str, Any] | None = None,
    monitoring: dict[str, Any] | None = None,
    apps: tuple[App, ...] = (),
    google_logs: bool = False,
    **host: object,
) -> Estimate:
    """A bill of Google's smallest machine, with these changes."""
    gce = {"kind": "gce", "ssh": {"allowFrom": ["203.0.113.7/32"]}}
    settings: HostSettings = TypeAdapter(HostSettings).validate_python({**gce, **host})
    zones: DnsSettings = TypeAdapter(DnsSettings).validate_python(dns or NO_DNS)
    return estimate(
        settings,
        zones,
        apps,
        logs=GoogleLogs(kind="gcplogs") if google_logs else LocalLogs(),
        backup=BackupSettings.model_validate(backup) if backup else None,
        monitoring=MonitoringSettings.model_validate(monitoring) if monitoring else None,
    )


def item(found: Estimate, name: str) -> Item:
    (one,) = (item for item in found.items if item.name == name)
    return one


def test_the_always_free_machine_costs_nothing_and_its_disks_neither() -> None:
    found = bill()
    assert {one.name: (one.low, one.high) for one in found.items if one.high == 0} == {
        "machine": (0, 0),
        "bootDisk": (0, 0),
        "dataDisk": (0, 0),
    }


def test_the_free_machines_address_is_between_nothing_and_its_price() -> None:
    assert (item(bill(), "address").low, item(bill(), "address").high) == (0, 3.65)


@pytest.mark.parametrize(
    "host",
    [{"machineType": "e2-small"}, {"region": "europe-west1", "zone": "europe-west1-b"}],
)
def test_any_other_machine_pays_and_its_address_too(host: dict[str, Any]) -> None:
    found = bill(**host)
    assert (item(found, "machine").low or 0) > 6
    assert item(found, "address").low == 3.65


def test_a_sum_checked_by_hand() -> None:
    # e2-small: 730 * (0.5 * 0.02181159 + 2 * 0.00292353) = 12.23. Disks: 50 GB, 30 of them free: 0.80.
    # Address: 3.65. Snapshots: of 4 GB nothing, to 40 GB * 0.065. A zone: 0.20.
    found = bill(
        machineType="e2-small",
        dataDisk=40,
        dns={"kind": "clouddns", "zones": [{"name": "example.com", "create": True}]},
    )
    assert found.low == pytest.approx(12.23 + 0.80 + 3.65 + 0.20, abs=0.01)
    assert found.high == pytest.approx(12.23 + 0.80 + 3.65 + 2.60 + 0.20, abs=0.01)


def test_what_is_above_thirty_gigabytes_of_all_disks_together_is_paid() -> None:
    found = bill(bootDisk=20, dataDisk=25)
    assert item(found, "bootDisk").high == 0
    assert item(found, "dataDisk").high == pytest.approx(15 * 0.04)


def test_no_disk_but_a_standard_one_is_free() -> None:
    assert item(bill(diskType="pd-ssd"), "bootDisk").low == pytest.approx(10 * 0.17)


def test_whether_disks_elsewhere_are_free_is_not_known() -> None:
    found = item(bill(region="europe-west1", zone="europe-west1-b"), "dataDisk")
    assert found.low == 0
    assert found.high == pytest.approx(20 * 0.04)


def test_a_region_without_prices_is_unknown_and_not_free() -> None:
    found = bill(region="mars-north1", zone="mars-north1-a")
    assert str(item(found, "machine")) == "unknown, e2-micro in mars-north1"
    assert str(item(found, "dataDisk")).startswith("unknown, 20 GB pd-standard")
    assert str(item(found, "snapshots")).startswith("unknown, 7 days of snapshots")
    assert found.high is None


def test_a_total_with_something_unknown_says_that_it_may_be_more() -> None:
    found = bill(region="mars-north1", zone="mars-north1-a")
    assert between(found.low, found.high) == "3.65 USD or more"


def test_snapshots_say_what_they_are_assumed_to_hold() -> None:
    assert str(item(bill(), "snapshots")) == (
        "0.00 to 1.30 USD, 7 days of snapshots, assumed to hold 2 to 20 GB at 0.05 USD to 0.065 USD a GB,"
        " 5 GB of it may be free"
    )


def test_snapshots_of_a_large_disk_are_paid_for_whatever_is_free() -> None:
    assert item(bill(dataDisk=200), "snapshots").low == pytest.approx((20 - 5) * 0.05)


def test_snapshots_in_a_region_that_never_had_free_ones_are_paid_for() -> None:
    found = item(bill(region="us-west2", zone="us-west2-b"), "snapshots")
    assert found.low == pytest.approx(2 * 0.06)
    assert found.high == pytest.approx(20 * 0.065)


def test_without_snapshots_there_is_no_such_item() -> None:
    assert "snapshots" not in [one.name for one in bill(snapshots=0).items]


def test_a_machine_that_moved_pays_for_both_disks_and_the_copy() -> None:
    found = bill(zone="us-west1-b", movedFrom="us-west1-a")
    assert item(found, "dataDiskBefore").high == pytest.approx(20 * 0.04)
    assert item(found, "moveSnapshot").high == pytest.approx(20 * 0.065)


def test_the_address_says_what_it_costs_while_the_machine_is_stopped() -> None:
    assert "7.30 USD while the machine is stopped" in str(item(bill(), "address"))


@pytest.mark.parametrize(("kind", "each"), [("clouddns", 0.20), ("route53", 0.50)])
def test_zones_that_are_made_here_are_paid_for(kind: str, each: float) -> None:
    zones = [{"name": "example.com", "create": True}, {"name": "example.org", "create": True}]
    found = item(bill(dns={"kind": kind, "zones": zones}), "dnsZones")
    assert found.low == found.high == pytest.approx(2 * each)


def test_a_zone_that_is_there_is_not_this_stacks_but_its_price_is_said() -> None:
    found = bill(dns={"kind": "clouddns", "zones": [{"name": "example.com"}]})
    assert "dnsZones" not in [one.name for one in found.items]
    assert str(item(found, "dnsZonesThere")) == (
        "0.00 USD, 1 zone there already, 0.20 USD each: not part of this stack"
    )


def test_what_depends_on_use_has_its_rate_and_is_not_in_the_sum() -> None:
    found = bill(dns={"kind": "clouddns", "zones": [{"name": "example.com"}]}, google_logs=True)
    assert found.by_usage == ("traffic", "dnsQueries", "logs")
    assert found.low == bill().low
    assert str(item(found, "logs")) == "by usage: 0.50 USD a GiB, 50 GiB a month of a project are free"


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ({"kind": "gcs"}, "by usage: 0.026 USD a GB in US, and operations"),
        ({"kind": "gcs", "location": "us-west1"}, "by usage: 0.02 USD a GB in us-west1, and operations"),
        ({"kind": "gcs", "location": "nam9"}, "by usage: an unknown price a GB in nam9, and operations"),
        (
            {"kind": "gcs", "bucket": "there"},
            "by usage: the prices of the bucket there, which is there already",
        ),
        ({"kind": "s3", "bucket": "chat"}, "by usage: the prices of s3.amazonaws.com"),
        (
            {"kind": "directory", "path": "/mnt/backup"},
            "by usage: the prices of what is mounted at /mnt/backup",
        ),
    ],
)
def test_backups_have_the_rate_of_their_store(store: dict[str, Any], said: str) -> None:
    assert str(item(bill(backup={"store": store}), "backups")) == said


def test_uptime_checks_are_counted_against_what_is_free() -> None:
    found = bill(monitoring={"email": "ada@example.com"}, apps=(app("a"), app("b")))
    # Two apps, six places, every five minutes of thirty days.
    assert str(item(found, "uptimeChecks")) == "0.00 USD, 103680 executions, 1000000 of a project are free"


def test_uptime_checks_beyond_what_is_free_are_paid() -> None:
    apps = tuple(app(f"a{number}") for number in range(5))
    found = item(bill(monitoring={"email": "ada@example.com", "period": 60}, apps=apps), "uptimeChecks")
    assert found.low == pytest.approx((5 * 6 * 43_200 - 1_000_000) / 1000 * 0.30)


def test_alerts_may_or_may_not_be_charged() -> None:
    monitoring = {"email": "ada@example.com"}
    closed = app("metrics", Access("ada", GeneratedPassword("access")))
    found = bill(monitoring=monitoring, apps=(app("a"), closed), backup={"store": {"kind": "gcs"}})
    # Two of the app that is watched, three of the backups.
    assert item(found, "alerts").low == 0
    assert item(found, "alerts").high == pytest.approx(5 * 0.13)


def test_a_computer_of_ones_own_costs_nothing_here() -> None:
    local: HostSettings = TypeAdapter(HostSettings).validate_python({"kind": "local"})
    none: DnsSettings = TypeAdapter(DnsSettings).validate_python(NO_DNS)
    assert estimate(local, none, [], logs=LocalLogs()).items == ()


def test_the_items_that_are_not_one_figure_are_named() -> None:
    assert bill().uncertain == ("snapshots", "address")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.0, 1.0, "1.00 USD"),
        (1.001, 1.002, "1.00 USD"),
        (0.0, 3.65, "0.00 to 3.65 USD"),
        (1.0, None, "1.00 USD or more"),
        (None, None, "unknown"),
    ],
)
def test_an_amount_reads_as_people_write_it(low: float | None, high: float | None, said: str) -> None:
    assert between(low, high) == said
