"""What `make drift` found out: one object, printed as text, as Markdown or as JSON.

`docs/operations.md` describes its JSON; a change here is a change there.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import AwareDatetime, JsonValue

from operations.status_facts import Attention, Fact

SECRET = "[secret]"  # noqa: S105  what stands in a secret's place
UNSHOWN = "[not shown]"
"""In the place of a value of which nobody said whether it is secret."""


def differing(count: int) -> str:
    """How many resources differ, in words: `2 resources are not as the state says`."""
    return f"{count} {'resource is' if count == 1 else 'resources are'} not as the state says"


class DifferenceFact(Fact):
    """One property that is not as the state says."""

    path: str
    """As `allows[0].ports`; of a container's environment `envs.NAME`."""
    was: JsonValue
    """As in the state; None where it is not there."""
    found: JsonValue
    """As in the world; None where it is not there."""


class DriftedFact(Fact):
    """A resource that is not as the state says."""

    name: str
    kind: str
    """Its type in words."""
    urn: str
    change: Literal["changed", "gone", "remade"]
    """`remade`: a container is gone, and another one has its name."""
    differences: tuple[DifferenceFact, ...] = ()
    up: str
    """What `pulumi up --refresh` does about it."""
    refresh: str
    """What `pulumi refresh` does about it."""


class SkippedFact(Fact):
    """What was not looked at."""

    what: str
    why: str
    urns: tuple[str, ...]


class DriftFacts(Fact):
    """Everything. `exit_status` 0: no drift; 1: drift; 2: could not look."""

    stack: str
    time: AwareDatetime
    """Of this computer."""
    looked_at: int = 0
    """Number of resources."""
    drifted: tuple[DriftedFact, ...] = ()
    unnamed: int = 0
    """Number of resources that differ without the engine saying which."""
    skipped: SkippedFact | None = None
    could_not_look: Attention | None = None

    @property
    def exit_status(self) -> int:
        """See the class."""
        if self.could_not_look:
            return 2
        return 1 if self.drifted or self.unnamed else 0

    def as_json(self) -> str:
        """The documented JSON object."""
        return json.dumps(
            {"exitStatus": self.exit_status, **self.model_dump(mode="json", by_alias=True)}, indent=2
        )
