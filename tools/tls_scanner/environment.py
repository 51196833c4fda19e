"""The scanner of TLS servers, sslyze: in an environment of its own in the cache.

It pins an older `cryptography` than the program needs, so the two cannot share `.venv`.
"""

from __future__ import annotations

from pathlib import Path

from tools.cache import cache_directory
from tools.python_environment import fingerprint, make

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SCAN = Path(__file__).with_name("scan.py")
"""What that Python runs."""


def find_tls_scanner() -> Path:
    """Return the Python of the scanner's environment; it is made where it is not there yet.

    Raises:
        SetupError: It could not be installed.
    """
    # Named after what is in it: clones with different versions share the cache.
    environment = cache_directory() / "tls-scanner" / fingerprint(REQUIREMENTS)[:16]
    make(environment, REQUIREMENTS, environment.with_suffix(".lock"), expect="about 10 seconds")
    return environment / "bin" / "python"
