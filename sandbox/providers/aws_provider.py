"""pulumi-aws, as far as Route 53 holds a domain.

As in terraform-provider-aws: a TXT value goes to Route 53 with quotes around it and comes back without them
(`flattenTxtEntry`, `expandTxtEntry`), and a record set that is there already is not replaced.
"""

from __future__ import annotations

import hashlib

from sandbox.cloud import Entry, Json
from sandbox.providers.rdata import stored
from sandbox.providers.recorded import Recorded, cloud, entry
from sandbox.providers.resource import Created, Function, Properties, Property, Provider, ProviderError, Value

_REPLACES = Property(replaces=True)
_SERVERS = ["ns-1.awsdns-sandbox.test", "ns-2.awsdns-sandbox.test"]


class Record(Recorded):
    """DNS records of one name and type."""

    token = "aws:route53/record:Record"  # noqa: S105
    kind = "record"
    properties = {
        "zoneId": Property(required=True, replaces=True),
        "name": Property(required=True, replaces=True),
        "type": Property(required=True),
        "ttl": Property(),
        "records": Property(),
        "allowOverwrite": Property(),
    }

    def record_name(self, inputs: Properties) -> str:
        return f"{str(inputs['name']).rstrip('.')}./{inputs['type']}"

    def create(self, inputs: Properties) -> Created:
        zone = cloud().get("zone", str(inputs["zoneId"]))
        name = f"{str(inputs['name']).rstrip('.')}."
        if zone is None:
            raise ProviderError(f"NoSuchHostedZone: No hosted zone found with ID: {inputs['zoneId']}")
        if name != zone["dnsName"] and not name.endswith(f".{zone['dnsName']}"):
            raise ProviderError(f"InvalidChangeBatch: RRSet with DNS name {name} is not permitted in zone")
        if cloud().get(self.kind, self.record_name(inputs)) and not inputs.get("allowOverwrite"):
            raise ProviderError(f"InvalidChangeBatch: resource record set {name} already exists")
        return self.update(f"{inputs['zoneId']}_{inputs['name']}_{inputs['type']}", inputs, inputs)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        given = entry(inputs)
        name = f"{str(inputs['name']).rstrip('.')}."
        kind, records = str(given["type"]), given.get("records")
        texts = [str(value) for value in records] if isinstance(records, list) else []
        values = [stored(kind, f'"{text}"' if kind == "TXT" else text, dots=False) for text in texts]
        record: Entry = {
            "name": name,
            "type": kind,
            "ttl": given.get("ttl"),
            "values": list[Json](_served(kind, value) for value in values),
            "given": list[Json](texts),
            "zone": str(inputs["zoneId"]),
        }
        cloud().put(self.kind, self.record_name(inputs), record)
        return Created(identifier, {**inputs, "fqdn": name.rstrip(".")})

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, self.record_name(state))
        if found is None:
            return None
        return Created(identifier, {**state, "ttl": found["ttl"], "records": _returned(found)})

    def outputs(self, inputs: Properties) -> Properties:
        return {}


def _served(kind: str, value: str) -> str:
    """As a zone file has it: Route 53 takes names without their final dot too."""
    return f"{value.rstrip('.')}." if kind in {"CNAME", "MX", "NS"} else value


def _returned(found: Entry) -> Value:
    """What was given, unless somebody changed what is served."""
    kind, given, values = str(found["type"]), found.get("given"), found["values"]
    texts = [str(text) for text in given] if isinstance(given, list) else []
    meant = [
        _served(kind, stored(kind, f'"{text}"' if kind == "TXT" else text, dots=False)) for text in texts
    ]
    if values == meant:
        return texts
    served = [str(value) for value in values] if isinstance(values, list) else []
    return [value[1:-1] if kind == "TXT" else value for value in served]


class Zone(Recorded):
    """A public hosted zone."""

    token = "aws:route53/zone:Zone"  # noqa: S105
    kind = "zone"
    properties = {
        "name": Property(required=True, replaces=True),
        "comment": Property(default="Managed by Pulumi"),
        "forceDestroy": Property(default=False),
        "tags": Property(),
    }

    def record_name(self, inputs: Properties) -> str:
        return f"Z{hashlib.sha256(str(inputs['name']).encode()).hexdigest()[:12].upper()}"

    def create(self, inputs: Properties) -> Created:
        cloud().put(self.kind, self.record_name(inputs), self._entry(inputs))
        return Created(self.record_name(inputs), {**inputs, **self.outputs(inputs)})

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, identifier)
        if found is None:
            return None
        return Created(identifier, {**state, "comment": found.get("comment")})

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        cloud().put(self.kind, identifier, self._entry(inputs))
        return Created(identifier, {**inputs, **self.outputs(inputs)})

    def delete(self, identifier: str, state: Properties) -> None:
        if any(record.get("zone") == identifier for record in cloud().all("record").values()):
            raise ProviderError(
                "HostedZoneNotEmpty: The specified hosted zone contains non-required resource record sets"
            )
        cloud().remove(self.kind, identifier)

    def outputs(self, inputs: Properties) -> Properties:
        identifier = self.record_name(inputs)
        return {
            "zoneId": identifier,
            "arn": f"arn:aws:route53:::hostedzone/{identifier}",
            "nameServers": _SERVERS,
            "primaryNameServer": _SERVERS[0],
        }

    def _entry(self, inputs: Properties) -> Entry:
        return {"dnsName": f"{str(inputs['name']).rstrip('.')}.", "comment": str(inputs.get("comment"))}


class GetZone(Function):
    """A hosted zone by its DNS name."""

    token = "aws:route53/getZone:getZone"  # noqa: S105
    properties = {"name": Property(), "zoneId": Property(), "privateZone": Property()}

    def invoke(self, arguments: Properties) -> Properties:
        wanted = f"{str(arguments.get('name')).rstrip('.')}."
        for identifier, zone in cloud().all("zone").items():
            if zone["dnsName"] == wanted or identifier == arguments.get("zoneId"):
                return {
                    **arguments,
                    "id": identifier,
                    "zoneId": identifier,
                    "name": str(zone["dnsName"])[:-1],
                    "nameServers": _SERVERS,
                }
        raise ProviderError("no matching Route53Zone found")


PROVIDER = Provider(
    "aws",
    [Record, Zone],
    [GetZone],
    configuration={
        name: Property()
        for name in (
            *("region", "profile", "accessKey", "secretKey", "token"),
            *(
                "skipCredentialsValidation",
                "skipRegionValidation",
                "skipRequestingAccountId",
                "skipMetadataApiCheck",
            ),
        )
    },
)
