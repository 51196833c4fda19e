"""Mattermost: its settings, and the `App` they make.

Facts from Mattermost's documentation of 11.x: the image runs as 2000:2000 and has no shell; its
health check is `mmctl system status --local`, which needs local mode; environment variables
override the configuration file and are greyed out in the System Console.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.apps.mattermost_administrator import AdministratorSettings, create_administrator
from components.apps.mattermost_environment import (
    DEFAULTS,
    HTTP_PORT,
    METRICS_PORT,
    GitLabSettings,
    calls_environment,
    gitlab_environment,
    gitlab_secret,
    is_relied_on,
    license_environment,
    license_secret,
    metrics_environment,
    push_environment,
    relay_environment,
    rtcd_environment,
    sender_defaults,
    server_environment,
    storage_environment,
)
from components.apps.mattermost_image import ImageSettings, server_image, uid
from components.apps.postgres import PostgresSettings, postgres
from components.apps.storage import LocalStorage, S3Storage, Storage
from components.apps.variables import (
    SecretName,
    all_at_once,
    from_secrets,
    named_secrets,
    refuse_named,
    refuse_plain_secrets,
    refuse_twice,
)
from components.confinement import Confinement
from components.domain import CertificateName, FullVersion, Name, Port, Settings, major, web_address
from components.mail import Mail
from components.workload import (
    Administrator,
    App,
    GeneratedPassword,
    Health,
    Memory,
    MetricsPage,
    Mount,
    PublishedPort,
    Rollout,
    Route,
    Schema,
    Service,
    SuppliedSecret,
    Volume,
)

_FIRST_WITHOUT_GITLAB = 11
_VARIABLE = re.compile(r"MM_[A-Z0-9_]+")


class MattermostSettings(Settings):
    """One Mattermost and its PostgreSQL."""

    kind: Literal["mattermost"]
    name: Name = "mattermost"
    """Unique in the stack; names its networks, volumes, secrets and output. Later: refused, as volumes with
    data would be deleted."""
    hostname: CertificateName
    """The name that people type; inside one of `dns.zones` and unique in the stack. Later: a new record and a
    new certificate."""
    version: FullVersion
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
    license: bool = False
    """Whether there is a licence: the content of its file is the stack's secret `<name>License`. Needs
    `edition: enterprise`."""
    gitlab: GitLabSettings | None = None
    """Log-in with a GitLab; left out, there is none. From Mattermost 11 on it needs `edition: enterprise`."""
    push_proxy: Annotated[str, AfterValidator(web_address)] | None = None
    """The push proxy that tells phones of messages, such as one of your own; left out, it is what the System
    Console says, at first Mattermost's for trials."""
    rtcd: Annotated[str, AfterValidator(web_address)] | None = None
    """An `rtcd` of your own that holds all calls, in place of the server; needs a plan of Mattermost's that
    has it."""
    environment: dict[str, str] = {}
    """Further variables for Mattermost, `MM_` and capitals, all text: quote numbers and booleans. Those by
    which Homeport connects the app are refused. No secrets here: they are not encrypted."""
    secret_environment: dict[str, SecretName] = {}
    """Variable -> name of the stack's secret that it gets, set with `pulumi config set --secret`, such as
    `MM_LDAPSETTINGS_BINDPASSWORD: ldapPassword`. Later: another value rolls the app."""
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

    @field_validator("license")
    @classmethod
    def _only_one_edition_takes_it(cls, licensed: bool, info: ValidationInfo) -> bool:
        if licensed and info.data.get("edition") == "team":
            raise ValueError("false, or edition: enterprise; the team edition takes no licence")
        return licensed

    @field_validator("gitlab")
    @classmethod
    def _only_one_edition_knows_it(
        cls, gitlab: GitLabSettings | None, info: ValidationInfo
    ) -> GitLabSettings | None:
        version = str(info.data.get("version", "0"))
        if gitlab and info.data.get("edition") == "team" and major(version) >= _FIRST_WITHOUT_GITLAB:
            raise ValueError(
                "nothing, or edition: enterprise; from 11 on the team edition has no log-in with GitLab"
            )
        return gitlab

    @field_validator("environment", "secret_environment")
    @classmethod
    def _only_free_variables(cls, environment: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        optional = {
            *gitlab_environment(info.data.get("gitlab"), ""),
            *push_environment(info.data.get("push_proxy")),
            *rtcd_environment(info.data.get("rtcd")),
        }

        def free(name: str) -> bool:
            return name not in {*_wired(), *optional} and not is_relied_on(name)

        all_at_once(
            lambda: refuse_named(
                environment,
                lambda name: bool(_VARIABLE.fullmatch(name)),
                "variables that Mattermost reads, MM_ and capitals",
            ),
            lambda: refuse_named(
                environment,
                free,
                "variables that Homeport neither sets nor relies on: hostname, postgres, storage,"
                " uploadLimit, callsPort, rtcd, metrics, license, gitlab, pushProxy and homeport:mail say"
                " the rest",
            ),
            lambda: (
                refuse_plain_secrets(environment, free)
                if info.field_name == "environment"
                else refuse_twice(environment, info.data.get("environment"))
            ),
        )
        return environment

    @property
    def secrets(self) -> tuple[SuppliedSecret, ...]:
        """Secrets that the user has to set for these settings."""
        return (
            *((self._storage_secret,) if isinstance(self.storage, S3Storage) else ()),
            *((license_secret(self.name),) if self.license else ()),
            *((gitlab_secret(self.name),) if self.gitlab else ()),
            *named_secrets(self.secret_environment),
        )

    @property
    def _storage_secret(self) -> SuppliedSecret:
        return SuppliedSecret(f"{self.name}StorageSecretKey")

    def app(self, url: str, mail: Mail | None) -> App:
        """The app at this URL (the edge decides scheme and port), sending mail through the relay if any."""
        database = postgres(self.postgres, "mattermost")
        user = f"{uid(self.image)}:{uid(self.image)}"
        password = GeneratedPassword("administrator-password", length=24)
        server = Service(
            name="mattermost",
            image=server_image(self.image, self.edition, self.version),
            confinement=Confinement(
                user=user,
                # Read-only, the server says so and ends, or serves a page without its policy
                # (mattermost/docker#18, mattermost#34963; server/channels/utils/subpath.go).
                writable="Mattermost rewrites its client/root.html whenever it starts in a new container",
            ),
            environment={
                **DEFAULTS,
                **sender_defaults(mail),
                **server_environment(url, database.url),
                **storage_environment(self.storage, self._storage_secret, self.upload_limit),
                **relay_environment(mail),
                **calls_environment(self.calls_port, self.hostname),
                **metrics_environment(self.metrics),
                **license_environment(self.license, self.name),
                **gitlab_environment(self.gitlab, self.name),
                **push_environment(self.push_proxy),
                **rtcd_environment(self.rtcd),
                **self.environment,
                **from_secrets(self.secret_environment),
            },
            mounts=tuple(
                Mount(Volume(name, owner=user), f"/mattermost/{path}") for name, path in _DATA_FOLDERS.items()
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
                    HTTP_PORT,
                    upload_limit=self.upload_limit,
                    location=(
                        "proxy_read_timeout 600s",
                        "proxy_buffers 256 16k",
                        "proxy_buffer_size 16k",
                    ),
                ),
            ),
            metrics=(MetricsPage(METRICS_PORT),) if self.metrics else (),
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
            jobs=(*database.jobs, create_administrator(self.administrator, server.name, password)),
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

    def _ports(self) -> tuple[PublishedPort, ...]:
        if self.calls_port is None:
            return ()
        return (PublishedPort(self.calls_port, "tcp"), PublishedPort(self.calls_port, "udp"))


@cache
def _wired() -> frozenset[str]:
    """Every variable that some settings make Homeport set, but for those that the user may say otherwise."""
    known = {
        "kind": "mattermost",
        "hostname": "any.example.com",
        "version": f"{_FIRST_WITHOUT_GITLAB}.0.0",
        "edition": "enterprise",
        "administrator": AdministratorSettings(email="any@example.com"),
        "calls_port": 8443,
        "metrics": True,
        "license": True,
    }
    mail = Mail(relay="sendgrid", from_address="any@example.com")
    names: set[str] = set()
    for storage in (LocalStorage(), S3Storage(kind="s3", bucket="any", access_key="any")):
        app = MattermostSettings.model_validate({**known, "storage": storage}).app("", mail)
        names |= set(app.service("mattermost").environment)
    return frozenset(names - {*DEFAULTS, *sender_defaults(mail)})


_DATA_FOLDERS = {
    "config": "config",
    "data": "data",
    "logs": "logs",
    "plugins": "plugins",
    "client-plugins": "client/plugins",
}
"""Volume name -> folder under /mattermost. Bleve indexes are gone since 11.0."""
