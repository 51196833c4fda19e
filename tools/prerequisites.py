"""What may be missing on this computer, looked for before anything long begins.

Run by any Python from 3.11 on, before anything is installed: standard library only.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from tools import docker_engine
from tools.cache import cache_directory
from tools.progress import SetupError

MIB = 1024**2

ENVIRONMENT_MIB = 1500
"""Free space that making `.venv` takes: it is 850 MiB large, and pip unpacks what it downloads."""


def check(parts: Collection[str], repository: Path) -> None:
    """Look whether these parts of the set-up, "python", "engine" and "docker", can come to an end.

    Raises:
        SetupError: One cannot; says in a line what is missing, and below it the command that helps.
    """
    check_owner([repository / ".venv", repository / "build", cache_directory()])
    if not (repository / ".venv" / "requirements.sha256").exists():
        check_disk(repository, ENVIRONMENT_MIB, "Homeport's Python environment")
    if "docker" in parts:
        docker_engine.check(docker_engine.look())


def check_owner(folders: Iterable[Path]) -> None:
    """Raise `SetupError` where a folder cannot be written, as after a `sudo make`."""
    closed = [str(folder) for folder in folders if folder.exists() and not os.access(folder, os.W_OK)]
    if closed:
        raise SetupError(
            f"This user may not write {' and '.join(closed)}; was make run with sudo before?\n"
            f'       sudo chown -R "$USER" {" ".join(closed)}'
        )


def check_disk(folder: Path, mib: int, what: str) -> None:
    """Raise `SetupError` where a folder's file system has too little space; it may not be there yet."""
    there = existing(folder)
    free = shutil.disk_usage(there).free // MIB
    if free < mib:
        raise SetupError(f"{what} needs {gib(mib)} of disk at {folder}, and {gib(free)} are free there.")


def check_memory(mib: int, what: str, meminfo: Path = Path("/proc/meminfo")) -> None:
    """Raise `SetupError` where so much memory is not to be had. Only Linux says how much there is."""
    available = available_memory(meminfo)
    if available is not None and available < mib:
        raise SetupError(
            f"{what} needs {gib(mib)} of memory, and {gib(available)} are available, swap included: "
            "end other programs first."
        )


def available_memory(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Return the MiB that programs can have without others being ended: memory and swap; None if unknown."""
    if not meminfo.exists():
        return None
    kib = {name: int(rest.split()[0]) for name, rest in map(_field, meminfo.read_text().splitlines())}
    return (kib.get("MemAvailable", 0) + kib.get("SwapFree", 0)) // 1024


def _field(line: str) -> tuple[str, str]:
    name, _, rest = line.partition(":")
    return name, rest


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next((path for path in (folder, *folder.parents) if path.exists()), Path("/"))


def gib(mib: float) -> str:
    """Return 1.5 GiB, 300 MiB."""
    return f"{mib / 1024:.1f} GiB" if mib >= 1024 else f"{mib:.0f} MiB"
