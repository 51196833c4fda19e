"""Mattermost: its settings, and the `App` they make.

Facts from Mattermost's documentation of 11.x: the image runs as 2000:2000 and has no shell; its
health check is `mmctl system status --local`, which needs local mode; environment variables
override the configuration file and are greyed out in the System Console.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.apps.build_context import folder_digest
from components.apps.postgres import PostgresSettings, postgres
from components.apps.storage import LocalStorage, S3Storage, Storage
from components.confinement import Confinement
from components.domain import Email, Fqdn, Name, Port, Settings, Version
from components.mail import PASSWORD, Mail
from components.workload import (
    Administrator,
    App,
    BuiltImage,
    EnvironmentValue,
    GeneratedPassword,
    Health,
    Image,
    Job,
    Memory,
    MetricsPage,
    Mount,
    PublishedImage,
    PublishedPort,
    Rollout,
    Route,
    Schema,
    Service,
    SuppliedSecret,
    Volume,
    text,
)

_CONTEXT = Path(__file__).parent / "images" / "mattermost"
_VARIABLE = re.compile(r"MM_[A-Z0-9_]+")
_HTTP_PORT, _METRICS_PORT = 8065, 8067
_METRICS_ENVIRONMENT: dict[str, EnvironmentValue] = {
    "MM_METRICSSETTINGS_ENABLE": "true",
    "MM_METRICSSETTINGS_LISTENADDRESS": f":{_METRICS_PORT}",
}


def _only_mattermost_variables(environment: dict[str, str]) -> dict[str, str]:
    wrong = [name for name in environment if not _VARIABLE.fullmatch(name)]
    if wrong:
        raise ValueError(f"variables that Mattermost reads, MM_ and capitals; not {', '.join(wrong)}")
    return environment


class BuildSettings(Settings):
    """Build an image of one's own on the machine, from the published one."""

    uid: int = Field(default=2000, ge=1000, le=65533)
    """User and group that the server runs as and that its files belong to."""


class ImageSettings(Settings):
    """Where the image comes from; left out, the published one is used."""

    build: BuildSettings
    """What to build; `build: {}` takes all defaults."""


class AdministratorSettings(Settings):
    """The first account. Its password is generated and shown by `pulumi stack output --show-secrets`.

    The account is made once, with the first deployment: what is changed here later does not change it.
    """

    username: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{2,21}$")] = "admin"
    """3 to 22 lower-case letters, digits, dots, hyphens and underscores, first a letter."""
    email: Email
    """The account's address, for log-in and mail."""


class MattermostSettings(Settings):
    """One Mattermost and its PostgreSQL."""

    kind: Literal["mattermost"]
    name: Name = "mattermost"
    """Unique in the stack; names its networks, volumes, secrets and output. Later: refused, as volumes with
    data would be deleted."""
    hostname: Fqdn
    """The name that people type; inside one of `dns.zones` and unique in the stack. Later: a new record and a
    new certificate."""
    version: Version
    """Tag of Mattermost's image. Later: the new server starts beside the old one and takes over once it is
    healthy."""
    edition: Literal["team", "enterprise"] = "team"
    """`team` is open source and capped at 250 users. `enterprise` without a licence is Mattermost Entry: from
    version 11 on nobody can read more than the last 10,000 messages of the whole server there."""
    image: ImageSettings | None = None
    """Left out, the published image is used."""
    administrator: AdministratorSettings
    """The first account."""
    postgres: PostgresSettings = PostgresSettings()
    """The app's own database server."""
    storage: Storage = LocalStorage()
    """Where uploaded files are kept. Later: files are not moved from one to the other."""
    calls_port: Port | None = None
    """Opens this port to everybody, TCP and UDP, for the Calls plugin; 8443 is its own default. With it, an
    update stops the server before it starts the new one: two cannot publish the same port."""
    metrics: bool = False
    """Serve Prometheus metrics. With `homeport:metrics` they are at `/app/<name>` of its host name, behind
    the password; without it only the app's own networks reach them. Needs `edition: enterprise` and a plan of
    Mattermost's that has them."""
    upload_limit: int = Field(default=100, ge=1, le=10240)
    """The largest file, in MiB; nginx and Mattermost get the same number."""
    memory: int = Field(default=512, ge=256)
    """MiB of RAM the server may use."""
    swap: int = Field(default=512, ge=0)
    """MiB of swap it may use beyond that."""
    environment: Annotated[dict[str, str], AfterValidator(_only_mattermost_variables)] = {}
    """Further variables for Mattermost, `MM_` and capitals, all text: quote numbers and booleans. They win
    over what Homeport sets. No secrets here: they are not encrypted."""
    startup: int = Field(default=180, ge=10, le=3600)
    """Seconds until a new container must be healthy, or the update fails and the old one serves on. A slow
    machine needs more, and a new version that changes a large database."""
    rollout: Rollout = "rolling"
    """`rolling` starts the new containers beside the old ones, and an update loses no request; `recreate`
    stops the old ones first, for a machine whose memory does not hold both. Later: the update that changes
    this still rolls. With `callsPort` it is always `recreate`."""
    allow_downgrade: bool = False
    """Whether a lower version may follow a higher major one. Refused without it: the higher one has changed
    the database, and the lower one does not know how."""
    delete_data: bool = False
    """Whether its data goes when the app is removed from this file: say so in one update, remove it in the
    next. Else the volumes stay, and an app of the same name finds them again."""

    @field_validator("metrics")
    @classmethod
    def _only_one_edition_has_them(cls, metrics: bool, info: ValidationInfo) -> bool:
        if metrics and info.data.get("edition") == "team":
            raise ValueError("false, or edition: enterprise; the team edition has no metrics")
        return metrics

    @property
    def secrets(self) -> tuple[SuppliedSecret, ...]:
        """Secrets that the user has to set for these settings."""
        return (self._storage_secret,) if isinstance(self.storage, S3Storage) else ()

    @property
    def _storage_secret(self) -> SuppliedSecret:
        return SuppliedSecret(f"{self.name}StorageSecretKey")

    def app(self, url: str, mail: Mail | None) -> App:
        """The app at this URL (the edge decides scheme and port), sending mail through the relay if any."""
        database = postgres(self.postgres, "mattermost")
        password = GeneratedPassword("administrator-password", length=24)
        server = Service(
            name="mattermost",
            image=self._image(),
            confinement=Confinement(
                user=f"{self._uid}:{self._uid}",
                # Read-only, the server says so and ends, or serves a page without its policy
                # (mattermost/docker#18, mattermost#34963; server/channels/utils/subpath.go).
                writable="Mattermost rewrites its client/root.html whenever it starts in a new container",
            ),
            environment={
                "MM_SERVICESETTINGS_SITEURL": url,
                "MM_SERVICESETTINGS_LISTENADDRESS": f":{_HTTP_PORT}",
                # Without local mode the image's own health check can never pass.
                "MM_SERVICESETTINGS_ENABLELOCALMODE": "true",
                "MM_SQLSETTINGS_DRIVERNAME": "postgres",
                "MM_SQLSETTINGS_DATASOURCE": database.url,
                # Fewer than PostgreSQL's 100, so that an old and a new server can run side by side.
                "MM_SQLSETTINGS_MAXOPENCONNS": "40",
                "MM_LOGSETTINGS_ENABLEFILE": "false",
                "MM_LOGSETTINGS_CONSOLEJSON": "true",
                **self._storage_environment(),
                **self._mail_environment(mail),
                **self._calls_environment(),
                **(_METRICS_ENVIRONMENT if self.metrics else {}),
                **self.environment,
            },
            mounts=tuple(
                Mount(Volume(name, owner=f"{self._uid}:{self._uid}"), f"/mattermost/{path}")
                for name, path in _DATA_FOLDERS.items()
            ),
            # The image's own check, more often than its 30 s: a deployment waits for the first success.
            health=Health(("/mattermost/bin/mmctl", "system", "status", "--local"), interval=5, retries=24),
            startup=self.startup,
            memory=Memory(self.memory, self.swap),
            machine_roots=True,
            after=(database.service.name,),
            routes=(
                Route(
                    self.hostname,
                    _HTTP_PORT,
                    upload_limit=self.upload_limit,
                    location=(
                        "proxy_read_timeout 600s",
                        "proxy_buffers 256 16k",
                        "proxy_buffer_size 16k",
                    ),
                ),
            ),
            metrics=(MetricsPage(_METRICS_PORT),) if self.metrics else (),
            ports=self._ports(),
            stop=30,
        )
        return App(
            name=self.name,
            kind=self.kind,
            version=self.version,
            url=url,
            services=(database.service, server),
            databases=(database.content,),
            jobs=(*database.jobs, self._create_administrator(server.name, password)),
            administrator=Administrator(self.administrator.username, self.administrator.email, password),
            schema=Schema(
                1,
                "Mattermost supports no way back to a lower major version: its database was changed for the"
                " higher one.",
                self.allow_downgrade,
            ),
            rollout=self.rollout,
            delete_data=self.delete_data,
        )

    @property
    def _uid(self) -> int:
        return self.image.build.uid if self.image else 2000

    def _image(self) -> Image:
        published = f"mattermost/mattermost-{self.edition}-edition:{self.version}"
        if self.image is None:
            return PublishedImage(published)
        return BuiltImage(
            name=f"homeport/mattermost-{self.edition}",
            version=self.version,
            context=_CONTEXT,
            digest=folder_digest(_CONTEXT),
            arguments=(("EDITION", self.edition), ("VERSION", self.version), ("UID", str(self._uid))),
            base=published,
        )

    def _ports(self) -> tuple[PublishedPort, ...]:
        if self.calls_port is None:
            return ()
        return (PublishedPort(self.calls_port, "tcp"), PublishedPort(self.calls_port, "udp"))

    def _calls_environment(self) -> dict[str, EnvironmentValue]:
        if self.calls_port is None:
            return {}
        return {
            "MM_CALLS_UDP_SERVER_PORT": str(self.calls_port),
            "MM_CALLS_TCP_SERVER_PORT": str(self.calls_port),
            # Inside the container's network the server cannot see the address that clients use.
            "MM_CALLS_ICE_HOST_OVERRIDE": self.hostname,
        }

    def _storage_environment(self) -> dict[str, EnvironmentValue]:
        limit: dict[str, EnvironmentValue] = {
            "MM_FILESETTINGS_MAXFILESIZE": str(self.upload_limit * 1024 * 1024)
        }
        if not isinstance(self.storage, S3Storage):
            return limit | {
                "MM_FILESETTINGS_DRIVERNAME": "local",
                "MM_FILESETTINGS_DIRECTORY": "/mattermost/data/",
            }
        return limit | {
            "MM_FILESETTINGS_DRIVERNAME": "amazons3",
            "MM_FILESETTINGS_AMAZONS3BUCKET": self.storage.bucket,
            "MM_FILESETTINGS_AMAZONS3ENDPOINT": self.storage.endpoint,
            "MM_FILESETTINGS_AMAZONS3REGION": self.storage.region,
            "MM_FILESETTINGS_AMAZONS3SSL": "true",
            "MM_FILESETTINGS_AMAZONS3SSE": "true" if self.storage.encrypted else "false",
            "MM_FILESETTINGS_AMAZONS3ACCESSKEYID": self.storage.access_key,
            "MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY": text(self._storage_secret),
        }

    def _mail_environment(self, mail: Mail | None) -> dict[str, EnvironmentValue]:
        if mail is None:
            return {}
        return {
            "MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS": "true",
            "MM_EMAILSETTINGS_SMTPSERVER": mail.host,
            "MM_EMAILSETTINGS_SMTPPORT": str(mail.port),
            "MM_EMAILSETTINGS_ENABLESMTPAUTH": "true",
            "MM_EMAILSETTINGS_SMTPUSERNAME": mail.user,
            "MM_EMAILSETTINGS_SMTPPASSWORD": text(PASSWORD),
            "MM_EMAILSETTINGS_CONNECTIONSECURITY": mail.security.upper(),
            "MM_EMAILSETTINGS_FEEDBACKEMAIL": mail.from_address,
            "MM_EMAILSETTINGS_REPLYTOADDRESS": mail.from_address,
            "MM_EMAILSETTINGS_FEEDBACKNAME": "Mattermost",
        }

    def _create_administrator(self, service: str, password: GeneratedPassword) -> Job:
        mmctl = ("/mattermost/bin/mmctl", "--local")
        return Job(
            name="administrator",
            service=service,
            command=(
                *mmctl,
                "user",
                "create",
                "--system-admin",
                "--email",
                self.administrator.email,
                "--username",
                self.administrator.username,
                "--password",
                text(password),
            ),
            when="once",
            # It talks to the server through its local socket.
            inside=True,
            done_before="already exists",
            then=(
                *mmctl,
                "user",
                "change-password",
                self.administrator.username,
                "--password",
                text(password),
            ),
        )


_DATA_FOLDERS = {
    "config": "config",
    "data": "data",
    "logs": "logs",
    "plugins": "plugins",
    "client-plugins": "client/plugins",
}
"""Volume name -> folder under /mattermost. Bleve indexes are gone since 11.0."""
