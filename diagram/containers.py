"""Containers, networks and volumes of a deployment: which is where, and who reaches whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap

from diagram.answers import made
from diagram.graph import Group, GroupKind, Node, Reach
from diagram.rehearsal import Record
from diagram.resources import Resources, rows, text, texts
from stacks.stack_file import Json

SOCKET = "/var/run/docker.sock"
MACHINE = "machine"
_REVISION = re.compile(r"-[0-9a-f]{7}$")
"""Behind the name of a stateless container; it changes with every setting, and says nothing in a picture."""


@dataclass(frozen=True)
class Port:
    """A port of the machine that Docker hands on to a container."""

    number: int
    protocol: str
    address: str
    """Where it listens; empty for everywhere."""

    @property
    def label(self) -> str:
        """As people write it."""
        return port_label(str(self.number), self.protocol)


@dataclass(frozen=True)
class Container:
    """One container as the program asked for it."""

    key: str
    image: str
    memory: int
    """MiB; 0 where it is not limited."""
    networks: tuple[str, ...]
    aliases: frozenset[tuple[str, str]]
    """Network, and the name that it has there."""
    environment: dict[str, str]
    words: tuple[str, ...]
    """Everything else in which it may say whom it talks to: its command and the files that it is given."""
    labels: dict[str, str]
    ports: tuple[Port, ...]
    mounts: tuple[tuple[str, bool], ...]
    """Volume or path on the machine, and whether it may only be read."""
    is_proxy: bool

    @property
    def title(self) -> str:
        """As people call it: the app, and what it is of the app."""
        app, service = self.labels.get("homeport.app"), self.labels.get("homeport.service")
        if not app or not service:
            return self.key
        parts = (app, service if service != app else "", self.labels.get("homeport.generation", ""))
        return " ".join(filter(None, parts))

    def port_of(self, alias: str) -> str | None:
        """The port at which it is told to find somebody; "" where only the name is said, else None.

        Whom a container talks to is not a property of Docker's: it is in its environment, command or files.
        """
        server = re.compile(rf"(?<![\w.-]){re.escape(alias)}:(\d+)(?!\d)")
        for value in (*self.environment.values(), *self.words):
            if found := server.search(value):
                return found[1]
        for name, value in self.environment.items():
            if value == alias and name.endswith("HOST"):
                return self.environment.get(f"{name.removesuffix('HOST')}PORT", "")
            if re.search(rf"//([^/@\s]*@)?{re.escape(alias)}(/|$)", value):
                return ""
        return None


@dataclass(frozen=True)
class Network:
    """A network of Docker's."""

    name: str
    closed: bool
    """Whether its containers reach nothing but each other."""

    @property
    def key(self) -> str:
        """Its box."""
        return f"network:{self.name}"


class Containers:
    """What runs in Docker."""

    def __init__(self, resources: Resources) -> None:
        self._images = {
            made(image.name): text(image.inputs.get("name"))
            for image in resources.all("docker:index/remoteImage:RemoteImage")
        }
        self._volumes = {
            text(volume.inputs.get("name")) or made(volume.name): volume.name
            for volume in resources.all("docker:index/volume:Volume")
        }
        self._owners = {
            volume.name: volume.parent.rpartition("::")[2]
            for volume in resources.all("docker:index/volume:Volume")
        }
        self.networks = {
            made(one.name): Network(one.name, closed=one.inputs.get("internal") is True)
            for one in resources.all("docker:index/network:Network")
        }
        self.all = [self._container(one) for one in resources.all("docker:index/container:Container")]

    def groups(self) -> Iterator[Group]:
        """A box for each network."""
        for network in self.networks.values():
            out = "no way out" if network.closed else "with a way out"
            kind: GroupKind = "closed" if network.closed else "open"
            yield Group(network.key, kind, f"network {network.name}", (out,), MACHINE)

    def nodes(self) -> Iterator[Node]:
        """Each container in that of its networks that is nearest to the internet, and the volumes."""
        for one in self.all:
            home = self._home(one)
            others = [self.networks[name].name for name in one.networks if self.networks[name].key != home]
            also = (f"also on {', '.join(others)}",) if others else ()
            limit = (f"{one.memory} MiB at most",) if one.memory else ()
            yield Node(one.key, "container", one.title, (one.image, *limit, *also), home)
        for key, names in self._stores.items():
            unused = () if self._users.get(names[0]) else ("in no container",)
            yield Node(key, "volume", self._owners[names[0]], (*self._listed(names), *unused), "disk")
        if any(SOCKET in (path for path, _ in one.mounts) for one in self.all):
            yield Node("socket", "danger", "Docker's socket", ("commands the machine",), MACHINE)

    def reaches(self) -> Iterator[Reach]:
        """Who talks to whom over which port, and who writes and reads which volume."""
        for client in self.all:
            for server in self.all:
                if client is not server and (label := self._connection(client, server)) is not None:
                    yield Reach(client.key, server.key, "traffic", label)
        for key, names in self._stores.items():
            for container, read_only in self._users.get(names[0], []):
                yield Reach(key, container, "data", "") if read_only else Reach(container, key, "data", "")
        for one in self.all:
            if SOCKET in (path for path, _ in one.mounts):
                yield Reach(one.key, "socket", "data", "")

    def _connection(self, client: Container, server: Container) -> str | None:
        shared = set(client.networks) & set(server.networks)
        if not shared:
            return None
        port = server.environment.get("VIRTUAL_PORT")
        if client.is_proxy and port:
            return " ".join(filter(None, (port, server.environment.get("VIRTUAL_PATH"))))
        for network, alias in sorted(server.aliases):
            if network in shared and (found := client.port_of(alias)) is not None:
                return found
        return None

    def _home(self, one: Container) -> str:
        """Its network with the most that faces the internet: with a published port, then with a way out."""

        def distance(name: str) -> tuple[bool, bool, str]:
            published = any(other.ports for other in self.all if name in other.networks)
            return (not published, self.networks[name].closed, name)

        return self.networks[min(one.networks, key=distance)].key if one.networks else MACHINE

    @cached_property
    def _users(self) -> dict[str, list[tuple[str, bool]]]:
        """Volume -> the containers that have it, and whether only to read."""
        found: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
        for one in self.all:
            for name, read_only in one.mounts:
                if name in self._volumes:
                    found[self._volumes[name]].append((one.key, read_only))
        return found

    @cached_property
    def _stores(self) -> dict[str, tuple[str, ...]]:
        """Volumes by key, those with the same readers and writers as one: a picture of each has no room."""
        together: defaultdict[tuple[str, tuple[tuple[str, bool], ...]], list[str]] = defaultdict(list)
        for volume, owner in sorted(self._owners.items()):
            together[owner, tuple(sorted(self._users.get(volume, [])))].append(volume)
        return {f"volume:{names[0]}": tuple(names) for names in together.values()}

    def _listed(self, names: tuple[str, ...]) -> list[str]:
        """Names without their owner's, in lines of a box's width."""
        short = ", ".join(name.removeprefix(f"{self._owners[name]}-") for name in names)
        return wrap(short, 24, break_on_hyphens=False)

    def _container(self, record: Record) -> Container:
        inputs = record.inputs
        variables = dict(line.partition("=")[::2] for line in texts(inputs.get("envs")))
        labels = {text(row.get("label")): text(row.get("value")) for row in rows(inputs.get("labels"))}
        attached = rows(inputs.get("networksAdvanced"))
        networks = [name for row in attached if (name := text(row.get("name"))) in self.networks]
        uploads = [text(row.get("content")) for row in rows(inputs.get("uploads"))]
        return Container(
            key=_REVISION.sub("", record.name),
            image=self._image(inputs.get("image")),
            memory=_whole(inputs.get("memory")),
            networks=tuple(networks),
            aliases=frozenset(
                (text(row.get("name")), alias) for row in attached for alias in texts(row.get("aliases"))
            ),
            environment=variables,
            words=(*texts(inputs.get("command")), *texts(inputs.get("entrypoints")), *uploads),
            labels=labels,
            ports=tuple(_port(row) for row in rows(inputs.get("ports"))),
            mounts=tuple(
                (text(row.get("volumeName")) or text(row.get("hostPath")), row.get("readOnly") is True)
                for row in rows(inputs.get("volumes"))
            ),
            is_proxy=labels.get("homeport.role") == "nginx",
        )

    def _image(self, value: Json) -> str:
        """Without the registry's folders, which are long and say little."""
        name = self._images.get(text(value), text(value))
        return name.rpartition("/")[2].partition("@")[0]


def external(containers: Containers) -> Iterator[tuple[Node, Reach]]:
    """Whom containers are told to talk to outside: the certificate authority, and the relay for mail."""
    for one in containers.all:
        if url := one.environment.get("ACME_CA_URI"):
            host = re.sub(r"^https?://([^/:]+).*", r"\1", url)
            yield (
                Node("certificate-authority", "outside", "certificate authority", (host,), "internet"),
                Reach(one.key, "certificate-authority", "traffic", "443"),
            )
        for name, host in one.environment.items():
            if name.endswith(("SMTPSERVER", "SMTP_SERVER")) and host:
                port = one.environment.get(f"{name.removesuffix('SERVER')}PORT", "")
                yield (
                    Node("mail-relay", "outside", "mail relay", (host,), "internet"),
                    Reach(one.key, "mail-relay", "traffic", port),
                )


def port_label(port: str, protocol: str) -> str:
    """A port, or a range of them, as people write it: TCP goes without saying."""
    return port if protocol == "tcp" else f"{port}/{protocol}"


def _port(row: Mapping[str, Json]) -> Port:
    return Port(
        number=_whole(row.get("external")) or _whole(row.get("internal")),
        protocol=text(row.get("protocol")) or "tcp",
        address=text(row.get("ip")),
    )


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0
