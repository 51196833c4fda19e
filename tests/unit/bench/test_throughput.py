from __future__ import annotations

import pytest

from bench.throughput import figures
from bench.vegeta import Answers


def edge(rate: float, slowest: float, failed: int = 0) -> Answers:
    return Answers(rate, slowest, requests=1000, failed=failed)


ROUNDS = [
    (edge(900, 0.1), edge(1000, 0.3)),
    (edge(950, 0.2), edge(1900, 0.1)),
    (edge(300, 0.1), edge(1100, 0.2)),
]


def test_rates_are_medians_and_the_slowest_answer_is_that_of_all_rounds() -> None:
    rate, slowest = figures(ROUNDS)
    assert (rate.value, rate.baseline) == (900, 1100)
    assert (slowest.value, slowest.baseline) == (0.2, 0.3)


def test_failed_requests_are_no_fast_answers() -> None:
    with pytest.raises(RuntimeError, match="2 requests failed"):
        list(figures([*ROUNDS, (edge(5000, 0.1), edge(5000, 0.1, failed=2))]))
