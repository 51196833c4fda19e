"""What a resolver sees in the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from operations.resolver import UnansweredError


@dataclass(frozen=True)
class World:
    """A resolver without a network. A name in `silent` gets no answer."""

    txt: Mapping[str, Sequence[str]] = field(default_factory=dict)
    cnames: Mapping[str, str] = field(default_factory=dict)
    mx: Mapping[str, Sequence[str]] = field(default_factory=dict)
    a: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aaaa: Mapping[str, Sequence[str]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    def texts(self, name: str) -> list[str]:
        if name in self.silent:
            raise UnansweredError(f"{name}: timed out")
        return list(self.txt.get(self.cnames.get(name, name), ()))

    def cname(self, name: str) -> str | None:
        return self.cnames.get(name)

    def servers(self, name: str) -> list[str]:
        return list(self.mx.get(name, ()))

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> list[str]:
        if name in self.silent:
            raise UnansweredError(f"{name}: timed out")
        return list((self.a if kind == "A" else self.aaaa).get(name, ()))
