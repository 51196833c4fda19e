"""Files that people give as a dump of PostgreSQL and that are something else, and what to do then."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TO_POSTGRESQL = (
    "Homeport's apps run on PostgreSQL, and Mattermost itself supports no MySQL"
    " since version 11: move the old installation to PostgreSQL first, with Mattermost's migration-assist and"
    " pgloader (https://docs.mattermost.com/deploy/postgres-migration-assist-tool.html), then dump that with"
    " pg_dump --format=custom"
)
_MYSQL = f"is a dump of MySQL or MariaDB. {_TO_POSTGRESQL}"
_SERVER_FILES = (
    "is a copy of a server's files, not a dump: start a PostgreSQL of that version on it, and run"
    " pg_dump --format=custom there"
)
_PACKED_ELSEWHERE = "is packed with {0}, which is not unpacked here: run `{1}` and give what it makes"

_MAGIC: Sequence[tuple[bytes, int, str]] = (
    (b"\x28\xb5\x2f\xfd", 0, _PACKED_ELSEWHERE.format("zstd", "zstd -d FILE")),
    (b"\x04\x22\x4d\x18", 0, _PACKED_ELSEWHERE.format("lz4", "lz4 -d FILE")),
    (b"\x02\x21\x4c\x18", 0, _PACKED_ELSEWHERE.format("lz4", "lz4 -d FILE")),
    (b"7z\xbc\xaf\x27\x1c", 0, _PACKED_ELSEWHERE.format("7-Zip", "7z x FILE")),
    (b"Rar!\x1a\x07", 0, _PACKED_ELSEWHERE.format("RAR", "unrar x FILE")),
    (b"\x1f\x9d", 0, _PACKED_ELSEWHERE.format("compress", "uncompress FILE.Z")),
    (b"LZIP", 0, _PACKED_ELSEWHERE.format("lzip", "lzip -d FILE")),
    (b"\x89LZO\x00\r\n\x1a\n", 0, _PACKED_ELSEWHERE.format("lzop", "lzop -d FILE")),
    (b"\x5d\x00\x00", 0, _PACKED_ELSEWHERE.format("lzma", "xz --format=lzma -d FILE")),
    (b"\xff\x06\x00\x00sNaPpY", 0, _PACKED_ELSEWHERE.format("snappy", "snzip -d FILE")),
    (b"!<arch>\n", 0, "is an archive of ar: unpack it with `ar x FILE` and give the dump in it"),
    (b"age-encryption.org/", 0, "is encrypted with age: run `age --decrypt` on it and give what it makes"),
    (
        b"-----BEGIN AGE ENCRYPTED",
        0,
        "is encrypted with age: run `age --decrypt` on it and give what it makes",
    ),
    (
        b"-----BEGIN PGP MESSAGE",
        0,
        "is encrypted with GnuPG: run `gpg --decrypt` on it and give what it makes",
    ),
    (b"Salted__", 0, "is encrypted with OpenSSL: run `openssl enc -d` on it and give what it makes"),
    (
        b"SQLite format 3\x00",
        0,
        "is a database of SQLite, not a dump of PostgreSQL; neither app keeps its data there",
    ),
    (b"TAPE", 0, "is a backup of Microsoft SQL Server, not a dump of PostgreSQL"),
    (b"\x6d\xe2\x99\x81", 0, "is an archive of mongodump, not a dump of PostgreSQL"),
    (b"REDIS0", 0, "is a dump of Redis: the database is in PostgreSQL; Redis is not moved"),
    (b"XBSTCK01", 0, f"is a backup of a MySQL server by XtraBackup. {_TO_POSTGRESQL}"),
    (b"\xfebin", 0, f"is a binary log of MySQL. {_TO_POSTGRESQL}"),
    (b"\x7fELF", 0, "is a program, not a dump"),
    (b"MZ\x90\x00", 0, "is a program, not a dump"),
    (b"%PDF-", 0, "is a PDF, not a dump"),
    (
        b"PGCOPY\n\xff\r\n",
        0,
        "is one table in COPY's binary format: dump the database with pg_dump --format=custom",
    ),
)
"""Bytes, their place and what a file is that has them there."""

_TEXT: Sequence[tuple[str, str]] = tuple(
    (pattern, said)
    for pattern, said in (
        (r"-- (MySQL|MariaDB) dump\b", _MYSQL),
        (r"/\*M?!999999\\?-? ", _MYSQL),
        (r"(-- |# |/\*)?(phpMyAdmin|HeidiSQL|MySQL|Sequel (Pro|Ace)) ", _MYSQL),
        (r"-- Adminer [\d.]+ MySQL", _MYSQL),
        (r"/\*!\d{5} SET ", _MYSQL),
        (r"PRAGMA foreign_keys", "is a dump of SQLite, not of PostgreSQL"),
        (
            r"(USE \[|/\*{6} Object:|SET ANSI_NULLS)",
            "is a script of Microsoft SQL Server, not a dump of PostgreSQL",
        ),
        (r"(-- )?(Oracle|EXPORT:V)", "is an export of Oracle, not a dump of PostgreSQL"),
        (
            r"version https://git-lfs\.github\.com/spec/",
            "is a pointer of Git LFS, not the dump: fetch the file with `git lfs pull`",
        ),
        (
            r"(?i)(<!doctype html|<html|<head|<!--.*<html)",
            "is a web page, such as an error or a login: download the dump again",
        ),
        (r"<\?xml|<Error>|<svg", "is XML, such as the error of an object store: download the dump again"),
        (
            r'\{\s*"type"\s*:\s*"version"',
            "is a bulk export of Mattermost, not a dump: `mmctl import` takes it in; for this command dump"
            " the database with pg_dump --format=custom",
        ),
        (r"[{\[]", "is JSON, such as the error of an API: download or make the dump again"),
        (
            r"psql:\S+:\d+: |(\S*/)?(pg_dump|pg_dumpall|psql|pg_restore|mysqldump|mariadb-dump)(\.exe)?: ",
            "has the message of a command that failed, and no dump: make it again, and look at its message",
        ),
        (
            r"(docker|podman|kubectl|sudo|ssh|su|bash|sh|zsh|env): "
            r"|OCI runtime|(?i:error: )|Error (response from daemon|from server)"
            r"|the input device is not a TTY|Permission denied|Password:|/bin/|no configuration file"
            r"|service \"|time=\"",
            "has the message of a command that failed, and no dump: make it again, and look at its message",
        ),
        (
            r"'?pg_dump(all)?(\.exe)?'?( :)? (is not recognized|The term)|.*: (command )?not found",
            "has the message of a command that failed, and no dump: make it again, and look at its message",
        ),
        (
            r"total \d+\s*$|[-dlbcps][-rwxsStT]{9}[.+@]?\s+\d+ ",
            "is a list of files, not a dump: give the dump itself",
        ),
    )
)
"""How a text begins, and what it is."""


def foreign_binary(head: bytes) -> str | None:
    """What a file is that begins so, if that is known and no dump: a sentence without its subject."""
    for magic, place, said in _MAGIC:
        if head[place : place + len(magic)] == magic:
            return said
    # BSON begins with its length, which is small, and ends each document with a zero.
    if head[2:4] == b"\x00\x00" and head[4:5] in (b"\x02", b"\x03", b"\x07", b"\x10"):
        return "looks like BSON of mongodump, not a dump of PostgreSQL"
    if b"PG_VERSION" in head[:512] or b"backup_label" in head[:512]:
        return _SERVER_FILES
    return None


def foreign_text(head: str) -> str | None:
    """What a text is that begins so, if that is known and no dump of PostgreSQL."""
    start = head.lstrip()
    for pattern, said in _TEXT:
        if re.match(pattern, start, re.MULTILINE):
            return said
    # What other tools write before or instead of a first line that says what it is.
    if re.search(r"^(CREATE TABLE|INSERT INTO|DROP TABLE IF EXISTS|LOCK TABLES) `", head, re.MULTILINE):
        return _MYSQL
    if re.search(r"^\) ENGINE=(InnoDB|MyISAM)", head, re.MULTILINE):
        return _MYSQL
    return None


def server_files(names: Sequence[str]) -> str | None:
    """What a folder or an archive with these names is, if it is a copy of a server's files."""
    bare = {name.removeprefix("./").rstrip("/").rpartition("/")[2] for name in names}
    if "PG_VERSION" in bare or {"base.tar", "base.tar.gz"} & bare or "backup_label" in bare:
        return _SERVER_FILES
    if any(name.endswith((".bson", ".bson.gz")) for name in bare):
        return "is a folder of mongodump, not a dump of PostgreSQL"
    if any(name.endswith((".ibd", ".frm")) or name == "ibdata1" for name in bare):
        return f"has the files of a MySQL server. {_TO_POSTGRESQL}"
    return None
