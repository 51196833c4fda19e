"""Where things that are costly to make are kept between clones: the user's cache folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.progress import step


def cache_directory(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """Return Homeport's cache folder: `$XDG_CACHE_HOME/homeport`, else `~/.cache/homeport`.

    Args:
        environment: The process's variables.
        home: A home folder, if it is not this user's.

    The XDG base directory specification says that a relative XDG_CACHE_HOME is invalid and to be ignored.
    """
    named = environment.get("XDG_CACHE_HOME", "")
    base = Path(named) if named and Path(named).is_absolute() else (home or Path.home()) / ".cache"
    return base / "homeport"


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Hold the lock on something that only one process may make at a time; waits, and says so.

    The kernel frees the lock when its holder ends, however it ends, so there are no stale locks.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        with step(f"waiting for another setup that holds {lock.name}"):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
