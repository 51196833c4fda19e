"""Brings what was asked for into being, in order, and ends with one line that says what is there.

Command line: `python -m tools.setup python engine docker`, run by the environment's own Python.
"""

from __future__ import annotations

import platform
import sys

from tools.docker_engine import get_docker_engine
from tools.engine import get_engine
from tools.progress import SetupError, say


def main(wanted: list[str]) -> int:
    """Set up the parts named; "python" is there already, since it runs this."""
    ready = [f"Python {platform.python_version()}"]
    try:
        if "engine" in wanted:
            engine = get_engine()
            ready.append(f"Pulumi engine {engine.version} ({engine.origin})")
        if "docker" in wanted:
            ready.append(f"Docker engine {get_docker_engine().version}")
    except SetupError as error:
        say(f"setup: {error}")
        return 1
    say(f"setup: ready: {', '.join(ready)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
