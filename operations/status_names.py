"""Whether the world finds the machine: what each host name resolves to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from operations.resolver import Resolver, UnansweredError
from operations.status_facts import Attention, NameFact
from operations.status_place import Place

AddressType = Literal["A", "AAAA"]
_TYPES: tuple[AddressType, ...] = ("A", "AAAA")


def name_facts(lines: Sequence[str], resolver: Resolver, place: Place) -> Iterator[NameFact]:
    """Each name of the stack's address records, lines of a zone file; of both types, since both are used.

    A leftover AAAA sends everybody with IPv6 elsewhere.
    """
    expected: dict[str, dict[AddressType, list[str]]] = {}
    for line in lines:
        name, _, _, written, value = line.split(maxsplit=4)
        for kind in _TYPES:
            if kind == written:
                expected.setdefault(name.removesuffix("."), {}).setdefault(kind, []).append(value)
    for name, addresses in expected.items():
        for kind in _TYPES:
            fact = _fact(name, kind, tuple(addresses.get(kind, ())), resolver, place)
            if fact.expected or fact.found or fact.attention:
                yield fact


def _fact(
    name: str, kind: AddressType, expected: tuple[str, ...], resolver: Resolver, place: Place
) -> NameFact:
    try:
        found = tuple(sorted(resolver.addresses(name, kind)))
    except UnansweredError as error:
        silent = Attention(
            what=f"DNS: no answer about the {kind} of {error}",
            do="try again, or ask another resolver: RESOLVER=1.1.1.1",
        )
        return NameFact(name=name, type=kind, expected=expected, found=None, attention=(silent,))
    if set(found) == set(expected):
        return NameFact(name=name, type=kind, expected=expected, found=found)
    if expected:
        wrong = Attention(
            what=f"DNS: {name} is {', '.join(found) or 'nothing'}, not {', '.join(expected)}",
            do=f"make the record '{name}. {kind} {expected[0]}', or pulumi up --refresh -s {place.stack}",
        )
    else:
        wrong = Attention(
            what=f"DNS: {name} has the {kind} {', '.join(found)}, which is not this machine",
            do=f"delete that {kind} at the DNS provider: browsers with IPv6 go there",
        )
    return NameFact(name=name, type=kind, expected=expected, found=found, attention=(wrong,))
