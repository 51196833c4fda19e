"""Plain dumps as Windows writes them."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from operations.import_dump import opened, sections
from operations.import_error import DumpError
from tests.unit.operations.test_import_dump import PLAIN

WITH_LETTERS = PLAIN.replace("GRANT ALL ON users TO public;", "grüße, 日本")


def lines(path: Path) -> str:
    with opened(path) as found:
        return b"".join(found).decode()


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF16_LE + WITH_LETTERS.replace("\n", "\r\n").encode("utf-16-le"),
        codecs.BOM_UTF16_BE + WITH_LETTERS.replace("\n", "\r\n").encode("utf-16-be"),
        WITH_LETTERS.encode("utf-16-le"),
        WITH_LETTERS.encode("utf-16-be"),
        codecs.BOM_UTF8 + WITH_LETTERS.encode(),
        codecs.BOM_UTF8 + WITH_LETTERS.replace("\n", "\r\n").encode(),
        WITH_LETTERS.replace("\n", "\r\n").encode(),
        codecs.BOM_UTF32_LE + WITH_LETTERS.encode("utf-32-le"),
    ],
    ids=["16le", "16be", "16le bare", "16be bare", "8 mark", "8 mark crlf", "crlf", "32"],
)
def test_a_dump_becomes_what_pg_dump_wrote(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.sql").write_bytes(data)
    assert lines(tmp_path / "a.sql") == WITH_LETTERS
    assert sections(tmp_path / "a.sql")[0].tables == {"users", "posts"}


@pytest.mark.parametrize("page", ["cp437", "cp850", "cp1252", "cp932"])
def test_letters_that_powershell_destroyed_are_told_with_their_line(tmp_path: Path, page: str) -> None:
    seen = PLAIN.replace("GRANT ALL ON users TO public;", "日本語、日本").encode().decode(page, "replace")
    (tmp_path / "a.sql").write_bytes(codecs.BOM_UTF16_LE + seen.encode("utf-16-le"))
    with pytest.raises(DumpError, match=r"a\.sql, line 21: this went .*`>`.* pg_dump --file"):
        sections(tmp_path / "a.sql")


def test_a_dump_in_utf_16_that_ends_within_a_letter_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(PLAIN.encode("utf-16")[:-1])
    with pytest.raises(DumpError, match="is UTF-16 that cannot be read after line"):
        sections(tmp_path / "a.sql")


def test_carriage_returns_in_values_stay(tmp_path: Path) -> None:
    text = PLAIN.replace("CREATE TABLE public.u", "INSERT INTO t VALUES ('a\r\nb');\nCREATE TABLE public.u")
    (tmp_path / "a.sql").write_bytes(text.encode())
    assert "('a\r\nb')" in lines(tmp_path / "a.sql")
