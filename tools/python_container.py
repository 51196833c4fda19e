"""Make's targets on another Python than this computer's: on this checkout, in a container of Debian's.

Checkout, cache and Docker engine are the same inside and outside. Python is another, and so is the
environment that was made with it: it is kept in `build/python-<version>`, and is `.venv` inside.

Command line: `python -m tools.python_container 3.15 test-unit test-engine`
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import docker

from sandbox.images.build import built
from sandbox.images.catalogue import PYTHON
from tools.cache import cache_directory
from tools.docker_engine import endpoint
from tools.progress import SetupError, say
from tools.python_environment import NEWEST, REPOSITORY

ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
"""What the computer trusts, on Debian and Ubuntu: a proxy on the way to the package index may need it."""
PASSED = (
    "CI",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "XDG_CACHE_HOME",
    "https_proxy",
    "http_proxy",
    "no_proxy",
)
"""Variables of this computer that count inside as well, besides those of pip."""


def arguments(
    image: str, version: str, targets: Sequence[str], environment: Mapping[str, str], git: Path, socket: Path
) -> list[str]:
    """Return what `docker` is to run.

    Args:
        image: The image with that Python.
        version: Names the environment's folder.
        targets: Of make.
        environment: This process's own.
        git: Folder that the checkout's history is in; outside of the checkout for a linked work tree.
        socket: The Docker engine's.
    """
    cache = cache_directory(environment).parent
    own = REPOSITORY / "build" / f"python-{version}"
    # Every path is the same inside and outside: the Docker engine mounts some of them into the sandbox's
    # machines, and sees them from outside.
    shared = [REPOSITORY, cache, Path("/tmp"), socket, *([] if git.is_relative_to(REPOSITORY) else [git])]
    read = [path for path in (ROOTS, Path("/etc/passwd"), Path("/etc/group")) if path.exists()]
    passed = [name for name in environment if name in PASSED or name.startswith("PIP_")]
    return [
        *("docker", "run", "--rm", "--init", "--network", "host", "--workdir", str(REPOSITORY)),
        # A terminal's progress and Ctrl-C reach through.
        *(("--interactive", "--tty") if sys.stdin.isatty() and sys.stdout.isatty() else ()),
        *("--user", f"{os.geteuid()}:{os.getegid()}", "--group-add", str(socket.stat().st_gid)),
        *(option for path in shared for option in ("--volume", f"{path}:{path}")),
        *(option for path in read for option in ("--volume", f"{path}:{path}:ro")),
        *("--volume", f"{own}:{REPOSITORY / '.venv'}"),
        *("--tmpfs", f"{Path.home()}:mode=1777,exec", "--env", f"HOME={Path.home()}"),
        *("--env", f"DOCKER_HOST=unix://{socket}"),
        *(option for name in passed for option in ("--env", name)),
        *(image, "make", *targets),
    ]


def run(version: str, targets: Sequence[str]) -> NoReturn:
    """Run targets on that Python, in this process's place: its exit status is make's.

    Raises:
        SetupError: There is no such Python, or no engine of this computer.
    """
    if version not in PYTHON:
        raise SetupError(f"Python {version} is not to be had from Debian; {', '.join(PYTHON)} are")
    where = endpoint()
    if not where.startswith("unix://"):
        raise SetupError(f"the container needs this computer's own Docker engine, at a socket, not {where}")
    image = built(docker.from_env(timeout=600), PYTHON[version])
    (REPOSITORY / "build" / f"python-{version}").mkdir(parents=True, exist_ok=True)
    command = arguments(
        image, version, targets, os.environ, _git_folder(), Path(where.removeprefix("unix://"))
    )
    say(f"Python {version}: make {' '.join(targets)}")
    os.execvp(command[0], command)  # noqa: S606  # our own command; nothing is left to do here


def _git_folder() -> Path:
    found = subprocess.run(
        ["git", "rev-parse", "--path-format=absolute", "--git-common-dir"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    # Without git, as in an unpacked archive, there is nothing to share.
    return Path(found.stdout.strip()) if found.returncode == 0 else REPOSITORY


def main(given: Sequence[str] | None = None) -> int:
    """Run targets on another Python; the exit status is make's."""
    parser = argparse.ArgumentParser(prog="make test-python", description="make's targets on another Python")
    parser.add_argument("version", help=f"{', '.join(PYTHON)} or newest ({NEWEST})")
    parser.add_argument("targets", nargs="+", help="of make")
    chosen = parser.parse_args(given)
    try:
        run(NEWEST if chosen.version == "newest" else chosen.version, chosen.targets)
    except SetupError as problem:
        say(f"test-python: {problem}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
