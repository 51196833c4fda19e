"""Pictures of the shipped stacks, each made once."""

from __future__ import annotations

from functools import cache

from diagram.deployment import picture
from diagram.graph import Picture
from diagram.rehearsal import Record, rehearse


@cache
def rehearsed(stack: str) -> tuple[Record, ...]:
    """The resources of a shipped stack."""
    return rehearse(stack)


@cache
def drawing(stack: str) -> Picture:
    """The picture of a shipped stack."""
    return picture(stack, rehearsed(stack))
