"""The values that settings are made of."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from components.domain import Cidr, ClosedCidr, Email, Fqdn, Name, Port, Version, is_inside, major

FQDN: TypeAdapter[str] = TypeAdapter(Fqdn)
CIDR: TypeAdapter[str] = TypeAdapter(Cidr)
CLOSED_CIDR: TypeAdapter[str] = TypeAdapter(ClosedCidr)
VERSION: TypeAdapter[str] = TypeAdapter(Version)
NAME: TypeAdapter[str] = TypeAdapter(Name)
EMAIL: TypeAdapter[str] = TypeAdapter(Email)
PORT: TypeAdapter[int] = TypeAdapter(Port)


@pytest.mark.parametrize(
    ("adapter", "value"),
    [
        (FQDN, "chat.example.com"),
        (FQDN, "a.b"),
        (FQDN, "1.example.com"),
        (FQDN, f"{'x' * 63}.example.com"),
        (FQDN, ".".join(["x" * 49] * 5 + ["abc"])),
        (CIDR, "0.0.0.0/0"),
        (CIDR, "203.0.113.7/32"),
        (CLOSED_CIDR, "10.0.0.0/8"),
        (VERSION, "11.7.0"),
        (VERSION, "17.10"),
        (VERSION, "0.0.1"),
        (NAME, "a"),
        (NAME, "team-chat-2"),
        (NAME, "c" * 30),
        (EMAIL, "first.last+chat@mail.example.com"),
        (PORT, 1),
        (PORT, 65_535),
    ],
)
def test_a_value_of_the_right_form_is_kept_as_it_is(adapter: TypeAdapter[object], value: object) -> None:
    assert adapter.validate_python(value) == value


@pytest.mark.parametrize(
    ("adapter", "value"),
    [
        (FQDN, "chat"),
        (FQDN, f"{'x' * 64}.example.com"),
        (FQDN, ".".join(["x" * 49] * 5 + ["abcd"])),
        (FQDN, "10.0.0.1"),
        (CIDR, "203.0.113.7/24"),
        (CIDR, "2001:db8::/32"),
        (CLOSED_CIDR, "0.0.0.0/0"),
        (CLOSED_CIDR, "10.0.0.0/7"),
        (VERSION, "11"),
        (VERSION, "11.7.0.0"),
        (VERSION, "11.07"),
        (NAME, "-a"),
        (NAME, "a-"),
        (NAME, "c" * 31),
        (EMAIL, "chat@localhost"),
        (PORT, 0),
        (PORT, 65_536),
    ],
)
def test_a_value_of_another_form_is_refused(adapter: TypeAdapter[object], value: object) -> None:
    with pytest.raises(ValidationError):
        adapter.validate_python(value)


def test_the_major_version_is_the_first_number() -> None:
    assert major("17.10") == 17


@pytest.mark.parametrize(
    ("hostname", "inside"),
    [
        ("example.com", True),
        ("chat.example.com", True),
        ("a.b.example.com", True),
        ("badexample.com", False),
        ("com", False),
        ("example.com.org", False),
    ],
)
def test_a_name_is_inside_a_zone_only_as_itself_or_below_it(hostname: str, inside: bool) -> None:
    assert is_inside(hostname, "example.com") is inside
