"""One measured figure beside what it is compared with, and the forms in which figures are shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure. Its name says what was measured, and what the baseline is."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    """In the same unit: a measurement of the same run, or a limit."""

    @property
    def ratio(self) -> float | None:
        """How many times the baseline it is; None without one, or where the baseline is nothing."""
        return self.value / self.baseline if self.baseline else None

    def record(self) -> dict[str, str | float | None]:
        """The figure as `build/bench.json` has it."""
        ratio = self.ratio
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "baseline": None if self.baseline is None else round(self.baseline, 3),
            "ratio": None if ratio is None else round(ratio, 3),
        }


def alternate(runs: int, measured: Callable[[], float], baseline: Callable[[], float]) -> tuple[float, float]:
    """The medians of two measurements taken in turn, so that both meet the same load of the machine."""
    values: list[float] = []
    baselines: list[float] = []
    for _ in range(runs):
        baselines.append(baseline())
        values.append(measured())
    return statistics.median(values), statistics.median(baselines)


def table(figures: Sequence[Figure]) -> list[str]:
    """The figures in aligned columns, under a line of headings."""
    rows = [("figure", "value", "baseline", "ratio"), *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _cells(figure: Figure) -> tuple[str, str, str, str]:
    return (
        figure.name,
        f"{figure.value:.2f} {figure.unit}",
        "" if figure.baseline is None else f"{figure.baseline:.2f} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
    )
