"""What people give as a dump: found by its content, whatever packs it, or named together with what to do."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from operations.import_content import content
from operations.import_dump import sections
from operations.import_error import DumpError
from tests.unit.operations.archives import DUMPS, folder
from tests.unit.operations.test_import_dump import PLAIN, written

CUSTOM = (DUMPS / "social.dump").read_bytes()


def look(path: Path) -> None:
    """Find the content, and read all of it where it is plain."""
    found = content(path)
    if found.kind == "plain":
        sections(found)


def refused(path: Path) -> str:
    """What is said of a file, without its path."""
    with pytest.raises(DumpError) as error:
        look(path)
    return str(error.value).replace(str(path), "FILE")


def said(folder: Path, data: bytes | str) -> str:
    (folder / "anything.dump").write_bytes(data.encode() if isinstance(data, str) else data)
    return refused(folder / "anything.dump")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("name", ["dump.sql", "dump.gz", "dump.zip", "dump"])
def test_a_packed_dump_is_read_whatever_its_name_says(
    tmp_path: Path, pack: Callable[[bytes], bytes], name: str
) -> None:
    (tmp_path / name).write_bytes(pack(PLAIN.encode()))
    assert sections(tmp_path / name)[0].major == 16


def test_a_dump_that_is_packed_twice_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("backup/dump.sql.gz", gzip.compress(PLAIN.encode()))
        archive.writestr("__MACOSX/backup/._dump.sql.gz", b"of the system")
    assert sections(tmp_path / "a")[0].major == 16


def test_a_zip_with_a_password_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("dump.sql", PLAIN)
    data = bytearray((tmp_path / "a").read_bytes())
    # The flag of encryption, in the file's own header and in the list at the end.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert said(tmp_path, bytes(data)).startswith("FILE cannot be read here (File 'dump.sql' is encrypted")


def test_what_is_packed_again_and_again_is_refused(tmp_path: Path) -> None:
    data = PLAIN.encode()
    for _ in range(6):
        data = gzip.compress(data)
    assert said(tmp_path, data) == "FILE is packed more than 4 times: unpack it, and give the dump in it"


def test_a_link_to_a_dump_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(DUMPS / "social.dump")
    assert content(tmp_path / "link").kind == "custom"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_dump_that_was_cut_off_is_told(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    data = pack(os.urandom(2000) + PLAIN.encode())
    assert "was cut off or damaged" in said(tmp_path, data[: len(data) // 2])


def test_a_packed_dump_with_one_wrong_byte_is_told(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(PLAIN.encode()))
    data[-6] ^= 1
    assert "was cut off or damaged (CRC check failed" in said(tmp_path, bytes(data))


@pytest.mark.parametrize(
    ("start", "command"),
    [
        (b"\x04\x22\x4d\x18", "lz4 -d FILE"),
        (b"7z\xbc\xaf\x27\x1c", "7z x FILE"),
        (b"Rar!\x1a\x07\x01\x00", "unrar x FILE"),
        (b"\x1f\x9d\x90", "uncompress FILE.Z"),
        (b"LZIP\x01", "lzip -d FILE"),
        (b"age-encryption.org/v1\n", "age --decrypt"),
        (b"-----BEGIN PGP MESSAGE-----\n", "gpg --decrypt"),
        (b"Salted__12345678", "openssl enc -d"),
    ],
)
def test_what_is_not_unpacked_here_is_told_with_the_command_that_does(
    tmp_path: Path, start: bytes, command: str
) -> None:
    assert f"`{command}`" in said(tmp_path, start + b"\x00\x01\x02rest")


MYSQL = "is a dump of MySQL or MariaDB."


@pytest.mark.parametrize(
    "start",
    [
        "-- MySQL dump 10.13  Distrib 8.0.35, for Linux (x86_64)\n--\n-- Host: localhost\n",
        "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.11-MariaDB\n",
        "/*!999999\\- enable the sandbox mode */\n",
        "-- MariaDB dump 10.19\n",
        "-- phpMyAdmin SQL Dump\n-- version 5.2.1\n",
        "/*!40101 SET NAMES utf8mb4 */;\n",
        "\n\nDROP TABLE IF EXISTS `Posts`;\nCREATE TABLE `Posts` (\n",
        "CREATE TABLE Posts (\n  Id varchar(26)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
    ],
)
def test_a_dump_of_mysql_is_told_with_the_way(tmp_path: Path, start: str) -> None:
    text = said(tmp_path, start)
    assert MYSQL in text
    assert "no MySQL since version 11" in text
    assert "migration-assist and pgloader" in text
    assert said(tmp_path, gzip.compress(start.encode())) == text


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"SQLite format 3\x00rest", "is a database of SQLite"),
        (b"TAPE\x00\x00\x03\x00", "is a backup of Microsoft SQL Server"),
        (b"\x6d\xe2\x99\x81\x00\x00", "is an archive of mongodump"),
        (b"\x30\x01\x00\x00\x02name\x00", "looks like BSON of mongodump"),
        (b"REDIS0011\xfa", "is a dump of Redis"),
        (b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "is a dump of SQLite"),
        (b"<!DOCTYPE html>\n<html>", "is a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<Error><Code>AccessDenied", "is XML, such as the error"),
        (b'{"message": "Not Found"}', "is JSON, such as the error"),
        (b'{"type":"version","version":1}\n', "is a bulk export of Mattermost, not a dump: `mmctl import`"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "`git lfs pull`"),
        (b"pg_dump: error: connection to server failed\n", "has the message of a command that failed"),
        (b"psql:dump.sql:12: ERROR:  relation does not exist\n", "has the message of a command that failed"),
        (b"Error response from daemon: No such container: db\n", "has the message of a command that failed"),
        (b"bash: line 1: pg_dump: command not found\n", "has the message of a command that failed"),
        (b"pg_dump : The term 'pg_dump' is not recognized\r\n", "has the message of a command that failed"),
        (b"total 8\n-rw-r--r-- 1 a a 12 Jan  1 00:00 chat.dump\n", "is a list of files"),
        (b"", "is empty: make the dump again"),
        (gzip.compress(b"", mtime=0), "is empty: make the dump again"),
        (
            b"id,name\n1,a\n",
            "is no dump of PostgreSQL: it begins with no header of pg_dump, but with 'id,name'",
        ),
        (b"\x00\x01\x02\x03\x04\x05" * 40, "is no dump of PostgreSQL"),
        (
            b"--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE a;\n",
            "has roles and no database: make it with pg_dumpall without --globals-only",
        ),
        (CUSTOM.replace(b"\n", b"\r\n"), "was changed on its way by a terminal, as by docker exec --tty"),
        (b"\xff\xfe" + CUSTOM.decode("cp850").encode("utf-16-le"), "PowerShell's `>` destroyed it"),
        (CUSTOM[:10] + b"\x05" + CUSTOM[11:], "is the table of contents of a dump that is a folder"),
    ],
)
def test_what_is_no_dump_is_named(tmp_path: Path, data: bytes, what: str) -> None:
    assert what in said(tmp_path, data)


def test_lines_before_a_dump_are_told_with_the_command_that_removes_them(tmp_path: Path) -> None:
    text = said(tmp_path, "time=2026 level=warning msg=obsolete\nWARN again\n" + PLAIN)
    assert text == (
        "FILE, line 1: 'time=2026 level=warning msg=obsolete' is not of pg_dump: take the first 2 lines out"
        " (tail -n +3 FILE >DUMP), and give what is left"
    )


def test_a_path_with_nothing_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "a") == "FILE is not there: DATABASE is the path of a file or folder of pg_dump"


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    assert "is a pipe or a device, and a dump is read twice" in refused(tmp_path / "a")


def test_a_folder_of_something_else_is_refused_with_what_is_in_it(tmp_path: Path) -> None:
    written(tmp_path, PLAIN)
    assert refused(tmp_path).endswith("name the dump itself: dump.sql")


def test_a_copy_of_a_servers_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("15\n")
    assert "is a copy of a server's files, not a dump" in refused(tmp_path)
    with tarfile.open(tmp_path / "base.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "PG_VERSION", "PG_VERSION")
        tar.add(tmp_path / "PG_VERSION", "base/1")
    assert "is a copy of a server's files, not a dump" in refused(tmp_path / "base.tar.gz")


def test_several_files_in_a_tar_are_refused_with_their_names(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(path, "one.sql")
        tar.add(path, "two.sql")
    assert refused(tmp_path / "a.tar") == (
        "FILE has 2 files, not one dump: unpack it and give the dump: one.sql, two.sql"
    )


def test_a_folder_of_pg_dump_is_found(tmp_path: Path) -> None:
    assert content(folder(tmp_path / "d")).kind == "members"
