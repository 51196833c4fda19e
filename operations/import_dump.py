"""A plain dump, as `pg_dump` or `pg_dumpall` writes it: what is in it, and what of it is loaded."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from operations import import_rows
from operations.import_content import PACKED_BADLY, Content, content
from operations.import_error import DumpError
from operations.import_left_out import OF_EXTENSIONS, REMOVALS, Removals, reason
from operations.import_section import Section, split, unquoted
from operations.import_statements import CutOffError, Piece, pieces

__all__ = ["DumpError", "Section", "chosen", "loadable", "opened", "sections"]

_SERVER = re.compile(rb"-- Dumped from database version (\d+)")
_CONNECT = re.compile(rb"\\c(?:onnect)?\s+(?:-reuse-previous=on\s+)?(.+)")
_CUT_OFF: tuple[type[Exception], ...] = (CutOffError, *PACKED_BADLY)
_BEGIN = b"-- PostgreSQL database dump"
_END = b"-- PostgreSQL database dump complete"
_CLUSTER = b"-- PostgreSQL database cluster dump"
_PSQL = re.compile(rb"\\(c|connect|encoding|restrict|unrestrict)\b")
_EXTENSION = re.compile(rb'(?:CREATE|ALTER|COMMENT ON) EXTENSION (?:IF NOT EXISTS )?("[^"]+"|[\w-]+)')
_POSITION = re.compile(rb"SELECT pg_catalog\.setval\('([^']+)'")
_WRITTEN = re.compile(rb"(?:COPY|INSERT INTO) ((?:\"[^\"]+\"|[^\s(\"])+)")


@contextmanager
def opened(path: Path) -> Iterator[Iterator[bytes]]:
    """The lines of a plain dump, whatever packs it. Raises `DumpError` for what is none."""
    found = content(path)
    if found.kind != "plain":
        raise DumpError(f"{path} is no plain dump")
    with found.lines() as lines:
        yield lines


def sections(path: Path | Content, watched: Collection[str] = ()) -> list[Section]:
    """Every database that is in the dump, in its order, with the rows of the watched tables.

    Raises `DumpError` where it was cut off, or has what `pg_dump` does not write.
    """
    found: list[Section] = []
    dump = content(path) if isinstance(path, Path) else path
    try:
        with dump.lines() as lines:
            reader = _Reader(watched)
            for section, piece in _sorted(lines):
                if section is None:
                    continue
                if not found or found[-1] is not section:
                    found.append(section)
                    reader = _Reader(watched)
                reader.note(section, piece, dump.path)
    except _CUT_OFF as error:
        if found or not isinstance(error, CutOffError):
            raise DumpError(f"{dump.path} was cut off {error}: make it again, or copy it again") from error
    if not found:
        raise DumpError(_no_dump(dump))
    if not all(section.is_complete for section in found):
        raise DumpError(
            f"{dump.path} was cut off: the line that pg_dump writes last is missing; make or copy it again"
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
        raise DumpError(f"the dump is not one of {app}: {_lacks(candidates, wanted, names)}")
    return fitting[0]


def _lacks(candidates: Sequence[Section], wanted: set[str], names: str) -> str:
    if len(candidates) != 1:
        return f"none of {names} has {', '.join(sorted(wanted))}"
    section = candidates[0]
    missing = ", ".join(sorted(wanted - section.tables))
    if wanted <= section.filled:
        return f"it has rows but does not make the table {missing}; make it without --data-only"
    return f"it has no table {missing}"


def loadable(
    lines: Iterable[bytes],
    position: int,
    left_out: Counter[str],
    lacking: Collection[str] = (),
    section: Section | None = None,
) -> Iterator[bytes]:
    """What of the database at that position is given to `psql`; the rest is counted in `left_out`.

    `lacking` are extensions that the server has not; `section` is then what was read of the dump. Raises
    `DumpError` where it has what `pg_dump` does not write.
    """
    keeps = True
    removals = Removals()
    for piece in _of_section(lines, position):
        if piece.kind == "rows":
            if keeps:
                yield piece.text
        elif piece.kind == "meta":
            _refuse_command(piece)
        elif piece.kind == "comment":
            removals.comment(piece.text)
        else:
            what = REMOVALS if removals.takes(piece.text) else reason(piece.text)
            if what is None and lacking and section:
                what = _of_extension(piece.text, lacking, section)
            keeps = what is None
            if what is None:
                yield piece.text
            else:
                left_out[what] += 1


def _of_extension(statement: bytes, lacking: Collection[str], section: Section) -> str | None:
    """What a statement is that only makes sense with an extension that is left out."""
    if (named := _EXTENSION.match(statement)) and unquoted(named[1]) in lacking:
        return f"the extension {unquoted(named[1])}, which nothing uses"
    written = _WRITTEN.match(statement) or _POSITION.match(statement)
    if written and split(written[1])[1] not in section.created:
        return OF_EXTENSIONS
    return None


class _Reader:
    """Takes notice of the pieces of one database."""

    def __init__(self, watched: Collection[str]) -> None:
        self._watched = watched
        self._removals = Removals()
        self._rows = ""
        self._columns: tuple[str, ...] = ()

    def note(self, section: Section, piece: Piece, where: Path) -> None:
        if piece.kind == "rows":
            if self._rows and (values := import_rows.copied(piece.text)) is not None:
                self._add(section, values)
        elif piece.kind == "meta":
            _refuse_command(piece, where)
        elif piece.kind == "comment":
            self._removals.comment(piece.text)
        elif not self._removals.takes(piece.text) and reason(piece.text) is None:
            section.note(piece.text)
            self._note_rows(section, piece.text)

    def _note_rows(self, section: Section, statement: bytes) -> None:
        table = import_rows.target(statement[:4096]) if self._watched else ""
        self._rows = table if table in self._watched else ""
        if self._rows:
            self._columns = import_rows.columns(statement[:4096])
            for values in import_rows.inserted(statement):
                self._add(section, values)

    def _add(self, section: Section, values: tuple[str, ...]) -> None:
        names = section.columns.get(self._rows, ())
        if self._columns and names:
            given = dict(zip(self._columns, values, strict=False))
            values = tuple(given.get(name, "") for name in names)
        section.rows.setdefault(self._rows, []).append(values)


def _refuse_command(piece: Piece, where: Path | None = None) -> None:
    if not _PSQL.match(piece.text):
        place = f"{where}, line {piece.line}" if where else f"line {piece.line}"
        raise DumpError(
            f"{place}: the dump has a command that pg_dump does not write: {_shown(piece.text)}. Take it out"
        )


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
            connected = _database(found[1].decode(errors="replace"))
            if section:
                section.name = connected
        yield section, piece
    if header and section:
        raise CutOffError("in the middle of a database")


def _database(words: str) -> str:
    named = re.search(r"dbname='((?:[^'\\]|\\.)*)'", words)
    return re.sub(r"\\(.)", r"\1", named[1]) if named else words.strip().strip('"')


def _no_dump(dump: Content) -> str:
    with dump.lines() as lines:
        first = [_shown(line) for line in itertools.islice(lines, 20) if line.strip(b" -\r\n")]
    if first and first[0] == _CLUSTER.decode():
        return f"{dump.path} has roles and no database: make it with pg_dumpall without --globals-only"
    shown = first[0] if first else "nothing"
    return f"{dump.path} is no dump of PostgreSQL: it begins with no header of pg_dump, but with {shown!r}"


def _shown(text: bytes) -> str:
    return text.decode(errors="replace").strip()[:80]
