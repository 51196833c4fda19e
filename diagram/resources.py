"""Looks into recorded resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagram.rehearsal import Record
from stacks.stack_file import Json


class Resources:
    """All resources of a deployment."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def all(self, *types: str) -> list[Record]:
        """Those of these types, by name."""
        return sorted((one for one in self._records if one.type in types), key=lambda one: one.name)


def text(value: Json) -> str:
    """The text that a value is; empty for anything else."""
    return value if isinstance(value, str) else ""


def rows(value: Json) -> list[Mapping[str, Json]]:
    """The objects that a list is made of."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: Json) -> list[str]:
    """The texts that a list is made of."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def within(value: Json, *path: str) -> Json:
    """What stands at the path through objects; None where there is no such place."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value
