"""Property values between the engine's protobuf form and plain Python, secrets and unknowns included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf import struct_pb2

from sandbox.providers.resource import Properties, Value

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a marker of the wire format, not a secret
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True)
class Secret:
    """A value that must stay encrypted in the state."""

    value: Marked


@dataclass(frozen=True)
class Unknown:
    """A value that only the update itself will know."""


Marked: TypeAlias = "None | bool | int | float | str | list[Marked] | dict[str, Marked] | Secret | Unknown"
MarkedProperties: TypeAlias = dict[str, Marked]


def from_struct(struct: struct_pb2.Struct) -> MarkedProperties:
    """The properties of a message."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def to_struct(properties: Mapping[str, Marked]) -> struct_pb2.Struct:
    """A message's properties."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        struct.fields[key].CopyFrom(_to_value(value))
    return struct


def plain(value: Marked) -> Value:
    """The value without its marks. Unknowns have no plain form: `ValueError`."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Unknown):
        raise ValueError("an unknown value")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def plain_properties(properties: MarkedProperties) -> Properties:
    """Every property without its marks."""
    return {key: plain(value) for key, value in properties.items()}


def has_secret(value: Marked) -> bool:
    """Whether the value or a part of it is secret."""
    if isinstance(value, Secret):
        return True
    return any(has_secret(part) for part in _parts(value))


def has_unknown(value: Marked) -> bool:
    """Whether the value or a part of it is unknown."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, Unknown):
        return True
    return any(has_unknown(part) for part in _parts(value))


def unwrap(value: Marked) -> Marked:
    """The value without secret marks; unknowns stay."""
    if isinstance(value, Secret):
        return unwrap(value.value)
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    return value


def marked(value: Value) -> Marked:
    """A plain value as one that could carry marks."""
    if isinstance(value, Mapping):
        return {key: marked(item) for key, item in value.items()}
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return value  # type: ignore[return-value]  # what is left are scalars
    return [marked(item) for item in value]


def _parts(value: Marked) -> list[Marked]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    return []


def _from_value(value: struct_pb2.Value) -> Marked:
    match value.WhichOneof("kind"):
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return Unknown() if value.string_value == _UNKNOWN else value.string_value
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case "struct_value":
            fields = from_struct(value.struct_value)
            return Secret(fields.get("value")) if fields.get(_SIGNATURE) == _SECRET else fields
        case _:
            return None


def _to_value(value: Marked) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case list():
            items = [_to_value(item) for item in value]
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
        case dict():
            return struct_pb2.Value(struct_value=to_struct(value))
        case Secret():
            return struct_pb2.Value(struct_value=to_struct({_SIGNATURE: _SECRET, "value": value.value}))
        case Unknown():
            return struct_pb2.Value(string_value=_UNKNOWN)
