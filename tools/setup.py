"""Brings what was asked for into being, in order, and ends with one line that says what is there.

What may be missing is looked for first, then comes what is quick, and the build of the engine last.

Command line: `python -m tools.setup python docker engine`, run by the environment's own Python.
"""

from __future__ import annotations

import argparse
import platform
import sys

from tools import prerequisites
from tools.byte_code import compile_sources
from tools.cache import cache_directory
from tools.docker_engine import get_docker_engine
from tools.durations import Durations
from tools.engine import check_room, get_engine
from tools.progress import SetupError, remember, say
from tools.python_environment import REPOSITORY

PARTS = ("python", "docker", "engine")


def parse(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the parts to make, and those that a later call makes."""
    parser = argparse.ArgumentParser(prog="tools/setup.sh")
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--later", nargs="*", choices=PARTS, default=[])
    given = parser.parse_args(arguments)
    return given.parts, given.later


def main(arguments: list[str]) -> int:
    """Set up the parts named; "python" is there already, since it runs this."""
    wanted, later = parse(arguments)
    remember(Durations(cache_directory() / "durations.json"))
    ready = [f"Python {platform.python_version()}"]
    try:
        prerequisites.check({*wanted, *later}, REPOSITORY)
        compile_sources(REPOSITORY)
        if "engine" in {*wanted, *later}:
            check_room()
        if "docker" in wanted:
            ready.append(f"Docker engine {get_docker_engine().version}")
        if "engine" in wanted:
            engine = get_engine()
            ready.append(f"Pulumi engine {engine.version} ({engine.origin})")
    except SetupError as error:
        say(f"setup: {error}")
        return 1
    # With more to come, it is the last call that says it.
    if not later:
        say(f"setup: ready: {', '.join(ready)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
