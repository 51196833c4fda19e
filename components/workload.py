"""What an app is, as plain data: services, volumes, jobs, routes and the secrets they need.

An `App` says nothing about how it is run. A runtime (`DockerApp`) realises it; the same value
could be given to another one. This is the twelve-factor idea: processes are stateless, backing
services are attached by URL, admin processes are one-off jobs in the same image and environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from components.confinement import Confinement


@dataclass(frozen=True)
class GeneratedPassword:
    """A password made once, kept encrypted in the state. Letters and digits: safe inside a URL."""

    name: str
    length: int = 32
    lasting: bool = False
    """Data is lost without it: nothing makes it anew, and another one is refused (`App.identity`)."""


@dataclass(frozen=True)
class GeneratedHex:
    """Random bytes made once, as twice as many hexadecimal digits."""

    name: str
    length: int
    """Bytes."""
    lasting: bool = False
    """Data is lost without it: nothing makes it anew, and another one is refused (`App.identity`)."""


@dataclass(frozen=True)
class GeneratedVapidKey:
    """One half of a lasting key pair for web push (RFC 8292): base64url without padding."""

    name: str
    """Of the pair; both halves have the same."""
    half: Literal["private", "public"]


@dataclass(frozen=True)
class SuppliedSecret:
    """A secret of the user's, set with `pulumi config set --secret <name>`."""

    name: str


@dataclass(frozen=True)
class SecretOf:
    """A password that another app of the stack has, which comes before this one."""

    app: str
    password: GeneratedPassword

    @property
    def name(self) -> str:
        """Unique in the stack."""
        return f"{self.app}-{self.password.name}"


SecretSource: TypeAlias = GeneratedPassword | GeneratedHex | GeneratedVapidKey | SuppliedSecret | SecretOf


@dataclass(frozen=True)
class Text:
    """Plain text and secrets put together, such as a database URL with its password."""

    parts: tuple[str | SecretSource, ...]


EnvironmentValue: TypeAlias = str | Text
Rollout: TypeAlias = Literal["rolling", "recreate"]


def text(*parts: str | SecretSource) -> Text:
    """Compose a value of plain text and secrets."""
    return Text(parts)


@dataclass(frozen=True)
class PublishedImage:
    """An image that a registry serves, pinned by its full version: `postgres:17.11`."""

    reference: str


@dataclass(frozen=True)
class BuiltImage:
    """An image built from a folder of this project. A changed argument or file makes a new image."""

    name: str
    version: str
    context: Path
    digest: str
    """Of the folder's content."""
    arguments: tuple[tuple[str, str], ...] = ()
    base: str = ""
    """The published image that it is made from."""

    @property
    def reference(self) -> str:
        """Its name and a tag that says what it was built from."""
        return f"{self.name}:{'-'.join((self.version, *(value for _, value in self.arguments), self.digest))}"


Image: TypeAlias = PublishedImage | BuiltImage


@dataclass(frozen=True)
class Volume:
    """A folder whose content outlives every container."""

    name: str
    owner: str | None = None
    """`uid:gid` that its root must belong to, where the image does not see to that itself."""


@dataclass(frozen=True)
class Mount:
    """Where a service finds a volume. `path` is absolute, inside the container."""

    volume: Volume
    path: str
    read_only: bool = False


@dataclass(frozen=True)
class Health:
    """A command that exits 0 when the service can do its work. Times are in seconds."""

    command: tuple[str, ...]
    interval: int = 5
    timeout: int = 5
    retries: int = 12
    start_period: int = 10


@dataclass(frozen=True)
class Memory:
    """What a service may use, in MiB: RAM up to `limit`, and `swap` beyond it."""

    limit: int
    swap: int = 0


@dataclass(frozen=True)
class PublishedPort:
    """A port that reaches a service directly, past the reverse proxy."""

    port: int
    protocol: Literal["tcp", "udp"]


@dataclass(frozen=True)
class Route:
    """A host name and path that the reverse proxy hands to a service's `port`."""

    hostname: str
    port: int
    path: str = "/"
    upload_limit: int = 1
    """The largest request body, in MiB."""
    location: tuple[str, ...] = ()
    """Directives for nginx's location block, each without its semicolon."""
    redirect: str | None = None
    """A URL without a path, where nginx sends the client instead, with the path it asked for."""


@dataclass(frozen=True)
class MetricsPage:
    """Where a service tells of itself as Prometheus reads it, to who is in its app's back network."""

    port: int
    path: str = "/metrics"
    name: str = ""
    """Which of an app's pages it is, where there are several."""


@dataclass(frozen=True)
class Service:
    """One process type of an app, in its own container."""

    name: str
    image: Image
    memory: Memory
    confinement: Confinement
    environment: Mapping[str, EnvironmentValue] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    health: Health | None = None
    """None: the image has a health check of its own, and that one is used."""
    startup: int = 180
    """Seconds until a new container must be healthy, or the update fails."""
    after: tuple[str, ...] = ()
    """Services of the same app that must be healthy first; they share its back network."""
    machine_roots: bool = False
    """It trusts the certificate authorities that the machine trusts, in place of its image's own list."""
    machine_folders: tuple[tuple[str, str], ...] = ()
    """Folders of the machine that it may read, each with its path inside the container."""
    joins: tuple[str, ...] = ()
    """Other apps whose back networks it is on too; they come before this one."""
    egress: bool = False
    """It calls out to the internet, and has no route by which it could."""
    stateful: bool = False
    """Its data is its own: replaced in place under a fixed name, never two at once."""
    generation: str = ""
    """Of a stateful service: another one is another service beside the old one, with data of its own. It is
    part of the names of container and host."""
    routes: tuple[Route, ...] = ()
    """All with the same path and port."""
    metrics: tuple[MetricsPage, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    stop: int = 10
    """Seconds between SIGTERM and SIGKILL."""
    shared_memory: int = 64
    """Size of /dev/shm, in MiB. What is in use there counts as the service's memory."""

    def __post_init__(self) -> None:
        """Refuse routes that one container cannot have at the reverse proxy."""
        if len({(route.path, route.port) for route in self.routes}) > 1:
            raise ValueError(f"the routes of {self.name} differ in path or port")

    @property
    def host(self) -> str:
        """The name by which the app's other services find it."""
        return f"{self.name}-{self.generation}" if self.generation else self.name


@dataclass(frozen=True)
class PostgresDatabase:
    """A database in a service of the app: what backups save, and what a new major version takes over."""

    service: str
    name: str
    """Of the database, and of its owner."""
    major: int


@dataclass(frozen=True)
class RedisQueue:
    """A Redis, or Valkey, with append-only files: backups save them as that server wants it."""

    service: str
    volume: str
    """Name of the volume with its data."""


@dataclass(frozen=True)
class Job:
    """An admin process in the image and environment of a service. It must exit 0, or the update fails.

    `before`: for each version of the image (with `inside`, for each container), when the stateful services
    are healthy and before a container of any other service starts. `after`: for each version, when it alone
    serves. `once`: when the app is first deployed.
    """

    name: str
    service: str
    command: tuple[EnvironmentValue, ...]
    when: Literal["before", "after", "once"]
    inside: bool = False
    """In the service's running container, where it needs that; else in a container of its own."""
    environment: Mapping[str, EnvironmentValue] = field(default_factory=dict)
    """Besides the service's."""
    input: EnvironmentValue = ""
    """What it reads, with `inside`. Secrets belong here: arguments are seen by every process."""
    done_before: str = ""
    """A run that fails and prints this counts as done: the work was finished by an update that ended before
    it could be recorded."""
    then: tuple[EnvironmentValue, ...] = ()
    """What to run if it was done before; its output then is the job's."""


@dataclass(frozen=True)
class Schedule:
    """A command that runs again and again in a service's running container."""

    name: str
    service: str
    command: tuple[str, ...]
    calendar: str
    """When, as systemd.time(7) has it: `Sun *-*-* 04:00`."""


@dataclass(frozen=True)
class Printed:
    """A secret that a job makes and prints."""

    job: str
    after: str
    """It is the word that follows this text."""


@dataclass(frozen=True)
class Administrator:
    """The first account of an app and where its password comes from."""

    username: str
    email: str
    password: GeneratedPassword | Printed


@dataclass(frozen=True)
class Access:
    """Who may see an app at all: the reverse proxy asks for a name and a password before anything else."""

    user: str
    password: GeneratedPassword


@dataclass(frozen=True)
class Schema:
    """How far an app's version tells which database it needs, where an older one cannot use a newer one's."""

    numbers: int
    """How many numbers of the version, from the left, must not become lower."""
    reason: str
    """A sentence for who tries."""
    downgrade: bool = False
    """Whether the user wants it all the same."""


@dataclass(frozen=True)
class App:
    """A whole application. `name` is unique in its stack and names the network `back-<name>`."""

    name: str
    kind: str
    version: str
    url: str
    services: tuple[Service, ...]
    databases: tuple[PostgresDatabase, ...] = ()
    queues: tuple[RedisQueue, ...] = ()
    jobs: tuple[Job, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    administrator: Administrator | None = None
    access: Access | None = None
    """None: everybody reaches it, and it asks for itself."""
    identity: Mapping[str, EnvironmentValue] = field(default_factory=dict)
    """What must never change once the app has data; an update that would change it is refused."""
    schema: Schema | None = None
    """None: any version may follow any other."""
    rollout: Rollout = "rolling"
    delete_data: bool = False
    """Whether its volumes go when the app does. Else they stay, and the same app finds them again."""

    @property
    def keeps_identity(self) -> bool:
        """Whether there is anything about it that a later update is compared with."""
        return bool(self.identity or self.schema)

    def service(self, name: str) -> Service:
        """The service of that name; `KeyError` where there is none."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(f"{self.name} has no service {name}")

    def rolls(self, service: Service) -> bool:
        """Whether its new container starts while the old one serves.

        Two cannot have the same data or publish the same port.
        """
        return self.rollout == "rolling" and not service.stateful and not service.ports

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """Every volume that a service mounts, each once, in the order of first use."""
        return tuple(dict.fromkeys(m.volume for service in self.services for m in service.mounts))

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route, in the order of the services."""
        return tuple(route for service in self.services for route in service.routes)

    @property
    def hostnames(self) -> tuple[str, ...]:
        """The host names it answers to, each once."""
        return tuple(dict.fromkeys(route.hostname for route in self.routes))

    @property
    def published_ports(self) -> tuple[PublishedPort, ...]:
        """Ports that bypass the reverse proxy and so need firewall rules of their own."""
        return tuple(port for service in self.services for port in service.ports)

    @property
    def memory(self) -> int:
        """The sum of all limits, in MiB of RAM."""
        return sum(service.memory.limit for service in self.services)

    def secrets(self) -> Iterator[SecretSource]:
        """Every secret the app mentions, each once."""
        values: list[EnvironmentValue] = [*self.identity.values()]
        for service in self.services:
            values += service.environment.values()
        for job in self.jobs:
            values += [*job.command, *job.then, job.input, *job.environment.values()]
        parts = [part for value in values if isinstance(value, Text) for part in value.parts]
        if self.administrator and not isinstance(self.administrator.password, Printed):
            parts.append(self.administrator.password)
        if self.access:
            parts.append(self.access.password)
        yield from dict.fromkeys(part for part in parts if not isinstance(part, str))
