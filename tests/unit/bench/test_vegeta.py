from __future__ import annotations

import pytest

from bench.vegeta import PROGRAM, Answers, answers

REPORT = {
    "latencies": {"mean": 4_000_000, "max": 250_000_000},
    "requests": 1000,
    "rate": 101.0,
    "throughput": 99.5,
    "success": 0.997,
    "errors": ["502 Bad Gateway"],
}


def test_only_answers_count_for_the_rate_and_times_are_seconds() -> None:
    assert answers(REPORT) == Answers(rate=99.5, slowest=0.25, requests=1000, failed=3)


def test_an_attack_without_any_answer_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="502 Bad Gateway"):
        answers({**REPORT, "success": 0, "throughput": 0})


def test_what_is_no_report_is_an_error() -> None:
    with pytest.raises(TypeError, match="not a report"):
        answers({**REPORT, "requests": None})


def test_a_program_of_a_later_major_version_is_found_under_its_name() -> None:
    assert PROGRAM.binary == "vegeta"
