"""Every check of the source that needs no run of it; all of them are run, then the failures are counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.actionlint import find_actionlint
from tools.progress import SetupError, say, step
from tools.python_environment import REPOSITORY


@dataclass(frozen=True)
class Check:
    """One linter and the files it reads."""

    name: str
    command: Sequence[str | Path]
    expect: str = ""


def source_files() -> list[Path]:
    """Return what git knows or would know: tracked files, and new ones that are not ignored.

    Raises:
        SetupError: This is not a git checkout.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        raise SetupError(f"lint needs a git checkout: {listed.stderr.strip()}")
    paths = (Path(name) for name in listed.stdout.split("\0") if name)
    return sorted({path for path in paths if (REPOSITORY / path).is_file()})


def python_roots(files: Iterable[Path]) -> list[str]:
    """Return the top-level folders and files that hold Python, `__main__.py` included."""
    return sorted({path.parts[0] for path in files if path.suffix == ".py"})


def shell_scripts(files: Iterable[Path]) -> list[str]:
    """Return every `*.sh`, and every file without a suffix that starts as a shell script."""
    return [
        str(path) for path in files if path.suffix == ".sh" or (not path.suffix and _has_shell_line(path))
    ]


def _has_shell_line(path: Path) -> bool:
    with (REPOSITORY / path).open("rb") as stream:
        first = stream.readline(100)
    return first.startswith(b"#!") and first.split()[-1].split(b"/")[-1] in {b"sh", b"bash"}


def workflows(files: Iterable[Path]) -> list[str]:
    """Return the workflow files of GitHub Actions."""
    return [str(path) for path in files if path.parts[:2] == (".github", "workflows")]


def checks(files: Sequence[Path], programs: Path, actionlint: Path) -> list[Check]:
    """Return the checks for these files; `programs` is the environment's folder of commands."""
    roots = python_roots(files)
    scripts = shell_scripts(files)
    flows = workflows(files)
    first = "" if (REPOSITORY / ".mypy_cache").exists() else "over a minute this first time"
    found = [
        Check("ruff check", [programs / "ruff", "check", *roots]),
        Check("ruff format", [programs / "ruff", "format", "--check", *roots]),
        Check("mypy --strict", [programs / "mypy", "--strict", *roots], expect=first),
    ]
    if scripts:
        found.append(Check("shellcheck", [programs / "shellcheck", "--external-sources", *scripts]))
    if flows:
        shellcheck = f"-shellcheck={programs / 'shellcheck'}"
        found.append(Check("actionlint", [actionlint, shellcheck, "-pyflakes=", *flows]))
    return found


def passes(check: Check) -> bool:
    """Run one check; print what it says if it fails."""
    with step(f"lint: {check.name}", expect=check.expect):
        done = subprocess.run(
            [str(part) for part in check.command],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        say(f"{done.stdout.rstrip()}\nlint: {check.name} failed")
    return done.returncode == 0


def main() -> int:
    """Run all checks; the exit status says whether all passed."""
    try:
        files = source_files()
        todo = checks(files, Path(sys.executable).parent, find_actionlint())
    except SetupError as error:
        say(f"lint: {error}")
        return 1
    failed = [check.name for check in todo if not passes(check)]
    names = ", ".join(check.name for check in todo)
    say(f"lint: failed: {', '.join(failed)}" if failed else f"lint: passed: {names}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
