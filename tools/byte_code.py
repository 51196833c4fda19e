"""Byte code of Homeport's own Python, where Python itself is told to write none (PYTHONDONTWRITEBYTECODE).

Then each preview and update would compile the program again, and each plugin of the sandbox its own part.
"""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

_NOT_IMPORTED = {"tests", "build"}
"""Folders without anything that the engine starts; pytest compiles tests by itself."""


def compile_sources(repository: Path) -> None:
    """Compile each file that is newer than its byte code. What cannot be compiled or written is left out."""
    if not sys.dont_write_bytecode:
        return
    for folder in sorted(repository.iterdir()):
        if folder.name not in _NOT_IMPORTED and any(folder.glob("*.py")):
            compileall.compile_dir(folder, quiet=2)
