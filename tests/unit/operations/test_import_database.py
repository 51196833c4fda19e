"""Whether an app can take a dump in: what is left out of it, and what is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.import_database import Dump
from operations.import_error import DumpError
from operations.import_kinds import Target, target
from tests.unit.operations.archives import DUMPS, mastodon, sent
from tests.unit.operations.test_import_dump import HEAD, TAIL, written
from tests.unit.stacks.configuration import chat

CLEAN = (DUMPS / "social_clean.sql").read_text()


def mattermost() -> Target:
    return target(chat().load(), "mattermost")


def read_chat(folder: Path, body: str) -> Dump:
    return Dump.read(written(folder, HEAD + body + TAIL), mattermost())


def tables(schema: str = "public", version: str = "10.5.0") -> str:
    """A Mattermost's tables with little in them, and their schema."""
    made = "" if schema == "public" else f"CREATE SCHEMA {schema};\n"
    return (
        made
        + "".join(
            f"CREATE TABLE {schema}.{name} (\n    {columns}\n);\n\n"
            for name, columns in (
                ("users", "id text"),
                ("posts", "id text"),
                ("systems", "name text,\n    value text"),
            )
        )
        + (
            f"COPY {schema}.users (id) FROM stdin;\nada\n\\.\n\n"
            f"COPY {schema}.systems (name, value) FROM stdin;\nFirst\t1\nVersion\t{version}\n\\.\n\n"
        )
    )


# --- pg_dump --clean


def loaded(text: str, folder: Path) -> tuple[str, dict[str, int]]:
    data, left_out = sent(Dump.read(written(folder, text), mastodon()))
    return data.decode(), left_out


def test_nothing_of_what_clean_removes_is_loaded(tmp_path: Path) -> None:
    text, left_out = loaded(CLEAN, tmp_path)
    assert "DROP " not in text
    assert text.count("CREATE VIEW public.account_posts") == 1
    # The view's own definition, which pg_dump writes last, not its stand-in of the removals.
    assert text.count("CREATE OR REPLACE VIEW public.account_posts") == 1
    assert left_out["removals of what is not there"] == 20


def test_a_dump_with_clean_is_loaded_as_one_without(tmp_path: Path) -> None:
    begin = CLEAN.index("ALTER TABLE ONLY public.users DROP")
    plain = CLEAN[:begin] + CLEAN[CLEAN.index("--\n-- Name: pg_trgm") :]
    assert loaded(CLEAN, tmp_path)[0] == loaded(plain, tmp_path)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE IF EXISTS ONLY public.users DROP CONSTRAINT IF EXISTS users_pkey;",
        "ALTER TABLE IF EXISTS public.users ALTER COLUMN id DROP DEFAULT;",
        "ALTER TABLE public.users ALTER COLUMN id DROP IDENTITY IF EXISTS;",
        "ALTER TABLE public.logs DETACH PARTITION public.logs_1;",
        'ALTER TABLE "odd name"."users" ALTER COLUMN "an id" DROP DEFAULT;',
        "ALTER DOMAIN public.positive DROP CONSTRAINT positive_check;",
        "DROP TRIGGER t ON public.users;",
        "DROP RULE r ON public.users;",
        "DROP MATERIALIZED VIEW IF EXISTS public.instances;",
        "DROP FUNCTION IF EXISTS public.timestamp_id(table_name text);",
        "DROP EXTENSION IF EXISTS pg_trgm;",
        "DROP SCHEMA IF EXISTS public;",
        "DROP OPERATOR IF EXISTS public.=== (integer, integer);",
        "DROP PUBLICATION IF EXISTS pub;",
    ],
)
@pytest.mark.parametrize("first", ["", "DROP INDEX public.i;\n"])
def test_each_kind_of_removal_is_left_out(tmp_path: Path, statement: str, first: str) -> None:
    dump = read_chat(tmp_path, first + statement + "\n--\n-- Name: users; Type: TABLE\n--\n\n" + tables())
    data, left_out = sent(dump)
    assert b"DROP" not in data
    assert b"DETACH" not in data
    assert data.count(b"CREATE TABLE") == 3
    assert sum(left_out.values()) == (3 if first else 2)


def test_a_removal_after_something_was_made_is_the_dumps_own(tmp_path: Path) -> None:
    dump = read_chat(tmp_path, tables() + "ALTER TABLE public.users ALTER COLUMN id DROP DEFAULT;\n")
    assert b"ALTER COLUMN id DROP DEFAULT" in sent(dump)[0]


# --- what only the old server has


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("GRANT ALL ON SCHEMA public TO cloudsqlsuperuser;", "permissions"),
        (
            "ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA public GRANT ALL ON TABLES TO rdsadmin;",
            "permissions",
        ),
        ("ALTER TABLE public.users OWNER TO azure_pg_admin;", "owners"),
        ("CREATE POLICY p ON public.users TO reader USING (true);", "row security"),
        ("ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;", "row security"),
        ("ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;", "row security"),
        ("COMMENT ON POLICY p ON public.users IS 'x';", "row security"),
        ("CREATE EVENT TRIGGER e ON ddl_command_end\n   EXECUTE FUNCTION public.f();", "event triggers"),
        ("ALTER EVENT TRIGGER e DISABLE;", "event triggers"),
        ("CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert');", "replication"),
        ("ALTER PUBLICATION p ADD TABLE ONLY public.users;", "replication"),
        ("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false);", "replication"),
        ("SECURITY LABEL FOR anon ON COLUMN public.users.id IS 'MASKED';", "security labels"),
        ("SET transaction_timeout = 0;", "settings of a newer PostgreSQL"),
        ("SET default_tablespace = fast;", "tablespaces"),
        ("ALTER INDEX public.i SET TABLESPACE fast;", "tablespaces"),
        ("CREATE USER MAPPING FOR reader SERVER s;", "roles"),
        ("SET SESSION AUTHORIZATION 'mmuser';", "roles"),
        ("ALTER DATABASE chat SET search_path TO 'a';", "databases"),
        ("CREATE SCHEMA IF NOT EXISTS public;", "the schema public, which is there"),
        ("SET default_table_access_method = columnar;", "ways to store tables that only the old server has"),
    ],
)
def test_what_only_the_old_server_has_is_left_out_and_told(tmp_path: Path, statement: str, what: str) -> None:
    dump = read_chat(tmp_path, tables() + statement + "\n")
    data, left_out = sent(dump)
    assert statement.encode() not in data
    assert left_out[what] == (2 if what.startswith("settings") else 1)


def test_what_restrict_adds_since_august_2025_is_not_sent(tmp_path: Path) -> None:
    assert b"restrict" not in sent(read_chat(tmp_path, tables()))[0]


# --- schemas


@pytest.mark.parametrize("schema", ["mattermost", "mattermost_prod", '"Chat"'])
def test_tables_in_a_schema_of_their_own_are_found(tmp_path: Path, schema: str) -> None:
    dump = read_chat(tmp_path, tables(schema))
    assert dump.schema == schema.strip('"')
    assert f"CREATE TABLE {schema}.users".encode() in sent(dump)[0]


def test_a_search_path_tells_the_schema_of_what_has_none(tmp_path: Path) -> None:
    bare = tables("x").replace("x.", "")
    assert (
        read_chat(
            tmp_path, "CREATE SCHEMA mattermost;\nSET search_path = mattermost, pg_catalog;\n" + bare
        ).schema
        == "mattermost"
    )
    assert read_chat(tmp_path, "SET search_path = public, pg_catalog;\n" + bare).schema == "public"
    assert read_chat(tmp_path, bare).schema == "public"


def test_tables_in_two_schemas_are_refused_with_how_to_dump_one(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match=r"schemas: mattermost, public\. .* --schema=mattermost"):
        read_chat(tmp_path, tables() + tables("mattermost"))


def test_tables_of_something_else_in_public_are_told_with_how_to_dump_the_others(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match=r"that has tables of its own: other\. .* --schema=mattermost$"):
        read_chat(tmp_path, tables("mattermost") + "CREATE TABLE public.other (\n    id text\n);\n")


def test_a_schema_that_the_dump_does_not_make_is_told(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match="make it with pg_dump --schema=mattermost, not --table"):
        read_chat(tmp_path, tables("mattermost").partition("\n")[2])


def test_functions_whose_text_names_their_schema_are_told(tmp_path: Path) -> None:
    made = "CREATE FUNCTION mattermost.f() RETURNS int\n LANGUAGE sql\n AS $$select count(*) from FROM$$;\n"
    assert read_chat(tmp_path, tables("mattermost") + made.replace("FROM", "users")).schema == "mattermost"
    with pytest.raises(DumpError, match="functions name mattermost in their text"):
        read_chat(tmp_path, tables("mattermost") + made.replace("FROM", "mattermost.users"))


# --- rows


def test_a_dump_without_rows_is_refused(tmp_path: Path) -> None:
    body = tables().partition("COPY")[0]
    with pytest.raises(DumpError, match="but no rows: make the dump without --schema-only"):
        read_chat(tmp_path, body)


def test_a_dump_with_rows_only_is_refused(tmp_path: Path) -> None:
    body = "COPY public.posts (id) FROM stdin;\n\\.\n\nCOPY" + tables().partition("COPY")[2]
    with pytest.raises(DumpError, match=r"does not make the table posts, systems, users; .* --data-only"):
        read_chat(tmp_path, body)
