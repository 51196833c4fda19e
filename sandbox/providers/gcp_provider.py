"""pulumi-gcp, as far as one machine with containers needs Google Cloud."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.cloud import PROJECT
from sandbox.providers.gcp_account import Account
from sandbox.providers.gcp_disk import Disk, Snapshot
from sandbox.providers.gcp_dns import GetManagedZone, GetManagedZones, GetRecordSets, ManagedZone, RecordSet
from sandbox.providers.gcp_instance import Instance
from sandbox.providers.gcp_monitoring import AlertPolicy, NotificationChannel, UptimeCheckConfig
from sandbox.providers.gcp_network import API, NAME, REPLACES, Address, Firewall, Network, Subnetwork
from sandbox.providers.gcp_service import Service, refuse_disabled
from sandbox.providers.gcp_storage import Bucket, BucketIAMMember
from sandbox.providers.recorded import Recorded
from sandbox.providers.resource import Failure, Properties, Property, Provider


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
        Snapshot,
        Instance,
        ResourcePolicy,
        DiskResourcePolicyAttachment,
        Account,
        Bucket,
        BucketIAMMember,
        IamMember,
        Service,
        ManagedZone,
        RecordSet,
        NotificationChannel,
        UptimeCheckConfig,
        AlertPolicy,
    ],
    [GetManagedZone, GetManagedZones, GetRecordSets],
    admits=refuse_disabled,
    configuration={name: Property() for name in ("project", "region", "zone", "credentials", "scopes")},
)
