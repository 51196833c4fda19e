"""The PostgreSQL that an app has to itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from components.domain import Settings, Version, major
from components.workload import (
    GeneratedPassword,
    Health,
    Job,
    Memory,
    Mount,
    PostgresDatabase,
    PublishedImage,
    Service,
    Text,
    Volume,
    text,
)

PASSWORD = GeneratedPassword("database-password")
"""The server's, for apps that do not take it as part of a URL."""

OLDEST = 14
"""Mattermost 11 and Mastodon 4.5 both refuse anything older (their release notes)."""


def _supported(version: str) -> str:
    if major(version) < OLDEST:
        raise ValueError(f"PostgreSQL {OLDEST} or newer: the apps refuse anything older")
    return version


class PostgresSettings(Settings):
    """The database server of one app."""

    version: Annotated[Version, AfterValidator(_supported)] = "17.10"
    """Tag of the image `postgres`, 14 or newer. Later: a new minor version stops the app for some seconds;
    a new major version does not read old data, see [operations](operations.md#changing-something)."""
    memory: int = Field(default=192, ge=96)
    """MiB of RAM it may use."""
    swap: int = Field(default=192, ge=0)
    """MiB of swap it may use beyond that."""


@dataclass(frozen=True)
class Database:
    """A database server of an app's own."""

    service: Service
    content: PostgresDatabase
    url: Text
    """By which the app reaches it."""
    jobs: tuple[Job, ...]


def postgres(settings: PostgresSettings, database: str) -> Database:
    """A server with one database, whose name is also its user's."""
    version = major(settings.version)
    # Since 18 the image keeps its data one folder up, in a folder of the major version's name;
    # mounting the old path there would hide the data (docker-library/postgres#1259).
    path = "/var/lib/postgresql" if version >= 18 else "/var/lib/postgresql/data"
    service = Service(
        name="postgres",
        image=PublishedImage(f"postgres:{settings.version}"),
        environment={
            "POSTGRES_USER": database,
            "POSTGRES_DB": database,
            "POSTGRES_PASSWORD": text(PASSWORD),
        },
        mounts=(Mount(Volume(f"postgres-{version}"), path),),
        # Over TCP: while the image initialises, a temporary server answers on the socket only.
        health=Health(("pg_isready", "-q", "-h", "127.0.0.1", "-U", database, "-d", database)),
        memory=Memory(settings.memory, settings.swap),
        stateful=True,
        generation=str(version),
        stop=60,
        # Queries that run in parallel share it, and Docker's 64 MiB are too few for some.
        shared_memory=256,
    )
    url = text(f"postgres://{database}:", PASSWORD, f"@{service.host}:5432/{database}?sslmode=disable")
    # The image sets a password only when it makes the database, and data can be older than the password.
    psql = f"psql --no-psqlrc --quiet --username {database} --dbname {database} --set ON_ERROR_STOP=1"
    statement = f"ALTER USER {database} PASSWORD '$POSTGRES_PASSWORD'"
    job = Job(
        name="database-password",
        service=service.name,
        command=("sh", "-euc", f'{psql} --command "{statement}"'),
        when="before",
        inside=True,
    )
    return Database(service, PostgresDatabase(service.name, database, version), url, (job,))
