"""Somebody between the deployer and the machine, or a machine whose key was replaced by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pulumi.automation import CommandError

from components.host.host_key import fingerprint
from tests.e2e.deployed import Deployed, changed, run
from tests.e2e.test_updates import app

KEY = "/etc/ssh/ssh_host_ed25519_key"


def shown(deployed: Deployed) -> str:
    """The public key that the machine's sshd has."""
    return " ".join(deployed.on_machine("cat", f"{KEY}.pub").output.split()[:2])


@pytest.fixture(scope="module")
def pinned(deployed: Deployed) -> Iterator[str]:
    """The stack's key, while the machine has another."""
    stacks = shown(deployed)
    replace = f"rm {KEY} {KEY}.pub; ssh-keygen -q -t ed25519 -N '' -f {KEY}; systemctl restart ssh"
    assert deployed.on_machine("bash", "-euc", replace).status == 0
    try:
        yield stacks
    finally:
        # As a restart of the machine does.
        assert deployed.on_machine("systemctl", "start", "google-startup-scripts").status == 0


@pytest.fixture(scope="module")
def containers(deployed: Deployed) -> str:
    """Those on the machine before the update."""
    return deployed.docker("ps", "--all", "--no-trunc", "--quiet")


@pytest.fixture(scope="module")
def refused(deployed: Deployed, pinned: str, containers: str) -> str:
    """What an update says that has something to change."""
    with pytest.raises(CommandError) as error:
        deployed.up(app(memory=320))
    return str(error.value)


def test_a_changed_host_key_stops_the_update_with_both_fingerprints(
    deployed: Deployed, pinned: str, refused: str
) -> None:
    assert "shows another SSH host key than the one that this stack gave it" in refused
    assert f"expected {fingerprint(pinned)}" in refused
    assert f"shown    {fingerprint(shown(deployed))}" in refused


def test_nothing_was_changed_on_a_machine_with_another_key(
    deployed: Deployed, containers: str, refused: str
) -> None:
    assert deployed.docker("ps", "--all", "--no-trunc", "--quiet") == containers
    assert deployed.https("/api/v4/system/ping").status == 200


def test_ssh_itself_does_not_connect(deployed: Deployed, refused: str) -> None:
    command = str(deployed.engine.outputs()["ssh"])
    ran = run("bash", "-c", f"{command} -o BatchMode=yes true")
    assert (ran.status, "Host key verification failed" in ran.output) == (255, True)


def test_with_the_stacks_key_back_the_next_update_goes_on(
    deployed: Deployed, refused: str, pinned: str
) -> None:
    assert deployed.on_machine("systemctl", "start", "google-startup-scripts").status == 0
    assert shown(deployed) == pinned
    assert changed(deployed.up()) == {}


@pytest.mark.long
def test_a_replaced_host_key_is_in_force_after_a_restart(
    deployed: Deployed, refused: str, pinned: str
) -> None:
    assert deployed.on_machine("systemctl", "start", "google-startup-scripts").status == 0
    assert shown(deployed) == pinned
    (key,) = (one.urn for one in deployed.engine.saved.resources() if one.urn.endswith("-key-host"))
    deployed.engine.command("state", "taint", key, "--yes")
    with pytest.raises(CommandError, match="shows another SSH host key"):
        deployed.up()
    # What a restart runs.
    assert deployed.on_machine("systemctl", "start", "google-startup-scripts").status == 0
    assert shown(deployed) != pinned
    deployed.up()
    assert changed(deployed.up()) == {}
