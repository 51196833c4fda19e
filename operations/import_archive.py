"""The header of a dump in PostgreSQL's custom format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from operations.import_dump import DumpError

_MAGIC = b"PGDMP"
_CUSTOM = 1


@dataclass(frozen=True)
class Archive:
    """Where a dump comes from."""

    database: str
    major: int
    """Of the server."""
    tool: int
    """Major version of the `pg_dump` that made it; older tools do not read what newer ones write."""


def is_archive(path: Path) -> bool:
    """Whether a file is one."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def read_archive(path: Path) -> Archive:
    """Read the header. Raises `DumpError` where it cannot be read."""
    with path.open("rb") as file:
        try:
            return _read(file)
        except (IndexError, UnicodeDecodeError, AttributeError) as error:
            raise DumpError(
                f"{path} has no header of pg_dump that can be read: make or copy it again"
            ) from error


def _read(file: IO[bytes]) -> Archive:
    file.seek(len(_MAGIC))
    major, minor, _, width, _, kind = (_byte(file) for _ in range(6))
    version = (major, minor)
    if kind != _CUSTOM:
        raise DumpError("the dump is in another format than custom: make it with pg_dump --format=custom")
    # Since 1.15 (PostgreSQL 16) one byte names the compression; before, a number says its level.
    if version >= (1, 15):
        _byte(file)
    else:
        _integer(file, width)
    for _ in range(7):
        _integer(file, width)
    database, server, tool = (_text(file, width) for _ in range(3))
    return Archive(database, _major(server), _major(tool))


def _byte(file: IO[bytes]) -> int:
    return file.read(1)[0]


def _integer(file: IO[bytes], width: int) -> int:
    sign = _byte(file)
    value = sum(_byte(file) << (8 * position) for position in range(width))
    return -value if sign else value


def _text(file: IO[bytes], width: int) -> str:
    length = _integer(file, width)
    found = file.read(max(0, min(length, 4096)))
    if len(found) != max(0, length):
        raise IndexError
    return found.decode()


def _major(version: str) -> int:
    return int(re.match(r"\d+", version).group())  # type: ignore[union-attr]
