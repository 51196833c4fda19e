"""The table of how long each part of a test run took."""

from __future__ import annotations

import pytest

from bench.timeline import Timeline
from tests.durations import Durations, Stopwatch, part_of, update_stages


@pytest.mark.parametrize(
    ("test", "part"),
    [
        ("tests/e2e/test_edge.py::test_one", "tests/e2e/test_edge.py"),
        ("tests/machine/test_bootstrap.py::test_one[a]", "tests/machine/test_bootstrap.py"),
        ("tests/unit/docs/test_links.py::test_one", "tests/unit"),
        ("tests/engine/test_cli.py::test_one", "tests/engine"),
    ],
)
def test_files_that_boot_machines_have_a_line_each(test: str, part: str) -> None:
    assert part_of(test) == part


def test_an_update_is_divided_by_what_took_its_time() -> None:
    timeline = Timeline(
        {
            "gcp:compute/instance:Instance homeport-sandbox": (10.0, 12.0),
            "command:remote:Command homeport-sandbox-ready-b": (12.0, 30.0),
            "docker:index/remoteImage:RemoteImage nginx": (30.0, 34.0),
            "docker:index/remoteImage:RemoteImage mattermost": (31.0, 37.0),
            "docker:index/container:Container nginx": (34.0, 44.0),
        }
    )
    assert update_stages(timeline, 50.0) == {"boot": 2.0, "install": 18.0, "pull": 7.0, "update": 23.0}


def test_a_call_inside_of_a_measured_one_counts_once() -> None:
    watch = Stopwatch()
    inner = watch.timed("wait", lambda: None)
    watch.timed("box", inner)()
    assert set(watch.lap()) == {"box"}


def test_a_lap_begins_with_nothing() -> None:
    watch = Stopwatch()
    watch.add({"update": 1.0})
    assert (watch.lap(), watch.lap()) == ({"update": 1.0}, {})


def report(test: str, seconds: float, stages: dict[str, float]) -> pytest.TestReport:
    """A test's report, as it arrives from the process that ran it."""
    properties: list[tuple[str, object]] = [("stages", stages)]
    return pytest.TestReport(
        test, (test, 0, ""), {}, "passed", None, "call", user_properties=properties, duration=seconds
    )


def test_the_longest_part_comes_first() -> None:
    durations = Durations()
    durations.pytest_runtest_logreport(report("tests/unit/docs/test_links.py::test_one", 1.0, {}))
    stages = {"update": 40.0, "wait": 2.0}
    durations.pytest_runtest_logreport(report("tests/e2e/test_edge.py::test_one", 44.0, stages))
    _, first, second, last = durations.table(61.0)
    assert first.split() == ["tests/e2e/test_edge.py", "1", "44", "40", "2"]
    assert second.split() == ["tests/unit", "1", "1"]
    assert last == "45 s in all processes, 1:01 on the clock"
