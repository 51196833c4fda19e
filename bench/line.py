"""A straight line through measured points, and how straight they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """`start + slope * x`."""

    start: float
    slope: float

    def at(self, x: float) -> float:
        """The line's value."""
        return self.start + self.slope * x


def fitted(points: Sequence[Point]) -> Line:
    """The line with the least squares. Raises `ValueError` for less than two places."""
    count = len(points)
    middle_x, middle_y = (sum(point[axis] for point in points) / max(count, 1) for axis in (0, 1))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    if not spread:
        raise ValueError("a line needs points at two places")
    slope = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return Line(middle_y - slope * middle_x, slope)


def bend(points: Sequence[Point]) -> float:
    """The slope of the last stretch over that of the first: 1 is linear, below it grows ever slower.

    Raises `ValueError` for less than three points, and where the first stretch does not rise.
    """
    if len(points) < 3:
        raise ValueError("a bend needs three points")
    ordered = sorted(points)
    first, last = (_slope(*pair) for pair in ((ordered[0], ordered[1]), (ordered[-2], ordered[-1])))
    if first <= 0:
        raise ValueError(f"no growth from {ordered[0][0]:g} to {ordered[1][0]:g}: the machine was too busy")
    return last / first


def _slope(start: Point, end: Point) -> float:
    return (end[1] - start[1]) / (end[0] - start[0])
