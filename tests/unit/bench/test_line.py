from __future__ import annotations

import pytest

from bench.line import bend, fitted


def test_a_line_through_points_of_a_line_is_that_line() -> None:
    line = fitted([(1, 5), (5, 13), (20, 43)])
    assert (line.start, line.slope) == pytest.approx((3, 2))


def test_a_line_has_a_value_where_nothing_was_measured() -> None:
    assert fitted([(0, 1), (2, 5)]).at(10) == pytest.approx(21)


def test_points_beside_the_line_pull_it_with_least_squares() -> None:
    assert fitted([(0, 0), (1, 2), (2, 1)]).slope == pytest.approx(0.5)


def test_points_at_one_place_are_no_line() -> None:
    with pytest.raises(ValueError, match="two places"):
        fitted([(1, 5), (1, 6)])


def test_linear_growth_has_no_bend() -> None:
    assert bend([(20, 43), (1, 5), (5, 13)]) == pytest.approx(1)


def test_quadratic_growth_bends_up() -> None:
    assert bend([(n, n * n) for n in (1, 5, 20)]) == pytest.approx(25 / 6)


def test_a_bend_without_growth_at_first_is_refused() -> None:
    with pytest.raises(ValueError, match="no growth from 1 to 5"):
        bend([(1, 5), (5, 4), (20, 43)])


def test_two_points_have_no_bend() -> None:
    with pytest.raises(ValueError, match="three points"):
        bend([(1, 5), (5, 6)])
