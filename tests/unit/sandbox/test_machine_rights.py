"""What the container of a machine may do: the same on every computer, and as little as it can."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from sandbox.machine import Machine, release_swap, run_on_volumes
from sandbox.machine_rights import bounding_set, machine_capabilities, machine_host_config

_ALL = (1 << 41) - 1
_NO_SYS_RESOURCE = _ALL & ~(1 << 24)
_LEAST = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE"]


def _client(cgroup: str) -> MagicMock:
    """A Docker client of an engine with that cgroup version, which notes what it is asked for."""
    client = MagicMock()
    client.info.return_value = {"CgroupVersion": cgroup}
    client.api.create_container.return_value = {"Id": "1"}
    client.containers.run.return_value = b""
    return client


def _created(cgroup: str) -> dict[str, object]:
    client = _client(cgroup)
    Machine(client, "box", "first").create(
        image="machine",
        memory=1024,
        network="internet",
        address="172.31.0.10",
        authority=Path("/ca.pem"),
        disks={"data": "disk"},
        rules="",
    )
    config: dict[str, object] = client.api.create_container.call_args.kwargs["host_config"]
    return config


@pytest.mark.parametrize("cgroup", ["1", "2"])
def test_a_machine_is_privileged_on_no_cgroup_version(cgroup: str) -> None:
    assert not _created(cgroup).get("Privileged")


def test_a_machine_is_the_same_on_both_cgroup_versions() -> None:
    assert _created("1") == _created("2")


def test_a_machine_has_three_capabilities_beyond_those_of_every_container() -> None:
    assert machine_capabilities(_NO_SYS_RESOURCE) == _LEAST


def test_a_machine_can_grow_a_mounted_file_system_where_the_computer_can() -> None:
    assert machine_capabilities(_ALL) == [*_LEAST, "SYS_RESOURCE"]


def test_a_machine_is_given_no_device_but_loop_devices() -> None:
    config = machine_host_config(memory=1024, network="internet", binds=[], bounding=_ALL)

    assert [device["PathOnHost"] for device in config["Devices"]] == ["/dev/loop-control"]
    assert config["DeviceCgroupRules"] == ["b 7:* rmw"]


def test_a_machine_shares_no_namespace_with_the_computer() -> None:
    config = machine_host_config(memory=1024, network="internet", binds=[], bounding=_ALL)

    assert config["CgroupnsMode"] == "private"
    assert config["NetworkMode"] == "internet"
    assert {"PidMode", "IpcMode", "UTSMode", "UsernsMode"}.isdisjoint(config)


def test_work_on_volumes_needs_no_rights() -> None:
    client = _client("2")
    run_on_volumes(client, {"disk": "/disk"}, "truncate -s 1G /disk/disk.img")

    assert {"privileged", "cap_add", "security_opt", "devices"}.isdisjoint(
        client.containers.run.call_args.kwargs
    )


def test_swap_is_turned_off_with_one_capability_and_without_privileges() -> None:
    client = _client("2")
    release_swap(client, "boot")

    asked = client.containers.run.call_args.kwargs
    assert asked["cap_add"] == ["SYS_ADMIN"]
    assert "privileged" not in asked


def test_the_bounding_set_is_read_from_the_kernel(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nCapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n")

    assert bounding_set(status) == _NO_SYS_RESOURCE
