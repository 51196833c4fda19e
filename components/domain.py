"""The values that settings are made of, each with the check that says what a wrong one would cost."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from components.email_addresses import problem_of_email
from components.host_names import LONGEST_COMMON_NAME, hint, is_address, is_host_name
from components.on_calendar import problem_of_calendar

_DNS_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = "(0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}(\.{_NUMBER}){{1,2}}")
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")
_WEB_ADDRESS = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%-]+)*")
_WIDEST = 8
"""Shortest prefix of a closed network, that of 10.0.0.0/8. Two of /1 are the whole internet."""


class Settings(BaseModel):
    """A part of a stack's settings: camelCase in the file, frozen, and unknown keys are mistakes."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
    )


class WithheldError(ValueError):
    """A mistake whose value must not be shown, as it may be a secret; `found` says in words what it is."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(allowed)
        self.found = found


def host_name(noun: str, example: str, why: str = "", no_address: str = "") -> Callable[[str], str]:
    """A check of one place's host names: what they are, one of them, and why neither form can be another."""

    def check(value: str) -> str:
        if is_host_name(value):
            return value
        if is_address(value):
            raise ValueError(f"{noun}, not an address{no_address and ': '}{no_address}")
        form = f"{noun} in lower case such as {example}, without scheme, port or final dot (RFC 1123)"
        raise ValueError(f"{form}{why and '; '}{why}{hint(value)}")

    return check


_fqdn = host_name("a host name", "chat.example.com")
_named_in_certificate = host_name(
    "a host name",
    "chat.example.com",
    "certificates are issued for exactly this name",
    "certificates are issued for names",
)


def _certificate_name(value: str) -> str:
    if len(_named_in_certificate(value)) > LONGEST_COMMON_NAME:
        raise ValueError(
            f"a host name of {LONGEST_COMMON_NAME} characters at most; this one has {len(value)}. It becomes"
            " the common name of its certificate, which can be no longer (RFC 5280)"
        )
    return value


def _dns_name(value: str) -> str:
    labels = value.split(".")
    if len(value) > 253 or len(labels) < 2 or not all(_DNS_LABEL.fullmatch(label) for label in labels):
        raise ValueError(
            f"a name in DNS in lower case such as _spf.example.com, without final dot{hint(value)}"
        )
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
            f" downgraded installations, and an upgrade must be something you decide{_instead(value)}"
        )
    return value


def _full_version(value: str) -> str:
    if len(_version(value).split(".")) < 3:
        raise ValueError(
            f"all three numbers, such as {value}.0: the tag {value} moves on with each new {value}.x, and an"
            " upgrade must be something you decide"
        )
    return value


def _instead(value: str) -> str:
    """What to do about a version in one of the forms that are often written."""
    if "@" in value or value.startswith("sha256:"):
        return "; a digest stays, but tells nobody which version it is: write the version"
    if _VERSION.fullmatch(value.removeprefix("v")):
        return f"; without the v, here {value[1:]}"
    if re.fullmatch(r"v?[0-9.]+[-_+][A-Za-z0-9._-]+", value):
        return "; numbers alone, without what follows them"
    return ""


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("lower-case letters, digits and hyphens, first a letter, 30 characters at most")
    return value


def _email(value: str) -> str:
    problem = problem_of_email(value)
    if problem:
        raise ValueError(problem)
    return value


def _calendar(value: str) -> str:
    problem = problem_of_calendar(value)
    if problem:
        raise ValueError(problem)
    return value


def web_address(value: str) -> str:
    """A check of `https://` URLs without a final slash, a query or a password."""
    if not _WEB_ADDRESS.fullmatch(value) or not is_host_name(value.split("/")[2].partition(":")[0]):
        raise ValueError(
            "an https:// URL such as https://sso.example.com, host name in lower case, without a final slash,"
            " a query or a password"
        )
    return value


Fqdn = Annotated[str, AfterValidator(_fqdn)]
"""A host name with at least two labels, in lower case, without scheme, port or final dot, such as
`chat.example.com`. An address is refused. Letters beyond ASCII are written in their `xn--` form."""

CertificateName = Annotated[str, AfterValidator(_certificate_name)]
"""A host name of 64 characters at most, in lower case, without scheme, port or final dot, such as
`chat.example.com`: it becomes the common name of a certificate, which can be no longer. An address is
refused. Letters beyond ASCII are written in their `xn--` form: `xn--bcher-kva.example`, not
`bücher.example`."""

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

FullVersion = Annotated[str, AfterValidator(_full_version)]
"""Three numbers with dots, such as `11.7.0`. A tag that moves on by itself such as `latest`, `11` or `11.7`
is refused: an upgrade must be something you decide."""

Name = Annotated[str, AfterValidator(_name)]
"""Lower-case letters, digits and hyphens, first a letter, last no hyphen, 30 characters at most. Google
Cloud, Docker and DNS all accept it as a label."""

Email = Annotated[str, AfterValidator(_email)]
"""An e-mail address, such as `admin@example.com`: one, without a name, `<>` or `mailto:`."""

Calendar = Annotated[str, AfterValidator(_calendar)]
"""When a timer runs, in the form of systemd's calendars (systemd.time(7)) and the machine's time, which is
UTC: `daily`, `*-*-* 03:00:00`, `Sun *-*-* 05:00:00`, `Mon..Fri 02:30`, `daily Europe/Berlin`. The form of
cron is refused; the message says the same time in this one."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP or UDP port number, 1 to 65535."""


def major(version: str) -> int:
    """The first number of a version: `major("17.10") == 17`."""
    return int(version.split(".", 1)[0])


def is_inside(hostname: str, zone: str) -> bool:
    """Whether a host name is the zone's own name or below it: `chat.example.com` is in `example.com`."""
    return hostname == zone or hostname.endswith(f".{zone}")
