"""A record's values as each place writes them. Pure.

Sources: a TXT record is one or more character-strings of at most 255 bytes (RFC 1035, section 3.3), which
mail servers put together without anything between them (RFC 7208, section 3.3; RFC 6376, section 3.6.2.2).

- Cloud DNS takes the form of a zone file: every character-string in quotes, a blank between two
  (documentation of pulumi-gcp, `gcp.dns.RecordSet.rrdatas`). It gives back what it was given that way.
- The AWS provider puts quotes around the whole value and takes them off again, whatever is in it
  (terraform-provider-aws, `flattenTxtEntry` and `expandTxtEntry`), so two character-strings have only the
  inner quotes between them: `first""second` (documentation of pulumi-aws, `aws.route53.Record.records`).
- Names: Cloud DNS needs the final dot, Route 53 takes names with and without it for the same ("Supported DNS
  record types" in its documentation) and gives them back as they were given.
"""

from __future__ import annotations

import re

from components.dns.records import RecordType

_LONGEST = 255
"""Bytes of one character-string."""
_PRINTABLE = re.compile(r"[ -~]*")


def problem_of_text(text: str) -> str | None:
    """Why a text cannot be the value of a TXT record everywhere; None where it can."""
    if not text:
        return "text that is not empty"
    if not _PRINTABLE.fullmatch(text):
        return "printable ASCII only: a name of another script is written in its xn-- form"
    return None


def character_strings(text: str) -> tuple[str, ...]:
    """A text in parts of at most 255 bytes. Raises `ValueError` where it is not printable ASCII."""
    problem = problem_of_text(text)
    if problem:
        raise ValueError(f"{text!r}: {problem}")
    return tuple(text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST))


def zone_file_value(kind: RecordType, value: str) -> str:
    """One value as a zone file has it, which is also what Cloud DNS wants."""
    if kind == "TXT":
        return " ".join(f'"{_escaped(part)}"' for part in character_strings(value))
    return f"{value}." if kind in {"CNAME", "MX"} else value


def cloud_dns_value(kind: RecordType, value: str) -> str:
    """One value as pulumi-gcp takes it."""
    return zone_file_value(kind, value)


def route53_value(kind: RecordType, value: str) -> str:
    """One value as pulumi-aws takes it."""
    if kind == "TXT":
        return '""'.join(_escaped(part) for part in character_strings(value))
    return value


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace('"', '\\"')
