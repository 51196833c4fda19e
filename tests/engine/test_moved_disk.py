"""The data disk's way into another zone, as far as it is disks: what is refused, copied, undone, given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import docker
import pulumi
import pytest
from pulumi_gcp import compute
from pulumi_random import RandomId

from components.host.data_disk import DataDisk
from components.host.settings import GceSettings, SshSettings
from sandbox.box_description import Description
from sandbox.cloud import Cloud
from sandbox.machine import run_on_volumes
from sandbox.providers.gcp_disk import volume_name
from tests.engine.empty_cloud import empty_cloud
from tests.engine.trial import Trial

OLD, NEW = "us-west1-b", "us-west1-c"
REFUSED = "is currently marked for protection"


@pytest.fixture
def box(trial: Trial) -> Iterator[Description]:
    """A cloud without machines whose disks are volumes of this test's own."""
    empty_cloud(trial.world, f"disks-{trial.engine.project.stack}")
    description = Description.read(trial.world)
    yield description
    for volume in docker.from_env().volumes.list(filters={"label": f"homeport.sandbox={description.name}"}):
        volume.remove(force=True)


def host(zone: str, moved_from: str | None = None, size: int = 10) -> Callable[[], None]:
    """A program with the data disk of a host, and nothing else of it."""

    def program() -> None:
        settings = GceSettings(
            kind="gce",
            region=zone[:-2],
            zone=zone,
            moved_from=moved_from,
            data_disk=size,
            ssh=SshSettings(allow_from=["203.0.113.7/32"]),
        )
        parent = pulumi.ComponentResource("test:index:Host", "h")
        data = DataDisk("h", settings, parent)
        if moved_from:
            data.moved(moved_from, RandomId("rest", byte_length=4))
        else:
            data.here()

    return program


def of_an_earlier_release() -> None:
    """The data disk as it was called before there were moves."""
    parent = pulumi.ComponentResource("test:index:Host", "h")
    compute.Disk(
        "h-data",
        zone=OLD,
        size=10,
        type="pd-standard",
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )


def disk_in(trial: Trial, zone: str) -> str:
    """Name of the only disk in the zone."""
    (name,) = (name for name, disk in Cloud(trial.world).all("disk").items() if disk["zone"] == zone)
    return name


def on_disk(box: Description, disk: str, script: str) -> str:
    """Run a script where the disk's content is the file /disk/disk.img."""
    return run_on_volumes(docker.from_env(), {volume_name(box, disk): "/disk"}, script)


def test_the_disk_of_an_earlier_release_stays(trial: Trial, box: Description) -> None:
    trial.up(of_an_earlier_release)
    before = disk_in(trial, OLD)

    assert trial.up(host(OLD)) == {}
    assert disk_in(trial, OLD) == before
    assert trial.resources() == ["h", "h-data-b"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (of_an_earlier_release, host(NEW)),
        (host(OLD), host(NEW)),
        (host(OLD), host("us-east1-b")),
        (host(OLD), host("us-east1-c")),
        (host(OLD), host(NEW, moved_from="us-west1-a")),
    ],
)
def test_a_zone_that_the_data_is_not_moved_to_from_where_it_is_is_refused(
    trial: Trial, box: Description, before: Callable[[], None], after: Callable[[], None]
) -> None:
    trial.up(before)
    assert REFUSED in trial.failing_preview(after)
    assert REFUSED in trial.failing_up(after)
    assert list(Cloud(trial.world).all("disk")) == [disk_in(trial, OLD)]


@pytest.mark.parametrize("before", [of_an_earlier_release, host(OLD)])
def test_a_moved_disk_has_the_content_and_the_old_one_stays(
    trial: Trial, box: Description, before: Callable[[], None]
) -> None:
    trial.up(before)
    old = disk_in(trial, OLD)
    on_disk(box, old, "printf homeport | dd of=/disk/disk.img conv=notrunc bs=1M seek=3")

    trial.up(host(NEW, moved_from=OLD, size=12))

    new = disk_in(trial, NEW)
    assert disk_in(trial, OLD) == old
    # Docker may lose a last line without an end.
    content = (
        "stat -c %s /disk/disk.img; dd if=/disk/disk.img bs=1M skip=3 count=1 2>/dev/null | head -c 8; echo"
    )
    assert on_disk(box, new, content) == f"{12 * 1024**3}\nhomeport\n"
    assert trial.up(host(NEW, moved_from=OLD, size=12)) == {}
    assert trial.refresh() == {}


def test_a_snapshot_that_was_deleted_does_not_replace_the_moved_disk(trial: Trial, box: Description) -> None:
    trial.up(host(OLD))
    trial.up(host(NEW, moved_from=OLD))
    new = disk_in(trial, NEW)
    cloud = Cloud(trial.world)
    (snapshot,) = cloud.all("snapshot")
    cloud.remove("snapshot", snapshot)
    trial.refresh()

    assert trial.up(host(NEW, moved_from=OLD)) == {"create": 1}
    assert disk_in(trial, NEW) == new


def test_a_move_that_no_machine_has_followed_is_undone_by_the_old_settings(
    trial: Trial, box: Description
) -> None:
    trial.up(host(OLD))
    old = disk_in(trial, OLD)
    trial.up(host(NEW, moved_from=OLD))

    trial.up(host(OLD))

    assert list(Cloud(trial.world).all("disk")) == [old]
    assert Cloud(trial.world).all("snapshot") == {}


def test_the_old_disk_is_given_up_only_when_it_was_unprotected(trial: Trial, box: Description) -> None:
    trial.up(host(OLD))
    trial.up(host(NEW, moved_from=OLD))
    new = disk_in(trial, NEW)

    said = trial.failing_preview(host(NEW))
    assert "h-data-b" in said
    assert "cannot be deleted" in said

    urns = [resource.urn for resource in trial.engine.saved.resources()]
    trial.engine.command("state", "unprotect", "--yes", next(u for u in urns if u.endswith("::h-data-b")))
    trial.up(host(NEW))
    assert list(Cloud(trial.world).all("disk")) == [new]
    assert Cloud(trial.world).all("snapshot") == {}
    # It is the protected one from now on.
    assert REFUSED in trial.failing_preview(host(OLD))


@pytest.mark.parametrize(
    ("size", "snapshot", "said"),
    [(5, "s", "less than the snapshot's 10 GB"), (10, "elsewhere", "the snapshot 'elsewhere' was not found")],
)
def test_a_disk_that_cannot_be_made_from_a_snapshot_is_refused(
    trial: Trial, box: Description, size: int, snapshot: str, said: str
) -> None:
    def program() -> None:
        disk = compute.Disk("d", name="d", zone=OLD, size=10)
        made = compute.Snapshot("s", name="s", source_disk=disk.name)
        link = made.name if snapshot == "s" else snapshot
        opts = pulumi.ResourceOptions(depends_on=[made])
        compute.Disk("copy", zone=NEW, size=size, snapshot=link, opts=opts)

    assert said in trial.failing_up(program)
