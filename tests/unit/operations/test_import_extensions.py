"""Extensions that the new server lacks: what uses them decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.import_error import DumpError
from tests.unit.operations.archives import sent
from tests.unit.operations.test_import_database import read_chat, tables


def extension(name: str, schema: str = "public") -> str:
    """As pg_dump makes one, with its comment."""
    comment = f"COMMENT ON EXTENSION {name} IS 'x';\n"
    return f"CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA {schema};\n{comment}"


@pytest.mark.parametrize(
    ("name", "schema", "more"),
    [
        ("google_vacuum_mgmt", "google_vacuum_mgmt", "CREATE SCHEMA google_vacuum_mgmt;\n"),
        ("rds_tools", "rds_tools", "GRANT USAGE ON SCHEMA rds_tools TO rds_superuser;\n"),
        ("aiven_extras", "aiven_extras", ""),
        ("azure", "pg_catalog", 'CREATE COLLATION public.c FROM pg_catalog."C";\n'),
        ("pg_stat_statements", "public", ""),
        ("unheard_of", "public", ""),
        ('"odd-name"', "public", ""),
    ],
)
def test_one_that_nothing_uses_is_left_out_and_told(
    tmp_path: Path, name: str, schema: str, more: str
) -> None:
    bare = name.strip('"')
    dump = read_chat(tmp_path, more + extension(name, schema) + tables()).without([bare], "mattermost")
    data, left_out = sent(dump)
    assert b"EXTENSION" not in data
    assert left_out[f"the extension {bare}, which nothing uses"] == 1


def test_one_that_the_server_has_is_made(tmp_path: Path) -> None:
    dump = read_chat(tmp_path, extension("pg_trgm") + tables()).without([], "mattermost")
    assert b"CREATE EXTENSION IF NOT EXISTS pg_trgm" in sent(dump)[0]


def test_rows_of_its_own_tables_go_with_it(tmp_path: Path) -> None:
    jobs = "COPY cron.job (jobid) FROM stdin;\n7\n\\.\n\n"
    jobs += "SELECT pg_catalog.setval('cron.jobid_seq', 1, true);\n"
    dump = read_chat(tmp_path, extension("pg_cron", "pg_catalog") + tables() + jobs)
    data, left_out = sent(dump.without(["pg_cron"], "mattermost"))
    assert b"cron" not in data
    assert b"\n7\n" not in data
    assert left_out["rows of extensions' own tables"] == 2


@pytest.mark.parametrize(
    ("name", "schema", "statement", "use"),
    [
        ("pg_trgm", "public", "CREATE INDEX i ON public.posts USING gin (id HERE);", "public.gin_trgm_ops"),
        ("vector", "public", "CREATE TABLE public.e (\n    v HERE(3)\n);", "public.vector"),
        ("vector", "public", "CREATE INDEX i ON public.e USING HERE (v);", "hnsw"),
        ("postgis", "public", "ALTER TABLE public.posts ADD COLUMN g HERE(Point,4326);", "public.geometry"),
        ("citext", "extensions", "CREATE TABLE public.e (\n    v HERE\n);", "extensions.citext"),
        ("unheard_of", "its_own", "CREATE TABLE public.e (\n    v HERE\n);", "its_own.thing"),
        ("unheard_of", "public", "CREATE TABLE public.e (\n    v HERE\n);", "public.thing"),
        ("plv8", "pg_catalog", "CREATE FUNCTION public.f() RETURNS int\n LANGUAGE HERE\n AS $$1$$;", "plv8"),
        ("rum", "public", "CREATE INDEX i ON public.posts USING HERE (id);", "rum"),
        ("postgres_fdw", "public", "CREATE SERVER s FOREIGN DATA WRAPPER HERE;", "postgres_fdw"),
    ],
)
def test_one_in_use_is_refused_by_its_name(
    tmp_path: Path, name: str, schema: str, statement: str, use: str
) -> None:
    used = statement.replace("HERE", use) + "\n"
    dump = read_chat(tmp_path, extension(name, schema) + tables() + used)
    with pytest.raises(DumpError) as refused:
        dump.without([name], "mattermost")
    assert f"server lacks: {name}, of which the dump uses {use}. " in str(refused.value)
    assert f"DROP EXTENSION {name}" in str(refused.value)


def test_of_two_that_the_server_lacks_the_one_in_use_is_named(tmp_path: Path) -> None:
    used = "CREATE TABLE public.e (\n    v public.citext\n);\n"
    dump = read_chat(tmp_path, extension("vector") + extension("citext") + tables() + used)
    with pytest.raises(DumpError, match=r"lacks: citext, of which the dump uses public\.citext"):
        dump.without(["vector", "citext"], "mattermost")


def test_text_that_names_its_things_does_not_use_them(tmp_path: Path) -> None:
    text = "COMMENT ON TABLE public.users IS 'public.vector';\n"
    text += "CREATE VIEW public.v AS SELECT 'public.vector' AS a;\n"
    dump = read_chat(tmp_path, extension("vector") + tables() + text)
    assert dump.without(["vector"], "mattermost").lacking == {"vector"}
