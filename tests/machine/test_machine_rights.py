"""What a machine can do to the computer that it runs on: no setting is changed, no foreign device is seen."""

from __future__ import annotations

import pytest

from tests.machine.bare_machine import BareMachine
from tests.machine.kernel_settings import changed, kernel_settings

_NODES = "find /dev -xdev '(' -type b -o -type c ')' -printf '%P\\n' | sort"
_CONTROL = "c 1 3"
"""/dev/null, which can be opened."""
_OPENABLE = f"""
    for device in /sys/dev/block/*; do
        number=${{device##*/}}
        [ "${{number%:*}}" != 7 ] || continue
        echo b "${{number%:*}}" "${{number#*:}}"
    done >/root/devices
    # The kernel's log, which could be written to, the memory, and the control.
    printf '%s\\n' 'c 1 11' 'c 1 1' '{_CONTROL}' >>/root/devices
    # Not in /run, which is mounted without devices.
    while read -r node; do
        rm -f /root/node
        mknod /root/node $node
        if (: </root/node) 2>/dev/null; then echo "$node"; fi
    done </root/devices
    rm -f /root/node /root/devices
"""
"""Prints the computer's devices that can be opened, loop devices left out."""
_WRITABLE = "find /proc/sys -path /proc/sys/net -prune -o -type f -writable -print"


@pytest.fixture(scope="module")
def settings_before() -> dict[str, str]:
    """The computer's settings before the machine is there."""
    return kernel_settings()


@pytest.fixture(scope="module")
def ready(settings_before: dict[str, str], machine: BareMachine) -> BareMachine:
    """The machine after its bootstrap."""
    bootstrap = machine.bootstrap()
    status, output = machine.run(bootstrap)
    assert status == 0, output
    assert machine.read("cat /run/homeport/ready").strip() == bootstrap.hash
    return machine


def test_every_service_of_the_machine_runs(ready: BareMachine) -> None:
    assert ready.read("systemctl list-units --failed --plain --no-legend") == ""


def test_no_setting_of_the_computer_is_another_than_before(
    settings_before: dict[str, str], ready: BareMachine
) -> None:
    assert len(settings_before) > 500
    assert changed(settings_before, kernel_settings()) == {}


def test_only_settings_of_the_own_network_can_be_written(ready: BareMachine) -> None:
    assert ready.read(_WRITABLE) == ""
    ready.read("echo 1 >/proc/sys/net/ipv4/conf/default/route_localnet")
    assert ready.sh("echo 60 >/proc/sys/vm/swappiness")[0] != 0


def test_settings_of_the_own_network_are_not_those_of_the_computer(ready: BareMachine) -> None:
    name = "net/ipv4/conf/default/route_localnet"
    before = kernel_settings()[name]
    for value in ("0", "1"):
        ready.read(f"echo {value} >/proc/sys/{name}")
        assert kernel_settings()[name] == before


def test_it_sees_no_device_but_its_data_disk_and_those_that_every_container_has(ready: BareMachine) -> None:
    disk = ready.read("basename $(readlink -f /dev/disk/by-id/google-data)").strip()
    everywhere = ["full", "null", "random", "tty", "urandom", "zero"]

    assert ready.read(_NODES).split() == sorted([*everywhere, disk, "loop-control"])


def test_a_device_of_the_computer_cannot_be_opened(ready: BareMachine) -> None:
    assert ready.read(_OPENABLE).splitlines() == [_CONTROL]


def test_a_container_on_the_machine_has_the_memory_that_it_is_given(ready: BareMachine) -> None:
    # The machine's own programs are the image: nothing needs to be pulled.
    ready.read("tar -C / --dereference -c bin lib lib64 | docker import - own")
    ready.read("docker run --detach --name limited --memory 48m own /bin/sleep infinity")
    limit = "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
    assert ready.read(f"docker exec limited sh -c '{limit}'").strip() == str(48 * 1024 * 1024)


def test_its_swap_is_on(ready: BareMachine) -> None:
    assert "/var/swap/swapfile" in ready.read("cat /proc/swaps")
