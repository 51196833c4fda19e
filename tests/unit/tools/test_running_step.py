from __future__ import annotations

import pytest

from tools.running_step import RunningStep, clock, line, time_left


def build(usual: float | None = None, later: float = 0.0, detail: str = "") -> RunningStep:
    return RunningStep("Pulumi engine: build with Go", lambda: detail, usual, later)


@pytest.mark.parametrize(("seconds", "shown"), [(7.4, "0:07"), (270, "4:30"), (3723, "1:02:03")])
def test_times_are_shown_as_on_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_without_an_earlier_run_nothing_is_estimated() -> None:
    assert line(build(), 12, 79) == "Pulumi engine: build with Go 0:12"


def test_what_is_left_is_what_it_took_last_time_less_what_is_over() -> None:
    assert time_left(build(usual=100), 40) == "about 1:00 left"


def test_what_is_left_includes_the_steps_that_follow() -> None:
    assert time_left(build(usual=100, later=30), 40) == "about 1:30 left"


def test_a_step_that_takes_longer_than_last_time_says_so() -> None:
    assert time_left(build(usual=10), 40) == "longer than last time"


@pytest.mark.parametrize("width", [20, 39, 59, 60, 79, 200])
def test_a_line_is_never_wider_than_the_terminal(width: int) -> None:
    step = build(usual=100, later=10, detail="github.com/pulumi/pulumi/pkg/v3/" * 5)
    assert len(line(step, 40, width)) <= width


def test_a_narrow_terminal_shortens_the_title_and_keeps_the_time() -> None:
    assert line(build(usual=100), 40, 39) == "Pulumi engine:... 0:40, about 1:00 left"


def test_a_wide_terminal_has_a_bar() -> None:
    assert "━━━━╌╌╌╌╌╌╌╌" in line(build(usual=100), 40, 79)


def test_the_bar_is_plain_where_the_terminal_has_no_unicode() -> None:
    assert "####--------" in line(build(usual=100), 40, 79, ascii_only=True)


def test_the_detail_follows_where_there_is_room() -> None:
    assert line(build(detail="package 7"), 12, 79) == "Pulumi engine: build with Go 0:12  package 7"
