"""Compute Engine's resources that are used here, without the time that importing `pulumi_gcp.compute` takes.

That package imports all of its 288 modules at once, two of them of 90,000 lines: half a second of every
preview and update, more than all other SDKs together. See `components/thin_resource.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.thin_resource import part, thin_resource

if TYPE_CHECKING:
    from pulumi_gcp.compute import (
        Address,
        Disk,
        DiskResourcePolicyAttachment,
        Firewall,
        FirewallAllowArgs,
        Instance,
        InstanceAttachedDiskArgs,
        InstanceBootDiskArgs,
        InstanceBootDiskInitializeParamsArgs,
        InstanceNetworkInterfaceAccessConfigArgs,
        InstanceNetworkInterfaceArgs,
        InstanceServiceAccountArgs,
        InstanceShieldedInstanceConfigArgs,
        Network,
        ResourcePolicy,
        ResourcePolicySnapshotSchedulePolicyArgs,
        ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs,
        ResourcePolicySnapshotSchedulePolicyScheduleArgs,
        ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs,
        Snapshot,
        Subnetwork,
    )
else:
    # With labels go what providers add to them, which the SDK keeps secret.
    _labels = ("effectiveLabels", "pulumiLabels")

    Address = thin_resource("gcp:compute/address:Address", "address", secret=_labels)
    Disk = thin_resource("gcp:compute/disk:Disk", "name", "selfLink", secret=_labels)
    DiskResourcePolicyAttachment = thin_resource(
        "gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment"
    )
    Firewall = thin_resource("gcp:compute/firewall:Firewall")
    Instance = thin_resource("gcp:compute/instance:Instance", "instanceId", secret=_labels)
    Network = thin_resource("gcp:compute/network:Network")
    ResourcePolicy = thin_resource("gcp:compute/resourcePolicy:ResourcePolicy", "name")
    Snapshot = thin_resource("gcp:compute/snapshot:Snapshot", "selfLink", secret=_labels)
    Subnetwork = thin_resource("gcp:compute/subnetwork:Subnetwork")
    FirewallAllowArgs = part
    InstanceAttachedDiskArgs = part
    InstanceBootDiskArgs = part
    InstanceBootDiskInitializeParamsArgs = part
    InstanceNetworkInterfaceAccessConfigArgs = part
    InstanceNetworkInterfaceArgs = part
    InstanceServiceAccountArgs = part
    InstanceShieldedInstanceConfigArgs = part
    ResourcePolicySnapshotSchedulePolicyArgs = part
    ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs = part
    ResourcePolicySnapshotSchedulePolicyScheduleArgs = part
    ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs = part

__all__ = [
    "Address",
    "Disk",
    "DiskResourcePolicyAttachment",
    "Firewall",
    "FirewallAllowArgs",
    "Instance",
    "InstanceAttachedDiskArgs",
    "InstanceBootDiskArgs",
    "InstanceBootDiskInitializeParamsArgs",
    "InstanceNetworkInterfaceAccessConfigArgs",
    "InstanceNetworkInterfaceArgs",
    "InstanceServiceAccountArgs",
    "InstanceShieldedInstanceConfigArgs",
    "Network",
    "ResourcePolicy",
    "ResourcePolicySnapshotSchedulePolicyArgs",
    "ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs",
    "ResourcePolicySnapshotSchedulePolicyScheduleArgs",
    "ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs",
    "Snapshot",
    "Subnetwork",
]
