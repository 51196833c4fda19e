"""The types of settings in the words of the person who writes a stack file."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from components import domain
from components.domain import Settings

_SCALARS = {str: "text", int: "integer", bool: "true or false"}


@dataclass(frozen=True)
class DomainType:
    """A type that settings share, such as `Fqdn`. `metadata` is what Pydantic checks a value with."""

    name: str
    meaning: str
    metadata: tuple[object, ...]

    @property
    def link(self) -> str:
        """Its name as a link to where it is explained."""
        return f"[{self.name}](#{self.name.lower()})"


def domain_types() -> list[DomainType]:
    """Every shared type of `components.domain`, with the docstring below its assignment."""
    statements = ast.parse(inspect.getsource(domain)).body
    found: list[DomainType] = []
    for statement, following in pairwise(statements):
        match statement, following:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                metadata = _metadata(getattr(domain, name))
                if metadata:
                    found.append(DomainType(name, meaning, metadata))
    return found


@dataclass(frozen=True)
class Words:
    """Says types in words. `titles` are the headings of the sections that describe models."""

    domain: Sequence[DomainType]
    titles: Mapping[type[Settings], str]

    def of(self, annotation: object, limits: Sequence[object] = ()) -> str:
        """A type in words, with the limits that its field sets."""
        if get_origin(annotation) is Annotated:
            return self._annotated(annotation, limits)
        if get_origin(annotation) in {Union, UnionType}:
            members = [member for member in get_args(annotation) if member is not NoneType]
            return " or ".join(self.of(member, limits) for member in members)
        if get_origin(annotation) is Literal:
            return " or ".join(f"`{value}`" for value in get_args(annotation))
        if get_origin(annotation) is list:
            (item,) = get_args(annotation)
            return f"list of {self.of(item)}{_limits(limits)}"
        if get_origin(annotation) is dict:
            _, value = get_args(annotation)
            return f"map of names to {self.of(value)}"
        if isinstance(annotation, type) and issubclass(annotation, Settings):
            title = self.titles[annotation]
            return f"[{title}](#{anchor(title)})"
        if annotation in _SCALARS:
            return _SCALARS[annotation] + _limits(limits)
        raise TypeError(f"no words for the type {annotation}")

    def _annotated(self, annotation: object, limits: Sequence[object]) -> str:
        bare, *_ = get_args(annotation)
        metadata = _metadata(annotation)
        for shared in self.domain:
            if metadata[: len(shared.metadata)] == shared.metadata:
                return shared.link
        return self.of(bare, [*limits, *metadata])


def anchor(title: str) -> str:
    """How GitHub names a heading: lower case, hyphens for blanks, no other punctuation."""
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


def _metadata(annotation: object) -> tuple[object, ...]:
    if get_origin(annotation) is not Annotated:
        return ()
    _, *metadata = get_args(annotation)
    return tuple(metadata)


def _limits(metadata: Sequence[object]) -> str:
    """Limits of a number or a text, as the end of a sentence: ", 10 to 2048"."""
    flat: list[object] = []
    for item in metadata:
        flat += item.metadata if isinstance(item, FieldInfo) else [item]
    lowest = next((item.ge for item in flat if isinstance(item, annotated_types.Ge)), None)
    highest = next((item.le for item in flat if isinstance(item, annotated_types.Le)), None)
    shortest = next((item.min_length for item in flat if isinstance(item, annotated_types.MinLen)), 0)
    longest = next((item.max_length for item in flat if isinstance(item, annotated_types.MaxLen)), None)
    pattern = next((item.pattern for item in flat if getattr(item, "pattern", None)), None)  # type: ignore[attr-defined]
    if lowest is not None and highest is not None:
        return f", {lowest} to {highest}"
    if lowest is not None:
        return f", {lowest} or more"
    if longest is not None:
        return f", {shortest} to {longest} characters"
    if shortest:
        return ", not empty" if shortest == 1 else f", {shortest} or more"
    return f" matching `{pattern}`" if pattern else ""
