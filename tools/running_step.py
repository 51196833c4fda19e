"""A step that is being done, and the one line that tells of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_BAR_CELLS = 12
_WIDE = 60
"""Columns from which there is room for a bar."""
_NARROW = 36
"""Columns from which there is room for what is left."""


@dataclass(frozen=True, eq=False)
class RunningStep:
    """A step that is being done, as the line shows it."""

    title: str
    detail: Callable[[], str]
    """Says how far it is."""
    usual: float | None = None
    """Seconds that it took last time."""
    later: float = 0.0
    """Seconds that what comes after it took last time."""
    started: float = field(default_factory=time.monotonic)


def clock(seconds: float) -> str:
    """Return 0:07, 4:30 or 1:02:03."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def time_left(step: RunningStep, elapsed: float) -> str:
    """Return what is left by the measure of last time; empty if there was no last time."""
    if step.usual is None:
        return ""
    left = step.usual - elapsed
    if left < 0 and step.later == 0:
        return "longer than last time"
    return f"about {clock(max(0.0, left) + step.later)} left"


def line(step: RunningStep, elapsed: float, width: int, *, ascii_only: bool = False) -> str:
    """Compose a line of at most `width` columns: the title and the times always, the rest where it fits."""
    left = time_left(step, elapsed) if width >= _NARROW else ""
    times = clock(elapsed) + (f", {left}" if left else "")
    bar = f" {_bar(elapsed / step.usual, ascii_only=ascii_only)}" if step.usual and width >= _WIDE else ""
    room = width - len(times) - len(bar) - 1
    title = step.title if len(step.title) <= room else step.title[: max(0, room - 3)].rstrip() + "..."
    text = f"{title}{bar} {times}" if title else times
    detail = " ".join(step.detail().split())
    room = width - len(text) - 2
    return f"{text}  {detail[:room]}" if detail and room >= 12 else text


def _bar(share: float, *, ascii_only: bool) -> str:
    done = min(_BAR_CELLS, int(share * _BAR_CELLS))
    full, empty = ("#", "-") if ascii_only else ("━", "╌")
    return full * done + empty * (_BAR_CELLS - done)
