"""Metrics of machine, databases and apps for a Prometheus elsewhere, behind a name and a password.

Flags and image names are those of the exporters' own READMEs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from components.apps.metrics_forwarder import forwarders
from components.confinement import Confinement
from components.default_images import default_version
from components.domain import CertificateName, FullVersion, Settings
from components.workload import (
    Access,
    App,
    GeneratedPassword,
    Health,
    Job,
    Memory,
    MetricsPage,
    Mount,
    PostgresDatabase,
    PublishedImage,
    Route,
    SecretOf,
    Service,
    Volume,
    text,
)

NAME = "metrics"
"""Of the app, and so of its containers, networks and output."""
ROLE = "homeport_metrics"
_PASSWORD = GeneratedPassword("password")
_ROLE_PASSWORD = GeneratedPassword("metrics-password")
_NODE_PORT, _POSTGRES_PORT = 9100, 9187
# `nobody` of busybox, which both images name as their user. They write nothing.
_CONFINEMENT = Confinement(user="65534:65534")

_COLLECTORS = ("cpu", "diskstats", "filesystem", "loadavg", "meminfo", "pressure", "stat", "vmstat")
"""Those that tell of the whole machine from inside a container; of its network they would see nothing."""
# Read on standard input, so that the password is nobody's argument. It is letters and digits.
_MAKE_ROLE = """\
psql --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 <<SQL
SELECT 'CREATE ROLE $ROLE' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$ROLE')\\gexec
ALTER ROLE $ROLE LOGIN CONNECTION LIMIT 3 PASSWORD '$METRICS_PASSWORD';
GRANT pg_monitor TO $ROLE;
SQL
"""


class MetricsSettings(Settings):
    """Metrics of machine, databases, and apps with `metrics: true`, for a Prometheus of your own."""

    hostname: CertificateName
    """Where they are found: a name that no app has. It gets a record and a certificate as an app's does."""
    user: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")] = "metrics"
    """The name to log in with. The password is generated: `pulumi stack output metrics --show-secrets`."""
    node_exporter: FullVersion = default_version("prom/node-exporter")
    """Tag of the image `prom/node-exporter`, without its `v`."""
    postgres_exporter: FullVersion = default_version("prometheuscommunity/postgres-exporter")
    """Tag of the image `prometheuscommunity/postgres-exporter`, without its `v`; each database has one."""
    memory: int = Field(default=32, ge=24)
    """MiB of RAM that each exporter may use, and as much of swap. An app with `metrics: true` has one too,
    an nginx that hands on its pages."""

    def app(self, url: str, apps: Sequence[App], nginx: str) -> App:
        """The exporters for these apps. `nginx` is the version of that image on the machine."""
        forwarded = [
            service for app in apps for service in forwarders(app, self.hostname, nginx, self._memory)
        ]
        databases = [(app, database) for app in apps for database in app.databases]
        return App(
            name=NAME,
            kind="metrics",
            version=self.node_exporter,
            url=url,
            services=(
                self._node(),
                *(self._postgres(app, database) for app, database in databases),
                *forwarded,
            ),
            access=Access(self.user, _PASSWORD),
            # Its only volume is empty: it is there to be measured.
            delete_data=True,
        )

    @property
    def _memory(self) -> Memory:
        return Memory(self.memory, self.memory)

    def _node(self) -> Service:
        return Service(
            name="node",
            image=PublishedImage(f"prom/node-exporter:v{self.node_exporter}"),
            memory=self._memory,
            confinement=_CONFINEMENT,
            command=(
                "--web.telemetry-path=/node",
                "--web.disable-exporter-metrics",
                "--path.rootfs=/host",
                "--collector.filesystem.mount-points-exclude=^/(dev|etc|proc|sys)($|/)",
                "--collector.disable-defaults",
                *(f"--collector.{name}" for name in _COLLECTORS),
            ),
            # Not the machine's whole tree: one folder of each disk tells how full it is.
            mounts=(Mount(Volume("disk"), "/host/data", read_only=True),),
            machine_folders=(("/usr/share/misc", "/host/boot"),),
            health=_health(_NODE_PORT),
            routes=(Route(self.hostname, _NODE_PORT, "/node"),),
            metrics=(MetricsPage(_NODE_PORT, "/node", "node"),),
        )

    def _postgres(self, app: App, database: PostgresDatabase) -> Service:
        path, server = _path(app), app.service(database.service)
        return Service(
            name=f"postgres-{app.name}",
            image=PublishedImage(f"prometheuscommunity/postgres-exporter:v{self.postgres_exporter}"),
            memory=self._memory,
            confinement=_CONFINEMENT,
            environment={
                "DATA_SOURCE_URI": f"{server.host}:5432/{database.name}?sslmode=disable",
                "DATA_SOURCE_USER": ROLE,
                "DATA_SOURCE_PASS": text(SecretOf(app.name, _ROLE_PASSWORD)),
            },
            command=(f"--web.telemetry-path={path}",),
            joins=(app.name,),
            health=_health(_POSTGRES_PORT),
            routes=(Route(self.hostname, _POSTGRES_PORT, path),),
            metrics=(MetricsPage(_POSTGRES_PORT, path, "postgres"),),
        )


def measured(app: App) -> App:
    """The app, with a role in each of its databases that may look at statistics and at no data."""
    jobs = tuple(
        Job(
            name="metrics-role",
            service=database.service,
            command=("sh", "-euc", _MAKE_ROLE),
            when="before",
            inside=True,
            environment={"ROLE": ROLE, "METRICS_PASSWORD": text(_ROLE_PASSWORD)},
        )
        for database in app.databases
    )
    return replace(app, jobs=(*app.jobs, *jobs))


@dataclass(frozen=True)
class Target:
    """What a Prometheus asks for."""

    path: str
    exporter: str
    """What tells it: `node`, `postgres`, the kind of an app or the name of one of its pages."""
    app: str
    """The app that it tells of; empty for the machine."""


def targets(metrics: App) -> Iterator[Target]:
    """Everything that the exporters of this app serve."""
    for service in metrics.services:
        for page in service.metrics:
            yield Target(page.path, page.name, service.joins[0] if service.joins else "")


def scrape_config(metrics: App, job: str, password: str) -> str:
    """The part of a Prometheus's configuration that has it read everything, with the password in it."""
    (hostname,) = metrics.hostnames
    user = metrics.access.user if metrics.access else ""
    lines = [
        "scrape_configs:",
        f"  - job_name: {job}",
        "    scheme: https",
        "    basic_auth:",
        f'      username: "{user}"',
        f'      password: "{password}"',
        "    static_configs:",
    ]
    for target in targets(metrics):
        app = f", app: {target.app}" if target.app else ""
        # Without labels of its own a page's `up` would be taken for another's: the path is none that stays.
        labels = f"__metrics_path__: {target.path}, exporter: {target.exporter}{app}"
        lines += [f"      - targets: [{hostname}]", f"        labels: {{{labels}}}"]
    return "\n".join(lines) + "\n"


def _path(app: App) -> str:
    return f"/postgres/{app.name}"


def _health(port: int) -> Health:
    # The page at / collects nothing.
    return Health(("wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}/"))
