"""Compute Engine's resources that are used here, without the time that importing `pulumi_gcp.compute` takes.

That package imports all of its 288 modules at once, two of them of 90,000 lines: half a second of every
preview and update, more than all other SDKs together, and there is no way to import it in parts. So the type
checker reads the SDK's own classes, and at run time the same names are thin ones that ask the engine for the
very same: a test compares their requests with those of the SDK's classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pulumi import CustomResource, Input, Output, ResourceOptions
from pulumi_gcp import _utilities

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

    class _Resource(CustomResource):
        """A resource whose inputs and outputs are named in Python's form here, for the engine in Google's."""

        token: ClassVar[str]
        outputs: ClassVar[tuple[str, ...]]
        secret: ClassVar[tuple[str, ...]]

        def __init__(
            self, resource_name: str, *, opts: ResourceOptions | None = None, **inputs: Input[object]
        ) -> None:
            options = ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
            if self.secret:
                secret = ResourceOptions(additional_secret_outputs=list(self.secret))
                options = ResourceOptions.merge(options, secret)
            properties = {**dict.fromkeys(self.outputs), **_part(**inputs)}
            super().__init__(self.token, resource_name, properties, options)

        def __getattr__(self, name: str) -> Output[object]:
            """An input or output by its name in Python's form."""
            try:
                return self.__dict__[_camel(name)]
            except KeyError:
                raise AttributeError(f"{name} is no input of this and not among its outputs here") from None

    def _kind(name: str, *outputs: str, labels: bool = False) -> type[_Resource]:
        """A class for one kind of resource.

        Args:
            name: Of the SDK's class.
            outputs: What is read besides inputs, in Google's form.
            labels: Whether it has labels, which the SDK keeps secret with all that providers add to them.
        """
        secret = ("effectiveLabels", "pulumiLabels") if labels else ()
        token = f"gcp:compute/{name[0].lower()}{name[1:]}:{name}"
        return type(name, (_Resource,), {"token": token, "outputs": outputs, "secret": secret})

    def _part(**values: Input[object]) -> dict[str, Input[object]]:
        """Inputs of a resource, or of a part of one."""
        return {_camel(name): value for name, value in values.items() if value is not None}

    def _camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(map(str.capitalize, rest))

    Address = _kind("Address", "address", labels=True)
    Disk = _kind("Disk", "name", "selfLink", labels=True)
    DiskResourcePolicyAttachment = _kind("DiskResourcePolicyAttachment")
    Firewall = _kind("Firewall")
    Instance = _kind("Instance", "instanceId", labels=True)
    Network = _kind("Network")
    ResourcePolicy = _kind("ResourcePolicy", "name")
    Snapshot = _kind("Snapshot", "selfLink", labels=True)
    Subnetwork = _kind("Subnetwork")
    FirewallAllowArgs = _part
    InstanceAttachedDiskArgs = _part
    InstanceBootDiskArgs = _part
    InstanceBootDiskInitializeParamsArgs = _part
    InstanceNetworkInterfaceAccessConfigArgs = _part
    InstanceNetworkInterfaceArgs = _part
    InstanceServiceAccountArgs = _part
    InstanceShieldedInstanceConfigArgs = _part
    ResourcePolicySnapshotSchedulePolicyArgs = _part
    ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs = _part
    ResourcePolicySnapshotSchedulePolicyScheduleArgs = _part
    ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs = _part

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
