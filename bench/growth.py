"""How the time of a preview grows with the apps of a stack, and with the stacks of a project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.command_line import CommandLine
from bench.cost import Cost, median
from bench.figure import Figure
from bench.line import Point, bend, fitted
from bench.plot import Plot, write
from bench.previews import ZONE, engine_without_box
from sandbox.engine import Engine, Project, homeport
from tools.progress import step

COUNTS = (1, 5, 20)
RUNS = 5
TIMES = 2
"""At least, of all stacks one after the other."""
MACHINE = "e2-standard-2"
"""8 GiB: the budget of 20 apps fits. A preview is as long on any type."""


def growth_figures(folder: Path, pictures: Path) -> Iterator[Figure]:
    """Both, with a plot of each in `pictures`. Needs no box: a preview asks no machine."""
    apps, empty = _apps(folder)
    yield Figure("pulumi preview of an empty program", empty.seconds, "s")
    for count, cost in apps.items():
        name = f"pulumi preview of one stack, apps: {count}; baseline: an empty program"
        yield Figure(name, cost.seconds, "s", empty.seconds)
        yield Figure(f"its memory, apps: {count}; baseline: an empty program", cost.mib, "MiB", empty.mib)
    points = [(float(count), cost.seconds) for count, cost in apps.items()]
    yield from _fit("app", points)
    stacks, alone = _stacks(folder)
    for count, seconds in stacks.items():
        yield Figure(f"pulumi preview of all stacks in turn, stacks: {count}", seconds, "s")
    totals = [(float(count), seconds) for count, seconds in stacks.items()]
    yield from _fit("stack", totals)
    first, last = min(alone), max(alone)
    name = f"pulumi preview of one stack where there are {last}; baseline: where there is {first}"
    yield Figure(name, alone[last], "s", alone[first])
    write(
        pictures / "preview-apps.svg",
        Plot("Preview of one stack", "apps", points, empty.seconds, "an empty program"),
    )
    write(
        pictures / "preview-stacks.svg", Plot("Preview of all stacks, one after the other", "stacks", totals)
    )


def _fit(thing: str, points: list[Point]) -> Iterator[Figure]:
    line = fitted(points)
    yield Figure(f"each further {thing}, by a fitted line", line.slope, "s")
    few, some, many = COUNTS
    label = (
        f"how linear in {thing}s: the slope from {some} to {many} over that from {few} to {some}; 1 is linear"
    )
    yield Figure(label, bend(points), "times")


def _apps(folder: Path) -> tuple[dict[int, Cost], Cost]:
    """Medians by number of apps, and of an empty program; in turn, so that all meet the same load."""
    lines = {count: _line(folder, f"apps-{count}", "bench", count) for count in COUNTS}
    empty = CommandLine.of_nothing(folder / "empty", _engine(folder / "apps-1-box", "bench", 1))
    costs: dict[int, list[Cost]] = {count: [] for count in (0, *COUNTS)}
    with step("Preview of 1, 5 and 20 apps", expect=f"{RUNS} runs each"):
        for number in range(RUNS + 1):
            for count, line in ((0, empty), *lines.items()):
                cost = line.preview_cost()
                # The first of each fills the caches.
                if number:
                    costs[count].append(cost)
    return {count: median(costs[count]) for count in COUNTS}, median(costs[0])


def _stacks(folder: Path) -> tuple[dict[int, float], dict[int, float]]:
    """By number of stacks in one project and back end: seconds for all in turn, and for the first alone."""
    box = folder / "stacks-box"
    lines: list[CommandLine] = []
    together: dict[int, float] = {}
    alone: dict[int, float] = {}
    for count in COUNTS:
        while len(lines) < count:
            name = f"s{len(lines) + 1}"
            lines.append(CommandLine.of_homeport(folder / f"stack-{name}", _engine(box, name, 1)))
        # Many stacks are many previews: their sum needs no further runs.
        runs = max(TIMES, RUNS // count)
        with step(f"Preview of {count} stacks", expect=f"{runs} runs"):
            lines[-1].preview()
            together[count] = median([_in_turn(lines) for _ in range(runs)]).seconds
            alone[count] = median([lines[0].preview_cost() for _ in range(RUNS)]).seconds
    return together, alone


def _in_turn(lines: list[CommandLine]) -> Cost:
    costs = [line.preview_cost() for line in lines]
    return Cost(sum(one.seconds for one in costs), max(one.mib for one in costs))


def _line(folder: Path, name: str, stack: str, apps: int) -> CommandLine:
    return CommandLine.of_homeport(folder / name, _engine(folder / f"{name}-box", stack, apps))


def _engine(box: Path, stack: str, apps: int) -> Engine:
    return engine_without_box(box, project(stack, apps))


def project(stack: str, apps: int) -> Project:
    """The program with so many apps of kind `web` on one machine."""
    shipped = homeport("sandbox")
    host = shipped.config["homeport:host"]
    if not isinstance(host, dict):
        raise TypeError("the stack has no host")
    changes: dict[str, object] = {
        "homeport:host": {**host, "machineType": MACHINE},
        "homeport:apps": [
            {
                "kind": "web",
                "name": f"site{number}",
                "hostname": f"site{number}.{stack}.{ZONE}",
                "image": "registry.homeport.test/site:1.0.0",
                "port": 8080,
                "postgres": {"memory": 96},
            }
            for number in range(1, apps + 1)
        ],
    }
    return Project(stack, shipped.program, {**shipped.config, **changes})
