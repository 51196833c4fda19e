"""What the models know about one place in the settings, for messages about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel

_Schema: TypeAlias = Mapping[str, object]
"""A part of a JSON schema. A part that is not known is empty."""

_Checked = TypeVar("_Checked")


@dataclass(frozen=True)
class Place:
    """Where an error is."""

    path: str
    """As the file shows it: `.ssh.allowFrom[0]`."""
    keys: tuple[str, ...]
    """Every key that the object around it may have."""
    default: object
    """What holds where the file says nothing; None where it has to say something."""


def place(adapter: TypeAdapter[_Checked], location: Sequence[str | int], *, known: bool = True) -> Place:
    """The place that Pydantic's location means. It names the kinds on the way, which the file does not.

    `known` is whether all of its keys are the models'.
    """
    schema: _Schema = adapter.json_schema()
    definitions = _part(schema, "$defs")
    path, around = "", schema
    for part in location:
        around = schema = _resolved(schema, definitions)
        kinds = _part(_part(schema, "discriminator"), "mapping")
        if part in kinds:
            schema = {"$ref": kinds[str(part)]}
            continue
        # A default that is wrong is told by the field's name in Python, not by its key in the file.
        key = to_camel(part) if isinstance(part, str) else part
        if known and isinstance(key, str) and key in _part(schema, "properties"):
            part = key  # noqa: PLW2901
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
        schema = _part(schema, "items") if isinstance(part, int) else _part(_part(schema, "properties"), part)
    return Place(path, tuple(_part(around, "properties")), schema.get("default"))


def _resolved(schema: _Schema, definitions: _Schema) -> _Schema:
    """The schema itself, instead of a reference to it or the choice between it and null."""
    choice = schema.get("anyOf")
    if isinstance(choice, list):
        schema = next((option for option in choice if option.get("type") != "null"), {})
    reference = schema.get("$ref")
    return _part(definitions, reference.rsplit("/", 1)[-1]) if isinstance(reference, str) else schema


def _part(schema: _Schema, key: str) -> _Schema:
    part = schema.get(key)
    return part if isinstance(part, Mapping) else {}
