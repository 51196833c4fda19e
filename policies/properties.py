"""The properties of a resource as a rule reads them: typed, careful with what is unknown or secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_policy.proxy import UnknownValueError


class SecretText(str):
    """A text that the engine knows to be secret. A rule may read it; a message cannot show it."""

    __slots__ = ()

    def __str__(self) -> str:
        return "[secret]"

    def __repr__(self) -> str:
        return "[secret]"

    def __format__(self, _: str) -> str:
        return "[secret]"


class NotKnownYet(Exception):
    """A preview cannot tell this value. The rule says nothing then: the update asks it again."""


@dataclass(frozen=True)
class Properties:
    """An object among the inputs of a resource.

    A property that is unknown raises `NotKnownYet`; what is unknown inside a list is left out of it. A
    property that is missing, or of another type than asked for, is the empty value of that type.
    """

    values: Mapping[str, object]

    def has(self, name: str) -> bool:
        """Whether it is there and not null."""
        return self._value(name) is not None

    def text(self, name: str) -> str:
        """A string."""
        value = self._value(name)
        return value if isinstance(value, str) else ""

    def known_text(self, name: str) -> str:
        """A string; empty where a preview cannot tell it."""
        try:
            return self.text(name)
        except NotKnownYet:
            return ""

    def flag(self, name: str) -> bool:
        """A boolean."""
        return self._value(name) is True

    def number(self, name: str) -> int | None:
        """An integer; on the wire every number is a float."""
        value = self._value(name)
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def texts(self, name: str) -> list[str]:
        """The strings of a list, as far as they are known."""
        return [value for value in _known(self._value(name)) if isinstance(value, str)]

    def part(self, name: str) -> Properties:
        """An object."""
        value = self._value(name)
        return Properties(value if isinstance(value, Mapping) else {})

    def parts(self, name: str) -> list[Properties]:
        """The objects of a list, as far as they are known."""
        return [Properties(value) for value in _known(self._value(name)) if isinstance(value, Mapping)]

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Every string in it that is known, with the path to it."""
        return _leaves("", self.values)

    def _value(self, name: str) -> object:
        try:
            return self.values.get(name)
        except UnknownValueError as unknown:
            raise NotKnownYet from unknown


def _known(value: object) -> Iterator[object]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return
    for index in range(len(value)):
        try:
            yield value[index]
        except UnknownValueError:
            continue


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key in value:
            try:
                child = value[key]
            except UnknownValueError:
                continue
            yield from _leaves(f"{path}.{key}" if path else str(key), child)
    else:
        for index, child in enumerate(_known(value)):
            yield from _leaves(f"{path}[{index}]", child)
