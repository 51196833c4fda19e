"""The database service of an app."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.apps.postgres import PostgresSettings, postgres
from components.workload import GeneratedPassword, Memory, Mount, PublishedImage, Volume, text


@pytest.mark.parametrize(
    ("version", "volume", "path"),
    [
        ("14.19", "postgres-14", "/var/lib/postgresql/data"),
        ("17.10", "postgres-17", "/var/lib/postgresql/data"),
        ("18.0", "postgres-18", "/var/lib/postgresql"),
        ("19.1", "postgres-19", "/var/lib/postgresql"),
    ],
)
def test_the_volume_is_one_per_major_version_where_its_image_keeps_data(
    version: str, volume: str, path: str
) -> None:
    service = postgres(PostgresSettings(version=version), "chat").service
    assert service.mounts == (Mount(Volume(volume), path),)


def test_a_minor_version_keeps_the_volume() -> None:
    old = postgres(PostgresSettings(version="17.9"), "chat").service
    new = postgres(PostgresSettings(version="17.10"), "chat").service
    assert old.mounts == new.mounts


def test_the_image_is_the_official_one_of_that_version() -> None:
    service = postgres(PostgresSettings(version="16.4"), "chat").service
    assert service.image == PublishedImage("postgres:16.4")


def test_the_app_is_given_a_url_with_the_password_that_the_server_is_given() -> None:
    database = postgres(PostgresSettings(), "chat")
    password = GeneratedPassword("database-password")
    assert database.service.environment == {
        "POSTGRES_USER": "chat",
        "POSTGRES_DB": "chat",
        "POSTGRES_PASSWORD": text(password),
    }
    assert database.url == text("postgres://chat:", password, "@postgres-17:5432/chat?sslmode=disable")


def test_the_check_asks_over_tcp_as_only_the_final_server_listens_there() -> None:
    service = postgres(PostgresSettings(), "chat").service
    assert service.health is not None
    assert service.health.command == ("pg_isready", "-q", "-h", "127.0.0.1", "-U", "chat", "-d", "chat")


def test_there_are_never_two_servers_on_one_volume() -> None:
    service = postgres(PostgresSettings(), "chat").service
    assert service.stateful


def test_memory_and_swap_are_those_of_the_settings() -> None:
    service = postgres(PostgresSettings(memory=256, swap=64), "chat").service
    assert service.memory == Memory(256, 64)


def test_a_version_that_the_apps_refuse_is_refused() -> None:
    with pytest.raises(ValidationError, match="PostgreSQL 14 or newer"):
        PostgresSettings(version="13.22")


def test_data_that_is_older_than_the_password_gets_the_password_before_the_app_starts() -> None:
    database = postgres(PostgresSettings(), "chat")
    (job,) = database.jobs
    assert (job.service, job.when, job.inside) == (database.service.name, "before", True)
    assert "ALTER USER chat PASSWORD '$POSTGRES_PASSWORD'" in str(job.command[-1])
