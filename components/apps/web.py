"""Any small web application that comes as an image: one process, one port, perhaps a database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.apps.folders import Folder, repeated
from components.apps.postgres import PostgresSettings, postgres
from components.apps.postgres_names import database_name, is_reserved
from components.apps.variables import (
    SecretName,
    all_at_once,
    from_secrets,
    is_the_proxys,
    named_secrets,
    refuse_named,
    refuse_plain_secrets,
    refuse_the_proxys,
    refuse_twice,
)
from components.confinement import USER, Confinement
from components.domain import CertificateName, Name, Port, Settings, major
from components.mail import Mail
from components.workload import (
    App,
    EnvironmentValue,
    Health,
    Job,
    Memory,
    Mount,
    PostgresDatabase,
    PublishedImage,
    Rollout,
    Route,
    Service,
    SuppliedSecret,
    Volume,
)

Capability: TypeAlias = Literal[
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
]
"""Of those that Docker gives to every container, the ones that a web application may have a use for."""

_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/-]*(:[0-9]+/[a-z0-9._/-]+)?:v?\d+(\.\d+)*[A-Za-z0-9._-]*")
_OWNER = re.compile(r"\d+:\d+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STEPPING_DOWN: tuple[Capability, ...] = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID")
"""With these, what starts as root can hand its data to a user, become that user and end what it started. They
are six of the fourteen that Docker gives to every container."""


def _image(reference: str) -> str:
    if "@" in reference:
        raise ValueError(
            "an image with its version, such as ghcr.io/miniflux/miniflux:2.2.13, without a digest: a digest"
            " stays the same for ever, but tells nobody which version it is"
        )
    if not _IMAGE.fullmatch(reference):
        raise ValueError(
            "an image with its version, such as ghcr.io/miniflux/miniflux:2.2.13; a tag without a number,"
            " like latest, changes under you"
        )
    return reference


def _owner(owner: str) -> str:
    if not _OWNER.fullmatch(owner):
        raise ValueError("user and group as numbers, such as 1000:1000")
    return owner


def _user(user: str) -> str:
    if not USER.fullmatch(user):
        raise ValueError("a user other than 0 and a group, as numbers, such as 1000:1000")
    return user


def _variables(environment: Iterable[str]) -> None:
    refuse_named(environment, lambda name: bool(_VARIABLE.fullmatch(name)), "names of environment variables")
    refuse_the_proxys(environment)


class WebVolume(Settings):
    """A folder of the application that lasts."""

    name: Name
    """Unique in the app."""
    path: Folder
    """Where the application expects it, inside its container: absolute, without a colon."""
    owner: Annotated[str, AfterValidator(_owner)] | None = None
    """User and group that it must belong to, where the image does not see to that itself; left out, the app's
    `user`, if it has one."""


class WebSettings(Settings):
    """An application of one container behind the proxy."""

    kind: Literal["web"]
    name: Name
    """Unique in the stack; names its networks, volumes and secrets."""
    hostname: CertificateName
    """Where it is found."""
    image: Annotated[str, AfterValidator(_image)]
    """With its full version."""
    port: Port
    """Where it listens inside its container, for plain HTTP."""
    environment: dict[str, str] = {}
    """Variables of the application. Not for secrets, nor for what the reverse proxy reads (`VIRTUAL_HOST`,
    `LETSENCRYPT_HOST` and others): those are refused."""
    secret_environment: dict[str, SecretName] = {}
    """Variable -> name of the stack's secret that it gets, set with `pulumi config set --secret`. Later:
    another value rolls the app."""
    command: list[str] = []
    """Instead of the image's own."""
    volumes: list[WebVolume] = []
    """Folders that last."""
    postgres: PostgresSettings | None = None
    """A database of its own; left out, it has none."""
    database_variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = Field(
        default="DATABASE_URL", validate_default=True
    )
    """The variable that gets the database's URL."""
    health: list[str] = []
    """A command that exits 0 inside the container when the application can do its work; left out, the image
    must have a health check of its own."""
    upload_limit: int = Field(default=10, ge=1, le=10240)
    """The largest request, in MiB."""
    memory: int = Field(default=128, ge=16)
    """MiB of RAM it may use."""
    swap: int = Field(default=128, ge=0)
    """MiB of swap beyond that."""
    startup: int = Field(default=180, ge=10, le=3600)
    """Seconds until a new container must be healthy, or the update fails and the old one serves on."""
    user: Annotated[str, AfterValidator(_user)] | None = None
    """User and group, as numbers, that it runs as: `1000:1000`. Left out, it is the image's own, which may be
    root. Set it where the image allows it."""
    capabilities: list[Capability] | None = None
    """What root may do in the container, `[]` for nothing. Left out: with `user` nothing; without it `CHOWN`,
    `DAC_OVERRIDE`, `FOWNER`, `KILL`, `SETGID` and `SETUID`, which an image needs that starts as root and goes
    on as another user. In no case can a program get more than it was started with."""
    read_only: bool = False
    """Nothing in the container can be written but `volumes` and `scratch`. False, since most images write
    somewhere; true is safer."""
    scratch: list[Folder] = []
    """With `readOnly`, folders that it may write all the same, such as `/tmp` and `/run`. They begin with
    what the image has there, are on disk, and go with the container."""
    rollout: Rollout = "rolling"
    """`rolling` starts the new containers beside the old ones, and an update loses no request; `recreate`
    stops the old ones first, for a machine whose memory does not hold both. Later: the update that changes
    this still rolls. `recreate` also where two of it must not have its volumes at once."""
    delete_data: bool = False
    """Whether its data goes when the app is removed from this file: say so in one update, remove it in the
    next. Else the volumes stay, and an app of the same name finds them again."""

    @field_validator("environment")
    @classmethod
    def _only_free_variables(cls, environment: dict[str, str]) -> dict[str, str]:
        all_at_once(
            lambda: _variables(environment),
            lambda: refuse_plain_secrets(environment, lambda name: not is_the_proxys(name)),
        )
        return environment

    @field_validator("secret_environment")
    @classmethod
    def _once(cls, secret_environment: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        all_at_once(
            lambda: _variables(secret_environment),
            lambda: refuse_twice(secret_environment, info.data.get("environment")),
        )
        return secret_environment

    @field_validator("volumes")
    @classmethod
    def _each_its_own_place(cls, volumes: list[WebVolume], info: ValidationInfo) -> list[WebVolume]:
        for what in ("name", "path"):
            twice = repeated([getattr(volume, what) for volume in volumes])
            if twice:
                raise ValueError(f"volumes with different names and paths; not {twice} twice")
        return volumes

    @field_validator("postgres")
    @classmethod
    def _a_name_that_postgresql_takes(
        cls, settings: PostgresSettings | None, info: ValidationInfo
    ) -> PostgresSettings | None:
        name = database_name(str(info.data.get("name", "")))
        if settings and is_reserved(name):
            raise ValueError(
                f"an app of another name: its database would be called {name}, which PostgreSQL reserves"
            )
        own = f"postgres-{major(settings.version)}" if settings else ""
        if any(volume.name == own for volume in info.data.get("volumes", ())):
            raise ValueError(f"volumes of other names than {own}, which is where the database keeps its data")
        return settings

    @field_validator("database_variable")
    @classmethod
    def _free(cls, variable: str, info: ValidationInfo) -> str:
        taken = {*(info.data.get("environment") or {}), *(info.data.get("secret_environment") or {})}
        if info.data.get("postgres") and variable in taken:
            raise ValueError("a variable that environment and secretEnvironment have not: it gets the URL")
        _variables([variable])
        return variable

    @field_validator("scratch")
    @classmethod
    def _not_a_volumes_place(cls, scratch: list[str], info: ValidationInfo) -> list[str]:
        twice = repeated([*(volume.path for volume in info.data.get("volumes", ())), *scratch])
        if twice:
            raise ValueError(f"folders that are named once, and are no volume's path; not {twice}")
        return scratch

    @field_validator("scratch")
    @classmethod
    def _only_where_nothing_else_can_be_written(cls, scratch: list[str], info: ValidationInfo) -> list[str]:
        if scratch and not info.data.get("read_only"):
            raise ValueError("none, or readOnly: true; without it every folder can be written")
        return scratch

    @property
    def secrets(self) -> tuple[SuppliedSecret, ...]:
        """Secrets that the user has to set for these settings."""
        return named_secrets(self.secret_environment)

    def app(self, url: str, mail: Mail | None) -> App:
        """The app at this URL. It sends no mail of its own accord."""
        environment: dict[str, EnvironmentValue] = {
            **self.environment,
            **from_secrets(self.secret_environment),
        }
        services: list[Service] = []
        databases: tuple[PostgresDatabase, ...] = ()
        jobs: tuple[Job, ...] = ()
        if self.postgres:
            database = postgres(self.postgres, database_name(self.name))
            environment[self.database_variable] = database.url
            services.append(database.service)
            databases = (database.content,)
            jobs = database.jobs
        services.append(
            Service(
                name="web",
                image=PublishedImage(self.image),
                environment=environment,
                command=tuple(self.command),
                mounts=tuple(
                    Mount(Volume(volume.name, owner=volume.owner or self.user), volume.path)
                    for volume in self.volumes
                ),
                health=Health(tuple(self.health)) if self.health else None,
                startup=self.startup,
                memory=Memory(self.memory, self.swap),
                confinement=self._confinement,
                after=tuple(service.name for service in services),
                routes=(Route(self.hostname, self.port, upload_limit=self.upload_limit),),
            )
        )
        return App(
            name=self.name,
            kind=self.kind,
            version=self.image.rsplit(":", 1)[1],
            url=url,
            services=tuple(services),
            databases=databases,
            jobs=jobs,
            rollout=self.rollout,
            delete_data=self.delete_data,
        )

    @property
    def _confinement(self) -> Confinement:
        added = self.capabilities
        if added is None:
            added = [] if self.user else list(_STEPPING_DOWN)
        return Confinement(
            user=self.user,
            root="" if self.user else "the image's own user, which may be root: `user` is not set",
            capabilities=tuple(f"CAP_{name}" for name in added),
            scratch=tuple(self.scratch),
            writable="" if self.read_only else "where the image writes is not known: `readOnly` is not set",
        )
