"""What the demo says that it takes of a computer, beside what a deployed box really takes."""

from __future__ import annotations

import ipaddress
import subprocess

import docker

from sandbox.footprint import CLOUD_MEMORY_MIB, Footprint, footprint
from sandbox.machine import LABEL as MACHINE_LABEL
from sandbox.machine import run_on_volumes
from sandbox.subnets import SUBNETS
from tests.e2e.deployed import Deployed

MIB = 1024**2


def said() -> Footprint:
    """What the demo says of the stack that these tests deploy, which is its own."""
    return footprint("mattermost", has_images=True, has_engine=True, packages=())


def container(deployed: Deployed, *, machine: bool) -> dict[str, object]:
    """Docker's description of the machine, or of the cloud."""
    owned = {"label": f"homeport.sandbox={deployed.box.name}"}
    found = deployed.box.client.containers.list(filters=owned)
    (one,) = [each for each in found if (MACHINE_LABEL in each.labels) is machine]
    attributes: dict[str, object] = deployed.box.client.api.inspect_container(one.id)
    return attributes


def test_the_machine_has_the_memory_and_the_capabilities_that_were_said(deployed: Deployed) -> None:
    config = container(deployed, machine=True)["HostConfig"]
    assert isinstance(config, dict)
    assert config["Memory"] == said().machine_memory * MIB
    assert {name.removeprefix("CAP_") for name in config["CapAdd"] or ()} == set(said().capabilities)


def test_no_port_of_the_computer_is_open_to_others(deployed: Deployed) -> None:
    for machine in (True, False):
        config = container(deployed, machine=machine)["HostConfig"]
        assert isinstance(config, dict)
        bound = [address["HostIp"] for port in (config["PortBindings"] or {}).values() for address in port]
        assert bound in ([], ["127.0.0.1"])


def test_the_network_is_one_of_those_that_were_said(deployed: Deployed) -> None:
    assert ipaddress.IPv4Network(deployed.description.subnet).subnet_of(SUBNETS)


def test_the_swap_is_as_large_as_was_said(deployed: Deployed) -> None:
    swap = deployed.on_machine("sudo", "stat", "--format", "%s", "/var/swap/swapfile").output
    assert int(swap) == said().swap * MIB


def blocks(client: docker.DockerClient, volume: str) -> int:
    """Bytes on the disk: Docker itself would count the holes of a data disk's file, too."""
    return int(run_on_volumes(client, {volume: "/volume"}, "du -s --block-size=1 /volume").split()[0])


def test_the_disk_that_was_said_is_enough_and_not_twice_too_much(deployed: Deployed) -> None:
    client, owned = deployed.box.client, {"label": f"homeport.sandbox={deployed.box.name}"}
    volumes = sum(blocks(client, volume.name) for volume in client.volumes.list(filters=owned))
    containers = client.api.containers(size=True, filters=owned)
    taken = (volumes + sum(each.get("SizeRw", 0) for each in containers)) / MIB
    assert taken <= said().docker_disk <= 2 * taken


def test_the_cloud_takes_the_memory_that_was_said(deployed: Deployed) -> None:
    told = subprocess.run(
        [
            "docker",
            "stats",
            "--no-stream",
            "--format",
            "{{.MemUsage}}",
            f"homeport-{deployed.box.name}-cloud",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert float(told.split("MiB")[0]) <= 2 * CLOUD_MEMORY_MIB
