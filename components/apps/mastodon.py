"""Mastodon: its settings, and the `App` they make.

Facts from Mastodon's documentation and Dockerfiles of 4.3 to 4.7: both images run as 991:991 in /opt/mastodon
and have a shell, `curl` and `ps`; environment variables are the whole configuration.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.apps.mastodon_backends import (
    ElasticsearchSettings,
    database_environment,
    mail_environment,
    redis_environment,
    search_environment,
    storage_environment,
)
from components.apps.mastodon_jobs import PRINTED_PASSWORD, OwnerSettings, PruneSettings, jobs, schedule
from components.apps.mastodon_log_in import OidcSettings, oidc_environment, oidc_secret
from components.apps.mastodon_processes import (
    PROFILES,
    ProfileName,
    SidekiqProcessSettings,
    StreamingProcessSettings,
    WebProcessSettings,
)
from components.apps.mastodon_secrets import MastodonSecrets, mastodon_secrets
from components.apps.mastodon_services import MastodonServices
from components.apps.postgres import Database, PostgresSettings, postgres
from components.apps.redis import RedisSettings, redis, redis_queue
from components.apps.storage import LocalStorage, S3Storage, Storage
from components.apps.variables import (
    SecretName,
    all_at_once,
    from_secrets,
    is_the_proxys,
    named_secrets,
    refuse_lines,
    refuse_named,
    refuse_plain_secrets,
    refuse_twice,
)
from components.domain import CertificateName, FullVersion, Name, Settings
from components.mail import Mail
from components.workload import (
    Administrator,
    App,
    EnvironmentValue,
    Memory,
    Rollout,
    Schema,
    SuppliedSecret,
)

_OLDEST = (4, 3, 0)
"""Before it Mastodon has no keys of Active Record, and no image for streaming."""
_LAST_WITH_OTP_SECRET = (4, 3)
_FIRST_WITH_METRICS = (4, 4)
_DATABASE = "mastodon"
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_RELIED_ON = re.compile(
    r"(LOCAL|WEB)_DOMAIN|SECRET_KEY_BASE|OTP_SECRET|VAPID_.*|ACTIVE_RECORD_ENCRYPTION_.*|(REPLICA_)?DB_.*"
    r"|(REPLICA_)?DATABASE_URL|(CACHE_|SIDEKIQ_)?REDIS_.*|(SMTP|ES)_PASS(WORD)?|AWS_.*|LD_.*|PATH|BIND|PORT"
    r"|SOCKET|PROMETHEUS_EXPORTER_.*|MASTODON_PROMETHEUS_EXPORTER_(ENABLED|LOCAL|HOST|PORT)"
)
"""What would take the app apart, whether it is set here or not: these have settings of their own, or none for
a reason."""
_DEFAULTS = frozenset(
    (
        *("WEB_CONCURRENCY", "MAX_THREADS", "SIDEKIQ_CONCURRENCY", "MALLOC_ARENA_MAX"),
        *("SMTP_FROM_ADDRESS", "SMTP_AUTH_METHOD", "S3_FORCE_SINGLE_REQUEST", "S3_MULTIPART_THRESHOLD"),
    )
)
"""What Homeport sets and the user may say otherwise: nothing hangs on it."""


def _supported(version: str) -> str:
    if _numbers(version) < _OLDEST:
        raise ValueError("4.3.0 or newer: older versions have no keys for what they encrypt")
    return version


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


class MastodonSettings(Settings):
    """One Mastodon with its PostgreSQL and Redis."""

    kind: Literal["mastodon"]
    name: Name = "mastodon"
    """Unique in the stack; names its networks, volumes, secrets and output. Later: refused, as volumes with
    data would be left behind."""
    hostname: CertificateName
    """The name that browsers use; inside the zone and unique in the stack. Later: refused, other servers know
    accounts by it."""
    local_domain: CertificateName | None = None
    """The domain in the accounts' names, `@ada@example.com`; left out, the host name. What is asked of it
    is redirected to the host name. Later: refused, other servers know accounts by it."""
    version: Annotated[FullVersion, AfterValidator(_supported)]
    """Full version, 4.3.0 or newer; the images' tags have a `v` before it. Later: the new
    version changes the database, starts beside the old one and takes over once it is healthy. There is no way
    back to an older version."""
    owner: OwnerSettings
    """The first account."""
    profile: ProfileName = "small"
    """How large the processes are: `micro` for 1 GiB of RAM with swap, `small` for 2 GiB."""
    web: WebProcessSettings = WebProcessSettings()
    """Numbers of the web process other than the profile's."""
    streaming: StreamingProcessSettings = StreamingProcessSettings()
    """Numbers of the streaming process other than the profile's."""
    sidekiq: SidekiqProcessSettings = SidekiqProcessSettings()
    """Numbers of the background process other than the profile's."""
    malloc_arenas: int | None = Field(default=None, ge=1, le=64)
    """`MALLOC_ARENA_MAX` other than the profile's: more are faster and need more memory."""
    postgres: PostgresSettings = PostgresSettings()
    """The app's own database server."""
    redis: RedisSettings = RedisSettings()
    """The app's own Redis."""
    storage: Storage = LocalStorage()
    """Where uploaded files and copies of other servers' are kept. Later: files are not moved from one to the
    other."""
    elasticsearch: ElasticsearchSettings | None = None
    """A search server, for full-text search; left out, there is none. Later: an index is made once it is
    named."""
    secrets_from: Literal["generated", "supplied"] = Field(default="generated", alias="secrets")
    """`supplied` for a Mastodon that moves here with its data: its secrets are then set in the stack. Later:
    refused, unless the same secrets are supplied that were generated."""
    prune: PruneSettings | None = PruneSettings()
    """What is removed again and again; `null` for nothing. Timers are kept on a machine in the cloud only."""
    metrics: bool = False
    """Serve Prometheus metrics, from 4.4.0 on; those of web and sidekiq take one more process, a collector.
    With `homeport:metrics` they are at `/app/<name>/rails` and `/app/<name>/streaming` of its host name,
    behind the password; without it only the app's own networks reach them."""
    metrics_memory: int = Field(default=96, ge=64)
    """MiB of RAM that the collector may use, and twice as much of swap."""
    upload_limit: int = Field(default=99, ge=1, le=1024)
    """The largest request, in MiB. Mastodon has limits of its own for each kind of file: 16 MiB for pictures
    and 99 for films."""
    oidc: OidcSettings | None = None
    """Log-in with an OpenID Connect provider, such as Keycloak or Authentik; left out, there is none."""
    environment: dict[str, str] = {}
    """Further variables for Mastodon, all text: quote numbers and booleans. Those by which Homeport connects
    the app are refused. No secrets here: they are not encrypted."""
    secret_environment: dict[str, SecretName] = {}
    """Variable -> name of the stack's secret that it gets, set with `pulumi config set --secret`, such as
    `DEEPL_API_KEY: deeplKey`; web, sidekiq and all that is run in them have it. Later: another value rolls
    the app."""
    rollout: Rollout = "rolling"
    """`rolling` starts the new containers beside the old ones, and an update loses no request; `recreate`
    stops the old ones first, for a machine whose memory does not hold both. Later: the update that changes
    this still rolls."""
    allow_downgrade: bool = False
    """Whether a lower version may follow a higher one. Refused without it: the higher one has changed the
    database, and the lower one does not know how."""
    delete_data: bool = False
    """Whether its volumes go when the app does; must be deployed before the app is removed."""

    @field_validator("storage")
    @classmethod
    def _encryption_is_the_stores(cls, storage: Storage) -> Storage:
        if isinstance(storage, S3Storage) and storage.encrypted:
            raise ValueError("without `encrypted`: Mastodon cannot ask for it; make it the bucket's default")
        return storage

    @field_validator("metrics")
    @classmethod
    def _only_some_versions_have_them(cls, metrics: bool, info: ValidationInfo) -> bool:
        version = info.data.get("version")
        if metrics and version and _numbers(version) < _FIRST_WITH_METRICS:
            raise ValueError(f"false, or version 4.4.0 or newer; {version} has no metrics of web and sidekiq")
        return metrics

    @field_validator("environment", "secret_environment")
    @classmethod
    def _only_free_variables(cls, environment: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        optional = oidc_environment(info.data.get("oidc"), "", "")
        all_at_once(
            lambda: refuse_named(
                environment,
                lambda name: _is_free(name) and name not in optional,
                "variables in capitals that Homeport does not set itself",
            ),
            lambda: refuse_lines(environment),
            lambda: (
                refuse_plain_secrets(environment, lambda name: _is_free(name) and name not in optional)
                if info.field_name == "environment"
                else refuse_twice(environment, info.data.get("environment"))
            ),
        )
        return environment

    @property
    def domain(self) -> str:
        """The domain in the accounts' names."""
        return self.local_domain or self.hostname

    @property
    def secrets(self) -> tuple[SuppliedSecret, ...]:
        """Secrets that the user has to set for these settings."""
        storage = (self._storage_secret,) if isinstance(self.storage, S3Storage) else ()
        search = (self._search_password,) if self.elasticsearch and self.elasticsearch.user else ()
        log_in = (oidc_secret(self.name),) if self.oidc else ()
        own = named_secrets(self.secret_environment)
        return (*self._secrets.supplied, *storage, *search, *log_in, *own)

    @property
    def supplied_vapid_pair(self) -> tuple[SuppliedSecret, SuppliedSecret] | None:
        """Private and public half of the pair that the user has to set, if any."""
        private, public = self._secrets.vapid_private_key, self._secrets.vapid_public_key
        if isinstance(private, SuppliedSecret) and isinstance(public, SuppliedSecret):
            return private, public
        return None

    @property
    def _secrets(self) -> MastodonSecrets:
        otp = _numbers(self.version)[:2] <= _LAST_WITH_OTP_SECRET
        return mastodon_secrets(self.name, self.secrets_from, otp)

    @property
    def _storage_secret(self) -> SuppliedSecret:
        return SuppliedSecret(f"{self.name}StorageSecretKey")

    @property
    def _search_password(self) -> SuppliedSecret:
        return SuppliedSecret(f"{self.name}ElasticsearchPassword")

    def app(self, url: str, mail: Mail | None) -> App:
        """The app at this URL (the edge decides scheme and port), sending mail through the relay if any."""
        database = postgres(self.postgres, _DATABASE)
        services = MastodonServices(
            version=self.version,
            profile=PROFILES[self.profile].changed(
                self.web, self.streaming, self.sidekiq, self.malloc_arenas
            ),
            hostname=self.hostname,
            domain=self.domain,
            url=url,
            upload_limit=self.upload_limit,
            files_on_disk=isinstance(self.storage, LocalStorage),
            shared=self._shared_environment(database),
            rails=self._rails_environment(url, mail),
            own=self.environment,
            own_secrets=from_secrets(self.secret_environment),
            collector=Memory(self.metrics_memory, 2 * self.metrics_memory) if self.metrics else None,
        )
        return App(
            name=self.name,
            kind=self.kind,
            version=self.version,
            url=url,
            services=(
                database.service,
                redis(self.redis),
                services.web,
                services.streaming,
                services.sidekiq,
                *services.collectors,
            ),
            databases=(database.content,),
            queues=(redis_queue(self.redis),),
            jobs=(*database.jobs, *jobs(self.owner, search=self.elasticsearch is not None)),
            schedules=(schedule(self.prune),) if self.prune else (),
            administrator=Administrator(self.owner.username, self.owner.email, PRINTED_PASSWORD),
            identity={
                "LOCAL_DOMAIN": self.domain,
                "WEB_DOMAIN": self.hostname,
                **self._secrets.environment,
            },
            schema=Schema(
                3,
                "Mastodon supports no way back over a change of its database. A patch release seldom has one:"
                " its release notes then say that migrations must be run.",
                self.allow_downgrade,
            ),
            rollout=self.rollout,
            delete_data=self.delete_data,
        )

    def _shared_environment(self, database: Database) -> dict[str, EnvironmentValue]:
        web: dict[str, EnvironmentValue] = {}
        if self.domain != self.hostname:
            web["WEB_DOMAIN"] = self.hostname
        return {
            "NODE_ENV": "production",
            "LOCAL_DOMAIN": self.domain,
            **web,
            **database_environment(database),
            **redis_environment(),
        }

    def _rails_environment(self, url: str, mail: Mail | None) -> dict[str, EnvironmentValue]:
        storage: dict[str, EnvironmentValue] = {}
        if isinstance(self.storage, S3Storage):
            storage = storage_environment(self.storage, self._storage_secret)
        return {
            **self._secrets.environment,
            **mail_environment(mail),
            **storage,
            **search_environment(self.elasticsearch, self._search_password),
            **oidc_environment(self.oidc, url, self.name),
        }


def _is_free(name: str) -> bool:
    """Whether a variable may be the user's, whatever the settings."""
    wired = name in _wired() or _RELIED_ON.fullmatch(name) or is_the_proxys(name)
    return bool(_VARIABLE.fullmatch(name)) and not wired


@cache
def _wired() -> frozenset[str]:
    """Every variable that some settings make Homeport set, but for those that the user may say otherwise."""
    settings = MastodonSettings(
        kind="mastodon",
        hostname="any.example.com",
        local_domain="example.com",
        version=".".join(map(str, _FIRST_WITH_METRICS)) + ".0",
        owner=OwnerSettings(username="any", email="any@example.com"),
        storage=S3Storage(kind="s3", bucket="any", access_key="any", endpoint="storage.googleapis.com"),
        elasticsearch=ElasticsearchSettings(host="search.example.com", user="any", prefix="any"),
        metrics=True,
    )
    app = settings.app("", Mail(relay="sendgrid", from_address="any@example.com"))
    services = (app.service(name) for name in ("web", "streaming", "sidekiq"))
    return frozenset(name for service in services for name in service.environment) - _DEFAULTS
