"""The dump that an app takes in: what was read of it, and what of it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from operations.import_archive import Archive
from operations.import_archive_dump import archive_parts, archive_section
from operations.import_content import Content, content
from operations.import_dump import chosen, loadable, sections
from operations.import_error import DumpError
from operations.import_extensions import refuse_used
from operations.import_kinds import Target
from operations.import_section import Section
from operations.import_versions import migration, refuse_version


@dataclass(frozen=True)
class Dump:
    """A dump that was looked at, and can be loaded."""

    path: Path
    is_custom: bool
    major: int
    """The major version of the server that it comes from; 0 where it does not say so."""
    extensions: tuple[str, ...] = ()
    position: int = 0
    """The place of the database among those of a plain dump."""
    schema: str = "public"
    """Where the app's tables are."""
    migration: int = 0
    """The newest that the data has seen; 0 where that is not known."""
    is_packed: bool = False
    lacking: frozenset[str] = frozenset()
    """Extensions that the server lacks and nothing uses."""
    section: Section = field(default_factory=Section, repr=False)
    content_of: Content | None = field(default=None, repr=False)
    archive: Archive | None = field(default=None, repr=False)

    @classmethod
    def read(cls, path: Path, wanted: Target, name: str = "") -> Dump:
        """Look at it. Raises `DumpError`, and `OSError` where it cannot be read."""
        found = content(path)
        archive = None
        position = 0
        if found.kind == "plain":
            all_of_it = sections(found, wanted.watched)
            section = chosen(all_of_it, wanted.tables, wanted.app.kind, name)
            position = all_of_it.index(section)
        else:
            archive, section = archive_section(found, wanted.watched)
            chosen([section], wanted.tables, wanted.app.kind, name)
        schema = _schema(section, wanted)
        _refuse_without_rows(section, wanted, path)
        refuse_version(section, wanted, path)
        major = max(archive.major, archive.tool) if archive else section.major
        return cls(
            path,
            archive is not None,
            major,
            tuple(section.extensions),
            position,
            schema,
            migration(section, wanted),
            found.is_packed,
            section=section,
            content_of=found,
            archive=archive,
        )

    @property
    def size(self) -> int:
        """Bytes of the file, or of all in the folder."""
        if self.path.is_dir():
            return sum(entry.stat().st_size for entry in self.path.iterdir() if entry.is_file())
        return self.path.stat().st_size

    def without(self, lacking: Collection[str], app: str) -> Dump:
        """The same for a server that lacks extensions. Raises `DumpError` where one of them is needed."""
        refuse_used(self.section, lacking, app)
        return replace(self, lacking=frozenset(lacking))

    @contextmanager
    def content(self, left_out: Counter[str]) -> Iterator[Iterable[bytes]]:
        """What is sent of it; what is not, is counted in `left_out` by the time it was read."""
        found = self.content_of or content(self.path)
        if self.archive:
            with archive_parts(found, self.archive, self.section, self.lacking, left_out) as parts:
                yield parts
        else:
            with found.lines() as lines:
                yield loadable(lines, self.position, left_out, self.lacking, self.section)


def _schema(section: Section, wanted: Target) -> str:
    """Where the app's tables are. Raises `DumpError` where that is in several places."""
    places = [section.schemas.get(table, {""}) for table in wanted.tables]
    everywhere = sorted(set.union(*places) - {""}) or ["public"]
    if everywhere == ["public"]:
        return "public"
    if len(everywhere) == 1:
        _refuse_unmovable(section, everywhere[0], wanted)
        return everywhere[0]
    shown = ", ".join(everywhere)
    other = next(schema for schema in everywhere if schema != "public")
    raise DumpError(
        f"the dump has tables of {wanted.app.name} in several schemas: {shown}. Only one can become its data:"
        f" look in the old database which has the rows of {wanted.tables[0]}, and dump that one alone, with"
        f" pg_dump --format=custom --schema={other}"
    )


def _refuse_unmovable(section: Section, schema: str, wanted: Target) -> None:
    """The app looks for its tables in public, so their schema gets that name."""
    where = (
        f"the tables of {wanted.app.name} are in the schema {schema}, and become those of the schema public"
    )
    others = sorted(table for table, schemas in section.schemas.items() if "public" in schemas)
    if others:
        raise DumpError(
            f"{where}; but that has tables of its own: {', '.join(others[:5])}. Dump the one schema alone:"
            f" pg_dump --format=custom --schema={schema}"
        )
    if schema not in section.made_schemas:
        raise DumpError(
            f"{where}; but the dump does not make that schema: make it with pg_dump"
            f" --schema={schema}, not --table"
        )
    if schema in section.in_code:
        raise DumpError(
            f"{where}; but functions name {schema} in their text. In a copy of the old database, ALTER"
            f' SCHEMA public RENAME TO before; ALTER SCHEMA "{schema}" RENAME TO public; correct the'
            " functions, and dump that"
        )


def _refuse_without_rows(section: Section, wanted: Target, path: Path) -> None:
    if not section.filled:
        raise DumpError(
            f"{path} has the tables of {wanted.app.name} but no rows: make the dump without --schema-only"
        )
