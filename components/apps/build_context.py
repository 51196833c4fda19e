"""Folders of this project that images are built from."""

from __future__ import annotations

import hashlib
from pathlib import Path


def folder_digest(folder: Path) -> str:
    """Twelve hexadecimal digits that change with any file of the folder: its name, content or mode."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        executable = bool(path.stat().st_mode & 0o100)
        digest.update(f"{path.relative_to(folder)} {executable} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]
