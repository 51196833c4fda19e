"""What a preview costs with and without the policy pack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.command_line import CommandLine
from bench.cost import Cost, median
from bench.figure import Figure
from sandbox.cloud import APIS, Cloud
from sandbox.engine import REPOSITORY, Engine, Project, homeport
from tools.progress import step

RUNS = 5
PACK = REPOSITORY / "policies" / "run"
ZONE = "homeport.test"


def engine_without_box(directory: Path, project: Project) -> Engine:
    """An engine for previews only: they ask no machine, but the zone of the records must be there."""
    directory.mkdir(parents=True, exist_ok=True)
    cloud = Cloud(directory)
    cloud.switch_on(*APIS)
    cloud.ensure_zone(ZONE)
    return Engine(directory, project)


def policy_figures(folder: Path) -> Iterator[Figure]:
    """Time and memory of a preview with the rules, without them, and of an empty program with neither."""
    engine = engine_without_box(folder / "policies-box", homeport("sandbox"))
    homeport_line = CommandLine.of_homeport(folder / "policies", engine)
    empty = CommandLine.of_nothing(folder / "policies-empty", engine)
    # A rule that is broken must not end the preview before its time; the work is the same.
    levels = folder / "levels.json"
    levels.write_text(json.dumps({"all": "advisory"}))
    pack = ("--policy-pack", str(PACK), "--policy-pack-config", str(levels))
    costs: dict[str, list[Cost]] = {"with": [], "without": [], "empty": []}
    with step("Preview with and without policies", expect=f"{RUNS} runs each"):
        for number in range(RUNS + 1):
            taken = {
                "empty": empty.preview_cost(),
                "without": homeport_line.preview_cost(),
                "with": homeport_line.preview_cost(*pack),
            }
            # The first of each fills the caches.
            if number:
                for name, cost in taken.items():
                    costs[name].append(cost)
    rules, plain, nothing = (median(costs[name]) for name in ("with", "without", "empty"))
    yield Figure("pulumi preview with policies; baseline: without", rules.seconds, "s", plain.seconds)
    yield Figure("its memory; baseline: without", rules.mib, "MiB", plain.mib)
    name = "pulumi preview without policies; baseline: an empty program"
    yield Figure(name, plain.seconds, "s", nothing.seconds)
    yield Figure("its memory; baseline: an empty program", plain.mib, "MiB", nothing.mib)
