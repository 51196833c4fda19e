"""Measured points and the straight line through them, as a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pygal
from pygal.style import Style

from bench.line import Point, fitted

_STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#52606d",
    foreground_strong="#1f2933",
    foreground_subtle="#cbd2d9",
    guide_stroke_color="#e4e7eb",
    major_guide_stroke_color="#cbd2d9",
    colors=("#2f6f9f", "#b7791f", "#7b8794"),
    font_family="Helvetica, Arial, sans-serif",
    title_font_size=18,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
)


@dataclass(frozen=True)
class Plot:
    """One picture: seconds over a number of things."""

    title: str
    things: str
    points: Sequence[Point]
    floor: float | None = None
    """Seconds that are there without any of them."""
    floor_name: str = ""


def write(path: Path, plot: Plot) -> None:
    """Write it as SVG. The same points are the same file, but for the date in a comment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(plot))


def svg(plot: Plot) -> str:
    """The picture's text."""
    line = fitted(plot.points)
    ends = (0.0, max(x for x, _ in plot.points))
    chart = pygal.XY(
        style=_STYLE,
        # No scripts from elsewhere, and no numbers that are others each time.
        js=(),
        pretty_print=True,
        width=720,
        height=380,
        title=plot.title,
        x_title=plot.things,
        y_title="seconds",
        xrange=ends,
        range=(0, 1.1 * max(y for _, y in plot.points)),
        x_labels=sorted({0.0, *(x for x, _ in plot.points)}),
        x_value_formatter=lambda x: f"{x:g}",
        value_formatter=lambda y: f"{y:.1f}",
        legend_at_bottom=True,
        show_x_guides=True,
        dots_size=5,
    )
    chart.uuid = plot.things
    chart.add("measured", [*plot.points], stroke=False)
    label = f"{line.start:.1f} s + {line.slope:.2f} s each"
    chart.add(label, [(x, line.at(x)) for x in ends], show_dots=False)
    if plot.floor is not None:
        chart.add(plot.floor_name, [(x, plot.floor) for x in ends], show_dots=False)
    text = str(chart.render(is_unicode=True))
    # The settings of a script that is not there.
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL) + "\n"
