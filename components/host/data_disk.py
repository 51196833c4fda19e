"""The disk that holds everything that lasts, and its way into another zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from pulumi import Alias, Resource, ResourceOptions

from components.host import compute
from components.host.settings import GceSettings


def named_in(name: str, zone: str) -> str:
    """What a resource of the machine is called that another zone has another one of.

    Only the zone's letter: another region must stay a change of the same disk, which is refused as the disk
    is protected, and not become a new disk that is empty.
    """
    return f"{name}-{zone[-1]}"


@dataclass(frozen=True)
class DataDisk:
    """The data disk of a machine, as resources that belong to `parent`."""

    name: str
    settings: GceSettings
    parent: Resource
    after: Sequence[Resource] = ()
    """What must exist before anything of it."""

    def here(self) -> compute.Disk:
        """The disk in the zone of the settings."""
        return self._protected(self.settings.zone)

    def moved(self, zone: str, rest: Resource) -> compute.Disk:
        """A copy, in the zone of the settings, of the disk in `zone`, which stays as it is.

        It is made after `rest`, when nothing writes to that disk any more. The copy is not protected: as
        long as no machine has run with it, nothing would be lost with it. From then on `GceHost` has a
        protected resource that depends on it.
        """
        snapshot = compute.Snapshot(
            f"{named_in(f'{self.name}-data', zone)}-{self.settings.zone[-1]}",
            source_disk=self._protected(zone).self_link,
            zone=zone,
            opts=ResourceOptions(parent=self.parent, depends_on=[rest]),
        )
        return compute.Disk(
            named_in(f"{self.name}-data", self.settings.zone),
            zone=self.settings.zone,
            size=self.settings.data_disk,
            type=self.settings.disk_type,
            snapshot=snapshot.self_link,
            # Where somebody has deleted the snapshot there will be another one, of data that is old by then.
            opts=ResourceOptions(parent=self.parent, ignore_changes=["snapshot"]),
        )

    def schedule_snapshots(self, disk: compute.Disk) -> None:
        """Have Google take a snapshot of the disk every day, if the settings want any."""
        if not self.settings.snapshots:
            return
        policy = compute.ResourcePolicy(
            f"{self.name}-daily",
            region=self.settings.region,
            snapshot_schedule_policy=compute.ResourcePolicySnapshotSchedulePolicyArgs(
                schedule=compute.ResourcePolicySnapshotSchedulePolicyScheduleArgs(
                    daily_schedule=compute.ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs(
                        days_in_cycle=1, start_time="04:00"
                    )
                ),
                retention_policy=compute.ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs(
                    max_retention_days=self.settings.snapshots,
                    on_source_disk_delete="KEEP_AUTO_SNAPSHOTS",
                ),
            ),
            opts=ResourceOptions(parent=self.parent, depends_on=self.after),
        )
        compute.DiskResourcePolicyAttachment(
            f"{self.name}-daily",
            disk=disk.name,
            name=policy.name,
            zone=self.settings.zone,
            opts=ResourceOptions(parent=self.parent),
        )

    def _protected(self, zone: str) -> compute.Disk:
        return compute.Disk(
            named_in(f"{self.name}-data", zone),
            zone=zone,
            size=self.settings.data_disk,
            type=self.settings.disk_type,
            opts=ResourceOptions(
                parent=self.parent,
                depends_on=self.after,
                protect=True,
                aliases=self._other_names(zone),
                # One that came by a move is no longer told of the snapshot that it was made from.
                ignore_changes=["snapshot"],
            ),
        )

    def _other_names(self, zone: str) -> list[Alias]:
        """Names that the disk may have in the state.

        Of a release that knew no moves, and of every other zone but the one that it is copied to: a zone
        that was changed without `movedFrom`, or a wrong `movedFrom`, is then a change of the disk that is
        there, which is refused. Else a machine would start with an empty disk.
        """
        others = sorted(set(ascii_lowercase) - {zone[-1], self.settings.zone[-1]})
        names = [f"{self.name}-data", *(f"{self.name}-data-{letter}" for letter in others)]
        return [Alias(name=name) for name in names]
