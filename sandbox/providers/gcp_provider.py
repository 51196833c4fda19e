"""pulumi-gcp, as far as one machine with containers needs Google Cloud."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sandbox.providers.gcp_instance import Disk, Instance
from sandbox.providers.gcp_network import API, NAME, PROJECT, REPLACES, Address, Firewall, Network, Subnetwork
from sandbox.providers.recorded import Recorded, cloud, entry
from sandbox.providers.resource import (
    Created,
    Failure,
    Function,
    Properties,
    Property,
    Provider,
    ProviderError,
)

_ACCOUNT = re.compile(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])")


class ResourcePolicy(Recorded):
    """A schedule of snapshots; the sandbox takes none."""

    token = "gcp:compute/resourcePolicy:ResourcePolicy"  # noqa: S105
    kind = "resourcePolicy"
    properties = {
        "name": NAME,
        "region": REPLACES,
        "description": REPLACES,
        "snapshotSchedulePolicy": Property(),
        "project": REPLACES,
    }

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/regions/{inputs.get('region')}/resourcePolicies/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/regions/{inputs.get('region')}/resourcePolicies/{inputs['name']}"}


class DiskResourcePolicyAttachment(Recorded):
    """Which disk a schedule is for."""

    token = "gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment"  # noqa: S105
    kind = "diskResourcePolicyAttachment"
    properties = {
        "name": Property(required=True, replaces=True),
        "disk": Property(required=True, replaces=True),
        "zone": REPLACES,
        "project": REPLACES,
    }

    def record_name(self, inputs: Properties) -> str:
        return f"{inputs['disk']}/{inputs['name']}"

    def identifier(self, inputs: Properties) -> str:
        return f"{PROJECT}/{inputs.get('zone')}/{self.record_name(inputs)}"

    def outputs(self, inputs: Properties) -> Properties:
        return {}


class Account(Recorded):
    """A service account."""

    token = "gcp:serviceaccount/account:Account"  # noqa: S105
    kind = "serviceAccount"
    properties = {
        "accountId": Property(required=True, replaces=True),
        "displayName": Property(),
        "description": Property(),
        "disabled": Property(),
        "project": REPLACES,
        "createIgnoreAlreadyExists": Property(),
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        if _ACCOUNT.fullmatch(str(inputs["accountId"])):
            return []
        return [
            Failure(
                "accountId", f"{inputs['accountId']!r} must have 6 to 30 lower-case letters, digits, hyphens"
            )
        ]

    def record_name(self, inputs: Properties) -> str:
        return str(inputs["accountId"])

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/serviceAccounts/{self._email(inputs)}"

    def outputs(self, inputs: Properties) -> Properties:
        email = self._email(inputs)
        return {"email": email, "member": f"serviceAccount:{email}", "name": self.identifier(inputs)}

    def _email(self, inputs: Properties) -> str:
        return f"{inputs['accountId']}@{PROJECT}.iam.gserviceaccount.com"


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

    def record_name(self, inputs: Properties) -> str:
        return f"{inputs['name']}/{inputs['type']}"

    def create(self, inputs: Properties) -> Created:
        name = str(inputs["name"])
        zone = cloud().get("zone", str(inputs["managedZone"]).rsplit("/", 1)[-1])
        if zone is None:
            raise ProviderError(f"Error 404: the managed zone '{inputs['managedZone']}' does not exist")
        if name != zone["dnsName"] and not name.endswith(f".{zone['dnsName']}"):
            raise ProviderError(f"Error 400: '{name}' is not in the zone '{zone['dnsName']}'")
        with cloud().changing() as kinds:
            records = kinds.setdefault(self.kind, {})
            if self.record_name(inputs) in records:
                raise ProviderError(
                    f"Error 409: the record set '{name}' of type {inputs['type']} already exists"
                )
            records[self.record_name(inputs)] = {**entry(inputs), "values": entry(inputs).get("rrdatas")}
        return Created(self.identifier(inputs), inputs)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        record = {**entry(inputs), "values": entry(inputs).get("rrdatas")}
        cloud().put(self.kind, self.record_name(inputs), record)
        return Created(identifier, inputs)

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
        return {**arguments, "dnsName": zone["dnsName"], "nameServers": ["ns1.sandbox.test."]}


PROVIDER = Provider(
    "gcp",
    [
        Network,
        Subnetwork,
        Address,
        Firewall,
        Disk,
        Instance,
        ResourcePolicy,
        DiskResourcePolicyAttachment,
        Account,
        RecordSet,
    ],
    [GetManagedZone],
    configuration={name: Property() for name in ("project", "region", "zone", "credentials", "scopes")},
)
