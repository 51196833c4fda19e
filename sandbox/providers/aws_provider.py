"""pulumi-aws, as far as Route 53 holds a domain."""

from __future__ import annotations

from sandbox.providers.recorded import Recorded, cloud, entry
from sandbox.providers.resource import Created, Function, Properties, Property, Provider, ProviderError

_REPLACES = Property(replaces=True)


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
        record = {
            "name": name,
            "type": given["type"],
            "ttl": given.get("ttl"),
            "values": given.get("records"),
        }
        cloud().put(self.kind, self.record_name(inputs), record)
        return Created(identifier, {**inputs, "fqdn": name.rstrip(".")})

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, self.record_name(state))
        if found is None:
            return None
        return Created(identifier, {**state, "ttl": found["ttl"], "records": found["values"]})

    def outputs(self, inputs: Properties) -> Properties:
        return {}


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
                }
        raise ProviderError("no matching Route53Zone found")


PROVIDER = Provider(
    "aws",
    [Record],
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
