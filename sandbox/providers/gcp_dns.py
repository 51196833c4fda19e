"""gcp:dns: managed zones and their record sets.

As in terraform-provider-google: a record set that is created replaces one of the same name and type
(`resourceDnsRecordSetCreate`), and a zone that holds records other than NS and SOA cannot be deleted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sandbox.cloud import PROJECT, Entry
from sandbox.providers.gcp_network import NAME, REPLACES
from sandbox.providers.rdata import stored
from sandbox.providers.recorded import Recorded, cloud, entry
from sandbox.providers.resource import Created, Failure, Function, Properties, Property, ProviderError, Value

_ZONE_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
SERVERS = [f"ns-cloud-a{number}.sandbox.test." for number in (1, 2)]


class ManagedZone(Recorded):
    """A public zone."""

    token = "gcp:dns/managedZone:ManagedZone"  # noqa: S105
    kind = "zone"
    properties = {
        "name": NAME,
        "dnsName": Property(required=True, replaces=True),
        "description": Property(default="Managed by Pulumi"),
        "visibility": Property(replaces=True, default="public"),
        "forceDestroy": Property(default=False),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        wrong = []
        if not _ZONE_NAME.fullmatch(str(inputs.get("name", ""))):
            wrong.append(Failure("name", f"{inputs.get('name')!r} is no name of a managed zone"))
        if not str(inputs["dnsName"]).endswith("."):
            wrong.append(Failure("dnsName", f"{inputs['dnsName']!r} must end with a dot"))
        return wrong

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/managedZones/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"managedZoneId": "4711", "nameServers": SERVERS}

    def delete(self, identifier: str, state: Properties) -> None:
        if any(record.get("managedZone") == state["name"] for record in cloud().all("record").values()):
            raise ProviderError(f"Error 400: containerNotEmpty: the zone '{state['name']}' has records")
        super().delete(identifier, state)


class RecordSet(Recorded):
    """DNS records of one name and type."""

    token = "gcp:dns/recordSet:RecordSet"  # noqa: S105
    kind = "record"
    properties = {
        "name": Property(required=True, replaces=True),
        "type": Property(required=True, replaces=True),
        "managedZone": Property(required=True, replaces=True),
        "ttl": Property(default=300),
        "rrdatas": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        if str(inputs["name"]).endswith("."):
            return []
        return [Failure("name", f"{inputs['name']!r} must end with a dot")]

    def record_name(self, inputs: Properties) -> str:
        return f"{inputs['name']}/{inputs['type']}"

    def create(self, inputs: Properties) -> Created:
        name = str(inputs["name"])
        zone = cloud().get("zone", str(inputs["managedZone"]).rsplit("/", 1)[-1])
        if zone is None:
            raise ProviderError(f"Error 404: the managed zone '{inputs['managedZone']}' does not exist")
        if name != zone["dnsName"] and not name.endswith(f".{zone['dnsName']}"):
            raise ProviderError(f"Error 400: '{name}' is not in the zone '{zone['dnsName']}'")
        return self.update(self.identifier(inputs), inputs, inputs)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        rrdatas = inputs.get("rrdatas")
        given = rrdatas if isinstance(rrdatas, list) else []
        values = [stored(str(inputs["type"]), str(value), dots=True) for value in given]
        record = {**entry(inputs), "values": list[Value](values)}
        cloud().put(self.kind, self.record_name(inputs), entry(record))
        return Created(identifier, {**inputs, "rrdatas": values})

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, self.record_name(state))
        if found is None:
            return None
        return Created(identifier, {**state, "ttl": found["ttl"], "rrdatas": found["values"]})

    def identifier(self, inputs: Properties) -> str:
        zone = str(inputs["managedZone"])
        return f"projects/{PROJECT}/managedZones/{zone}/rrsets/{inputs['name']}/{inputs['type']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {}


class GetManagedZone(Function):
    """A zone by its name."""

    token = "gcp:dns/getManagedZone:getManagedZone"  # noqa: S105
    properties = {"name": Property(required=True), "project": Property()}

    def invoke(self, arguments: Properties) -> Properties:
        zone = cloud().get("zone", str(arguments["name"]))
        if zone is None:
            raise ProviderError(f"Error 404: the managed zone '{arguments['name']}' does not exist")
        return {**arguments, **_described(str(arguments["name"]), zone)}


class GetManagedZones(Function):
    """Every zone of the project."""

    token = "gcp:dns/getManagedZones:getManagedZones"  # noqa: S105
    properties = {"project": Property()}

    def invoke(self, arguments: Properties) -> Properties:
        zones = [_described(name, zone) for name, zone in cloud().all("zone").items()]
        return {"id": f"projects/{PROJECT}/managedZones", "project": PROJECT, "managedZones": zones}


class GetRecordSets(Function):
    """The record sets of a zone, or those of one name, or the one of a name and a type."""

    token = "gcp:dns/getRecordSets:getRecordSets"  # noqa: S105
    properties = {
        "managedZone": Property(required=True),
        "name": Property(),
        "type": Property(),
        "project": Property(),
    }

    def invoke(self, arguments: Properties) -> Properties:
        zone = cloud().get("zone", str(arguments["managedZone"]))
        if zone is None:
            raise ProviderError(f"Error 404: the managed zone '{arguments['managedZone']}' does not exist")
        found: list[Value] = [
            {
                "name": record["name"],
                "type": record["type"],
                "ttl": record["ttl"],
                "rrdatas": record["values"],
            }
            for record in cloud().all("record").values()
            if str(record["name"]).endswith(str(zone["dnsName"]))
            and all(arguments.get(key) in {None, "", record[key]} for key in ("name", "type"))
        ]
        identifier = f"projects/{PROJECT}/managedZones/{arguments['managedZone']}"
        return {**arguments, "id": identifier, "project": PROJECT, "rrsets": found}


def _described(name: str, zone: Entry) -> Properties:
    return {
        "id": f"projects/{PROJECT}/managedZones/{name}",
        "name": name,
        "dnsName": zone["dnsName"],
        "managedZoneId": "4711",
        "description": zone.get("description") or "",
        "visibility": zone.get("visibility") or "public",
        "nameServers": SERVERS,
        "project": PROJECT,
    }
