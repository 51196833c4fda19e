"""The figures of an update under load."""

from __future__ import annotations

from bench.load import Load
from bench.rolling import figures


def test_an_update_is_told_by_failures_requests_and_the_slowest_response() -> None:
    told = list(figures(Load([0.1], 0), Load([0.01, 0.2], 0), Load([0.02, 3.0, 0.1], 1)))
    assert [(figure.value, figure.baseline) for figure in told] == [(0.1, None), (0, 1), (2, 3), (0.2, 3.0)]
