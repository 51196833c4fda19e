from __future__ import annotations

import json

from bench.figure import Figure, alternate, table


def test_the_ratio_is_the_value_over_its_baseline() -> None:
    assert Figure("preview", 5.0, "s", 2.0).ratio == 2.5


def test_a_figure_without_a_baseline_has_no_ratio() -> None:
    assert Figure("boot", 5.0, "s").ratio is None


def test_a_baseline_of_nothing_is_no_fault() -> None:
    assert Figure("boot", 5.0, "s", 0.0).ratio is None


def test_a_record_rounds_to_thousandths() -> None:
    assert Figure("preview", 2.00049, "s", 3.0).record() == {
        "name": "preview",
        "value": 2.0,
        "unit": "s",
        "baseline": 3.0,
        "ratio": 0.667,
    }


def test_a_record_without_a_baseline_has_nulls() -> None:
    record = json.loads(json.dumps(Figure("boot", 5.0, "s").record()))
    assert (record["baseline"], record["ratio"]) == (None, None)


def test_one_slow_run_does_not_move_the_median() -> None:
    values, baselines = iter([1.0, 99.0, 2.0]), iter([10.0, 30.0, 20.0])
    assert alternate(3, lambda: next(values), lambda: next(baselines)) == (2.0, 20.0)


def test_value_and_baseline_are_measured_in_turn() -> None:
    order: list[str] = []

    def measured(name: str) -> float:
        order.append(name)
        return 1.0

    alternate(2, lambda: measured("value"), lambda: measured("baseline"))
    assert order == ["baseline", "value", "baseline", "value"]


def test_the_columns_of_the_table_are_aligned() -> None:
    figures = [Figure("preview", 5.0, "s", 2.0), Figure("memory of the edge", 30.25, "MiB")]
    assert table(figures) == [
        "figure                  value  baseline  ratio",
        "preview                5.00 s    2.00 s   2.50",
        "memory of the edge  30.25 MiB",
    ]
