"""What a machine may do on this computer: the least with which systemd, Docker, swap and disks work in it.

It is the same under cgroup versions 1 and 2, and never `privileged`: such a machine sees every device, writes
to the kernel log, and its systemd-sysctl changes the computer's own settings. Here /proc/sys is read-only but
for what belongs to the machine's own network. Each capability was left out once, to see what fails then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox import docker_sdk as docker

CAPABILITIES: Mapping[str, str] = {
    "SYS_ADMIN": "mounts, namespaces and device rules of nested containers, loop devices, swap",
    "NET_ADMIN": "the firewall, and the bridges of nested Docker",
    "SYS_PTRACE": "namespaces of nested processes that run as another user, for `docker exec`",
}
"""Capability beyond Docker's own -> what fails without it."""
SYS_RESOURCE = "SYS_RESOURCE"
"""Growing a mounted file system; only where this computer has it to give."""
_SYS_RESOURCE_NUMBER = 24
LOOP_DEVICES = "b 7:* rmw"
"""All of them, since the number of a disk's device is known only when it is attached."""
LOOP_CONTROL = "/dev/loop-control:/dev/loop-control:rwm"
UNCONFINED = ("seccomp=unconfined", "apparmor=unconfined", "label=disable")
"""The profiles of seccomp, AppArmor and SELinux refuse swap and mounts whatever the capabilities are."""

KERNEL_RIGHTS: Mapping[str, list[str]] = {
    "cap_add": ["SYS_ADMIN"],
    "security_opt": list(UNCONFINED),
    "devices": [LOOP_CONTROL],
    "device_cgroup_rules": [LOOP_DEVICES],
}
"""Arguments of docker-py's `run` for a container that turns off swap or talks to loop devices."""


def bounding_set(status: Path = Path("/proc/self/status")) -> int:
    """The capabilities that processes of this computer can have at all, a bit each."""
    for line in status.read_text().splitlines():
        if line.startswith("CapBnd:"):
            return int(line.split()[1], 16)
    raise ValueError(f"{status} has no CapBnd")


def machine_capabilities(bounding: int) -> list[str]:
    """The capabilities of a machine on a computer with that bounding set."""
    can_grow = bounding >> _SYS_RESOURCE_NUMBER & 1
    return [*CAPABILITIES, *([SYS_RESOURCE] if can_grow else [])]


def machine_host_config(
    *, memory: int, network: str, binds: Sequence[str], bounding: int
) -> docker.types.HostConfig:
    """Docker's configuration of a machine's container; `memory` in MiB, `bounding` from `bounding_set`."""
    config = docker.types.HostConfig(
        version=docker.constants.DEFAULT_DOCKER_API_VERSION,
        mem_limit=memory * 1024 * 1024,
        memswap_limit=-1,
        cap_add=machine_capabilities(bounding),
        security_opt=list(UNCONFINED),
        # Nested Docker needs it, and not every kernel has a new network inherit it.
        sysctls={"net.ipv4.ip_forward": "1"},
        tmpfs={"/run": "", "/run/lock": "", "/tmp": ""},
        binds=list(binds),
        devices=[LOOP_CONTROL],
        device_cgroup_rules=[LOOP_DEVICES],
        network_mode=network,
    )
    # docker-py has no word for it: each machine its own cgroup tree, under its own limit.
    config["CgroupnsMode"] = "private"
    return config
