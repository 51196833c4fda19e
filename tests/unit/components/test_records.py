"""Which DNS records a stack needs."""

from __future__ import annotations

from pulumi import Output

from components.dns.records import Record, address_records


def test_every_host_name_has_an_address_record_in_the_order_of_the_apps() -> None:
    address = Output.from_input("203.0.113.7")
    assert address_records(["b.example.com", "a.example.com"], address) == (
        Record("b.example.com", "A", (address,), ttl=300),
        Record("a.example.com", "A", (address,), ttl=300),
    )


def test_a_host_name_that_two_services_share_has_one_record() -> None:
    records = address_records(["a.example.com", "a.example.com"], Output.from_input("203.0.113.7"))
    assert [record.name for record in records] == ["a.example.com"]


def test_no_host_names_need_no_records() -> None:
    assert address_records([], Output.from_input("203.0.113.7")) == ()
