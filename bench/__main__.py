"""`python -m bench`: measure, print a table, write build/bench.json."""

from __future__ import annotations

import json
import shutil
import sys

from pulumi.automation import CommandError

from bench.figure import Figure, table
from bench.run import measure
from sandbox.box import Box
from sandbox.deployment import sandbox_folder
from sandbox.engine import REPOSITORY
from tools.progress import SetupError, step

RESULT = REPOSITORY / "build" / "bench.json"
_FOLDER = REPOSITORY / "build" / "bench"


def main() -> int:
    """Measure everything, and remove what was deployed for it however it ends."""
    box = Box(sandbox_folder("bench"))
    figures: list[Figure] = []
    problem = ""
    RESULT.unlink(missing_ok=True)
    try:
        for figure in measure(box, _FOLDER):
            figures.append(figure)
    except (SetupError, CommandError, RuntimeError, OSError) as error:
        problem = str(error)
    finally:
        with step("Sandbox: remove"):
            box.stop()
        shutil.rmtree(_FOLDER, ignore_errors=True)
    print("\n".join(table(figures)))
    if problem:
        print(f"\nStopped before the end: {problem}", file=sys.stderr)
        return 1
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([figure.record() for figure in figures], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
