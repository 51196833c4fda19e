"""What `make outdated` found out: one object, printed as a screen or as JSON.

`docs/operations.md` describes its JSON; a change here is a change there.
"""

from __future__ import annotations

import json

from pydantic import AwareDatetime

from operations.status_facts import Attention, Fact, Judged


class VersionFact(Fact):
    """A version that could be taken."""

    tag: str
    release_notes: str
    """Where to read what is new in it."""


class ImageFact(Judged):
    """One image of the stack, and what its registry has."""

    image: str
    """Without its tag, as the settings or the state name it."""
    tag: str
    """The one that runs, else that of the settings; empty where only a digest is said."""
    deployed: bool
    """Whether it is what the last update deployed."""
    planned: str | None = None
    """The tag in the settings, where it is another one; the next update takes it."""
    settings: tuple[str, ...] = ()
    """Where the settings say it."""
    newer: VersionFact | None = None
    """The newest of the same release line."""
    next_line: VersionFact | None = None
    """The newest of the line after that."""
    newest: VersionFact | None = None
    """The newest of all, where it is of a later line than the next."""
    note: str | None = None
    """Why there is nothing to compare: a digest, or a tag that moves."""
    problem: str | None = None
    """Why the registry did not say."""


class OutdatedFacts(Fact):
    """Everything. `exit_status` 0: no line has anything newer; 1: one has; 2: could not look everywhere."""

    stack: str
    time: AwareDatetime
    """The time by this computer's clock, in UTC."""
    undeployed: str | None = None
    """Why the images are those of the settings alone: nothing is deployed, or the state cannot be read."""
    images: tuple[ImageFact, ...] = ()
    could_not_look: Attention | None = None
    """Why nothing can be said: no such stack, mistakes in its settings, no network."""

    @property
    def attention(self) -> tuple[Attention, ...]:
        """All that is to be done, in the order of the screen."""
        alone = (self.could_not_look,) if self.could_not_look else ()
        return (*alone, *(each for image in self.images for each in image.attention))

    @property
    def exit_status(self) -> int:
        """See the class."""
        if self.could_not_look or any(image.problem for image in self.images):
            return 2
        return 1 if self.attention else 0

    def as_json(self) -> str:
        """The documented JSON object."""
        facts = self.model_dump(mode="json", by_alias=True)
        attention = [each.model_dump(mode="json", by_alias=True) for each in self.attention]
        return json.dumps({"exitStatus": self.exit_status, **facts, "allAttention": attention}, indent=2)
