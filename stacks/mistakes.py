"""What is wrong with a stack's settings: where, what was found, what is allowed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Section = TypeVar("Section")


@dataclass(frozen=True)
class Mistake:
    """One mistake. `path` is the place in the stack file, such as `homeport:apps[0].hostname`."""

    path: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"  {self.path}\n    found:   {self.found}\n    allowed: {self.allowed}"


class MistakesError(Exception):
    """Every mistake of one stack file, as text for the person who wrote it."""

    def __init__(self, file: str, mistakes: Sequence[Mistake]) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        listed = "\n\n".join(str(mistake) for mistake in mistakes)
        super().__init__(f"{file} has {count}. Nothing was changed.\n\n{listed}\n")
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Checked(Generic[Section]):
    """A part of the settings, or the mistakes in it."""

    value: Section | None
    mistakes: tuple[Mistake, ...] = ()


def validate(adapter: TypeAdapter[Section], value: object, path: str) -> Checked[Section]:
    """Check one part. `path` is where it stands in the file."""
    try:
        return Checked(adapter.validate_python(value))
    except ValidationError as error:
        details = error.errors(include_url=False)
        return Checked(None, tuple(_mistake(detail, value, path) for detail in details))


def show(value: object) -> str:
    """A value as the person wrote it, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _mistake(details: ErrorDetails, section: object, path: str) -> Mistake:
    location = _location(details["loc"], section)
    where = path + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        return Mistake(where, "nothing", "a value: it is required")
    if kind == "union_tag_not_found":
        return Mistake(f"{where}.kind", "nothing", "a kind: it is required")
    if kind == "union_tag_invalid":
        allowed = str(context["expected_tags"]).replace("'", "")
        return Mistake(f"{where}.kind", show(context["tag"]), f"one of {allowed}")
    if kind == "extra_forbidden":
        return Mistake(where, f"the key {location[-1]!r}", "only keys that docs/settings.md lists")
    if kind == "value_error":
        return Mistake(where, show(details["input"]), str(context["error"]))
    return Mistake(where, show(details["input"]), _sentence(details["msg"]))


def _sentence(message: str) -> str:
    """Pydantic's messages are sentences about "Input"; ours go on after "allowed:"."""
    return message.removeprefix("Input should be ").removeprefix("Value should be ")


def _location(location: Sequence[str | int], section: object) -> list[str | int]:
    """Pydantic's location without the tags of discriminated unions, which the file does not show."""
    kept: list[str | int] = []
    current = section
    for index, part in enumerate(location):
        is_last = index == len(location) - 1
        if isinstance(current, Mapping) and current.get("kind") == part and part not in current:
            continue
        kept.append(part)
        if not is_last:
            current = _inside(current, part)
    return kept


def _inside(value: object, part: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, Sequence) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def similar(name: str, known: Sequence[str]) -> str:
    """The question whether a close known name was meant; empty where none is close."""
    matches = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {matches[0]}?" if matches else ""
