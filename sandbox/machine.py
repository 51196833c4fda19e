"""A virtual machine as a container that boots systemd, with the memory of its machine type."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox import docker_sdk as docker
from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE
from sandbox.machine_rights import KERNEL_RIGHTS, bounding_set, machine_host_config

if TYPE_CHECKING:
    from docker.models.containers import Container

LABEL = "homeport.sandbox.machine"
DISK_LABEL = "homeport.sandbox.disk"
MACHINE_TYPES: Mapping[str, int] = {
    "e2-micro": 1024,
    "e2-small": 2048,
    "e2-medium": 4096,
    "e2-standard-2": 8192,
    "e2-standard-4": 16384,
}
"""MiB of RAM, from Google Cloud's documentation."""

_HELPER = "homeport.sandbox.helper"
_NODES = "/usr/local/lib/sandbox/loop-nodes"
_SETUP = (
    "iptables-restore --noflush /sandbox/network/firewall.rules && "
    "{ iptables -t mangle -C PREROUTING -j CLOUD-INGRESS 2>/dev/null"
    " || iptables -t mangle -I PREROUTING -j CLOUD-INGRESS; }"
)


class Machine:
    """One machine of a box, found by its name."""

    def __init__(self, client: docker.DockerClient, box: str, name: str) -> None:
        self._client = client
        self._labels = {"homeport.sandbox": box}
        self.container_name = f"homeport-{box}-vm-{name}"
        self._boot_volume = f"homeport-{box}-boot-{name}"

    def exists(self) -> bool:
        """Whether there is such a machine, running or not."""
        return self._find() is not None

    def create(
        self,
        *,
        image: str,
        memory: int,
        network: str,
        address: str,
        authority: Path,
        disks: Mapping[str, str],
        rules: str,
    ) -> None:
        """Make and boot it. `disks`: device name -> volume; `memory` in MiB; `rules` for its firewall."""
        self._client.volumes.create(self._boot_volume, labels=self._labels)
        host_config = machine_host_config(
            memory=memory,
            network=network,
            binds=[
                f"{authority}:/usr/local/share/ca-certificates/homeport-sandbox.crt:ro",
                f"{self._boot_volume}:/var/swap",
                *(f"{volume}:/sandbox/disks/{name}" for name, volume in disks.items()),
            ],
            bounding=bounding_set(),
        )
        endpoint = self._client.api.create_endpoint_config(ipv4_address=address)
        created = self._client.api.create_container(
            image,
            name=self.container_name,
            hostname=self.container_name.rsplit("-vm-", 1)[1],
            environment={"container": "docker"},
            labels={**self._labels, LABEL: "true"},
            host_config=host_config,
            networking_config=self._client.api.create_networking_config({network: endpoint}),
        )
        container = self._client.containers.get(created["Id"])
        _put(container, "/sandbox/network/firewall.rules", rules)
        container.start()

    def apply_firewall(self, rules: str) -> None:
        """Put other rules in force, in one step."""
        container = self._find()
        if container is None:
            return
        _put(container, "/sandbox/network/firewall.rules", rules)
        if container.status == "running":
            result = container.exec_run(["sh", "-c", _SETUP])
            if result.exit_code:
                raise RuntimeError(f"the firewall refuses its rules: {result.output.decode()}")

    def stop(self) -> None:
        """Shut it down, as Google's API does before a change of the machine type."""
        if container := self._find():
            swap_off(container)
            container.stop(timeout=30)

    def start(self, memory: int) -> None:
        """Boot it again with so many MiB of RAM."""
        if container := self._find():
            container.update(mem_limit=memory * 1024 * 1024, memswap_limit=-1)
            container.start()

    def delete(self) -> None:
        """Remove it and its boot disk; data disks stay."""
        if container := self._find():
            swap_off(container)
            container.remove(force=True, v=True)
        try:
            volume = self._client.volumes.get(self._boot_volume)
        except docker.errors.NotFound:
            return
        release_swap(self._client, volume.name)
        volume.remove(force=True)

    def console(self) -> str:
        """What it said while booting."""
        container = self._find()
        return container.logs(tail=50).decode(errors="replace") if container else ""

    def _find(self) -> Container | None:
        try:
            found: Container = self._client.containers.get(self.container_name)
        except docker.errors.NotFound:
            return None
        return found


def swap_off(container: Container) -> None:
    """Swap that a machine turned on counts for the whole computer: off before the machine goes."""
    container.reload()
    if container.status == "running":
        container.exec_run(["sh", "-c", "swapoff /var/swap/swapfile 2>/dev/null; true"])


def release_swap(client: docker.DockerClient, volume: str) -> None:
    """Turn off the swap of a machine that was killed; its file is still in the boot volume."""
    _run(client, {volume: "/boot"}, "swapoff /boot/swapfile 2>/dev/null; true", KERNEL_RIGHTS)


def detach(client: docker.DockerClient, volume: str) -> None:
    """Let go of the loop device of a disk whose machine was killed."""
    _with_loop_device(client, volume, "--detach")


def announce_size(client: docker.DockerClient, volume: str) -> None:
    """Tell the loop device of a disk that its file has another size."""
    _with_loop_device(client, volume, "--set-capacity")


def remove_volume(client: docker.DockerClient, volume: str) -> None:
    """Remove a volume, and with it what a provider that was killed has left: its container."""
    for container in client.containers.list(all=True, filters={"volume": volume, "label": _HELPER}):
        container.remove(force=True)
    client.volumes.get(volume).remove(force=True)


def run_on_volumes(client: docker.DockerClient, volumes: Mapping[str, str], script: str) -> str:
    """Run a script in a container that goes away at once, with volumes under these paths; its output."""
    return _run(client, volumes, script, {})


def _with_loop_device(client: docker.DockerClient, volume: str, action: str) -> None:
    script = (
        f"{_NODES}; losetup --associated /disk/disk.img --output NAME --noheadings"
        f" | xargs -r -n1 losetup {action}; true"
    )
    _run(client, {volume: "/disk"}, script, KERNEL_RIGHTS)


def _run(
    client: docker.DockerClient, volumes: Mapping[str, str], script: str, rights: Mapping[str, list[str]]
) -> str:
    try:
        output: bytes = client.containers.run(
            built(client, MACHINE),
            entrypoint=["sh", "-c", script],
            remove=True,
            labels={_HELPER: "true"},
            network_mode="none",
            volumes={name: {"bind": path, "mode": "rw"} for name, path in volumes.items()},
            **rights,
        )
    except docker.errors.APIError as problem:
        raise RuntimeError(f"work on the volumes of a machine failed: {problem}") from None
    return output.decode(errors="replace")


def _put(container: Container, path: str, text: str) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(path.lstrip("/"))
        entry.size = len(text.encode())
        tar.addfile(entry, io.BytesIO(text.encode()))
    container.put_archive("/", archive.getvalue())
