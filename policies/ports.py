"""Which ports can be reached, and from where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

from policies.kinds import CONTAINER, FIREWALL
from policies.properties import Properties
from policies.rule import Resource, Rule

DATABASES = {
    1433: "SQL Server",
    1521: "Oracle",
    2379: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5433: "PostgreSQL",
    5984: "CouchDB",
    6379: "Redis",
    6380: "Redis",
    6432: "PgBouncer",
    8086: "InfluxDB",
    9042: "Cassandra",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    11211: "memcached",
    26379: "Redis Sentinel",
    27017: "MongoDB",
}
_SSH = 22
_EVERY = range(65536)
_WORLD = {4: 7, 6: 15}
"""Networks with as many bits or fewer are the world: two halves of it are no limit."""
_DATABASE = "Databases are attacked by password lists within minutes, and hold all that people wrote."


def _published_database(container: Resource) -> Iterator[str]:
    for port in container.properties.parts("ports"):
        if not port.has("external"):
            continue
        for number in {port.number("internal"), port.number("external")} & set(DATABASES):
            yield f"publishes port {number}, that of {DATABASES[number or 0]}"


def _open_database(firewall: Resource) -> Iterator[str]:
    for ports in _opened(firewall):
        found = [number for number in DATABASES if number in ports]
        if len(found) == len(DATABASES):
            yield "opens every port, those of databases as well"
        else:
            yield from (f"opens port {number}, that of {DATABASES[number]}" for number in found)


def _open_ssh(firewall: Resource) -> Iterator[str]:
    if any(_SSH in ports for ports in _opened(firewall)):
        for source in _world(firewall):
            yield f"opens SSH to {source}"


def _world(firewall: Resource) -> Iterator[str]:
    """Sources that are the whole internet or a good part of it."""
    properties = firewall.properties
    if not any(properties.has(name) for name in ("sourceRanges", "sourceTags", "sourceServiceAccounts")):
        yield "everybody, as it names no source"
    for source in properties.texts("sourceRanges"):
        try:
            network = ip_network(source, strict=False)
        except ValueError:
            # Google refuses it, with a better message.
            continue
        if network.prefixlen <= _WORLD[network.version]:
            yield source


def _opened(firewall: Resource) -> Iterator[range]:
    """The TCP ports that the rule lets in."""
    properties = firewall.properties
    if properties.known_text("direction") == "EGRESS" or properties.flag("disabled"):
        return
    for allow in properties.parts("allows"):
        if allow.text("protocol").lower() in {"tcp", "6", "all"}:
            yield from _ranges(allow)


def _ranges(allow: Properties) -> Iterator[range]:
    if not allow.has("ports"):
        yield _EVERY
    for text in allow.texts("ports"):
        if found := re.fullmatch(r"(\d+)(?:-(\d+))?", text):
            first, last = found.groups()
            yield range(int(first), int(last or first) + 1)


RULES = (
    Rule(
        name="no-published-database",
        level="mandatory",
        what="No container publishes the port of a database.",
        why=_DATABASE,
        fix="Leave `ports` out: apps reach it by its name on their own network.",
        kinds=(CONTAINER,),
        find=_published_database,
    ),
    Rule(
        name="no-database-port-open",
        level="mandatory",
        what="No firewall rule lets anybody in to the port of a database.",
        why=_DATABASE,
        fix="Take the port out of the rule; reach the database through an SSH tunnel.",
        kinds=(FIREWALL,),
        find=_open_database,
    ),
    Rule(
        name="ssh-not-open-to-the-world",
        level="mandatory",
        what="SSH is open to named networks only.",
        why="Everybody may try keys and flaws of the SSH server, whose log-in is root on the machine.",
        fix="Name your own addresses in `homeport:host.ssh.allowFrom`, such as 203.0.113.7/32.",
        kinds=(FIREWALL,),
        find=_open_ssh,
    ),
)
