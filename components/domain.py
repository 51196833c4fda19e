"""The values that settings are made of, each with the check that says what a wrong one would cost."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DNS_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = "(0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}(\.{_NUMBER}){{1,2}}")
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")
_WIDEST = 8
"""Shortest prefix of a closed network, that of 10.0.0.0/8. Two of /1 are the whole internet."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Settings(BaseModel):
    """A part of a stack's settings: camelCase in the file, frozen, and unknown keys are mistakes."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
    )


def _fqdn(value: str) -> str:
    labels = value.split(".")
    if len(value) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(
            "a host name in lower case such as chat.example.com, without scheme, port or final dot"
            " (RFC 1123); certificates are issued for exactly this name"
        )
    if labels[-1].isdigit():
        raise ValueError("a host name, not an address: certificates are issued for names")
    return value


def _dns_name(value: str) -> str:
    labels = value.split(".")
    if len(value) > 253 or len(labels) < 2 or not all(_DNS_LABEL.fullmatch(label) for label in labels):
        raise ValueError("a name in DNS in lower case such as _spf.example.com, without final dot")
    return value


def _cidr(value: str) -> str:
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"a network in CIDR form such as 203.0.113.7/32 ({error})") from None
    if network.version != 4:
        raise ValueError("an IPv4 network such as 203.0.113.7/32: the machine has no IPv6 address")
    return str(network)


def _closed_cidr(value: str) -> str:
    network = _cidr(value)
    if ipaddress.ip_network(network).prefixlen < _WIDEST:
        raise ValueError(
            f"named networks only, none wider than /{_WIDEST}: open to the world, SSH is tried by bots"
            " within minutes. Give the address you deploy from as <address>/32"
        )
    return network


def _version(value: str) -> str:
    if not _VERSION.fullmatch(value):
        raise ValueError(
            "a full version such as 11.7.0. A rolling tag like latest changes under you: it has"
            " downgraded installations, and an upgrade must be something you decide"
        )
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("lower-case letters, digits and hyphens, first a letter, 30 characters at most")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("an e-mail address such as admin@example.com")
    return value


Fqdn = Annotated[str, AfterValidator(_fqdn)]
"""A host name with at least two labels, in lower case, without scheme, port or final dot, such as
`chat.example.com`. An address is refused: certificates are issued for names."""

DnsName = Annotated[str, AfterValidator(_dns_name)]
"""A name in DNS with at least two labels, in lower case, without final dot. Its labels may have underscores,
which those of a host name may not: `s1.domainkey.u1.example.com`, `_spf.example.com`."""

Cidr = Annotated[str, AfterValidator(_cidr)]
"""An IPv4 network in CIDR form, such as `203.0.113.0/24`, or one address as `203.0.113.7/32`."""

ClosedCidr = Annotated[str, AfterValidator(_closed_cidr)]
"""An IPv4 network in CIDR form, such as `203.0.113.0/24`, or one address as `203.0.113.7/32`. The whole
internet, `0.0.0.0/0`, is refused, and so is everything wider than /8."""

Version = Annotated[str, AfterValidator(_version)]
"""Two or three numbers with dots, such as `11.7.0`; write two as text, `"17.10"`, or YAML takes them for the
number 17.1. A rolling tag such as `latest` or `11` is refused: an upgrade must be something you decide."""

Name = Annotated[str, AfterValidator(_name)]
"""Lower-case letters, digits and hyphens, first a letter, last no hyphen, 30 characters at most. Google
Cloud, Docker and DNS all accept it as a label."""

Email = Annotated[str, AfterValidator(_email)]
"""An e-mail address, such as `admin@example.com`."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP or UDP port number, 1 to 65535."""


def major(version: str) -> int:
    """The first number of a version: `major("17.10") == 17`."""
    return int(version.split(".", 1)[0])


def is_inside(hostname: str, zone: str) -> bool:
    """Whether a host name is the zone's own name or below it: `chat.example.com` is in `example.com`."""
    return hostname == zone or hostname.endswith(f".{zone}")
