"""What `make drift` finds, as a part of `make status`."""

from __future__ import annotations

from pydantic import ValidationError

from operations.deployed_stack import PulumiError, Run
from operations.drift_facts import differing
from operations.drift_look import Ask, Comparing, recorded, with_machine
from operations.drift_machine import known_containers
from operations.status_facts import Attention, ChangeFact, DriftFact
from operations.status_place import Place, UnreachableError


def drift_fact(run: Run, place: Place, ask: Ask) -> DriftFact:
    """Ask the world about each resource. Changes nothing; takes a minute or more."""
    try:
        comparison = Comparing(run, place.stack).comparison()
        known = known_containers(recorded(run, place.stack))
        drifted = with_machine(comparison.drifted, known, place, ask)
    except (PulumiError, UnreachableError, ValidationError) as error:
        failed = Attention(
            what=f"the comparison with the world failed: {error}", do=f"make drift STACK={place.stack}"
        )
        return DriftFact(checked=True, attention=(failed,))
    changes = tuple(
        ChangeFact(
            operation=each.change,
            resource=f"{each.name} ({each.kind})",
            properties=tuple(difference.path for difference in each.differences),
        )
        for each in drifted
    )
    count = len(changes) + comparison.unnamed
    if not count:
        return DriftFact(checked=True)
    attention = Attention(
        what=differing(count),
        do=(
            f"make drift STACK={place.stack} shows was and is;"
            f" pulumi up --refresh --diff -s {place.stack} asks before it changes it back"
        ),
    )
    return DriftFact(checked=True, changes=changes, attention=(attention,))
