"""What names resolve to beside what they should."""

from __future__ import annotations

from operations.status_facts import NameFact
from operations.status_names import name_facts
from tests.unit.operations.looked_at import ADDRESS, HOSTNAME, PLACE, RECORD
from tests.unit.operations.world import World

CAA = f'{HOSTNAME}. 300 IN CAA 0 issue "letsencrypt.org"'


def facts(world: World, *lines: str) -> list[NameFact]:
    return list(name_facts(lines or (RECORD, CAA), world, PLACE))


def said(world: World, *lines: str) -> list[str]:
    return [attention.what for fact in facts(world, *lines) for attention in fact.attention]


def test_a_name_that_resolves_to_the_machine_is_well() -> None:
    found = facts(World(a={HOSTNAME: [ADDRESS]}))
    assert [(fact.type, fact.found, fact.attention) for fact in found] == [("A", (ADDRESS,), ())]


def test_a_name_that_points_elsewhere_needs_attention() -> None:
    assert said(World(a={HOSTNAME: ["198.51.100.7"]})) == [f"DNS: {HOSTNAME} is 198.51.100.7, not {ADDRESS}"]


def test_a_second_address_needs_attention() -> None:
    assert len(said(World(a={HOSTNAME: [ADDRESS, "198.51.100.7"]}))) == 1


def test_a_name_that_resolves_to_nothing_needs_attention() -> None:
    assert said(World()) == [f"DNS: {HOSTNAME} is nothing, not {ADDRESS}"]


def test_a_leftover_aaaa_needs_attention() -> None:
    world = World(a={HOSTNAME: [ADDRESS]}, aaaa={HOSTNAME: ["2001:db8::7"]})
    assert said(world) == [f"DNS: {HOSTNAME} has the AAAA 2001:db8::7, which is not this machine"]


def test_an_aaaa_that_the_stack_asked_for_is_well() -> None:
    world = World(a={HOSTNAME: [ADDRESS]}, aaaa={HOSTNAME: ["2001:db8::1"]})
    assert said(world, RECORD, f"{HOSTNAME}. 300 IN AAAA 2001:db8::1") == []


def test_a_resolver_that_does_not_answer_is_no_wrong_name() -> None:
    found = facts(World(silent=frozenset({HOSTNAME})))
    assert [fact.found for fact in found] == [None, None]
    assert found[0].attention[0].what == f"DNS: no answer about the A of {HOSTNAME}: timed out"
