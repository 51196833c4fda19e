"""Somebody who took a container over: programs of ours in exactly its place of the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

from tests.e2e.deployed import Deployed, Ran

Target = tuple[str, int]
"""Address or name, and TCP port."""
# All at once, since many of them are never answered.
_CONNECT = """\
for target; do
    { timeout 2 bash -c ': <>"/dev/tcp/$0"' "$target" 2>/dev/null && echo "$target"; } &
done
wait
"""


@dataclass(frozen=True)
class Intruder:
    """In a container's network namespace: its addresses, routes and names, and curl and bash besides."""

    deployed: Deployed
    id: str

    def run(self, *command: str) -> Ran:
        """Run a command there."""
        return self.deployed.on_machine("docker", "exec", self.id, *command)

    def reached(self, addresses: Iterable[str], ports: Iterable[int]) -> set[Target]:
        """Where somebody accepts a TCP connection of all these addresses, names among them, and ports."""
        targets = [f"{address}/{port}" for address, port in product(addresses, ports)]
        ran = self.deployed.on_machine("docker", "exec", self.id, "bash", "-c", _CONNECT, "connect", *targets)
        found = (line.rpartition("/") for line in ran.output.split())
        return {(address, int(port)) for address, _, port in found}

    def reaches(self, address: str, port: int) -> bool:
        """Whether somebody accepts a TCP connection there."""
        return bool(self.reached([address], [port]))


@contextmanager
def inside(deployed: Deployed, container: str) -> Iterator[Intruder]:
    """An intruder in that container of the machine."""
    image = str(deployed.inspect(deployed.container("nginx"))[0]["Image"])
    id_ = deployed.docker(
        *("run", "--detach", "--rm", "--init", "--network", f"container:{container}"),
        *("--entrypoint", "sleep", image, "900"),
    )
    try:
        yield Intruder(deployed, id_)
    finally:
        deployed.docker("rm", "--force", id_)


def machine_addresses(deployed: Deployed) -> list[str]:
    """Every IPv4 address of the machine: of Docker's bridges, of its network card, and the public one."""
    shown = deployed.on_machine("ip", "-4", "-oneline", "address", "show").output
    addresses = {line.split()[3].partition("/")[0] for line in shown.splitlines()} | {deployed.address}
    return sorted(address for address in addresses if not address.startswith("127."))


def listening_ports(deployed: Deployed) -> set[int]:
    """TCP ports that anything on the machine listens on, for others than itself."""
    shown = deployed.on_machine("ss", "--no-header", "--listening", "--tcp", "--numeric").output
    local = [line.split()[3] for line in shown.splitlines()]
    return {int(socket.rpartition(":")[2]) for socket in local if not socket.startswith("127.")}
