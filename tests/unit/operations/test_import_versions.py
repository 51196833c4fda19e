"""Data of other versions of the apps than the one that takes it in."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.import_database import Dump
from operations.import_error import DumpError
from tests.unit.operations.archives import FULL, mastodon
from tests.unit.operations.test_import_database import CLEAN, read_chat, tables
from tests.unit.operations.test_import_dump import written

WITHOUT_VERSION = tables().partition("COPY public.systems")[0]
INSERT = "INSERT INTO public.systems ROWS;\n"
OLD_COLUMNS = "account_id bigint,\n    encrypted_otp_secret text,\n    otp_required_for_login boolean"
OTP = "OTP_SECRET: the import needs that secret first"


@pytest.mark.parametrize("version", ["10.5.0", "11.7.3", "11.7.0-rc1"])
def test_data_of_no_newer_mattermost_is_taken(tmp_path: Path, version: str) -> None:
    assert read_chat(tmp_path, tables(version=version)).major == 16


@pytest.mark.parametrize(
    "body",
    [
        tables(version="11.8.0"),
        tables(schema="mattermost", version="11.8.0"),
        WITHOUT_VERSION + INSERT.replace("ROWS", "VALUES ('Version', '11.8.0')"),
        WITHOUT_VERSION + INSERT.replace("ROWS", "(value, name) VALUES ('11.8.0', 'Version')"),
        WITHOUT_VERSION + INSERT.replace("ROWS", "VALUES\n\t('it''s; (a)', 'b'),\n\t('Version', '11.8.0')"),
    ],
)
def test_data_of_a_newer_mattermost_is_refused_with_the_version_to_set(tmp_path: Path, body: str) -> None:
    with pytest.raises(DumpError, match=r"Mattermost 11\.8\.0, .* is 11\.7\.0: set its version to 11\.8\.0"):
        read_chat(tmp_path, body)


def test_the_newest_migration_is_told(tmp_path: Path) -> None:
    migrations = "CREATE TABLE public.db_migrations (\n    version bigint,\n    name text\n);\n"
    rows = "COPY public.db_migrations (version, name) FROM stdin;\n1\ta\n131\tb\n2\tc\n\\.\n\n"
    assert read_chat(tmp_path, tables() + migrations + rows).migration == 131
    assert read_chat(tmp_path, tables()).migration == 0


def old(folder: Path, *, columns: str = OLD_COLUMNS, migrations: str = "20230907150100") -> Path:
    """A dump of Mastodon 4.2."""
    text = CLEAN.replace("account_id bigint,\n    otp_secret character varying", columns)
    return written(folder, text.replace(f"20240307180905\n{FULL}\n", f"{migrations}\n"))


def test_a_dump_from_before_4_3_asks_for_the_secret_first(tmp_path: Path) -> None:
    with pytest.raises(DumpError) as refused:
        Dump.read(old(tmp_path), mastodon("4.7.4"))
    assert OTP in str(refused.value)
    assert "set version of mastodon to the newest 4.3" in str(refused.value)
    assert "pulumi config set --secret mastodonOtpSecret" in str(refused.value)


def test_a_dump_from_the_middle_of_the_update_to_4_3_asks_for_it_too(tmp_path: Path) -> None:
    columns = f"{OLD_COLUMNS},\n    otp_secret character varying"
    with pytest.raises(DumpError, match=OTP):
        Dump.read(old(tmp_path, columns=columns), mastodon("4.7.4"))


def test_a_dump_of_4_3_asks_for_none(tmp_path: Path) -> None:
    columns = f"{OLD_COLUMNS},\n    otp_secret character varying"
    path = old(tmp_path, columns=columns, migrations="20230907150100\n20240307180905")
    assert Dump.read(path, mastodon("4.7.4")).migration == 20240307180905


def test_a_mastodon_4_3_that_has_the_secret_takes_an_older_dump(tmp_path: Path) -> None:
    assert Dump.read(old(tmp_path), mastodon("4.3.17")).migration == 20230907150100
