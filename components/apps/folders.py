"""Folders inside a container that Docker mounts something on."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_FORBIDDEN = re.compile(r"/(proc|sys|dev)(/.*)?")
"""The container runtime mounts these itself, and refuses others inside them."""


def _folder(value: str) -> str:
    parts = value.rstrip("/").split("/")[1:]
    if not value.startswith("/") or not value.isprintable() or ":" in value:
        raise ValueError("an absolute path inside the container, such as /data, without a colon")
    if not parts:
        raise ValueError("a folder inside the container, such as /data: Docker mounts nothing on / itself")
    if any(part in {"", ".", ".."} for part in parts):
        raise ValueError("a path without . or .. or empty parts, such as /var/lib/app")
    path = value.rstrip("/")
    if _FORBIDDEN.fullmatch(path):
        raise ValueError("a folder outside of /proc, /sys and /dev, which are the system's own")
    return path


Folder = Annotated[str, AfterValidator(_folder)]
"""An absolute path inside a container, without a final slash, that something may be mounted on."""


def repeated(values: list[str]) -> str | None:
    """The first value that is there twice; None where there is none."""
    return next((value for at, value in enumerate(values) if value in values[:at]), None)
