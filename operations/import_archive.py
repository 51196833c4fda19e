"""The header and table of contents of a dump in an archive format of `pg_dump`: custom, folder or tar.

The layout is that of PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c, since version 1.10 (PostgreSQL 8.4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Literal

from operations.import_error import DumpError

MAGIC = b"PGDMP"
CUSTOM, TAR, FOLDER = 1, 3, 5
_OLDEST, _NEWEST = (1, 10), (1, 16)
_LARGEST_TEXT = 1 << 28
_NUMBERS_OF_ITS_TIME = 7
_NOT_COMPRESSED = 0
GZIP = 1
"""One byte names the compression since 1.15: 0 none, 1 gzip, 2 lz4, 3 zstd."""
_OFFSET_NOT_SET, _NO_DATA = b"\x01", b"\x03"

Text = bytes | None
Field = tuple[str, Literal["number", "text"], int]
_FIELDS: Sequence[Field] = (
    ("dump_id", "number", 0),
    ("has_data", "number", 0),
    ("table_oid", "text", 8),
    ("oid", "text", 0),
    ("tag", "text", 0),
    ("kind", "text", 0),
    ("section", "number", 11),
    ("definition", "text", 0),
    ("removal", "text", 0),
    ("copy", "text", 3),
    ("schema", "text", 6),
    ("tablespace", "text", 10),
    ("access_method", "text", 14),
    ("relation_kind", "number", 16),
    ("owner", "text", 0),
    ("has_oids", "text", 9),
)
"""What an entry has, in its order, and the minor version of the format since which it does."""


@dataclass(frozen=True)
class Entry:
    """One object of a dump, or the rows of one table."""

    numbers: dict[str, int]
    texts: dict[str, Text]
    dependencies: tuple[bytes, ...]
    file: str = ""
    """Its rows' file in a folder or tar."""

    @property
    def dump_id(self) -> int:
        return self.numbers["dump_id"]

    @property
    def has_data(self) -> bool:
        return bool(self.numbers["has_data"])

    @property
    def definition(self) -> bytes:
        return self.texts["definition"] or b""

    def text(self, name: str) -> str:
        """A text of it, empty where it has none."""
        return (self.texts.get(name) or b"").decode(errors="replace")


@dataclass(frozen=True)
class Archive:
    """Where a dump comes from, and what is in it."""

    database: str
    major: int
    """The server's major version."""
    tool: int
    """Major version of the `pg_dump` that made it; older tools do not read what newer ones write."""
    minor: int = field(default=0, compare=False)
    """The second number of the format's version, such as 14 of 1.14."""
    integer: int = field(default=4, compare=False)
    """Bytes of a number."""
    offset: int = field(default=8, compare=False)
    """Bytes of a place in the file."""
    kind: int = field(default=CUSTOM, compare=False)
    compression: int = field(default=_NOT_COMPRESSED, compare=False)
    head: bytes = field(default=b"", repr=False, compare=False)
    """What follows the compression, up to the number of entries, as it was."""
    entries: tuple[Entry, ...] = field(default=(), repr=False, compare=False)

    def written(self, entries: Sequence[Entry], compression: int) -> bytes:
        """Header and table of contents of a custom dump with these entries."""
        parts = [MAGIC, bytes((1, self.minor, 0, self.integer, self.offset, CUSTOM))]
        if self.minor >= 15:
            parts.append(bytes((compression,)))
        else:
            # A level of zlib; the default one.
            parts.append(self.number(-1 if compression == GZIP else 0))
        parts += [self.head, self.number(len(entries))]
        for entry in entries:
            parts += self._entry(entry)
        return b"".join(parts)

    def number(self, value: int) -> bytes:
        """A number as the archive has it."""
        return bytes((value < 0,)) + abs(value).to_bytes(self.integer, "little")

    def _text(self, value: Text) -> bytes:
        return self.number(-1) if value is None else self.number(len(value)) + value

    def _entry(self, entry: Entry) -> list[bytes]:
        parts = [
            self.number(entry.numbers[name]) if kind == "number" else self._text(entry.texts[name])
            for name, kind, since in _FIELDS
            if self.minor >= since
        ]
        parts += [self._text(dependency) for dependency in entry.dependencies]
        parts.append(self._text(None))
        # pg_restore looks for the rows from the start where it is not told where they are.
        parts.append((_OFFSET_NOT_SET if entry.has_data else _NO_DATA) + bytes(self.offset))
        return parts


def read_archive(file: IO[bytes], where: object) -> Archive:
    """Read header and table of contents. Raises `DumpError` where they cannot be read."""
    try:
        return _read(file, where)
    except (IndexError, UnicodeDecodeError, AttributeError) as error:
        raise DumpError(
            f"{where} was cut off or damaged: pg_dump's table of contents at its start cannot be read."
            " Make or copy it again"
        ) from error


def _read(file: IO[bytes], where: object) -> Archive:
    file.read(len(MAGIC))
    major, minor, _, width, offset, kind = (_byte(file) for _ in range(6))
    if not _OLDEST <= (major, minor) <= _NEWEST:
        raise DumpError(
            f"{where} is in version {major}.{minor} of pg_dump's format, and 1.10 to 1.16 are read: make"
            " the dump as plain SQL, with pg_dump --format=plain"
        )
    if kind not in (CUSTOM, TAR, FOLDER):
        raise DumpError(f"{where} is in an unknown format of pg_dump: make it with --format=custom")
    compression = _byte(file) if minor >= 15 else _named(_integer(file, width))
    recorder = _Recorder(file)
    for _ in range(_NUMBERS_OF_ITS_TIME):
        _integer(recorder, width)
    database, server, tool = ((_text(recorder, width) or b"").decode() for _ in range(3))
    head = bytes(recorder.read_so_far)
    entries = tuple(_entry(file, minor, width, offset, kind) for _ in range(_integer(file, width)))
    return Archive(
        *(database, _major(server), _major(tool), minor, width, offset, kind, compression, head, entries)
    )


def _named(level: int) -> int:
    return GZIP if level else _NOT_COMPRESSED


class _Recorder:
    """Keeps what is read, to be written again as it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.read_so_far = bytearray()

    def read(self, count: int) -> bytes:
        found = self._file.read(count)
        self.read_so_far += found
        return found


def _entry(file: IO[bytes], minor: int, width: int, offset: int, kind: int) -> Entry:
    numbers: dict[str, int] = {}
    texts: dict[str, Text] = {}
    for name, form, since in _FIELDS:
        if minor >= since and form == "number":
            numbers[name] = _integer(file, width)
        elif minor >= since:
            texts[name] = _text(file, width)
    dependencies: list[bytes] = []
    while (dependency := _text(file, width)) is not None:
        dependencies.append(dependency)
    name = ""
    if kind == CUSTOM:
        for _ in range(1 + offset):
            _byte(file)
    else:
        name = (_text(file, width) or b"").decode()
    return Entry(numbers, texts, tuple(dependencies), name)


def _byte(file: IO[bytes] | _Recorder) -> int:
    return file.read(1)[0]


def _integer(file: IO[bytes] | _Recorder, width: int) -> int:
    found = file.read(1 + width)
    if len(found) != 1 + width:
        raise IndexError
    value = int.from_bytes(found[1:], "little")
    return -value if found[0] else value


def _text(file: IO[bytes] | _Recorder, width: int) -> Text:
    length = _integer(file, width)
    if length < 0:
        return None
    if length > _LARGEST_TEXT:
        raise IndexError
    found = file.read(length)
    if len(found) != length:
        raise IndexError
    return found


def _major(version: str) -> int:
    return int(re.match(r"\d+", version).group())  # type: ignore[union-attr]
