"""Docker Compose: where it is found, or how it is built."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.cache import cache_directory, locked
from tools.go_program import GIB, GoProgram, build

VERSION = "2.40.3"
"""The last of version 2: version 5 no longer speaks to the Docker that Debian 12 has."""

PROGRAM = GoProgram(
    title=f"Docker Compose {VERSION}",
    module="compose",
    package="github.com/docker/compose/v2/cmd",
    expect="once; about 2 minutes on 2 cores, 2 GB of disk",
    variables=(("github.com/docker/compose/v2/internal.Version", f"v{VERSION}"),),
    disk_bytes=3 * GIB,
)


def find_compose() -> list[str]:
    """The command that is Docker Compose 2: the built one, Docker's plugin, `docker-compose`; else build it.

    Raises:
        SetupError: There is none, and it could not be built.
    """
    cached = cache_directory() / "compose" / f"v{VERSION}" / "docker-compose"
    if cached.exists():
        return [str(cached)]
    for command in (["docker", "compose"], ["docker-compose"]):
        if _is_suitable(command):
            return command
    with locked(cached.parent.parent / "build.lock"):
        if not cached.exists():
            with tempfile.TemporaryDirectory(dir=cached.parent.parent, prefix=".build-") as staging:
                built = build(PROGRAM, Path(staging))
                cached.parent.mkdir(exist_ok=True)
                built.replace(cached)
    return [str(cached)]


def major_version(text: str) -> int | None:
    """2 for "Docker Compose version v2.40.3" and for "2.40.3"; None for anything else."""
    found = re.search(r"\bv?(\d+)\.\d+\.\d+", text)
    return int(found.group(1)) if found else None


def _is_suitable(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    answer = subprocess.run(
        [*command, "version", "--short"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    # Version 1, in Python, is slower: a comparison with it would flatter.
    return answer.returncode == 0 and (major_version(answer.stdout) or 0) >= 2
