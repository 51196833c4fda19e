"""The rows of a small table, as `COPY` or `INSERT` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from operations.import_section import bare, unquoted

_COPY = re.compile(rb"COPY ([^\s(]+)\s*\(([^)]*)\)")
_INSERT = re.compile(
    rb"INSERT INTO ((?:\"[^\"]+\"|[^\s(\"])+)\s*(?:\(([^)]*)\)\s*)?(?:OVERRIDING \w+ VALUE\s+)?VALUES\s*"
)
_VALUES = re.compile(rb"\(((?:'(?:[^']|'')*'|[^'()])*)\)")
_VALUE = re.compile(rb"E?'((?:[^']|'')*)'|([^,\s]+)")
_ESCAPES = {b"\\t": b"\t", b"\\n": b"\n", b"\\r": b"\r", b"\\\\": b"\\"}


def target(statement: bytes) -> str:
    """The table that a statement writes rows to, without its schema; empty for any other."""
    found = _COPY.match(statement) or _INSERT.match(statement)
    return bare(found[1]) if found else ""


def columns(statement: bytes) -> tuple[str, ...]:
    """The columns that it names; none where it means all in their order."""
    found = _COPY.match(statement) or _INSERT.match(statement)
    names = (found[2] if found else None) or b""
    return tuple(unquoted(name.strip()) for name in names.split(b",") if name.strip())


def copied(line: bytes) -> tuple[str, ...] | None:
    """The values of a line of `COPY`; nothing for its last line. No value is an empty text."""
    content = line.rstrip(b"\r\n")
    if content == b"\\.":
        return None
    return tuple(
        "" if value == b"\\N" else _unescaped(value).decode(errors="replace")
        for value in content.split(b"\t")
    )


def inserted(statement: bytes) -> Iterator[tuple[str, ...]]:
    """The values of each row of an `INSERT`."""
    if found := _INSERT.match(statement):
        for row in _VALUES.findall(statement, found.end()):
            yield tuple(
                (text.replace(b"''", b"'") if text or not word else b"" if word == b"NULL" else word).decode(
                    errors="replace"
                )
                for text, word in _VALUE.findall(row)
            )


def inserted_all(text: bytes) -> Iterator[tuple[str, ...]]:
    """The values of each row of any number of `INSERT`, one after the other."""
    for found in _INSERT.finditer(text):
        end = text.find(b");\n", found.end())
        yield from inserted(text[found.start() : end + 2 if end >= 0 else len(text)])


def in_order(rows: Sequence[tuple[str, ...]], names: Sequence[str], wanted: str) -> list[str]:
    """One column of rows that have these columns; none where it is not among them."""
    if wanted not in names:
        return []
    place = list(names).index(wanted)
    return [row[place] for row in rows if len(row) > place]


def _unescaped(value: bytes) -> bytes:
    return re.sub(rb"\\[tnr\\]", lambda found: _ESCAPES[found[0]], value)
