"""Which DNS records a stack needs."""

from __future__ import annotations

from components.dns.records import Record, address_records, caa_records, record_sets

ADDRESS = "203.0.113.7"


def test_every_host_name_has_an_address_record_in_the_order_of_the_apps() -> None:
    assert address_records(["b.example.com", "a.example.com"], ADDRESS) == (
        Record("b.example.com", "A", (ADDRESS,), ttl=300),
        Record("a.example.com", "A", (ADDRESS,), ttl=300),
    )


def test_a_host_name_that_two_services_share_has_one_record() -> None:
    records = address_records(["a.example.com", "a.example.com"], ADDRESS)
    assert [record.name for record in records] == ["a.example.com"]


def test_no_host_names_need_no_records() -> None:
    assert address_records([], ADDRESS) == ()


def test_a_machine_with_an_ipv6_address_has_it_in_records_too() -> None:
    ipv6 = "2001:db8::7"
    assert address_records(["a.example.com"], ADDRESS, ipv6) == (
        Record("a.example.com", "A", (ADDRESS,)),
        Record("a.example.com", "AAAA", (ipv6,)),
    )


def test_the_authority_is_named_at_each_host_name_and_nowhere_above() -> None:
    assert caa_records(["b.example.com", "a.example.com", "b.example.com"], "letsencrypt.org") == (
        Record("b.example.com", "CAA", ('0 issue "letsencrypt.org"',)),
        Record("a.example.com", "CAA", ('0 issue "letsencrypt.org"',)),
    )


def test_an_app_with_a_zones_own_name_does_not_bind_the_certificates_of_the_whole_zone() -> None:
    records = caa_records(["example.com", "a.example.com"], "letsencrypt.org", ["example.com"])
    assert [record.name for record in records] == ["a.example.com"]


def test_an_authority_without_a_known_name_makes_no_record() -> None:
    assert caa_records(["a.example.com"], None) == ()


def test_texts_of_one_name_are_one_set_without_repetition_and_with_the_shortest_life() -> None:
    records = (
        Record("example.com", "TXT", ("v=spf1 ~all",), ttl=300),
        Record("example.com", "CAA", ('0 issue "ca.example"',)),
        Record("example.com", "TXT", ("proof", "v=spf1 ~all"), ttl=60),
    )
    assert record_sets(records) == (
        Record("example.com", "TXT", ("v=spf1 ~all", "proof"), ttl=60),
        Record("example.com", "CAA", ('0 issue "ca.example"',)),
    )
