"""The database service of an app."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.apps.postgres import PostgresSettings, postgres
from components.workload import GeneratedPassword, Job, Memory, Mount, PublishedImage, Text, Volume, text


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


def test_a_major_version_is_a_generation_and_a_host_of_its_own() -> None:
    assert postgres(PostgresSettings(version="15.14"), "chat").service.generation == "15"
    assert postgres(PostgresSettings(version="15.14"), "chat").service.host == "postgres-15"


def login(settings: PostgresSettings) -> Job:
    (job,) = (job for job in postgres(settings, "chat").jobs if job.when == "before")
    return job


def other_logins(settings: PostgresSettings) -> Job:
    (job,) = (job for job in postgres(settings, "chat").jobs if job.when == "after")
    return job


def test_data_that_is_older_than_the_password_gets_the_password_before_the_app_starts() -> None:
    job = login(PostgresSettings())
    assert (job.service, job.inside) == ("postgres", True)
    assert job.input == text("ALTER ROLE chat LOGIN PASSWORD '", GeneratedPassword("database-password"), "';")


def test_a_rotated_password_is_of_a_login_of_its_own() -> None:
    database = postgres(PostgresSettings(rotate=2), "chat")
    password = GeneratedPassword("database-password-2")
    assert (database.user, database.password) == ("chat_r2", password)
    assert database.url == text("postgres://chat_r2:", password, "@postgres-17:5432/chat?sslmode=disable")


def test_the_server_itself_is_not_replaced_by_a_rotation() -> None:
    assert (
        postgres(PostgresSettings(rotate=1), "chat").service == postgres(PostgresSettings(), "chat").service
    )


def test_what_a_rotated_login_makes_is_the_owners() -> None:
    statements = login(PostgresSettings(rotate=1)).input
    assert isinstance(statements, Text)
    assert "ALTER ROLE chat_r1 SET role = 'chat';" in str(statements.parts[-1])


def test_the_owner_keeps_its_password_until_there_is_a_rotation() -> None:
    assert "PASSWORD NULL" not in str(other_logins(PostgresSettings()).input)
    assert "ALTER ROLE chat PASSWORD NULL;" in str(other_logins(PostgresSettings(rotate=1)).input)


def test_only_the_apps_own_login_is_kept() -> None:
    assert "OR other = 'chat_r3'" in str(other_logins(PostgresSettings(rotate=3)).input)


def test_no_password_is_an_argument() -> None:
    for job in postgres(PostgresSettings(rotate=1), "chat").jobs:
        assert all(isinstance(word, str) for word in job.command)
