"""`python -m bench`: measure, print a table, write build/bench.json; with the name of a part, only that."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator

from pulumi.automation import CommandError

from bench.edge import edge_figures
from bench.figure import Figure, table
from bench.growth import growth_figures
from bench.previews import policy_figures
from bench.run import measure
from sandbox.box import Box
from sandbox.deployment import sandbox_folder
from sandbox.engine import REPOSITORY
from tools.progress import SetupError, step

RESULT = REPOSITORY / "build" / "bench.json"
_FOLDER = REPOSITORY / "build" / "bench"
_PICTURES = REPOSITORY / "docs" / "pictures"
PARTS = ("policies", "growth", "edge", "deployments")


def main() -> int:
    """Measure, and remove what was deployed for it however it ends."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure speed and memory.")
    parser.add_argument("part", nargs="?", choices=PARTS, help="only this; without it, everything")
    wanted = parser.parse_args().part
    parts = PARTS if wanted is None else (wanted,)
    result = RESULT if wanted is None else RESULT.with_name(f"bench-{wanted}.json")
    figures: list[Figure] = []
    problem = ""
    result.unlink(missing_ok=True)
    try:
        for part in parts:
            for figure in _measured(part):
                figures.append(figure)
    except (SetupError, CommandError, RuntimeError, OSError, ValueError) as error:
        problem = str(error)
    finally:
        shutil.rmtree(_FOLDER, ignore_errors=True)
    print("\n".join(table(figures)))
    if problem:
        print(f"\nStopped before the end: {problem}", file=sys.stderr)
        return 1
    result.parent.mkdir(exist_ok=True)
    result.write_text(json.dumps([figure.record() for figure in figures], indent=2) + "\n")
    return 0


def _measured(part: str) -> Iterator[Figure]:
    match part:
        case "policies":
            yield from policy_figures(_FOLDER)
        case "growth":
            yield from growth_figures(_FOLDER, _PICTURES)
        case "edge":
            yield from _in_a_box(edge_figures)
        case _:
            yield from _in_a_box(lambda box: measure(box, _FOLDER))


def _in_a_box(figures: Callable[[Box], Iterator[Figure]]) -> Iterator[Figure]:
    box = Box(sandbox_folder("bench"))
    try:
        yield from figures(box)
    finally:
        with step("Sandbox: remove"):
            box.stop()


if __name__ == "__main__":
    sys.exit(main())
