"""The scanner of TLS servers, sslyze: in an environment of its own in the cache.

It pins an older `cryptography` than the program needs, so the two cannot share `.venv`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tools.cache import cache_directory
from tools.progress import SetupError
from tools.python_environment import OLDEST, VERSION, fingerprint, make, numbers

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SCAN = Path(__file__).with_name("scan.py")
"""What that Python runs."""
NEWEST = "3.14"
"""The newest Python that nassl, sslyze's own OpenSSL, has a package for."""


def find_tls_scanner() -> Path:
    """Return the Python of the scanner's environment; it is made where it is not there yet.

    Raises:
        SetupError: It could not be installed.
    """
    python = chosen((VERSION, sys.executable))
    # Named after what is in it: clones with different versions share the cache.
    environment = cache_directory() / "tls-scanner" / f"{fingerprint(REQUIREMENTS)[:16]}-{python[0]}"
    lock = environment.with_name(f"{environment.name}.lock")
    make(environment, REQUIREMENTS, lock, expect="about 10 seconds", python=python)
    return environment / "bin" / "python"


def chosen(own: tuple[str, str], find: Callable[[str], str | None] = shutil.which) -> tuple[str, str]:
    """Return version and path of the Python to use: our own, or an older one where that is too new.

    Raises:
        SetupError: Ours is too new, and there is no other on PATH.
    """
    newest, oldest = numbers(NEWEST), numbers(OLDEST)
    if numbers(own[0]) <= newest:
        return own
    for minor in range(newest[1], oldest[1] - 1, -1):
        if path := find(f"python3.{minor}"):
            return f"3.{minor}", path
    raise SetupError(
        f"The TLS scanner, sslyze, has no package for Python {own[0]} yet.\n"
        f"       Install Python {NEWEST} or older beside it (on Debian: apt-get install python{NEWEST}-venv)"
    )
