"""Every check of the source, and the tests of its Go programs; all are run, then the failures are counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.actionlint import find_actionlint
from tools.go import find_go
from tools.progress import SetupError, say, step
from tools.python_environment import REPOSITORY

IMAGES = Path("sandbox", "images")
"""Each folder in it is copied into a container image; the Python in it is not a part of our packages."""


@dataclass(frozen=True)
class Check:
    """One linter and the files it reads.

    Attributes:
        name: What progress lines and the verdict call it.
        command: Program and arguments.
        expect: See `tools.progress.step`.
        folder: Where it runs; relative to the repository.
        says_nothing: Whether any output at all is a failure.
    """

    name: str
    command: Sequence[str | Path]
    expect: str = ""
    folder: Path = Path()
    says_nothing: bool = False


@dataclass(frozen=True)
class Linters:
    """Where the linters are: the environment's folder of commands, and what Go gave."""

    programs: Path
    actionlint: Path
    go: Path


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


def automation(files: Iterable[Path]) -> list[str]:
    """Return what GitHub runs by itself: workflows, and what else is beside them."""
    return [str(path) for path in files if path.parts[0] == ".github" and path.suffix in {".yml", ".yaml"}]


def image_programs(files: Iterable[Path]) -> list[Path]:
    """Return the folders of images that hold Python; a program there finds its modules beside itself."""
    inside = (path for path in files if path.suffix == ".py" and path.parts[:2] == IMAGES.parts)
    return sorted({IMAGES / path.parts[2] for path in inside if len(path.parts) > 3})


def go_modules(files: Iterable[Path]) -> list[Path]:
    """Return the folders of Go modules that hold Go code, and not only pin what is built."""
    modules = [path.parent for path in files if path.name == "go.mod"]
    return [module for module in modules if any(p.suffix == ".go" and module in p.parents for p in files)]


def checks(files: Sequence[Path], linters: Linters) -> list[Check]:
    """Return the checks for these files."""
    roots = python_roots(files)
    programs = linters.programs
    found = [
        Check("ruff check", [programs / "ruff", "check", *roots]),
        Check("ruff format", [programs / "ruff", "format", "--check", *roots]),
        *_mypy(files, roots, programs / "mypy"),
    ]
    if scripts := shell_scripts(files):
        found.append(Check("shellcheck", [programs / "shellcheck", "--external-sources", *scripts]))
    if flows := workflows(files):
        options = [f"-shellcheck={programs / 'shellcheck'}", "-pyflakes="]
        found.append(Check("actionlint", [linters.actionlint, *options, *flows]))
        # Offline: what it would ask GitHub about, a commit's tag, is not a matter of this source.
        quietly = ["--offline", "--no-progress", "--quiet", "--persona=pedantic"]
        found.append(Check("zizmor", [programs / "zizmor", *quietly, *automation(files)]))
    for module in go_modules(files):
        name = module.name or "."
        gofmt = linters.go.with_name("gofmt")
        found.append(Check(f"gofmt {name}", [gofmt, "-d", "."], folder=module, says_nothing=True))
        vet: list[str | Path] = [linters.go, "vet", "-mod=readonly", "./..."]
        found.append(Check(f"go vet {name}", vet, folder=module))
        test: list[str | Path] = [linters.go, "test", "-mod=readonly", "./..."]
        found.append(Check(f"go test {name}", test, folder=module))
    return found


def _mypy(files: Sequence[Path], roots: Sequence[str], mypy: Path) -> list[Check]:
    """Return mypy's runs: our packages at once, and each image's programs by themselves."""
    cache = REPOSITORY / ".mypy_cache"
    options = ["--strict", f"--config-file={REPOSITORY / 'pyproject.toml'}"]
    first = "" if cache.exists() else "over a minute this first time"
    ours = Check("mypy --strict", [mypy, *options, *roots], expect=first)
    images = [
        Check(
            f"mypy --strict {folder.name}",
            [mypy, *options, f"--cache-dir={cache / folder.name}", "--exclude=^$", "."],
            folder=folder,
        )
        for folder in image_programs(files)
    ]
    return [ours, *images]


def passes(check: Check) -> bool:
    """Run one check; print what it says if it fails."""
    with step(f"lint: {check.name}", expect=check.expect):
        done = subprocess.run(
            [str(part) for part in check.command],
            cwd=REPOSITORY / check.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    passed = done.returncode == 0 and not (check.says_nothing and done.stdout)
    if not passed:
        say(f"{done.stdout.rstrip()}\nlint: {check.name} failed")
    return passed


def _pass(todo: Sequence[Check]) -> list[bool]:
    """Run the checks, two at a time: mypy over our packages takes as long as all the rest."""
    executor = ThreadPoolExecutor(max_workers=2)
    try:
        return list(executor.map(passes, todo))
    finally:
        executor.shutdown(cancel_futures=True)


def main() -> int:
    """Run all checks; the exit status says whether all passed."""
    try:
        files = source_files()
        todo = checks(files, Linters(Path(sys.executable).parent, find_actionlint(), find_go()))
    except SetupError as error:
        say(f"lint: {error}")
        return 1
    failed = [check.name for check, passed in zip(todo, _pass(todo), strict=True) if not passed]
    names = ", ".join(check.name for check in todo)
    say(f"lint: failed: {', '.join(failed)}" if failed else f"lint: passed: {names}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
