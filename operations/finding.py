"""What a check found, as lines for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How a finding is told."""

    RIGHT = "ok"
    WRONG = "WRONG"
    NOTE = "note"
    """Nothing is wrong, but worth knowing."""


@dataclass(frozen=True)
class Finding:
    """One sentence and whether it is good news."""

    verdict: Verdict
    text: str

    def __str__(self) -> str:
        return f"{self.verdict.value:<5} {self.text}"


def right(text: str) -> Finding:
    """Good news."""
    return Finding(Verdict.RIGHT, text)


def wrong(text: str) -> Finding:
    """Bad news."""
    return Finding(Verdict.WRONG, text)


def note(text: str) -> Finding:
    """Neither."""
    return Finding(Verdict.NOTE, text)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.verdict is not Verdict.WRONG for finding in findings)
