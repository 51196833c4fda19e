"""Prints which Pulumi engine the SDK in requirements.txt goes with, for those who install it another way.

In a job of GitHub Actions it is an output of the step, too: `version`.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tools.python_environment import REPOSITORY

_PIN = re.compile(r"^pulumi==([0-9.]+)", re.MULTILINE)


def engine_version(requirements: str) -> str:
    """The version that is pinned. Raises `ValueError` where none is."""
    pin = _PIN.search(requirements)
    if not pin:
        raise ValueError("requirements.txt has no line 'pulumi==<version>'")
    return pin[1]


def main() -> int:
    """Print it."""
    version = engine_version((REPOSITORY / "requirements.txt").read_text())
    print(version)
    if outputs := os.environ.get("GITHUB_OUTPUT"):
        with Path(outputs).open("a") as stream:
            stream.write(f"version={version}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
