"""Networks of a box: which /24 is free on this computer.

Docker compares with its own networks only. A bridge over a network that the computer reaches by another way
cuts it off from there: 172.31.0.0/16 is what Amazon's machines are in, with their name server at 172.31.0.2.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from pathlib import Path

import docker

SUBNETS = IPv4Network("172.31.0.0/16")


def free_subnets(taken: Iterable[IPv4Network]) -> Iterator[IPv4Network]:
    """Each /24 that overlaps with none of these."""
    others = list(taken)
    for subnet in SUBNETS.subnets(new_prefix=24):
        if not any(subnet.overlaps(other) for other in others):
            yield subnet


def taken_subnets(client: docker.DockerClient | None) -> list[IPv4Network]:
    """Networks of Docker, if it is there, and those that this computer has routes or name servers in."""
    return [
        *(_of_docker(client) if client else ()),
        *routes(Path("/proc/net/route")),
        *name_servers(Path("/etc/resolv.conf")),
    ]


def _of_docker(client: docker.DockerClient) -> Iterator[IPv4Network]:
    for network in client.networks.list():
        for pool in (network.attrs.get("IPAM") or {}).get("Config") or ():
            if ":" not in pool.get("Subnet", ":"):
                yield IPv4Network(pool["Subnet"])


def routes(table: Path) -> Iterator[IPv4Network]:
    """Networks that the kernel has a route to, the default route left out; none where there is no table."""
    lines = table.read_text().splitlines()[1:] if table.exists() else []
    for line in lines:
        fields = line.split()
        # Address and mask are hexadecimal, in the byte order of Linux's usual machines.
        address, mask = (
            ipaddress.IPv4Address(struct.pack("<I", int(fields[column], 16))) for column in (1, 7)
        )
        if int(mask):
            yield IPv4Network(f"{address}/{mask}", strict=False)


def name_servers(configuration: Path) -> Iterator[IPv4Network]:
    """The addresses of a resolv.conf."""
    lines = configuration.read_text().splitlines() if configuration.exists() else []
    for line in lines:
        match line.split():
            case ["nameserver", address, *_] if ":" not in address:
                yield IPv4Network(address)
