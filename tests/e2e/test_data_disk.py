"""A larger data disk. It never shrinks again: who wants the stack as it is shipped later gets a new one."""

from __future__ import annotations

import pytest

from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed
from tests.e2e.test_updates import host

_SYS_RESOURCE = 24
"""Number of the capability that the kernel wants for growing a mounted file system."""
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
