"""Property values as a deployment's program hands them to the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.struct_pb2 import Struct
from google.protobuf.struct_pb2 import Value as WireValue

_KIND = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""Pulumi's mark of a secret on the wire, from its protocol's documentation."""


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts and shows to nobody."""

    value: Value


Value: TypeAlias = "None | bool | int | float | str | Secret | list[Value] | dict[str, Value]"


def from_wire(wire: WireValue) -> Value:
    """A value off the wire; whole numbers as `int`."""
    match wire.WhichOneof("kind"):
        case "struct_value":
            return from_struct(wire.struct_value)
        case "list_value":
            return [from_wire(element) for element in wire.list_value.values]
        case "number_value":
            number = wire.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return wire.string_value
        case "bool_value":
            return wire.bool_value
        case _:
            return None


def from_struct(struct: Struct) -> dict[str, Value] | Secret:
    """An object off the wire, or the secret that it stands for."""
    if _KIND in struct.fields and struct.fields[_KIND].string_value == _SECRET:
        return Secret(from_wire(struct.fields["value"]))
    return {name: from_wire(value) for name, value in struct.fields.items()}


def properties(struct: Struct) -> dict[str, Value]:
    """The properties of a resource."""
    return {name: from_wire(value) for name, value in struct.fields.items()}


def secret_on_wire(value: str) -> Mapping[str, str]:
    """What a secret text looks like on the wire."""
    return {_KIND: _SECRET, "value": value}


def revealed(value: Value) -> Value:
    """The value without any mark of a secret."""
    if isinstance(value, Secret):
        return revealed(value.value)
    if isinstance(value, dict):
        return {name: revealed(element) for name, element in value.items()}
    if isinstance(value, list):
        return [revealed(element) for element in value]
    return value


def at(value: Value, path: Sequence[str | int]) -> Value:
    """What stands at the path. A secret stays one, also where it is all around the path's end.

    Raises `AssertionError` where there is no such place.
    """
    current, is_secret = value, False
    for part in path:
        if isinstance(current, Secret):
            current, is_secret = current.value, True
        if isinstance(current, dict) and part in current:
            current = current[str(part)]
        elif isinstance(current, list) and isinstance(part, int) and part < len(current):
            current = current[part]
        else:
            raise AssertionError(f"no {part!r} of {list(path)} in {value!r}")
    return Secret(current) if is_secret and not isinstance(current, Secret) else current


def plain_texts(value: Value) -> list[str]:
    """Every text in the value that is not part of a secret."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for element in value.values() for text in plain_texts(element)]
    if isinstance(value, list):
        return [text for element in value for text in plain_texts(element)]
    return []
