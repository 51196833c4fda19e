from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from bench.plot import Plot, svg, write

PLOT = Plot("Preview of one stack", "apps", [(1.0, 4.0), (5.0, 6.0), (20.0, 13.5)], 1.2, "an empty program")


def text(plot: Plot) -> str:
    return " ".join(ElementTree.fromstring(svg(plot)).itertext())  # noqa: S314  made here


def test_a_plot_says_what_it_shows() -> None:
    for words in ("Preview of one stack", "apps", "seconds", "measured", "an empty program"):
        assert words in text(PLOT)


def test_a_plot_names_the_line_that_it_draws() -> None:
    assert "3.5 s + 0.50 s each" in text(PLOT)


def test_a_plot_has_a_dot_for_each_measured_point() -> None:
    dots = re.findall(r'<circle [^>]*class="dot', svg(PLOT))
    assert len(dots) == len(PLOT.points)


def test_a_plot_loads_nothing_from_elsewhere() -> None:
    assert "<script" not in svg(PLOT)


def test_the_same_points_are_the_same_picture() -> None:
    assert svg(PLOT) == svg(PLOT)


def test_a_plot_is_written_into_a_folder_that_is_made_for_it(tmp_path: Path) -> None:
    write(tmp_path / "new" / "apps.svg", PLOT)
    assert (tmp_path / "new" / "apps.svg").read_text() == svg(PLOT)


def test_a_plot_without_a_floor_has_only_the_points_and_the_line() -> None:
    plot = Plot("x", "stacks", PLOT.points)
    assert "an empty program" not in text(plot)
