"""Settings, state and world compared: what `pulumi up --refresh` would change."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from operations.deployed_stack import PulumiError, Run
from operations.status_facts import Attention, ChangeFact, DriftFact
from operations.status_place import Place

_NOTHING = {"same", "refresh", "read"}
_PARTS = {"create-replacement", "delete-replaced", "read-replacement", "discard-replaced"}
"""Of a replacement, which is told as `replace`."""


class _Step(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    op: str
    urn: str
    differences: Mapping[str, object] | None = Field(default=None, alias="detailedDiff")


class _Preview(BaseModel):
    steps: list[_Step] = []


def drift_fact(run: Run, place: Place) -> DriftFact:
    """Ask the world about each resource and preview an update. Changes nothing; takes a minute or more."""
    try:
        printed = run(["preview", "--refresh", "--diff", "--json", "--stack", place.stack])
        preview = _Preview.model_validate_json(printed)
    except (PulumiError, ValidationError) as error:
        failed = Attention(
            what=f"the comparison with the world failed: {_last_line(str(error))}",
            do=f"pulumi preview --refresh -s {place.stack}",
        )
        return DriftFact(checked=True, attention=(failed,))
    changes = tuple(
        ChangeFact(
            operation=step.op,
            resource=_named(step.urn),
            properties=tuple(sorted(step.differences or ())),
        )
        for step in preview.steps
        if step.op not in _NOTHING | _PARTS
    )
    attention: tuple[Attention, ...] = ()
    if changes:
        count = f"{len(changes)} resources are" if len(changes) > 1 else "one resource is"
        attention = (
            Attention(
                what=f"{count} not as the settings say",
                do=f"pulumi up --refresh --diff -s {place.stack} shows it all and asks before it changes it",
            ),
        )
    return DriftFact(checked=True, changes=changes, attention=attention)


def _named(urn: str) -> str:
    """`nginx (Container)` of a URN."""
    _, _, kinds, name = urn.split("::", 3)
    return f"{name} ({kinds.rpartition(':')[2]})"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no word"
