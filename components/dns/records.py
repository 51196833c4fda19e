"""Which DNS records a stack needs. Pure: said once, realised for whichever provider holds the zone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    # A value may be one; nothing here needs Pulumi, and settings are read without it.
    from pulumi import Output

RecordType = Literal["A", "AAAA", "CAA", "CNAME", "MX", "TXT"]


@dataclass(frozen=True)
class Record:
    """One record set: a fully qualified name without the final dot, and its values.

    Values are in one form for all providers: an address, `0 issue "ca.example"`, a host name without the
    final dot, `10 mx.example.com`, and for TXT the whole text, neither quoted nor split.
    """

    name: str
    type: RecordType
    values: tuple[Output[str] | str, ...]
    ttl: int = 300
    """Seconds that resolvers may keep it."""


def address_records(
    hostnames: Sequence[str], address: Output[str] | str, ipv6: Output[str] | str | None = None
) -> tuple[Record, ...]:
    """An A record for each host name, pointing to the machine, and an AAAA record where it has IPv6."""
    names = tuple(dict.fromkeys(hostnames))
    records = tuple(Record(name, "A", (address,)) for name in names)
    if ipv6 is None:
        return records
    return records + tuple(Record(name, "AAAA", (ipv6,)) for name in names)


def caa_records(
    hostnames: Sequence[str], issuer: str | None, zones: Collection[str] = ()
) -> tuple[Record, ...]:
    """For each host name: certificates come from this authority only; none where it has no known name.

    At the host names and not at the zone's own name: an authority looks at the name itself first and climbs
    up only where it finds nothing (RFC 8659, section 3), so a record above would bind everybody's
    certificates in that zone, and one here binds only ours. An app that has a zone's own name gets none: it
    would bind every name below. `zones` are such names.
    """
    if issuer is None:
        return ()
    return tuple(
        Record(name, "CAA", (f'0 issue "{issuer}"',))
        for name in dict.fromkeys(hostnames)
        if name not in zones
    )


def record_sets(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records with those of one name and type put together: DNS knows only whole sets of them."""
    sets: dict[tuple[str, RecordType], Record] = {}
    for record in records:
        found = sets.setdefault((record.name, record.type), record)
        if found is not record:
            values = found.values + tuple(value for value in record.values if value not in found.values)
            sets[record.name, record.type] = replace(found, values=values, ttl=min(found.ttl, record.ttl))
    return tuple(sets.values())
