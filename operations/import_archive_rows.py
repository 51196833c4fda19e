"""The rows in an archive of `pg_dump`: whether they are whole, and all as a custom dump has them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from operations.import_archive import GZIP, Archive, Entry
from operations.import_error import DumpError
from operations.import_members import Members

_ROWS, _LARGE_OBJECTS = 1, 3
_BLOCK = 1 << 18
_MOST_WATCHED = 1 << 24
"""Bytes of a watched table, which is a small one."""
_ENDINGS = ("", ".gz", ".lz4", ".zst")


@dataclass
class Watched:
    """The beginning of a table's rows, as text."""

    compression: int
    content: bytearray = field(default_factory=bytearray)
    _inflating: zlib._Decompress = field(default_factory=zlib.decompressobj)

    @property
    def is_readable(self) -> bool:
        """Python's library reads neither lz4 nor, before 3.14, zstd."""
        return self.compression in (0, GZIP)

    def add_plain(self, part: bytes) -> None:
        """Take what was unpacked before."""
        if self.is_readable:
            self.content += part[: _MOST_WATCHED - len(self.content)]

    def add(self, part: bytes) -> None:
        """Take what the dump has, packed or not."""
        if self.is_readable and len(self.content) < _MOST_WATCHED:
            room = _MOST_WATCHED - len(self.content)
            self.content += self._inflating.decompress(part, room) if self.compression else part[:room]


class Part(NamedTuple):
    """The next bytes of a custom dump after its table of contents."""

    dump_id: int
    is_content: bool
    """Otherwise they say what follows, and how much of it."""
    data: bytes


def custom_parts(file: IO[bytes], archive: Archive, where: object) -> Iterator[Part]:
    """All of a custom dump after its table of contents, as it is.

    Raises `DumpError` where it was cut off, when all of it was read.
    """
    missing = {entry.dump_id for entry in archive.entries if entry.has_data}
    try:
        while kind := file.read(1):
            number = file.read(1 + archive.integer)
            dump_id = _number(number, archive)
            yield Part(dump_id, False, kind + number)
            if kind[0] == _ROWS:
                yield from _chunks(file, archive, dump_id)
            elif kind[0] == _LARGE_OBJECTS:
                yield from _large_objects(file, archive, dump_id)
            else:
                raise IndexError
            missing.discard(dump_id)
    except IndexError as error:
        raise DumpError(
            f"{where} was cut off or damaged in the rows of a table: make the dump again, or copy it again"
        ) from error
    if missing:
        names = [entry.text("tag") for entry in archive.entries if entry.dump_id in missing]
        raise DumpError(
            f"{where} was cut off: the rows of {', '.join(names[:3])} are missing; make the dump again,"
            " or copy it again"
        )


def _large_objects(file: IO[bytes], archive: Archive, dump_id: int) -> Iterator[Part]:
    while True:
        number = file.read(1 + archive.integer)
        yield Part(dump_id, False, number)
        if not _number(number, archive):
            return
        yield from _chunks(file, archive, dump_id)


def _chunks(file: IO[bytes], archive: Archive, dump_id: int) -> Iterator[Part]:
    while True:
        number = file.read(1 + archive.integer)
        length = _number(number, archive)
        yield Part(dump_id, False, number)
        if not length:
            return
        while length:
            part = file.read(min(length, _BLOCK))
            if not part:
                raise IndexError
            length -= len(part)
            yield Part(dump_id, True, part)


def _number(found: bytes, archive: Archive) -> int:
    if len(found) != 1 + archive.integer or found[0]:
        raise IndexError
    return int.from_bytes(found[1:], "little")


def look_at(file: IO[bytes], archive: Archive, watched: Mapping[int, Watched], where: object) -> None:
    """Read all rows of a custom dump, and note those of some. Raises `DumpError` where it was cut off."""
    for part in custom_parts(file, archive, where):
        if part.is_content and part.dump_id in watched:
            watched[part.dump_id].add(part.data)


def file_of(entry: Entry, names: Collection[str]) -> str:
    """The name that an entry's rows have among the files of a dump; empty where they are missing."""
    return next((entry.file + ending for ending in _ENDINGS if entry.file + ending in names), "")


def unpacked(members: Members, name: str) -> Iterator[bytes]:
    """The rows of a file, as they are in a custom dump before its own compression."""
    with members.open(name) as file:
        packed = gzip.GzipFile(fileobj=file, mode="rb") if name.endswith(".gz") else file
        while part := packed.read(_BLOCK):
            yield part


def block(archive: Archive, entry: Entry, parts: Iterator[bytes], *, deflate: bool) -> Iterator[bytes]:
    """An entry's rows as a custom dump has them."""
    yield bytes((_ROWS,)) + archive.number(entry.dump_id)
    packer = zlib.compressobj(1)
    for part in parts:
        if found := packer.compress(part) if deflate else part:
            yield archive.number(len(found)) + found
    if deflate:
        found = packer.flush()
        yield archive.number(len(found)) + found
    yield archive.number(0)


def in_their_order(entries: Sequence[Entry], names: Sequence[str], files: Mapping[int, str]) -> list[Entry]:
    """The entries with rows in the order of their files, in the places of those; the rest where it was.

    `pg_restore` takes rows in the order of the table of contents, and what is packed is read from its start
    for each file that lies before the last one. Rows depend on nothing but what comes before all of them.
    """
    place = {name: number for number, name in enumerate(names)}
    with_rows = iter(
        sorted(
            (entry for entry in entries if entry.dump_id in files),
            key=lambda entry: place[files[entry.dump_id]],
        )
    )
    return [next(with_rows) if entry.dump_id in files else entry for entry in entries]
