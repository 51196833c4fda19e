"""Checking and comparing inputs against what a type declares. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.providers.resource import Failure, Property
from sandbox.providers.wire import Marked, MarkedProperties, Secret, marked, unwrap


@dataclass(frozen=True)
class Change:
    """How one property differs, and whether that replaces the resource."""

    property: str
    kind: Literal["add", "delete", "update"]
    replaces: bool


def with_defaults(
    inputs: MarkedProperties, old: MarkedProperties, declared: Mapping[str, Property], name: str, seed: bytes
) -> MarkedProperties:
    """The inputs with names and defaults filled in; a name once made is kept."""
    filled = dict(inputs)
    for key, declaration in declared.items():
        if filled.get(key) is not None:
            continue
        if declaration.auto_named:
            filled[key] = old.get(key) or automatic_name(name, seed)
        elif declaration.default is not None:
            filled[key] = marked(declaration.default)
    for key, declaration in declared.items():
        value = filled.get(key)
        if declaration.secret and value is not None and not isinstance(value, Secret):
            filled[key] = Secret(value)
    return filled


def automatic_name(name: str, seed: bytes) -> str:
    """The logical name and seven random hexadecimal digits, as Pulumi names things."""
    return f"{name}-{hashlib.sha256(seed + name.encode()).hexdigest()[:7]}"


def failures(inputs: MarkedProperties, declared: Mapping[str, Property], path: str = "") -> Iterator[Failure]:
    """What is unknown to the type, or missing."""
    for key, value in inputs.items():
        if key.startswith("__") or value is None:
            continue
        if key not in declared:
            yield Failure(f"{path}{key}", "the sandbox does not know this property, so it refuses it")
        elif fields := declared[key].fields:
            yield from _nested(unwrap(value), fields, f"{path}{key}")
    for key, declaration in declared.items():
        if declaration.required and inputs.get(key) is None:
            yield Failure(f"{path}{key}", "is required")


def _nested(value: Marked, fields: Mapping[str, Property], path: str) -> Iterator[Failure]:
    if isinstance(value, dict):
        yield from failures(value, fields, f"{path}.")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nested(item, fields, f"{path}[{index}]")


def changes(
    old: MarkedProperties, new: MarkedProperties, declared: Mapping[str, Property]
) -> Iterator[Change]:
    """Every property that differs. An unknown value may be anything, so it differs."""
    for key in sorted({*old, *new}):
        before, after = unwrap(old.get(key)), unwrap(new.get(key))
        if key.startswith("__") or _same(before, after):
            continue
        replaces = key in declared and _replaces(declared[key], before, after)
        if before is None:
            yield Change(key, "add", replaces)
        elif after is None:
            yield Change(key, "delete", replaces)
        else:
            yield Change(key, "update", replaces)


def _replaces(declaration: Property, before: Marked, after: Marked) -> bool:
    if declaration.shrinking_replaces and isinstance(before, int) and isinstance(after, int):
        return after < before
    if declaration.fields and isinstance(before, dict) and isinstance(after, dict):
        parts = changes(before, after, declaration.fields)
        return declaration.replaces or any(part.replaces for part in parts)
    return declaration.replaces


def _same(before: Marked, after: Marked) -> bool:
    return _normal(before) == _normal(after)


def _normal(value: Marked) -> Marked:
    """Left out and null are the same inside an object."""
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_normal(item) for item in value]
    return value
