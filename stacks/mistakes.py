"""What is wrong with a stack's settings: where, what was found, what is allowed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from components.domain import WithheldError
from stacks.schema import Place, place

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
    """Check one part, as what JSON it is. `path` is where it stands in the file."""
    try:
        # Strict, so that `true` is no number and "yes" no boolean: what is checked is what was written.
        return Checked(adapter.validate_json(json.dumps(value), strict=True, by_alias=True, by_name=False))
    except ValidationError as error:
        details = error.errors(include_url=False)
        return Checked(
            None,
            tuple(
                _mistake(one, place(adapter, one["loc"], known=one["type"] != "extra_forbidden"), path)
                for one in details
            ),
        )


def show(value: object) -> str:
    """A value as the person wrote it, shortened; a private key not at all, logs keep what is shown."""
    text = json.dumps(value, ensure_ascii=False)
    if "PRIVATE KEY" in text:
        return "a private key"
    return text if len(text) <= 100 else f"{text[:97]}..."


def _mistake(details: ErrorDetails, at: Place, path: str) -> Mistake:
    where = path + at.path
    kind, found, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "missing":
        return Mistake(where, "nothing", "a value: it is required")
    if kind == "union_tag_not_found":
        return Mistake(f"{where}.kind", "nothing", "a kind: it is required")
    if kind == "union_tag_invalid":
        # Pydantic tells the tag as text, whatever it was.
        tag = found["kind"] if isinstance(found, Mapping) else context["tag"]
        allowed = str(context["expected_tags"]).replace("'", "")
        return Mistake(f"{where}.kind", show(tag), f"one of {allowed}")
    if kind == "extra_forbidden":
        key = str(details["loc"][-1])
        return Mistake(where, f"the key {show(key)}", f"one of {', '.join(at.keys)}{similar(key, at.keys)}")
    if kind == "value_error":
        error = context["error"]
        said = error.found if isinstance(error, WithheldError) else show(found)
        return Mistake(where, said, str(error))
    if kind == "string_pattern_mismatch":
        example = f" such as {at.default}," if at.default else ""
        return Mistake(where, show(found), f"text{example} matching {context['pattern']}")
    if kind == "string_type" and isinstance(found, int | float):
        return Mistake(where, show(found), "text: put it in quotes")
    return Mistake(where, show(found), _TYPES.get(kind) or _sentence(details["msg"]))


_OBJECT = "an object: keys, each with its value"
_TYPES = {
    "string_type": "text",
    "int_type": "a whole number, without quotes",
    "int_from_float": "a whole number, without quotes",
    "bool_type": "true or false, without quotes",
    "list_type": "a list",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "too_short": "a list that is not empty",
}
"""What Pydantic's types of error ask for, in the words of a person who writes YAML."""


def _sentence(message: str) -> str:
    """Pydantic's messages are sentences about "Input"; ours go on after "allowed:"."""
    for start in ("Input should be ", "Value should be ", "String should have "):
        message = message.removeprefix(start)
    return message


def similar(name: str, known: Sequence[str]) -> str:
    """The question whether a close known name was meant; empty where none is close."""
    matches = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {matches[0]}?" if matches else ""
