"""Dumps in the custom, folder and tar format: what is read of them, and the custom dump that is sent."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from pathlib import Path

import pytest

from operations.import_archive import Archive, read_archive
from operations.import_database import Dump
from operations.import_error import DumpError
from operations.import_kinds import Target, target
from tests.unit.operations.archives import (
    DUMPS,
    FULL,
    archive,
    block,
    chat_archive,
    entry,
    folder,
    mastodon,
    number,
    rows,
    sent,
)
from tests.unit.stacks.configuration import chat

TABLES = {"accounts", "users", "statuses", "schema_migrations", "logs_1"}


def chat_target() -> Target:
    return target(chat().load(), "mattermost")


def read(path: Path) -> Dump:
    return Dump.read(path, mastodon())


def whole(path: Path) -> bool:
    """Whether a dump is sent with all its rows, as one that pg_restore reads."""
    custom, _ = sent(read(path))
    found = rows(custom)
    head = read_archive(io.BytesIO(custom), path)
    return (
        head.kind == 1
        and TABLES - {"logs_1"} <= set(found)
        and found["statuses"].count("grüße".encode()) == 30
        and found["accounts"].startswith(b"1\tada\n")
    )


@pytest.mark.parametrize(("minor", "compression"), [(14, number(6)), (15, b"\x01"), (16, b"\x01")])
def test_an_archive_tells_its_server_and_its_tool(minor: int, compression: bytes) -> None:
    file = io.BytesIO(archive(minor, compression))
    assert read_archive(file, "chat.dump") == Archive("chat", 16, 17)


@pytest.mark.parametrize("length", [3, 12, 50, 80])
def test_an_archive_without_the_rest_of_its_start_was_cut_off(length: int) -> None:
    with pytest.raises(DumpError, match=r"chat\.dump was cut off or damaged: .* Make or copy it again"):
        read_archive(io.BytesIO(archive(15, b"\x01", entry(1, "a", "TABLE"))[:length]), "chat.dump")


def test_an_archive_of_a_format_of_the_future_is_told_with_what_is_read() -> None:
    with pytest.raises(DumpError, match=r"version 1\.17 of pg_dump's format, .* --format=plain"):
        read_archive(io.BytesIO(archive(17, b"\x01")), "chat.dump")


def test_a_custom_dump_of_pg_dump_comes_whole() -> None:
    dump = read(DUMPS / "social.dump")
    assert (dump.is_custom, dump.major, dump.extensions, dump.migration) == (
        True,
        15,
        ("pg_trgm",),
        int(FULL),
    )
    assert whole(DUMPS / "social.dump")


def test_a_packed_custom_dump_comes_whole(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress((DUMPS / "social.dump").read_bytes()))
    assert whole(tmp_path / "a.gz")


def test_a_packed_dump_in_format_tar_comes_whole() -> None:
    assert read(DUMPS / "social.tar.gz").migration == int(FULL)
    assert whole(DUMPS / "social.tar.gz")


def test_a_folder_comes_whole(tmp_path: Path) -> None:
    assert whole(folder(tmp_path / "d"))


def test_a_folder_whose_files_are_packed_comes_whole(tmp_path: Path) -> None:
    for path in folder(tmp_path / "d").glob("[0-9]*.dat"):
        path.with_suffix(".dat.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert whole(tmp_path / "d")


def test_a_folder_in_a_tar_in_any_order_comes_whole(tmp_path: Path) -> None:
    folder(tmp_path / "d")
    with tarfile.open(tmp_path / "d.tar.xz", "w:xz") as tar:
        for path in sorted((tmp_path / "d").iterdir(), reverse=True):
            tar.add(path, f"./d/{path.name}")
    assert whole(tmp_path / "d.tar.xz")


def test_a_folder_in_a_zip_comes_whole(tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "d"), "zip", folder(tmp_path / "d"))
    assert whole(tmp_path / "d.zip")


def test_rows_come_in_the_order_of_the_table_of_contents() -> None:
    custom, _ = sent(read(DUMPS / "social.tar.gz"))
    head = read_archive(io.BytesIO(custom), "sent")
    assert list(rows(custom)) == [entry.text("tag") for entry in head.entries if entry.has_data]


@pytest.mark.parametrize("missing", [3, 6, 700])
def test_a_custom_dump_that_was_cut_off_is_told_before_it_is_sent(tmp_path: Path, missing: int) -> None:
    (tmp_path / "half.dump").write_bytes((DUMPS / "social.dump").read_bytes()[:-missing])
    with pytest.raises(DumpError, match="was cut off"):
        read(tmp_path / "half.dump")


def test_a_table_whose_rows_are_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "chat.dump"
    path.write_bytes(
        archive(
            15,
            b"\x00",
            entry(1, "users", "TABLE DATA"),
            entry(2, "posts", "TABLE DATA"),
            blocks=block(1, b"x\n"),
        )
    )
    with pytest.raises(DumpError, match="the rows of posts are missing"):
        read(path)


def test_a_file_that_is_missing_in_a_folder_is_named(tmp_path: Path) -> None:
    folder(tmp_path / "d")
    largest = max((tmp_path / "d").glob("[0-9]*.dat"), key=lambda path: path.stat().st_size)
    largest.unlink()
    with pytest.raises(DumpError, match=f"{largest.name}, the rows of statuses, is missing"):
        read(tmp_path / "d")


def test_what_needs_roles_and_services_of_the_old_server_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "chat.dump").write_bytes(
        chat_archive(
            entry(1, "chat", "DATABASE", "CREATE DATABASE chat;\n", ""),
            entry(2, "TABLE users", "ACL", "GRANT SELECT ON TABLE public.users TO cloudsqlsuperuser;\n"),
            entry(
                3,
                "evt",
                "EVENT TRIGGER",
                "CREATE EVENT TRIGGER evt ON ddl_command_end;\n",
            ),
            entry(4, "pub", "PUBLICATION", "CREATE PUBLICATION pub;\n"),
            entry(5, "users pol", "POLICY", "CREATE POLICY pol ON public.users TO reader;\n"),
            entry(6, "public", "SCHEMA", "CREATE SCHEMA public;\n", ""),
        )
    )
    dump = Dump.read(tmp_path / "chat.dump", chat_target())
    custom, left_out = sent(dump)
    kinds = {found.text("kind") for found in read_archive(io.BytesIO(custom), "sent").entries}
    assert kinds == {"TABLE", "TABLE DATA"}
    assert set(left_out) == {
        "permissions",
        "event triggers",
        "replication",
        "row security",
        "the schema public, which is there",
    }


def test_an_extension_that_the_server_lacks_and_nothing_uses_is_left_out(tmp_path: Path) -> None:
    made = "CREATE EXTENSION IF NOT EXISTS google_vacuum_mgmt WITH SCHEMA google_vacuum_mgmt;\n"
    (tmp_path / "chat.dump").write_bytes(
        chat_archive(
            entry(1, "google_vacuum_mgmt", "SCHEMA", "CREATE SCHEMA google_vacuum_mgmt;\n", ""),
            entry(2, "google_vacuum_mgmt", "EXTENSION", made, ""),
        )
    )
    dump = Dump.read(tmp_path / "chat.dump", chat_target()).without(["google_vacuum_mgmt"], "mattermost")
    _, left_out = sent(dump)
    assert left_out == {"the extension google_vacuum_mgmt, which nothing uses": 1}


def test_tables_in_a_schema_of_their_own_are_found(tmp_path: Path) -> None:
    made = entry(1, "mattermost", "SCHEMA", "CREATE SCHEMA mattermost;\n", "")
    (tmp_path / "chat.dump").write_bytes(chat_archive(made, schema="mattermost"))
    assert Dump.read(tmp_path / "chat.dump", chat_target()).schema == "mattermost"
