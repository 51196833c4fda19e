"""Cloud Monitoring of a box from outside: the metrics of its own that it knows, and their points."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_FOLDER = Path("stores", "monitoring")


@dataclass(frozen=True)
class Point:
    """One value of a series."""

    metric: str
    labels: Mapping[str, str]
    resource: Mapping[str, str]
    """Labels of the machine that it is of."""
    value: int | float | bool
    time: datetime


@dataclass(frozen=True)
class Metrics:
    """What a box was told, given its folder."""

    directory: Path

    @property
    def types(self) -> frozenset[str]:
        """The metrics: each was made by its first point."""
        path = self.directory / _FOLDER / "metrics.json"
        return frozenset(json.loads(path.read_text())) if path.exists() else frozenset()

    def points(self, metric: str) -> list[Point]:
        """Its points, oldest first."""
        path = self.directory / _FOLDER / "points.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [
            Point(
                line["metric"],
                line["labels"],
                line["resource"],
                line["value"],
                datetime.fromisoformat(line["time"]),
            )
            for line in lines
            if line["metric"] == metric
        ]
