"""gcp:compute: networks, addresses and firewall rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from sandbox import docker_sdk as docker
from sandbox.box_description import Description
from sandbox.cloud import PROJECT, Entry
from sandbox.firewall import firewall_rules
from sandbox.machine import Machine
from sandbox.providers.recorded import Recorded, cloud, entry, sandbox_directory
from sandbox.providers.resource import Created, Failure, Properties, Property, ProviderError

METADATA = "169.254.169.254"
API = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
NAME = Property(replaces=True, auto_named=True)
REPLACES = Property(replaces=True)
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


def name_failures(inputs: Properties) -> list[Failure]:
    """Google's rule for names, RFC 1035."""
    name = str(inputs.get("name", ""))
    if _NAME.fullmatch(name):
        return []
    return [Failure("name", f"{name!r} must match the regex (?:[a-z](?:[-a-z0-9]{{0,61}}[a-z0-9])?)")]


class Network(Recorded):
    """A VPC network."""

    token = "gcp:compute/network:Network"  # noqa: S105
    kind = "network"
    properties = {
        "name": NAME,
        "autoCreateSubnetworks": Property(replaces=True, default=True),
        "description": REPLACES,
        "routingMode": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        return name_failures(inputs)

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/global/networks/{inputs['name']}"}

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/global/networks/{inputs['name']}"

    def delete(self, identifier: str, state: Properties) -> None:
        records = cloud()
        for kind in ("subnetwork", "firewall"):
            for name, user in records.all(kind).items():
                if user.get("network") == identifier:
                    raise ProviderError(f"Error 400: the network is in use by the {kind} '{name}'")
        super().delete(identifier, state)


class Subnetwork(Recorded):
    """A range of a network in a region."""

    token = "gcp:compute/subnetwork:Subnetwork"  # noqa: S105
    kind = "subnetwork"
    properties = {
        "name": NAME,
        "network": Property(required=True, replaces=True),
        "region": REPLACES,
        "ipCidrRange": Property(required=True),
        "privateIpGoogleAccess": Property(),
        "description": REPLACES,
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        return name_failures(inputs)

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/regions/{inputs.get('region')}/subnetworks/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/regions/{inputs.get('region')}/subnetworks/{inputs['name']}"}


class Address(Recorded):
    """A static external address, taken from the box's network."""

    token = "gcp:compute/address:Address"  # noqa: S105
    kind = "address"
    properties = {
        "name": NAME,
        "region": REPLACES,
        "addressType": Property(replaces=True, default="EXTERNAL"),
        "networkTier": REPLACES,
        "description": REPLACES,
        "labels": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        return name_failures(inputs)

    def create(self, inputs: Properties) -> Created:
        box = Description.read(sandbox_directory())
        hosts = [str(host) for host in ipaddress.ip_network(box.subnet).hosts()][9:]
        with cloud().changing() as kinds:
            records = kinds.setdefault("address", {})
            taken = {record.get("address") for record in records.values()}
            address = next(host for host in hosts if host not in taken)
            given = {**inputs, "address": address}
            records[str(inputs["name"])] = entry(given)
        return Created(self.identifier(given), {**given, **self.outputs(given)})

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        return super().update(identifier, state, {**inputs, "address": state["address"]})

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/regions/{inputs.get('region')}/addresses/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/regions/{inputs.get('region')}/addresses/{inputs['name']}"}

    def delete(self, identifier: str, state: Properties) -> None:
        for name, instance in cloud().all("instance").items():
            if instance.get("address") == state["address"]:
                raise ProviderError(f"Error 400: the address is in use by the instance '{name}'")
        super().delete(identifier, state)


class Firewall(Recorded):
    """A firewall rule; in force on every machine with a target tag as soon as it is there."""

    token = "gcp:compute/firewall:Firewall"  # noqa: S105
    kind = "firewall"
    _PORTS = {"protocol": Property(required=True), "ports": Property()}
    properties = {
        "name": NAME,
        "network": Property(required=True, replaces=True),
        "direction": Property(replaces=True, default="INGRESS"),
        "allows": Property(fields=_PORTS),
        "sourceRanges": Property(),
        "targetTags": Property(),
        "priority": Property(default=1000),
        "disabled": Property(),
        "description": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        wrong = name_failures(inputs)
        allows = inputs.get("allows")
        for allow in allows if isinstance(allows, list) else []:
            if isinstance(allow, dict) and allow.get("protocol") not in {"tcp", "udp", "icmp", "all"}:
                wrong.append(Failure("allows", f"the sandbox does not know protocol {allow.get('protocol')}"))
        return wrong

    def create(self, inputs: Properties) -> Created:
        created = super().create(inputs)
        apply_firewalls()
        return created

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        updated = super().update(identifier, state, inputs)
        apply_firewalls()
        return updated

    def delete(self, identifier: str, state: Properties) -> None:
        super().delete(identifier, state)
        apply_firewalls()

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/global/firewalls/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/global/firewalls/{inputs['name']}"}


def rules_for(instance: Entry) -> str:
    """The firewall of one machine, from the rules as they are now."""
    tags = instance.get("tags")
    names = [str(tag) for tag in tags] if isinstance(tags, list) else []
    return firewall_rules(names, cloud().all("firewall"), str(instance.get("network")), METADATA)


def apply_firewalls() -> None:
    """Put the rules as they are now in force on every machine."""
    instances = cloud().all("instance")
    if not instances:
        return
    client = docker.from_env(timeout=60)
    box = Description.read(sandbox_directory())
    for name, instance in instances.items():
        Machine(client, box.name, name).apply_firewall(rules_for(instance))
