"""The values of records in the form that each provider wants."""

from __future__ import annotations

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest

from components.dns.records import RecordType
from components.dns.rrdata import character_strings, cloud_dns_value, problem_of_text, route53_value

DKIM = "v=DKIM1; k=rsa; p=" + "A" * 392


@pytest.mark.parametrize(
    ("length", "parts"), [(1, [1]), (255, [255]), (256, [255, 1]), (510, [255, 255]), (511, [255, 255, 1])]
)
def test_a_text_is_split_where_a_character_string_is_full(length: int, parts: list[int]) -> None:
    assert [len(part) for part in character_strings("x" * length)] == parts


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("v=spf1 ~all", '"v=spf1 ~all"'),
        ("x" * 255, f'"{"x" * 255}"'),
        ("x" * 256, f'"{"x" * 255}" "x"'),
        ('say "hi"', r'"say \"hi\""'),
        (r"a\b", r'"a\\b"'),
    ],
)
def test_cloud_dns_wants_every_string_in_quotes_with_blanks_between(text: str, form: str) -> None:
    assert cloud_dns_value("TXT", text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("v=spf1 ~all", "v=spf1 ~all"),
        ("x" * 255, "x" * 255),
        ("x" * 256, f'{"x" * 255}""x'),
        ("x" * 510, f'{"x" * 255}""{"x" * 255}'),
        ('say "hi"', r"say \"hi\""),
        (r"a\b", r"a\\b"),
    ],
)
def test_route_53_wants_only_the_inner_quotes(text: str, form: str) -> None:
    assert route53_value("TXT", text) == form


@pytest.mark.parametrize("text", ["x" * 255, "x" * 256, "x" * 510, DKIM, 'a "b" c', "a\\b", "\\" * 300])
@pytest.mark.parametrize("provider", ["cloud dns", "route 53"])
def test_a_resolver_reads_the_text_that_was_meant(text: str, provider: str) -> None:
    written = cloud_dns_value("TXT", text) if provider == "cloud dns" else f'"{route53_value("TXT", text)}"'
    rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, written)
    strings = getattr(rdata, "strings")  # noqa: B009  the base class does not declare it
    assert b"".join(strings).decode() == text


@pytest.mark.parametrize("text", ["", "café", "a\nb", "a\tb", "\x7f"])
def test_what_is_not_printable_ascii_is_refused(text: str) -> None:
    assert problem_of_text(text)
    with pytest.raises(ValueError, match=r"ASCII|empty"):
        route53_value("TXT", text)


@pytest.mark.parametrize(
    ("kind", "value", "cloud_dns", "route53"),
    [
        ("A", "192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:db8::1", "2001:db8::1", "2001:db8::1"),
        ("CAA", '0 issue "ca.example"', '0 issue "ca.example"', '0 issue "ca.example"'),
        ("CNAME", "pm.mtasv.net", "pm.mtasv.net.", "pm.mtasv.net"),
        ("MX", "10 mx.example.com", "10 mx.example.com.", "10 mx.example.com"),
    ],
)
def test_only_names_differ_between_the_providers_otherwise(
    kind: RecordType, value: str, cloud_dns: str, route53: str
) -> None:
    assert (cloud_dns_value(kind, value), route53_value(kind, value)) == (cloud_dns, route53)
