"""The linter of GitHub workflows: on PATH, in the cache, or built with Go.

Its packages on PyPI and npm download the binary from elsewhere when they are installed, which is neither
pinned by hash nor possible everywhere; its Go module is both.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tools.cache import cache_directory, locked
from tools.go_program import GoProgram, build

VERSION = "1.7.7"

PROGRAM = GoProgram(
    title=f"actionlint {VERSION}",
    module="actionlint",
    package="github.com/rhysd/actionlint/cmd/actionlint",
    expect="about 20 seconds",
    variables=(("github.com/rhysd/actionlint.version", VERSION),),
)


def find_actionlint() -> Path:
    """Return the path of actionlint; the cached one first, so that everybody's lint says the same.

    Raises:
        SetupError: It is neither cached nor on PATH, and could not be built.
    """
    cached = cache_directory() / "actionlint" / f"v{VERSION}" / "actionlint"
    if cached.exists():
        return cached
    named = shutil.which("actionlint")
    if named:
        return Path(named)
    with locked(cached.parent.parent / "build.lock"):
        if not cached.exists():
            with tempfile.TemporaryDirectory(dir=cached.parent.parent, prefix=".build-") as staging:
                built = build(PROGRAM, Path(staging))
                cached.parent.mkdir(exist_ok=True)
                built.replace(cached)
    return cached
