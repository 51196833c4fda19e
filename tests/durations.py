"""How long each part of a run took: a table at its end, by folder, and by file where machines are booted.

The seconds of a file are those of its tests with their fixtures, added up; files that ran at the same time in
several processes each count. Where a test uses the sandbox, its seconds are divided into stages.
"""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import ParamSpec, Protocol, TypeVar

import pytest
from pulumi.automation import EngineEvent, UpResult

from bench.timeline import Timeline
from sandbox.box import Box
from sandbox.engine import Engine, Policies, Progress

P = ParamSpec("P")
R = TypeVar("R")

STAGES = ("box", "boot", "install", "pull", "update", "look", "wait")
"""What is told apart: starting and stopping boxes; of an update the machine's boot, its bootstrap, images,
and all else; previews, refreshes and removals; and pauses of the tests. The rest is the tests' own work."""
_PROPERTY = "stages"
_SLOW_FOLDERS = ("tests/e2e", "tests/machine")
_KINDS = {
    "gcp:compute/instance:": "boot",
    "command:remote:Command homeport-sandbox-ready": "install",
    "docker:index/remoteImage:": "pull",
}
"""Beginning of a resource's type and name -> the stage that its creation belongs to."""


@dataclass
class Stopwatch:
    """Seconds of each stage since the last lap, in one process of a run."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _inside: bool = False

    def timed(self, stage: str, call: Callable[P, R]) -> Callable[P, R]:
        """The same call, its time counted; calls inside of a counted one are part of it."""

        @functools.wraps(call)
        def timed(*arguments: P.args, **options: P.kwargs) -> R:
            if self._inside:
                return call(*arguments, **options)
            self._inside = True
            started = time.monotonic()
            try:
                return call(*arguments, **options)
            finally:
                self._inside = False
                self.seconds[stage] += time.monotonic() - started

        return timed

    def add(self, seconds: Mapping[str, float]) -> None:
        """Count what was measured elsewhere, unless it is part of a counted call."""
        if not self._inside:
            _add(self.seconds, seconds)

    def lap(self) -> dict[str, float]:
        """What was counted since the last lap."""
        counted = dict(self.seconds)
        self.seconds.clear()
        return counted


def update_stages(timeline: Timeline, whole: float) -> dict[str, float]:
    """Divide an update of so many seconds into stages; images are pulled side by side, and count once."""
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for key, span in timeline.spans.items():
        for beginning, stage in _KINDS.items():
            if key.startswith(beginning):
                spans[stage].append(span)
    found = {stage: max(e for _, e in ends) - min(b for b, _ in ends) for stage, ends in spans.items()}
    return {**found, "update": max(0.0, whole - sum(found.values()))}


class Durations:
    """The plugin: measures where tests run, and tells in the process that gathers their reports."""

    def __init__(self) -> None:
        self._stopwatch = Stopwatch()
        self._started = time.monotonic()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._tests: defaultdict[str, set[str]] = defaultdict(set)
        self._stages: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))

    def pytest_sessionstart(self) -> None:
        """Measure boxes and engines from now on."""
        self._started = time.monotonic()
        watch = self._stopwatch
        measured: dict[type, tuple[str, tuple[str, ...]]] = {
            Box: ("box", ("start", "stop")),
            Engine: ("look", ("preview", "refresh", "destroy")),
        }
        for owner, (stage, names) in measured.items():
            for name in names:
                setattr(owner, name, watch.timed(stage, vars(owner)[name]))
        setattr(Engine, "up", _measured_up(watch, Engine.up))  # noqa: B010  mypy refuses the assignment
        time.sleep = watch.timed("wait", time.sleep)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hand the stages of a test's phase to the process that gathers the reports."""
        report = yield
        report.user_properties.append((_PROPERTY, self._stopwatch.lap()))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather one report."""
        part = part_of(report.nodeid)
        self._seconds[part] += report.duration
        self._tests[part].add(report.nodeid)
        for name, value in report.user_properties:
            if name == _PROPERTY and isinstance(value, dict):
                _add(self._stages[part], value)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        if self._seconds:
            terminalreporter.section("how long each part took")
            for line in self.table(time.monotonic() - self._started):
                terminalreporter.line(line)

    def table(self, clock: float) -> list[str]:
        """The lines, the longest part first; `clock` is how many seconds the run took."""
        width = max(len(part) for part in self._seconds)
        lines = [f"{'':{width}}  tests       s  " + " ".join(f"{name:>7}" for name in STAGES)]
        for part, seconds in sorted(self._seconds.items(), key=lambda entry: -entry[1]):
            stages = self._stages[part]
            columns = " ".join(f"{stages[name]:7.0f}" if stages[name] >= 0.5 else " " * 7 for name in STAGES)
            lines.append(f"{part:{width}}  {len(self._tests[part]):5}  {seconds:6.0f}  {columns}".rstrip())
        minutes, rest = divmod(round(clock), 60)
        total = sum(self._seconds.values())
        return [*lines, f"{total:.0f} s in all processes, {minutes}:{rest:02} on the clock"]


def part_of(nodeid: str) -> str:
    """The line of the table that a test belongs to: its file where machines are booted, else its folder."""
    path = nodeid.split("::", 1)[0]
    if path.startswith(_SLOW_FOLDERS):
        return path
    return "/".join(path.split("/")[:2])


class _Up(Protocol):
    """An update, as `Engine.up` is called."""

    def __call__(
        self,
        engine: Engine,
        /,
        progress: Progress | None = None,
        *,
        refresh: bool = False,
        policies: Policies | None = None,
    ) -> UpResult: ...


def _measured_up(watch: Stopwatch, up: _Up) -> _Up:
    """The engine's update, divided into stages by what it tells."""

    def measured(
        engine: Engine,
        /,
        progress: Progress | None = None,
        *,
        refresh: bool = False,
        policies: Policies | None = None,
    ) -> UpResult:
        timeline, started = Timeline(), time.monotonic()

        def hear(event: EngineEvent) -> None:
            timeline(event)
            if progress:
                progress(event)

        try:
            return up(engine, hear, refresh=refresh, policies=policies)
        finally:
            watch.add(update_stages(timeline, time.monotonic() - started))

    return measured


def _add(total: defaultdict[str, float], more: Mapping[str, float]) -> None:
    for name, seconds in more.items():
        total[name] += seconds
