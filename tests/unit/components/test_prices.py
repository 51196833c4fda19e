"""The price list: what it knows, what it does not, and figures that were checked by hand."""

from __future__ import annotations

import pytest

from components import prices
from components.host.machine_types import MACHINE_TYPES


@pytest.mark.parametrize(
    ("machine_type", "region", "month"),
    [
        # From lists that the table was not made of: 0.00838, 0.01675, 0.06701 USD an hour.
        ("e2-micro", "us-west1", 6.12),
        ("e2-small", "us-central1", 12.23),
        ("e2-standard-2", "us-east1", 48.92),
        # 0.0971 and 0.0845 USD an hour, less a fifth for a whole month.
        ("n2-standard-2", "us-central1", 56.71),
        ("n2d-standard-2", "us-central1", 49.35),
        ("t2d-standard-1", "us-central1", 30.84),
        # 0.0737 USD an hour.
        ("e2-standard-2", "europe-west1", 53.80),
    ],
)
def test_a_machine_costs_what_other_lists_say(machine_type: str, region: str, month: float) -> None:
    assert prices.machine(machine_type, region) == pytest.approx(month, abs=0.03)


@pytest.mark.parametrize("machine_type", MACHINE_TYPES)
def test_every_machine_type_that_a_stack_may_have_has_a_price(machine_type: str) -> None:
    assert prices.machine(machine_type, "us-central1")


@pytest.mark.parametrize("machine_type", ["m3-ultramem-32", "e2-huge", ""])
def test_a_machine_type_that_is_not_in_the_list_is_unknown(machine_type: str) -> None:
    assert prices.machine(machine_type, "us-central1") is None


def test_nothing_is_known_of_a_region_that_is_not_in_the_list() -> None:
    nowhere = "mars-north1"
    assert prices.machine("e2-micro", nowhere) is None
    assert prices.disk("pd-standard", nowhere) is None
    assert prices.snapshot(nowhere) == (None, None)
    assert prices.bucket(nowhere) is None
    assert prices.egress(nowhere) is None
    assert prices.unused_address(nowhere) is None


def test_a_machine_type_that_a_region_does_not_have_is_unknown() -> None:
    assert prices.machine("n2-standard-2", "europe-north2") is None


def test_two_hundred_gigabytes_cost_what_googles_page_says() -> None:
    assert 200 * (prices.disk("pd-standard", "us-central1") or 0) == pytest.approx(8)
    assert 200 * (prices.disk("pd-ssd", "us-central1") or 0) == pytest.approx(34)


def test_a_kind_of_disk_that_is_not_in_the_list_is_unknown() -> None:
    assert prices.disk("hyperdisk-extreme", "us-central1") is None


def test_a_snapshot_has_the_price_of_its_region_and_of_the_multi_region() -> None:
    assert prices.snapshot("us-west1") == (0.05, 0.065)


def test_a_multi_region_whose_price_is_not_known_is_not_guessed() -> None:
    assert prices.snapshot("europe-west1") == (0.05, None)


def test_a_price_of_before_the_rise_of_2023_is_not_taken_for_todays() -> None:
    assert prices.snapshot("us-east5") == (None, None)


@pytest.mark.parametrize(("location", "month"), [("US", 0.026), ("eu", 0.026), ("EUROPE-WEST1", 0.02)])
def test_a_buckets_price_is_that_of_its_location(location: str, month: float) -> None:
    assert prices.bucket(location) == month


def test_a_region_whose_traffic_two_sources_price_differently_is_unknown() -> None:
    assert prices.egress("asia-northeast1") is None
    assert prices.egress("us-west1") == 0.12


def test_an_address_costs_twice_as_much_while_its_machine_is_stopped() -> None:
    assert prices.unused_address("us-west1") == pytest.approx(2 * prices.ADDRESS)


def test_no_price_of_the_table_is_out_of_the_ordinary() -> None:
    """A slipped decimal point is one."""
    reference = prices.rates()["us-central1"].columns
    for region, found in prices.rates().items():
        for column, price in found.columns.items():
            assert 0.4 <= price / reference[column] <= 2, f"{region} {column}"
