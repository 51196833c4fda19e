"""What is read of a dump, and what of it is loaded."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from operations.import_dump import chosen, loadable, sections
from operations.import_error import DumpError
from operations.import_section import Section
from operations.import_statements import CutOffError, pieces

TABLES = ("users", "posts")
HEAD = """\
--
-- PostgreSQL database dump
--

\\restrict abc

-- Dumped from database version 16.4 (Debian 16.4-1)
-- Dumped by pg_dump version 17.10

SET client_encoding = 'UTF8';
SET transaction_timeout = 0;
"""
BODY = """\
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
CREATE TABLE public.users (
    id text
);
ALTER TABLE public.users OWNER TO mmuser;
CREATE TABLE public.posts (
    id text
);
COPY public.posts (id) FROM stdin;
GRANT ALL ON users TO public;
\\\\connect elsewhere
\\.

GRANT SELECT ON TABLE public.users TO reader;
"""
TAIL = """\
\\unrestrict abc

--
-- PostgreSQL database dump complete
--

"""
PLAIN = HEAD + BODY + TAIL
CLUSTER = (
    "--\n-- PostgreSQL database cluster dump\n--\n\n"
    "CREATE ROLE mmuser;\nALTER ROLE mmuser WITH SUPERUSER;\n\n"
    "\\connect template1\n\n"
    + HEAD
    + TAIL
    + HEAD
    + "CREATE DATABASE mattermost WITH TEMPLATE = template0;\n\\connect mattermost\n\n"
    + BODY
    + TAIL
    + HEAD
    + "\\connect -reuse-previous=on \"dbname='it\\'s'\"\n\n"
    + TAIL
)


def written(folder: Path, text: str) -> Path:
    (folder / "dump.sql").write_text(text)
    return folder / "dump.sql"


def loaded(text: str, position: int = 0) -> tuple[str, Counter[str]]:
    left_out: Counter[str] = Counter()
    lines = io.BytesIO(text.encode())
    return b"".join(loadable(lines, position, left_out)).decode(), left_out


def test_a_dump_tells_its_server_its_tables_and_its_extensions(tmp_path: Path) -> None:
    assert sections(written(tmp_path, PLAIN)) == [
        Section("", 16, {"users", "posts"}, ["uuid-ossp"], is_complete=True)
    ]


def test_a_dump_of_all_databases_tells_each_by_its_name(tmp_path: Path) -> None:
    assert [section.name for section in sections(written(tmp_path, CLUSTER))] == [
        "template1",
        "mattermost",
        "it's",
    ]


def test_the_database_with_the_apps_tables_is_found(tmp_path: Path) -> None:
    assert chosen(sections(written(tmp_path, CLUSTER)), TABLES, "mattermost").name == "mattermost"


def test_of_two_databases_that_fit_the_name_decides() -> None:
    found = [Section(name, 16, {"users", "posts"}, [], is_complete=True) for name in ("one", "two")]
    with pytest.raises(DumpError, match="say DATABASE_NAME=, one of one, two"):
        chosen(found, TABLES, "mattermost")
    assert chosen(found, TABLES, "mattermost", "two") is found[1]


def test_a_name_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match="no database chat is in the dump; there are: template1, mattermost"):
        chosen(sections(written(tmp_path, CLUSTER)), TABLES, "mattermost", "chat")


def test_a_dump_of_something_else_is_told_by_its_missing_table(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match="not one of mastodon: it has no table statuses"):
        chosen(sections(written(tmp_path, PLAIN)), ("users", "statuses"), "mastodon")


def test_what_needs_other_rights_or_roles_is_left_out_and_counted() -> None:
    text, left_out = loaded(PLAIN)
    assert dict(left_out) == {"settings of a newer PostgreSQL": 1, "owners": 1, "permissions": 1}
    assert "mmuser" not in text
    assert "reader" not in text


def test_rows_that_look_like_commands_are_loaded() -> None:
    text, _ = loaded(PLAIN)
    assert "FROM stdin;\nGRANT ALL ON users TO public;\n\\\\connect elsewhere\n\\.\n" in text


def test_only_the_wanted_database_is_loaded() -> None:
    text, _ = loaded(CLUSTER, position=1)
    assert "CREATE TABLE public.posts" in text
    assert "ROLE" not in text
    assert loaded(CLUSTER, position=0)[0] == "SET client_encoding = 'UTF8';\n"


def test_a_command_of_the_shell_is_refused() -> None:
    with pytest.raises(DumpError, match=r"line 12: .* pg_dump does not write: \\! reboot"):
        loaded(HEAD + "\\! reboot\n" + TAIL)


def test_a_command_of_the_shell_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match=r"dump\.sql, line 12: .* does not write: \\! reboot\. Take it out"):
        sections(written(tmp_path, HEAD + "\\! reboot\n" + TAIL))


@pytest.mark.parametrize(
    "at", ["id text\n", "GRANT ALL ON users", "GRANT SELECT", "-- PostgreSQL database dump c"]
)
def test_a_dump_that_was_cut_off_is_told(tmp_path: Path, at: str) -> None:
    cut = PLAIN[: PLAIN.index(at) + 4]
    with pytest.raises(DumpError, match="was cut off"):
        sections(written(tmp_path, cut))


def test_a_packed_dump_is_read_and_one_that_was_cut_off_is_told(tmp_path: Path) -> None:
    packed = gzip.compress(PLAIN.encode())
    (tmp_path / "dump.sql.gz").write_bytes(packed)
    assert sections(tmp_path / "dump.sql.gz")[0].major == 16
    (tmp_path / "half.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DumpError, match="was cut off"):
        sections(tmp_path / "half.gz")


def test_what_is_no_dump_is_told(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match="is no dump of PostgreSQL"):
        sections(written(tmp_path, "SELECT 1;\n"))


def test_the_one_dump_in_a_tar_is_read(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "dump.tar", "w") as tar:
        tar.add(written(tmp_path, PLAIN), "backup/dump.sql")
    assert sections(tmp_path / "dump.tar")[0].major == 16


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES ('a;\nGRANT x;\n''b');\n",
        "INSERT INTO t VALUES (E'a\\';\nGRANT x;\n');\n",
        "INSERT INTO t VALUES ('a\\');\n",
        'CREATE TABLE "a;\nb" (c text);\n',
        "CREATE FUNCTION f() AS $_$ BEGIN;\nGRANT x;\n$a$;\n END $_$;\n",
        "CREATE FUNCTION f() BEGIN /* ; ' */ -- ;'\nSELECT 1 ; END;\n",
        "SELECT a$b, 1; -- end\n",
    ],
)
def test_a_statement_ends_at_its_own_semicolon(statement: str) -> None:
    following = "SELECT 2;\n"
    found = [piece.text.decode() for piece in pieces(io.BytesIO((statement + following).encode()))]
    assert found == [statement, following]


def test_a_statement_without_its_end_is_cut_off() -> None:
    with pytest.raises(CutOffError, match="in the middle of a statement"):
        list(pieces([b"SELECT 'a;\n"]))
