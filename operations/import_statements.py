"""The statements of a plain dump, one after the other, without holding a table's rows in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["statement", "meta", "comment", "rows"]

_TOKEN = re.compile(rb"""'|"|\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$|--|/\*|;""")
_COPY = re.compile(rb"COPY\s.*\sFROM\s+stdin\b", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(rb"[\w\x80-\xff$]$")
_END_OF_ROWS = b"\\."


class CutOffError(Exception):
    """The dump ends in the middle of something."""


@dataclass(frozen=True)
class Piece:
    """A whole statement, a command of psql, a comment on a line of its own, or one line of a table's rows."""

    kind: Kind
    text: bytes
    line: int = field(default=0, compare=False)
    """The number of its first line."""


def pieces(lines: Iterable[bytes]) -> Iterator[Piece]:
    """Take a dump apart. Raises `CutOffError` where it ends inside a statement or a table's rows.

    Statements end with a line: so `pg_dump` writes them. All pieces together are the dump, less empty lines.
    """
    held: list[bytes] = []
    reader = _Statement()
    rows = False
    first = 0
    for number, line in enumerate(lines, start=1):
        if rows:
            yield Piece("rows", line, number)
            rows = line.rstrip(b"\r\n") != _END_OF_ROWS
            continue
        if not held:
            if not line.strip():
                continue
            if line.startswith(b"--"):
                yield Piece("comment", line, number)
                continue
            if line.startswith(b"\\"):
                yield Piece("meta", line, number)
                continue
            first = number
        held.append(line)
        if reader.ends(line):
            statement = b"".join(held)
            held = []
            reader = _Statement()
            yield Piece("statement", statement, first)
            rows = _COPY.match(statement) is not None
    if rows:
        raise CutOffError("in the middle of a table's rows")
    if held:
        raise CutOffError(f"in the middle of a statement that begins in line {first}")


class _Statement:
    """Where in a statement the reader is: inside of quotes, or not."""

    def __init__(self) -> None:
        self._closing = b""
        self._escapes = False

    def ends(self, line: bytes) -> bool:
        """Read one more line; whether the statement's last semicolon is the last of it."""
        position, ended = 0, False
        while position < len(line):
            if self._closing:
                position = self._after_closing(line, position)
                continue
            found = _TOKEN.search(line, position)
            if found is None or found.group() == b"--":
                rest = line[position : found.start() if found else len(line)]
                return ended and not rest.strip()
            ended = (ended and not line[position : found.start()].strip()) or found.group() == b";"
            if found.group() != b";":
                ended = False
                self._open(line, found)
            position = found.end()
        return ended

    def _open(self, line: bytes, found: re.Match[bytes]) -> None:
        before = line[: found.start()]
        token = found.group()
        if token.startswith(b"$") and _WORD.search(before):
            return
        self._closing = b"*/" if token == b"/*" else token
        is_escaped = token == b"'" and before[-1:] in (b"E", b"e")
        self._escapes = is_escaped and not _WORD.search(before[:-1])

    def _after_closing(self, line: bytes, position: int) -> int:
        while True:
            found = line.find(self._closing, position)
            if self._escapes:
                escape = line.find(b"\\", position, found if found >= 0 else len(line))
                if escape >= 0:
                    position = escape + 2
                    if position >= len(line):
                        return len(line)
                    continue
            if found < 0:
                return len(line)
            end = found + len(self._closing)
            # A doubled quote closes one and opens the next, with the same escapes.
            if self._escapes and line[end : end + 1] == b"'":
                position = end + 1
                continue
            self._closing = b""
            return end
