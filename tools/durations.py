"""How long the steps of earlier runs took: what the time that is left is estimated from.

It is only an estimate: a file that is missing, broken or cannot be written is no error.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Durations:
    """A JSON file with the seconds of each step, and with the steps of each course in their order."""

    path: Path | None = None
    """None: nothing is known and nothing is kept, as in tests."""

    def of(self, step: str) -> float | None:
        """Return the seconds that a step took when it was last done to its end."""
        seconds = self._read("steps").get(step)
        return float(seconds) if isinstance(seconds, int | float) else None

    def course(self, name: str) -> list[tuple[str, float]]:
        """Return the steps of a course's last run, with their seconds; empty if it has never been run."""
        steps = self._read("courses").get(name)
        known = [str(step) for step in steps] if isinstance(steps, list) else []
        return [(step, self.of(step) or 0.0) for step in known]

    def note(self, step: str, seconds: float) -> None:
        """Keep a step's seconds."""
        self._write("steps", step, round(seconds, 2))

    def note_course(self, name: str, steps: Sequence[str]) -> None:
        """Keep which steps a course had."""
        self._write("courses", name, list(steps))

    def _read(self, part: str) -> dict[str, object]:
        found = self._all().get(part)
        return found if isinstance(found, dict) else {}

    def _all(self) -> dict[str, object]:
        if self.path is None:
            return {}
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, part: str, key: str, value: object) -> None:
        if self.path is None:
            return
        # Read again, since other processes note theirs, too.
        everything = self._all()
        everything[part] = {**self._read(part), key: value}
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self.path.parent, prefix=".durations-")
            with os.fdopen(number, "w") as file:
                json.dump(everything, file, indent=2)
            Path(name).replace(self.path)
