"""Dumps in pg_dump's archive formats: real ones of a small database, and made ones."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections import Counter
from pathlib import Path

from operations.import_archive import GZIP, Archive, read_archive
from operations.import_archive_rows import custom_parts
from operations.import_database import Dump
from operations.import_kinds import Target, target
from tests.unit.stacks.test_mastodon_mistakes import supplied

DUMPS = Path(__file__).parent / "dumps"
"""`pg_dump` 15 made them, of a database with four of Mastodon's tables; `social.tar.gz` is of format tar."""
FULL = "20250520192024"
"""The newest migration in them."""


def mastodon(version: str = "4.7.4") -> Target:
    """The app that takes them in."""
    settings = supplied().set("homeport:apps[0].version", version)
    if version.startswith("4.3."):
        settings.secret("mastodonOtpSecret")
    return target(settings.load(), "mastodon")


def folder(path: Path) -> Path:
    """The dump as a folder."""
    with tarfile.open(DUMPS / "social.tar.gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            path.mkdir(exist_ok=True)
            (path / member.name).write_bytes(content.read())
    return path


def sent(dump: Dump) -> tuple[bytes, Counter[str]]:
    """What the machine gets of a dump, and what was left out."""
    left_out: Counter[str] = Counter()
    with dump.content(left_out) as parts:
        return b"".join(parts), left_out


def rows(custom: bytes) -> dict[str, bytes]:
    """Every table's rows in a custom dump, in their order."""
    file = io.BytesIO(custom)
    archive = read_archive(file, "what was sent")
    names = {entry.dump_id: entry.text("tag") for entry in archive.entries if entry.has_data}
    found: dict[str, bytes] = {}
    for part in custom_parts(file, archive, "what was sent"):
        if part.is_content:
            found[names[part.dump_id]] = found.get(names[part.dump_id], b"") + part.data
    return {name: _unpacked(archive, content) for name, content in found.items()}


def _unpacked(archive: Archive, content: bytes) -> bytes:
    return zlib.decompress(content) if archive.compression == GZIP else content


def number(value: int) -> bytes:
    """A number of four bytes, with its sign before it."""
    return bytes((value < 0,)) + abs(value).to_bytes(4, "little")


def text(value: str | None) -> bytes:
    """A text with its length before it."""
    return number(-1) if value is None else number(len(value)) + value.encode()


def entry(
    number_of_it: int, tag: str, kind: str, definition: str = "", schema: str = "public", *, minor: int = 15
) -> bytes:
    """One entry of a table of contents; that of a table's rows has data and names all columns."""
    has_data = kind == "TABLE DATA"
    parts = [number(number_of_it), number(has_data), text("0"), text("0"), text(tag), text(kind), number(2)]
    parts += [text(definition), text("")]
    parts.append(text(f"COPY {schema}.{tag} (version) FROM stdin;\n" if has_data else None))
    parts += [text(schema), text(""), text("")]
    if minor >= 16:
        parts.append(number(ord("r")))
    parts += [text("owner"), text("false"), text("1"), text(None), bytes(9)]
    return b"".join(parts)


def block(number_of_it: int, content: bytes) -> bytes:
    """The rows of an entry, not packed."""
    return b"\x01" + number(number_of_it) + number(len(content)) + content + number(0)


def archive(
    minor: int,
    compression: bytes,
    *entries: bytes,
    kind: int = 1,
    blocks: bytes = b"",
    versions: str = "16.4",
) -> bytes:
    """A dump in an archive format."""
    version = text("16.4 (Debian)") + text("17.10")
    start = b"PGDMP" + bytes((1, minor, 0, 4, 8, kind)) + compression
    return start + number(1) * 7 + text("chat") + version + number(len(entries)) + b"".join(entries) + blocks


def chat_archive(*more: bytes, schema: str = "public") -> bytes:
    """A custom dump of PostgreSQL 16 with Mattermost's tables and one row."""
    tables = [
        entry(place, name, "TABLE", f"CREATE TABLE {schema}.{name} (\n    version text\n);\n", schema)
        for place, name in enumerate(("users", "posts", "systems"), start=10)
    ]
    data = entry(20, "users", "TABLE DATA", schema=schema)
    return archive(15, b"\x00", *more, *tables, data, blocks=block(20, b"ada\n\\.\n\n\n"))
