"""The network of one machine on Google Cloud, closed but for the ports that are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Resource, ResourceOptions

from components.host import compute
from components.host.settings import FirewallPort

_EVERYBODY = ("0.0.0.0/0",)
_RANGE = "10.10.0.0/24"


@dataclass(frozen=True)
class GceNetworkArgs:
    """What the network lets in."""

    region: str
    ssh_from: Sequence[str]
    """Networks in CIDR form."""
    after: Sequence[Resource] = ()
    """What must exist before anything of it."""
    ports: Sequence[FirewallPort] = ()
    """Besides 80/tcp, 443/tcp and 22/tcp."""


class GceNetwork(ComponentResource):
    """A VPC with one subnet and a firewall rule per purpose, each bound to a target tag.

    `tags` are what a machine carries to be reached. Google Cloud denies all other ingress by itself.
    """

    def __init__(self, name: str, args: GceNetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:host:GceNetwork", name, None, opts)
        self.network = compute.Network(
            name,
            auto_create_subnetworks=False,
            opts=ResourceOptions(parent=self, depends_on=args.after),
        )
        self.subnetwork = compute.Subnetwork(
            name,
            network=self.network.id,
            region=args.region,
            ip_cidr_range=_RANGE,
            opts=ResourceOptions(parent=self),
        )
        self.tags = [
            self._allow(f"{name}-web", (("tcp", 80), ("tcp", 443)), _EVERYBODY),
            self._allow(f"{name}-ssh", (("tcp", 22),), args.ssh_from),
            *(
                self._allow(
                    f"{name}-{port.protocol}-{port.port}",
                    ((port.protocol, port.port),),
                    port.allow_from or _EVERYBODY,
                )
                for port in args.ports
            ),
        ]
        self.register_outputs({"network": self.network.id, "subnetwork": self.subnetwork.id})

    def _allow(self, name: str, ports: Sequence[tuple[str, int]], sources: Sequence[str]) -> str:
        by_protocol: dict[str, list[str]] = {}
        for protocol, port in ports:
            by_protocol.setdefault(protocol, []).append(str(port))
        compute.Firewall(
            name,
            network=self.network.id,
            direction="INGRESS",
            allows=[
                compute.FirewallAllowArgs(protocol=protocol, ports=numbers)
                for protocol, numbers in by_protocol.items()
            ],
            source_ranges=list(sources),
            target_tags=[name],
            opts=ResourceOptions(parent=self),
        )
        return name
