"""A plain dump, as `pg_dump` or `pg_dumpall` writes it: what is in it, and what of it is loaded."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from operations.import_statements import CutOffError, Piece, pieces

_NAME = rb'((?:"[^"]+"|[\w$\x80-\xff]+)(?:\.(?:"[^"]+"|[\w$\x80-\xff]+))?)'
_TABLE = re.compile(rb"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?" + _NAME)
_EXTENSION = re.compile(rb'CREATE EXTENSION (?:IF NOT EXISTS )?("[^"]+"|[\w-]+)')
_SERVER = re.compile(rb"-- Dumped from database version (\d+)")
_CONNECT = re.compile(rb"\\connect\s+(?:-reuse-previous=on\s+)?(.+)")
_BEGIN = b"-- PostgreSQL database dump"
_END = b"-- PostgreSQL database dump complete"
_CLUSTER = b"-- PostgreSQL database cluster dump"

_LEFT_OUT: Sequence[tuple[str, re.Pattern[bytes]]] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        ("owners", rb"ALTER .* OWNER TO [^;]+;\s*$"),
        ("permissions", rb"(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b"),
        ("roles", rb"((CREATE|ALTER|DROP) (ROLE|USER|GROUP)|SET ROLE|SET SESSION AUTHORIZATION)\b"),
        ("databases", rb"((CREATE|ALTER|DROP) DATABASE|COMMENT ON DATABASE|SECURITY LABEL)\b"),
        ("tablespaces", rb"((CREATE|ALTER|DROP) TABLESPACE|SET default_tablespace = '?\w)"),
        ("removals of what is not there", rb"DROP |ALTER TABLE .* DROP CONSTRAINT"),
        ("the schema public, which is there", rb"(CREATE SCHEMA|COMMENT ON SCHEMA) public\b"),
        ("replication", rb"(CREATE|ALTER) (PUBLICATION|SUBSCRIPTION|EVENT TRIGGER)\b"),
        ("comments on extensions", rb"COMMENT ON EXTENSION\b"),
        ("settings of a newer PostgreSQL", rb"SET transaction_timeout\b"),
    )
)
_PSQL = re.compile(rb"\\(connect|encoding|restrict|unrestrict)\b")


class DumpError(Exception):
    """The dump cannot be loaded. The text says why, and what to do."""


@dataclass
class Section:
    """One database of a dump."""

    name: str = ""
    """Empty where the dump does not say it."""
    major: int = 0
    """Version of the server that it comes from; 0 where the dump does not say it."""
    tables: set[str] = field(default_factory=set)
    """Without their schemas."""
    extensions: list[str] = field(default_factory=list)
    is_complete: bool = False


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """The dump's bytes, unpacked where gzip packed them. Raises `DumpError` for what is no dump."""
    with path.open("rb") as file:
        start = file.read(265)
        file.seek(0)
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(file) as unpacked:
                yield unpacked
        elif start[257:262] == b"ustar":
            raise DumpError(f"{path} is a tar file: make the dump with pg_dump --format=custom, or plain")
        else:
            yield file


def sections(path: Path) -> list[Section]:
    """Every database that is in the dump, in its order. Raises `DumpError` where it was cut off."""
    found: list[Section] = []
    try:
        with opened(path) as file:
            for section, piece in _sorted(file):
                if section is not None and (not found or found[-1] is not section):
                    found.append(section)
                if section is not None and piece.kind == "statement":
                    _note(section, piece.text)
    except (CutOffError, EOFError, gzip.BadGzipFile) as error:
        raise DumpError(f"{path} was cut off {error}: make the dump again, or copy it again") from error
    if not found:
        raise DumpError(f"{path} is no dump of PostgreSQL: it begins with no header of pg_dump")
    if not all(section.is_complete for section in found):
        raise DumpError(
            f"{path} was cut off: the line that pg_dump writes last is missing; make or copy it again"
        )
    return found


def chosen(found: Sequence[Section], tables: Iterable[str], app: str, name: str = "") -> Section:
    """The database of that name, or the one with these tables. Raises `DumpError`."""
    wanted = set(tables)
    names = ", ".join(section.name or "(one without a name)" for section in found)
    if name:
        # A dump of one database does not say its name.
        known = [
            section for section in found if name == section.name or (len(found) == 1 and not section.name)
        ]
        if not known:
            raise DumpError(f"no database {name} is in the dump; there are: {names}")
        candidates = known
    else:
        candidates = list(found)
    fitting = [section for section in candidates if wanted <= section.tables]
    if len(fitting) > 1:
        named = ", ".join(section.name for section in fitting)
        raise DumpError(f"several databases in the dump look like {app}: say DATABASE_NAME=, one of {named}")
    if not fitting:
        missing = ", ".join(sorted(wanted - candidates[0].tables)) if len(candidates) == 1 else ""
        which = (
            f"it has no table {missing}" if missing else f"none of {names} has {', '.join(sorted(wanted))}"
        )
        raise DumpError(f"the dump is not one of {app}: {which}")
    return fitting[0]


def loadable(lines: Iterable[bytes], position: int, left_out: Counter[str]) -> Iterator[bytes]:
    """What of the database at that position is given to `psql`; the rest is counted in `left_out`.

    Raises `DumpError` where it has what `pg_dump` does not write.
    """
    keeps = True
    for piece in _of_section(lines, position):
        if piece.kind == "rows":
            if keeps:
                yield piece.text
        elif piece.kind == "meta":
            if not _PSQL.match(piece.text):
                raise DumpError(f"the dump has a command that pg_dump does not write: {_shown(piece.text)}")
        elif piece.kind == "statement":
            what = _reason(piece.text)
            keeps = what is None
            if what is None:
                yield piece.text
            else:
                left_out[what] += 1


def _of_section(lines: Iterable[bytes], position: int) -> Iterator[Piece]:
    latest, count = None, -1
    for section, piece in _sorted(lines):
        if section is not None and section is not latest:
            latest, count = section, count + 1
        if section is not None and count == position:
            yield piece


def _sorted(lines: Iterable[bytes]) -> Iterator[tuple[Section | None, Piece]]:
    """Every piece with the database that it belongs to, if any."""
    section: Section | None = None
    connected, header = "", False
    for piece in pieces(lines):
        line = piece.text.strip()
        if piece.kind == "comment":
            if line == _BEGIN:
                section = Section(connected)
            elif section and line == _END:
                section.is_complete = True
                yield section, piece
                section = None
                continue
            elif section and (server := _SERVER.match(line)):
                section.major = int(server[1])
            elif line == _CLUSTER:
                header = True
        elif piece.kind == "meta" and (found := _CONNECT.match(line)):
            connected = _database(found[1].decode())
            if section:
                section.name = connected
        yield section, piece
    if header and section:
        raise CutOffError("in the middle of a database")


def _database(words: str) -> str:
    named = re.search(r"dbname='((?:[^'\\]|\\.)*)'", words)
    return re.sub(r"\\(.)", r"\1", named[1]) if named else words.strip().strip('"')


def _note(section: Section, statement: bytes) -> None:
    if table := _TABLE.match(statement):
        section.tables.add(table[1].decode(errors="replace").rpartition(".")[2].strip('"'))
    elif extension := _EXTENSION.match(statement):
        section.extensions.append(extension[1].decode().strip('"'))


def _reason(statement: bytes) -> str | None:
    # All of these are short; a table's rows are not looked at.
    start = b" ".join(statement[:4096].split()) if len(statement) < 4096 else statement[:200]
    return next((what for what, pattern in _LEFT_OUT if pattern.match(start)), None)


def _shown(text: bytes) -> str:
    return text.decode(errors="replace").strip()[:80]
