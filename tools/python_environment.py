"""Virtual environments: each is made from one requirements.txt, and made anew when that file changes.

`.venv` is one of them. Run by any Python from 3.11 on, before anything is installed: standard library only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from tools import prerequisites
from tools.cache import cache_directory, locked
from tools.durations import Durations
from tools.progress import SetupError, StepFailedError, remember, run, say

REPOSITORY = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = "3.11", "3.15"
"""The versions of Python that Homeport is tested with, and every one between them."""
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
"""That of the Python that runs this."""


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers, which compare as they should: 3.9 is older than 3.11."""
    return tuple(map(int, version.split(".")))


def fingerprint(requirements: Path) -> str:
    """Return what an environment made from this file is stamped with."""
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def is_current(environment: Path, requirements: Path, version: str = VERSION) -> bool:
    """Say whether the environment was made, to the end, from exactly these requirements by that Python.

    What its Python is a link to may have become another: `/usr/bin/python3` does when the system is upgraded,
    and finds none of the packages then, which are in the folder of the old one.
    """
    stamp = environment / "requirements.sha256"
    made_from = stamp.read_text().strip() if stamp.exists() else ""
    packages = environment / "lib" / f"python{version}"
    is_there = (environment / "bin" / "python").exists() and packages.is_dir()
    return is_there and made_from == fingerprint(requirements)


def make(
    environment: Path,
    requirements: Path,
    lock: Path,
    expect: str = "about 20 seconds",
    python: tuple[str, str] = (VERSION, sys.executable),
) -> None:
    """Make the environment unless it is current; the stamp is written last.

    Args:
        environment: Its folder.
        requirements: File with version and hash of every package.
        lock: Held while it is made. Not inside of the environment, which may be removed.
        expect: How long the installation is likely to take.
        python: Version ("3.14") and path of the Python that it is made with.

    Raises:
        StepFailedError: pip failed; the message ends with what it said.
    """
    version, path = python
    if is_current(environment, requirements, version):
        return
    with locked(lock):
        if is_current(environment, requirements, version):
            return
        say(f"Python environment: {environment.name} with Python {version}")
        try:
            _make(environment, requirements, expect, path)
        except BaseException:
            # Half of an environment is of no use to anybody.
            shutil.rmtree(environment, ignore_errors=True)
            raise
        (environment / "requirements.sha256").write_text(f"{fingerprint(requirements)}\n")


def _make(environment: Path, requirements: Path, expect: str, path: str) -> None:
    logs = cache_directory() / "log"
    run(
        "Python environment: create",
        # What is in the folder goes, not the folder: it may be a mounted one.
        [path, "-m", "venv", "--clear", environment],
        log=logs / "venv.log",
    )
    python = environment / "bin" / "python"
    options = ["--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    run(
        f"Python environment: install {_shown(requirements)}",
        [python, "-m", "pip", "install", *options, "--require-hashes", "--requirement", requirements],
        log=logs / "pip.log",
        expect=f"once; {expect}",
    )
    # pip compiles on one core. It cannot be left to the first import: with PYTHONDONTWRITEBYTECODE set,
    # every start of the program would compile the cloud SDKs again, for 3 seconds.
    # It is only speed: a package may hold a file that this Python cannot compile.
    with suppress(StepFailedError):
        run(
            "Python environment: byte code",
            [python, "-m", "compileall", "-q", "-j", "0", environment / "lib"],
            log=logs / "compileall.log",
            expect="once; about 15 seconds",
        )


def _shown(path: Path) -> Path:
    return path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path


def main(arguments: list[str]) -> int:
    """Make `.venv` in the repository and go on with tools.setup, which gets the arguments.

    With `--check` only say, by the exit status, whether it is current.
    """
    environment, requirements = REPOSITORY / ".venv", REPOSITORY / "requirements.txt"
    if arguments == ["--check"]:
        return 0 if is_current(environment, requirements) else 1
    remember(Durations(cache_directory() / "durations.json"))
    try:
        prerequisites.check(arguments, REPOSITORY)
        make(environment, requirements, REPOSITORY / "build" / "venv.lock")
    except SetupError as error:
        say(f"setup: {error}")
        if numbers(VERSION) > numbers(NEWEST):
            say(
                f"       Homeport is tested with Python {OLDEST} to {NEWEST}, and this is {VERSION}.\n"
                f"       Make the environment with one of those: python{NEWEST} -m tools.python_environment"
            )
        return 1
    if arguments:
        python = str(environment / "bin" / "python")
        os.execv(python, [python, "-m", "tools", "-m", "tools.setup", *arguments])  # noqa: S606
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
