"""The PostgreSQL that an app has to itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.confinement import Confinement, MemoryFolder
from components.default_images import default_version
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

_OWNER_PASSWORD = GeneratedPassword("database-password")
"""The server's, with which it is made."""

OLDEST = 14
"""Mattermost 11 and Mastodon 4.5 both refuse anything older (their release notes)."""

_USER = "999:999"
"""`postgres` in the official Debian images, which hand the data to it. Their documentation allows `--user`
("Arbitrary --user Notes"); as root they would need five capabilities to become this one."""


def _supported(version: str) -> str:
    if version.count(".") > 1:
        raise ValueError("two numbers, such as 17.10: PostgreSQL's versions have no third since 10")
    if major(version) < OLDEST:
        raise ValueError(f"PostgreSQL {OLDEST} or newer: the apps refuse anything older")
    return version


class PostgresSettings(Settings):
    """The database server of one app."""

    version: Annotated[Version, AfterValidator(_supported)] = default_version("postgres")
    """Tag of the image `postgres`, 14 or newer. Later: a new minor version stops the app for some seconds. To
    a new major version the data is copied, and people can only read meanwhile, see
    [operations](operations.md#a-new-major-version-of-postgresql)."""
    memory: int = Field(default=192, ge=96)
    """MiB of RAM it may use."""
    swap: int = Field(default=192, ge=0)
    """MiB of swap it may use beyond that."""
    rotate: int = Field(default=0, ge=0, le=9999)
    """Add one to give the app another password for the database, under load too: its new container logs in
    with the new one, and the old one is no longer accepted once the old container is gone."""


@dataclass(frozen=True)
class Database:
    """A database server of an app's own."""

    service: Service
    content: PostgresDatabase
    user: str
    """That the app logs in as. What it makes there is the owner's."""
    password: GeneratedPassword
    url: Text
    """By which the app reaches it, with user and password."""
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
            "POSTGRES_PASSWORD": text(_OWNER_PASSWORD),
        },
        mounts=(Mount(Volume(f"postgres-{version}"), path),),
        confinement=Confinement(
            user=_USER,
            # The image sets 3777 on the folder of the socket and of its lock; the shell keeps texts in /tmp.
            memory_folders=(
                MemoryFolder("/var/run/postgresql", size=1, owner=_USER, mode="3775"),
                MemoryFolder("/tmp", size=16),
            ),
        ),
        # Over TCP: while the image initialises, a temporary server answers on the socket only.
        health=Health(("pg_isready", "-q", "-h", "127.0.0.1", "-U", database, "-d", database)),
        memory=Memory(settings.memory, settings.swap),
        stateful=True,
        generation=str(version),
        stop=60,
        # Queries that run in parallel share it, and Docker's 64 MiB are too few for some.
        shared_memory=256,
    )
    user, password = database, _OWNER_PASSWORD
    if settings.rotate:
        user = f"{database}_r{settings.rotate}"
        password = GeneratedPassword(f"database-password-{settings.rotate}")
    url = text(f"postgres://{user}:", password, f"@{service.host}:5432/{database}?sslmode=disable")
    return Database(
        service,
        PostgresDatabase(service.name, database, version),
        user,
        password,
        url,
        (_login(service, database, user, password), _other_logins(service, database, user)),
    )


def _login(service: Service, database: str, user: str, password: GeneratedPassword) -> Job:
    """Let the app log in before it starts; old containers keep their login meanwhile."""
    if user == database:
        # The image sets a password only when it makes the database, and data can be older than it.
        statements = text(f"ALTER ROLE {database} LOGIN PASSWORD '", password, "';")
    else:
        statements = text(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}')"
            f" THEN CREATE ROLE {user}; END IF; END $$;\n"
            f"ALTER ROLE {user} LOGIN PASSWORD '",
            password,
            f"';\nGRANT {database} TO {user};\n"
            # So that all it makes is the owner's, and nothing hangs on this login.
            f"ALTER ROLE {user} SET role = '{database}';",
        )
    return _psql("database-password", service, database, "before", statements)


def _other_logins(service: Service, database: str, user: str) -> Job:
    """Nobody logs in any other way, once the app's old containers are gone."""
    statements = [
        "DO $$ DECLARE other name; BEGIN FOR other IN SELECT rolname FROM pg_roles LOOP",
        f"    CONTINUE WHEN other !~ '^{database}_r[0-9]+$' OR other = '{user}';",
        "    EXECUTE format('ALTER ROLE %I NOLOGIN', other);",
        "    PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = other;",
        f"    EXECUTE format('REASSIGN OWNED BY %I TO {database}', other);",
        "    EXECUTE format('DROP OWNED BY %I', other);",
        "    EXECUTE format('DROP ROLE %I', other);",
        "END LOOP; END $$;",
    ]
    if user != database:
        # On the server's own socket no password is asked for.
        statements.append(f"ALTER ROLE {database} PASSWORD NULL;")
    return _psql("database-logins", service, database, "after", text("\n".join(statements)))


def _psql(
    name: str, service: Service, database: str, when: Literal["before", "after"], statements: Text
) -> Job:
    psql = ("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1")
    return Job(
        name=name,
        service=service.name,
        command=(*psql, "--username", database, "--dbname", database),
        when=when,
        inside=True,
        input=statements,
    )
