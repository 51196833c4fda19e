"""Which DNS records a stack needs. Pure: said once, realised for whichever provider holds the zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pulumi import Output

RecordType = Literal["A"]


@dataclass(frozen=True)
class Record:
    """One record set: a fully qualified name without the final dot, and its values."""

    name: str
    type: RecordType
    values: tuple[Output[str] | str, ...]
    ttl: int = 300
    """Seconds that resolvers may keep it."""


def address_records(hostnames: Sequence[str], address: Output[str]) -> tuple[Record, ...]:
    """An A record for each host name, pointing to the machine."""
    return tuple(Record(hostname, "A", (address,)) for hostname in dict.fromkeys(hostnames))
