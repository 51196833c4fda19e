"""pulumi-gcp, as far as one machine with containers needs Google Cloud."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sandbox.providers.gcp_dns import GetManagedZone, GetManagedZones, GetRecordSets, ManagedZone, RecordSet
from sandbox.providers.gcp_instance import Disk, Instance
from sandbox.providers.gcp_monitoring import AlertPolicy, NotificationChannel, UptimeCheckConfig
from sandbox.providers.gcp_network import API, NAME, PROJECT, REPLACES, Address, Firewall, Network, Subnetwork
from sandbox.providers.recorded import Recorded
from sandbox.providers.resource import Failure, Properties, Property, Provider

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
        return {
            "email": email,
            "member": f"serviceAccount:{email}",
            "name": self.identifier(inputs),
            "project": PROJECT,
        }

    def _email(self, inputs: Properties) -> str:
        return f"{inputs['accountId']}@{PROJECT}.iam.gserviceaccount.com"


class IamMember(Recorded):
    """A role of one member in the project; what it allows is not imitated."""

    token = "gcp:projects/iAMMember:IAMMember"  # noqa: S105
    kind = "iamMember"
    properties = {
        "project": Property(required=True, replaces=True),
        "role": Property(required=True, replaces=True),
        "member": Property(required=True, replaces=True),
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        kind, _, email = str(inputs["member"]).partition(":")
        if kind == "serviceAccount" and "@" in email:
            return []
        return [Failure("member", f"{inputs['member']!r} is no serviceAccount:<e-mail>")]

    def record_name(self, inputs: Properties) -> str:
        return f"{inputs['project']}/{inputs['role']}/{inputs['member']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"etag": ""}


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
        IamMember,
        ManagedZone,
        RecordSet,
        NotificationChannel,
        UptimeCheckConfig,
        AlertPolicy,
    ],
    [GetManagedZone, GetManagedZones, GetRecordSets],
    configuration={name: Property() for name in ("project", "region", "zone", "credentials", "scopes")},
)
