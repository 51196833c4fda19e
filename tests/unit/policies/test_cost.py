"""Rules about what is outside of the always-free limits: each with what passes and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import pytest

from components import prices
from policies.cost import RULES
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
from policies.rule import Resource, Rule, StackRule

Json: TypeAlias = "bool | float | str | list[Json] | dict[str, Json]"
MICRO: dict[str, Json] = {"machineType": "e2-micro", "zone": "us-west1-b"}


def found(rule: str, kind: str, **properties: Json) -> list[str]:
    """What a rule about one resource says."""
    (one,) = (one for one in RULES if one.name == rule)
    assert isinstance(one, Rule)
    assert kind in one.kinds
    find: Callable[[Resource], Iterator[str]] = one.find
    return list(find(Resource(kind, "it", Properties(properties))))


def machine(size: float | None = 10, type_: str = "pd-standard") -> Resource:
    """With a boot disk."""
    boot: dict[str, Json] = {"type": type_, **({} if size is None else {"size": size})}
    return Resource(INSTANCE, "vm", Properties({**MICRO, "bootDisk": {"initializeParams": boot}}))


def disk(size: float, type_: str = "pd-standard", zone: str = "us-west1-b") -> Resource:
    return Resource(DISK, "data", Properties({"size": size, "type": type_, "zone": zone}))


def found_in_all(resources: Sequence[Resource]) -> list[tuple[str, str]]:
    """What the rule about disks says, with the name of whom it says it of."""
    (one,) = (one for one in RULES if one.name == "always-free-disks")
    assert isinstance(one, StackRule)
    return [(resource.name, finding) for resource, finding in one.find(resources)]


def test_every_rule_only_warns() -> None:
    assert {rule.level for rule in RULES} == {"advisory"}


@pytest.mark.parametrize("zone", ["us-west1-b", "us-central1-a", "us-east1-c"])
def test_the_free_machine_passes(zone: str) -> None:
    assert found("always-free-machine", INSTANCE, machineType="e2-micro", zone=zone) == []


def test_a_larger_machine_is_told_with_its_price() -> None:
    assert found("always-free-machine", INSTANCE, machineType="e2-small", zone="us-west1-b") == [
        "has the type e2-small in us-west1: 12.23 USD a month"
    ]


def test_the_free_type_in_another_region_is_told_with_its_price_there() -> None:
    assert found("always-free-machine", INSTANCE, machineType="e2-micro", zone="europe-west4-a") == [
        "has the type e2-micro in europe-west4: 6.73 USD a month"
    ]


@pytest.mark.parametrize("scheduling", [{"preemptible": True}, {"provisioningModel": "SPOT"}])
def test_a_machine_that_may_be_preempted_is_never_free(scheduling: dict[str, Json]) -> None:
    assert found("always-free-machine", INSTANCE, **MICRO, scheduling=scheduling) == [
        "has the type e2-micro and may be preempted, which is never free"
    ]


def test_a_machine_whose_price_is_not_known_is_told_all_the_same() -> None:
    assert found("always-free-machine", INSTANCE, machineType="e2-micro", zone="mars-north1-a") == [
        "has the type e2-micro in mars-north1: a price that is not known"
    ]


def test_thirty_gigabytes_of_all_disks_together_pass() -> None:
    assert found_in_all([disk(20), machine(10)]) == []


def test_what_is_beyond_is_told_of_the_disk_that_has_it() -> None:
    assert found_in_all([disk(40), machine(10)]) == [
        (
            "data",
            "has 40 GB of pd-standard in us-west1, 20 GB beyond the 30 GB that are free for all disks"
            " together: 0.80 USD a month",
        )
    ]


def test_two_disks_share_what_is_free() -> None:
    assert [name for name, _ in found_in_all([machine(10), disk(20), disk(20)])] == ["data"]


def test_a_disk_of_another_type_is_never_free() -> None:
    assert found_in_all([machine(10, "pd-ssd"), disk(20, "pd-balanced", "europe-west1-b")]) == [
        ("vm", "has 10 GB of pd-ssd in us-west1: 1.70 USD a month"),
        ("data", "has 20 GB of pd-balanced in europe-west1: 2.00 USD a month"),
    ]


def test_a_disk_that_says_no_size_is_told() -> None:
    assert found_in_all([machine(None)]) == [("vm", "has a pd-standard disk that says no size, in us-west1")]


def test_an_internal_address_passes() -> None:
    assert found("always-free-address", ADDRESS, region="us-west1", addressType="INTERNAL") == []


def test_an_external_address_is_told_with_both_prices() -> None:
    assert found("always-free-address", ADDRESS, region="us-west1") == [
        "is an external IPv4 address: 3.65 USD a month, which an always-free machine may not have to pay,"
        " and 7.30 USD a month while its machine is stopped"
    ]


def test_a_policy_that_makes_no_snapshots_passes() -> None:
    assert found("always-free-snapshots", RESOURCE_POLICY, region="us-west1") == []


def test_a_schedule_of_snapshots_is_told_with_its_rate() -> None:
    schedule: dict[str, Json] = {"retentionPolicy": {"maxRetentionDays": 7}}
    assert found(
        "always-free-snapshots", RESOURCE_POLICY, region="us-west1", snapshotSchedulePolicy=schedule
    ) == ["keeps snapshots for 7 days: 0.05 to 0.065 USD for a GB and month"]


@pytest.mark.parametrize(
    ("zone", "price"),
    [
        ("europe-west1-b", "0.05 USD or more for a GB and month"),
        ("us-east5-a", "a price that is not known for this region"),
    ],
)
def test_a_snapshot_is_told_with_what_is_known_of_its_price(zone: str, price: str) -> None:
    assert found("always-free-snapshots", SNAPSHOT, zone=zone) == [f"is a snapshot: {price}"]


@pytest.mark.parametrize(("kind", "price"), [(MANAGED_ZONE, "0.20"), (ROUTE53_ZONE, "0.50")])
def test_a_zone_is_told_with_its_price(kind: str, price: str) -> None:
    name = {MANAGED_ZONE: "dnsName", ROUTE53_ZONE: "name"}[kind]
    assert found("always-free-zones", kind, **{name: "example.com"}) == [
        f"is the zone of example.com: {price} USD a month, and 0.40 USD for a million queries"
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_says_how_old_its_prices_are(rule: Rule | StackRule) -> None:
    assert prices.PRICE_LIST in rule.why
