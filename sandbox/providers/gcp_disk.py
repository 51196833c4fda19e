"""gcp:compute: persistent disks and their snapshots."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from sandbox import docker_sdk as docker
from sandbox.box_description import Description
from sandbox.cloud import PROJECT
from sandbox.machine import DISK_LABEL, announce_size, detach, remove_volume, run_on_volumes
from sandbox.providers.gcp_network import API, NAME, REPLACES, name_failures
from sandbox.providers.recorded import Recorded, cloud, sandbox_directory
from sandbox.providers.resource import Created, Failure, Properties, Property, ProviderError

_COPYING = 300
"""Seconds that the copy of a disk's content may take."""
_DISK_TYPES = ("pd-standard", "pd-balanced", "pd-ssd")


class Disk(Recorded):
    """A persistent disk: a sparse file that machines attach as a block device."""

    token = "gcp:compute/disk:Disk"  # noqa: S105
    kind = "disk"
    properties = {
        "name": NAME,
        "zone": Property(required=True, replaces=True),
        "size": Property(default=10, shrinking_replaces=True),
        "type": Property(replaces=True, default="pd-standard"),
        "snapshot": REPLACES,
        "labels": Property(),
        "description": REPLACES,
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        wrong = name_failures(inputs)
        if inputs.get("type") not in _DISK_TYPES:
            wrong.append(Failure("type", f"one of {', '.join(_DISK_TYPES)}"))
        return wrong

    def create(self, inputs: Properties) -> Created:
        source = _snapshot(inputs)
        created = super().create(inputs)
        client, box = docker.from_env(timeout=_COPYING), Description.read(sandbox_directory())
        volume = volume_name(box, str(inputs["name"]))
        client.volumes.create(volume, labels={"homeport.sandbox": box.name, DISK_LABEL: "true"})
        volumes = {volume: "/disk"}
        script = f"truncate -s {inputs['size']}G /disk/disk.img"
        if source:
            volumes[_snapshot_volume(box, source)] = "/snapshot"
            script = f"cp --sparse=always /snapshot/disk.img /disk/disk.img && {script}"
        run_on_volumes(client, volumes, script)
        return created

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        old, new = state["size"], inputs["size"]
        if isinstance(old, int) and isinstance(new, int) and new != old:
            client, box = docker.from_env(timeout=60), Description.read(sandbox_directory())
            volume = volume_name(box, str(inputs["name"]))
            run_on_volumes(client, {volume: "/disk"}, f"truncate -s {new}G /disk/disk.img")
            announce_size(client, volume)
        return super().update(identifier, state, inputs)

    def delete(self, identifier: str, state: Properties) -> None:
        for name, instance in cloud().all("instance").items():
            disks = instance.get("disks")
            if isinstance(disks, dict) and state["name"] in disks.values():
                raise ProviderError(f"Error 400: the disk is in use by the instance '{name}'")
        client, box = docker.from_env(timeout=60), Description.read(sandbox_directory())
        volume = volume_name(box, str(state["name"]))
        # Docker would make the volume that a container is to mount.
        with contextlib.suppress(docker.errors.NotFound):
            client.volumes.get(volume)
            detach(client, volume)
            remove_volume(client, volume)
        super().delete(identifier, state)

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/zones/{inputs['zone']}/disks/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/zones/{inputs['zone']}/disks/{inputs['name']}"}


class Snapshot(Recorded):
    """A copy of a disk's content at this moment, of which disks in every zone can be made."""

    token = "gcp:compute/snapshot:Snapshot"  # noqa: S105
    kind = "snapshot"
    properties = {
        "name": NAME,
        "sourceDisk": Property(required=True, replaces=True),
        "zone": REPLACES,
        "labels": Property(),
        "description": REPLACES,
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        return name_failures(inputs)

    def create(self, inputs: Properties) -> Created:
        disk = _last(inputs["sourceDisk"])
        found = cloud().get("disk", disk)
        if found is None or inputs.get("zone") not in (None, found["zone"]):
            raise ProviderError(
                f"Error 404: the disk '{disk}' was not found in {inputs.get('zone') or 'any zone'}"
            )
        super().create(inputs)
        client, box = docker.from_env(timeout=_COPYING), Description.read(sandbox_directory())
        volume = _snapshot_volume(box, str(inputs["name"]))
        client.volumes.create(volume, labels={"homeport.sandbox": box.name, DISK_LABEL: "true"})
        copy = "cp --sparse=always /disk/disk.img /snapshot/disk.img"
        run_on_volumes(client, {volume_name(box, disk): "/disk", volume: "/snapshot"}, copy)
        with cloud().changing() as kinds:
            kinds[self.kind][str(inputs["name"])]["diskSizeGb"] = found["size"]
        return Created(
            self.identifier(inputs), {**inputs, **self.outputs(inputs), "diskSizeGb": found["size"]}
        )

    def delete(self, identifier: str, state: Properties) -> None:
        client, box = docker.from_env(timeout=60), Description.read(sandbox_directory())
        with contextlib.suppress(docker.errors.NotFound):
            remove_volume(client, _snapshot_volume(box, str(state["name"])))
        super().delete(identifier, state)

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/global/snapshots/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/global/snapshots/{inputs['name']}"}


def volume_name(box: Description, disk: str) -> str:
    """Docker's volume that is the disk of that name."""
    return f"homeport-{box.name}-disk-{disk}"


def _snapshot_volume(box: Description, snapshot: str) -> str:
    return f"homeport-{box.name}-snapshot-{snapshot}"


def _snapshot(inputs: Properties) -> str | None:
    """Name of the snapshot that a new disk is made from. Raises `ProviderError` where it cannot be."""
    if inputs.get("snapshot") is None:
        return None
    name = _last(inputs["snapshot"])
    found = cloud().get("snapshot", name)
    if found is None:
        raise ProviderError(f"Error 404: the snapshot '{name}' was not found")
    size, least = inputs["size"], found.get("diskSizeGb")
    if not isinstance(size, int) or not isinstance(least, int) or size < least:
        raise ProviderError(f"Error 400: {size} GB are less than the snapshot's {least} GB")
    return name


def _last(link: object) -> str:
    """A resource's name, whether it is given as such or as a link."""
    return str(link).rsplit("/", 1)[-1]
