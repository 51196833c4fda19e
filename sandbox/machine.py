"""A virtual machine as a container that boots systemd, with the memory of its machine type.

The run flags were measured on Docker 20.10 with cgroup version 1; with version 2 the machine is privileged.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE

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

_PRIVILEGED = "homeport.sandbox.privileged"
_CAPABILITIES = ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYSLOG", "MKNOD")
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
        modern = self._client.info().get("CgroupVersion") == "2"
        host_config = self._client.api.create_host_config(
            mem_limit=memory * 1024 * 1024,
            memswap_limit=-1,
            privileged=modern,
            cap_add=None if modern else list(_CAPABILITIES),
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            tmpfs={"/run": "", "/run/lock": "", "/tmp": ""},
            binds=[
                f"{authority}:/usr/local/share/ca-certificates/homeport-sandbox.crt:ro",
                f"{self._boot_volume}:/var/swap",
                *(f"{volume}:/sandbox/disks/{name}" for name, volume in disks.items()),
            ],
            devices=["/dev/loop-control:/dev/loop-control:rwm"],
            device_cgroup_rules=["b 7:* rmw"],
            network_mode=network,
        )
        # docker-py has no word for it: each machine its own cgroup tree, under its own limit.
        host_config["CgroupnsMode"] = "private"
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
        except NotFound:
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
        except NotFound:
            return None
        return found


def swap_off(container: Container) -> None:
    """Swap that a machine turned on counts for the whole computer: off before the machine goes."""
    container.reload()
    if container.status == "running":
        container.exec_run(["sh", "-c", "swapoff /var/swap/swapfile 2>/dev/null; true"])


def release_swap(client: docker.DockerClient, volume: str) -> None:
    """Turn off the swap of a machine that was killed; its file is still in the boot volume."""
    run_privileged(client, {volume: "/boot"}, "swapoff /boot/swapfile 2>/dev/null; true")


def detach(client: docker.DockerClient, volume: str) -> None:
    """Let go of the loop device of a disk whose machine was killed."""
    script = (
        "for n in $(seq 0 63); do [ -b /dev/loop$n ] || mknod /dev/loop$n b 7 $n; done;"
        " losetup --associated /disk/disk.img --output NAME --noheadings"
        " | xargs -r -n1 losetup --detach; true"
    )
    run_privileged(client, {volume: "/disk"}, script)


def remove_volume(client: docker.DockerClient, volume: str) -> None:
    """Remove a volume, and with it what a provider that was killed has left: its container."""
    for container in client.containers.list(all=True, filters={"volume": volume, "label": _PRIVILEGED}):
        container.remove(force=True)
    client.volumes.get(volume).remove(force=True)


def run_privileged(client: docker.DockerClient, volumes: Mapping[str, str], script: str) -> str:
    """Run a script with a machine's rights in a container that goes away at once; its output."""
    try:
        output: bytes = client.containers.run(
            built(client, MACHINE),
            entrypoint=["sh", "-c", script],
            remove=True,
            labels={_PRIVILEGED: "true"},
            network_mode="none",
            cap_add=list(_CAPABILITIES),
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            devices=["/dev/loop-control:/dev/loop-control:rwm"],
            device_cgroup_rules=["b 7:* rmw"],
            volumes={name: {"bind": path, "mode": "rw"} for name, path in volumes.items()},
        )
    except APIError as problem:
        raise RuntimeError(f"cleaning up after a machine failed: {problem}") from None
    return output.decode(errors="replace")


def _put(container: Container, path: str, text: str) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(path.lstrip("/"))
        entry.size = len(text.encode())
        tar.addfile(entry, io.BytesIO(text.encode()))
    container.put_archive("/", archive.getvalue())
