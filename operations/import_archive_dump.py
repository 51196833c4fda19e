"""A dump in an archive format: what is in it, and the custom dump that is sent for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from operations import import_rows
from operations.import_archive import GZIP, Archive, Entry, read_archive
from operations.import_archive_rows import (
    Watched,
    block,
    custom_parts,
    file_of,
    in_their_order,
    look_at,
    unpacked,
)
from operations.import_content import Content
from operations.import_error import DumpError
from operations.import_left_out import ENTRIES, OF_EXTENSIONS, reason
from operations.import_members import Members
from operations.import_section import Section

_CONTENTS = "toc.dat"
_ROWS = "TABLE DATA"
_ALWAYS_THERE = ("DATABASE", "DATABASE PROPERTIES")
"""Archives have these even where nobody asked for them, so nobody has to be told."""


def archive_section(found: Content, watched: Collection[str]) -> tuple[Archive, Section]:
    """Look at all of it. Raises `DumpError` where it was cut off."""
    if found.kind == "custom":
        with found.stream() as file:
            archive = read_archive(file, found.path)
            rows = _watched(archive, watched)
            look_at(file, archive, rows, found.path)
    else:
        with found.members() as members:
            with members.open(_CONTENTS) as file:
                archive = read_archive(file, found.path)
            rows = _watched(archive, watched)
            names = frozenset(members.names())
            for entry in archive.entries:
                if entry.has_data:
                    _look_at_file(entry, members, names, found.path, rows.get(entry.dump_id))
    section = Section(archive.database, archive.major, is_complete=True)
    for entry in archive.entries:
        if _reason(entry, section, ()) is None:
            section.note(entry.definition)
        if entry.text("kind") == _ROWS:
            section.filled.add(entry.text("tag"))
        if entry.dump_id in rows:
            _note_rows(section, entry, rows[entry.dump_id])
    return archive, section


@contextmanager
def archive_parts(
    found: Content, archive: Archive, section: Section, lacking: Collection[str], left_out: Counter[str]
) -> Iterator[Iterable[bytes]]:
    """A custom dump of what is loaded."""
    entries = []
    for entry in archive.entries:
        what = _reason(entry, section, lacking)
        if what is None:
            entries.append(entry)
        elif entry.text("kind") not in _ALWAYS_THERE:
            left_out[what] += 1
    if found.kind == "custom":
        with found.stream() as file:
            read_archive(file, found.path)
            yield _custom(archive, entries, file, found.path)
    else:
        with found.members() as members:
            yield _of_members(archive, entries, members)


def _custom(archive: Archive, entries: list[Entry], file: IO[bytes], where: Path) -> Iterator[bytes]:
    kept = {entry.dump_id for entry in entries}
    yield archive.written(entries, archive.compression)
    for part in custom_parts(file, archive, where):
        if part.dump_id in kept:
            yield part.data


def _of_members(archive: Archive, entries: list[Entry], members: Members) -> Iterator[bytes]:
    names = members.names()
    files = {entry.dump_id: file_of(entry, names) for entry in entries if entry.has_data}
    ordered = in_their_order(entries, names, files)
    # What lz4 and zstd packed is the same in both formats; gzip's is not.
    deflate = archive.compression <= GZIP
    yield archive.written(ordered, GZIP if deflate else archive.compression)
    for entry in ordered:
        if entry.dump_id in files:
            yield from block(archive, entry, unpacked(members, files[entry.dump_id]), deflate=deflate)


def _watched(archive: Archive, tables: Collection[str]) -> dict[int, Watched]:
    return {
        entry.dump_id: Watched(archive.compression)
        for entry in archive.entries
        if entry.has_data and entry.text("kind") == _ROWS and entry.text("tag") in tables
    }


def _look_at_file(
    entry: Entry, members: Members, names: Collection[str], where: Path, watched: Watched | None
) -> None:
    if entry.text("kind") != _ROWS:
        raise DumpError(
            f"{where} has large objects, and those are taken from a custom dump only: make it with"
            " pg_dump --format=custom"
        )
    name = file_of(entry, names)
    if not name:
        raise DumpError(
            f"{where} was cut off: {entry.file}, the rows of {entry.text('tag')}, is missing; make the"
            " dump again, or copy all of it again"
        )
    for part in unpacked(members, name):
        if watched:
            watched.add_plain(part)


def _note_rows(section: Section, entry: Entry, watched: Watched) -> None:
    table = entry.text("tag")
    copy = entry.texts.get("copy")
    if not copy:
        section.rows[table] = list(import_rows.inserted_all(bytes(watched.content)))
        return
    names = import_rows.columns(copy)
    section.columns[table] = names or section.columns.get(table, ())
    for line in bytes(watched.content).split(b"\n"):
        values = import_rows.copied(line)
        if values is None:
            break
        if line:
            section.rows.setdefault(table, []).append(values)


def _reason(entry: Entry, section: Section, lacking: Collection[str]) -> str | None:
    kind = entry.text("kind")
    if kind in ENTRIES:
        return ENTRIES[kind]
    if kind == "SCHEMA" and entry.text("tag") == "public":
        return "the schema public, which is there"
    if kind == "EXTENSION" and entry.text("tag") in lacking:
        return f"the extension {entry.text('tag')}, which nothing uses"
    if kind == "COMMENT" and entry.text("tag").startswith("EXTENSION "):
        return "comments on extensions"
    if lacking and kind in (_ROWS, "SEQUENCE SET") and entry.text("tag") not in section.created:
        return OF_EXTENSIONS
    return reason(entry.definition)
