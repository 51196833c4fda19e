"""What is refused about backups, and what their settings ask for."""

from __future__ import annotations

import pytest

from components.backup.settings import GcsStore
from tests.unit.stacks.configuration import Configuration, Value, chat, local

FOLDER: dict[str, Value] = {"kind": "directory", "path": "/mnt/nas/chat"}
S3: dict[str, Value] = {"kind": "s3", "bucket": "backups", "endpoint": "s3.example.com"}


def with_backup(store: Value = FOLDER, **more: Value) -> Configuration:
    return chat().set("homeport:backup", {"store": store, **more})


def test_a_store_is_all_that_must_be_said() -> None:
    backup = with_backup().load().backup
    assert backup is not None
    assert (backup.schedule, backup.verify, backup.keep.daily) == ("*-*-* 03:00", "Sun *-*-* 05:00", 7)


def test_a_local_host_has_no_backups() -> None:
    mistake = local().set("homeport:backup", {"store": FOLDER}).mistake()
    assert mistake.path == "homeport:backup"
    assert "host.kind gce" in mistake.allowed


def test_restoring_needs_the_old_password() -> None:
    mistake = with_backup(restoreFrom="latest").mistake()
    assert mistake.path == "homeport:backup.password"
    assert "pulumi stack output --show-secrets backup" in mistake.allowed


def test_restoring_with_the_old_password_is_accepted() -> None:
    configuration = with_backup(restoreFrom="204175be", password="supplied").secret("backupPassword")
    assert [secret.name for secret in configuration.load().secrets] == ["backupPassword"]


def test_a_password_that_is_to_be_supplied_must_be_there() -> None:
    assert with_backup(password="supplied").mistake().path == "homeport:backupPassword"


def test_an_s3_store_needs_both_halves_of_its_key() -> None:
    paths = [mistake.path for mistake in with_backup(S3).mistakes()]
    assert paths == ["homeport:backupAccessKey", "homeport:backupSecretKey"]


def test_a_password_that_nothing_reads_is_told() -> None:
    assert with_backup().secret("backupPassword").mistake().path == "homeport:backupPassword"


def test_a_mistake_in_the_section_does_not_make_its_secrets_unknown() -> None:
    configuration = with_backup({**S3, "bucket": ""})
    for name in ("backupAccessKey", "backupSecretKey"):
        configuration.secret(name)
    assert configuration.mistake().path == "homeport:backup.store.bucket"


@pytest.mark.parametrize("path", ["backups", "/", "/mnt/../etc", "mnt/nas"])
def test_a_folder_is_an_absolute_path(path: str) -> None:
    mistake = with_backup({**FOLDER, "path": path}).mistake()
    assert mistake.path == "homeport:backup.store.path"


@pytest.mark.parametrize("snapshot", ["newest", "abc", "204175bX"])
def test_a_snapshot_is_latest_or_an_id(snapshot: str) -> None:
    configuration = with_backup(restoreFrom=snapshot, password="supplied").secret("backupPassword")
    assert configuration.mistake().path == "homeport:backup.restoreFrom"


@pytest.mark.parametrize("calendar", ["", "daily; reboot", "$(reboot)"])
def test_a_schedule_is_a_calendar_of_systemd(calendar: str) -> None:
    assert with_backup(schedule=calendar).mistake().path == "homeport:backup.schedule"


@pytest.mark.parametrize(
    ("region", "location"),
    [
        ("us-west1", "US"),
        ("northamerica-northeast1", "US"),
        ("europe-west3", "EU"),
        ("asia-east1", "ASIA"),
        ("australia-southeast1", "EU"),
    ],
)
def test_a_bucket_is_made_near_the_machine(region: str, location: str) -> None:
    assert GcsStore(kind="gcs").location_for(region) == location
