"""Larger disks. They never shrink again: who wants the stack as it is shipped later gets a new one."""

from __future__ import annotations

import pytest
from pulumi.automation import CommandError

from sandbox.cloud import Cloud
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, changed
from tests.e2e.test_updates import host

_SYS_RESOURCE = 24
"""Number of the capability that the kernel wants for growing a mounted file system."""
_LOG = "/var/log/homeport-bootstrap.log"
_SIZE = ("findmnt", "--noheadings", "--bytes", "--output", "SIZE", "/mnt/data")


def test_a_larger_data_disk_is_larger_on_the_running_machine(deployed: Deployed, chat: Chat) -> None:
    capabilities = deployed.on_machine("sed", "-n", "s/^CapEff:\\s*//p", "/proc/1/status").output
    if not int(capabilities, 16) >> _SYS_RESOURCE & 1:
        pytest.skip("containers get no CAP_SYS_RESOURCE on this computer; a real machine's root has it")
    chat.post("on the small disk")
    before = int(deployed.on_machine(*_SIZE).output)
    machine, containers = deployed.machine, deployed.docker("ps", "--quiet")

    deployed.up(host(dataDisk=22))

    assert int(deployed.on_machine(*_SIZE).output) - before > 1.8 * 1024**3
    assert (deployed.machine, deployed.docker("ps", "--quiet")) == (machine, containers)
    assert "on the small disk" in chat.messages()


def test_a_larger_boot_disk_is_the_running_machines_and_a_smaller_one_is_refused(deployed: Deployed) -> None:
    (disk,) = Cloud(deployed.box.directory).all("disk").values()

    def settings(boot_disk: int) -> dict[str, object]:
        return host(dataDisk=disk["size"], bootDisk=boot_disk)

    deployed.up(settings(10))
    machine, containers = deployed.machine, deployed.docker("ps", "--quiet")

    assert changed(deployed.up(settings(12))) == {"update": 1, "replace": 1}

    assert (deployed.machine, deployed.docker("ps", "--quiet")) == (machine, containers)
    assert "the root file system, overlay, does not grow" in deployed.on_machine("cat", _LOG).output
    with pytest.raises(CommandError, match="11 is less than the 12 GB that the boot disk has"):
        deployed.with_changes(settings(11)).preview()
