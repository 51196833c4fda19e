"""Another machine type, image or zone: address and data stay, and how long nobody is served meanwhile.

The stack, which has moved by then, is destroyed in the end.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
from pathlib import Path

import httpx
import pytest
from docker.errors import NotFound
from pulumi.automation import CommandError

from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.cloud import Cloud
from sandbox.deployment import deployment
from sandbox.machine import remove_volume
from tests.e2e.chat import Chat, browser
from tests.e2e.deployed import Deployed, changed, run
from tests.e2e.load import Load, load
from tests.e2e.test_updates import host
from tests.engine.killed_update import killed, wait_until

LEAVES_ANOTHER_STACK = True
OLD, NEW = "us-west1-b", "us-west1-c"
MOVE = host(zone=NEW, movedFrom=OLD)
LONGEST = 240.0
"""Seconds without service that each change must stay below in the sandbox, on a busy computer."""


def interruption(deployed: Deployed, changes: dict[str, object], what: str) -> float:
    """Update while somebody asks all the time; the seconds without an answer.

    What is between two successes further apart than a second counts as well, so a restart of an app later in
    the update would be seen. Prints it.
    """

    def person() -> httpx.Client:
        client = browser(deployed)
        client.timeout = httpx.Timeout(1)
        return client

    def ping(client: httpx.Client, number: int) -> httpx.Response:
        return client.get("/api/v4/system/ping")

    with load(person, [ping]) as responses:
        deployed.up(changes)
    seconds = _without_service(responses)
    print(f"\n{what}: {seconds:.0f} s without service; {responses}")
    return seconds


def _without_service(responses: Load) -> float:
    answered = [response.at + response.seconds for response in responses.responses if not response.failed]
    # The last request must have been answered: there would be no end to measure.
    assert not responses.responses[-1].failed, "nobody is served after the update"
    return sum(b - a for a, b in itertools.pairwise(answered) if b - a > 1)


def _left_over(deployed: Deployed, kind: str) -> list[str]:
    return sorted(Cloud(deployed.box.directory).all(kind))


def _move(folder: Path) -> None:
    deployment(Box(folder), Description.read(folder), MOVE).up()


class Content:
    """What must be the same before and after a change."""

    def __init__(self, deployed: Deployed, chat: Chat, text: str) -> None:
        self._deployed, self._chat, self._text = deployed, chat, text
        self._address = deployed.address
        chat.post(text)
        self._file = str(chat.upload(text.encode()).json()["file_infos"][0]["id"])

    def is_kept(self) -> None:
        """Assert that address, post and file are those of before, and that every container is well."""
        deployed = self._deployed
        wait_until(self._is_well)
        assert deployed.address == self._address
        assert self._text in self._chat.messages()
        assert self._chat.download(self._file) == self._text.encode()

    def _is_well(self) -> bool:
        states = self._deployed.docker("ps", "--format", "{{.Names}} {{.Status}}").splitlines()
        healthy = [state for state in states if state.endswith("(healthy)")]
        return len(states) == len(healthy) == 5


@pytest.mark.long
def test_another_machine_type_interrupts_no_longer_than_a_restart(deployed: Deployed, chat: Chat) -> None:
    content = Content(deployed, chat, "before another type")

    assert 0 < interruption(deployed, host(machineType="e2-small"), "machineType") < LONGEST

    content.is_kept()
    machine = deployed.box.client.containers.get(deployed.machine)
    assert machine.attrs["HostConfig"]["Memory"] == 2048 * 1024 * 1024


@pytest.mark.long
def test_another_image_keeps_address_and_data(deployed: Deployed, chat: Chat) -> None:
    content = Content(deployed, chat, "before another image")
    before = deployed.box.client.containers.get(deployed.machine).id

    change = host(image="ubuntu-os-cloud/ubuntu-2404-lts-amd64")
    assert 0 < interruption(deployed, change, "image") < LONGEST

    content.is_kept()
    assert deployed.box.client.containers.get(deployed.machine).id != before


def test_another_zone_alone_is_refused(deployed: Deployed) -> None:
    with pytest.raises(CommandError, match="marked for protection"):
        deployed.with_changes(host(zone=NEW)).preview()


def test_a_machine_that_is_elsewhere_is_not_put_at_rest(deployed: Deployed) -> None:
    deployed.up()
    script = (Path(__file__).parents[2] / "components/host/rest.sh").read_text()
    variables = "FROM=us-west1-a TO=us-west1-c DEVICE=/dev/disk/by-id/google-data\n"
    refused = deployed.on_machine("bash", "-s", stdin=variables + script)
    assert refused.status == 1
    assert f"The machine is in {OLD}: host.movedFrom must be that zone" in refused.output
    assert deployed.https("/api/v4/system/ping").status == 200


@pytest.mark.long
def test_a_machine_that_does_not_come_to_rest_serves_on(deployed: Deployed, chat: Chat) -> None:
    content = Content(deployed, chat, "before no rest")
    holding = "cd /mnt/data/docker && exec sleep 3600"
    assert deployed.on_machine("systemd-run", "--unit", "holder", "bash", "-c", holding).status == 0

    # It has a file of Docker's folder, which is a mount of its own that Docker detaches while it is in use.
    with pytest.raises(CommandError, match=r"The data disk cannot be unmounted(.*\n)+.* sleep 3600"):
        deployed.up(MOVE)
    content.is_kept()
    deployed.on_machine("systemctl", "stop", "holder")
    assert len(_left_over(deployed, "disk")) == 1
    deployed.up()
    content.is_kept()


def test_a_move_that_was_killed_is_undone_by_the_old_settings(deployed: Deployed, chat: Chat) -> None:
    content = Content(deployed, chat, "before the killed move")
    machine = deployed.machine

    # The disk is made of the snapshot as soon as that is there.
    killed(
        functools.partial(_move, deployed.box.directory),
        when=lambda: bool(_left_over(deployed, "snapshot")),
        pause=0.01,
    )
    deployed.engine.cancel()
    assert deployed.on_machine("systemctl", "start", "docker").status != 0
    deployed.up()

    assert deployed.machine == machine
    assert len(_left_over(deployed, "disk")) == 1
    content.is_kept()
    assert changed(deployed.up()) == {}
    # Made, and not recorded: nothing uses it, and nobody but a person knows that.
    for snapshot in _left_over(deployed, "snapshot"):
        Cloud(deployed.box.directory).remove("snapshot", snapshot)
        # The kill may have come before its first byte.
        with contextlib.suppress(NotFound):
            remove_volume(deployed.box.client, f"homeport-{deployed.box.name}-snapshot-{snapshot}")


def test_another_zone_keeps_address_and_data(deployed: Deployed, chat: Chat) -> None:
    content = Content(deployed, chat, "before another zone")

    assert 0 < interruption(deployed, MOVE, "zone") < LONGEST

    content.is_kept()
    (instance,) = Cloud(deployed.box.directory).all("instance").values()
    assert instance["zone"] == NEW
    assert changed(deployed.up(MOVE)) == {}


def test_there_is_no_way_back_to_data_that_is_old_by_now(deployed: Deployed) -> None:
    with pytest.raises(CommandError, match=r"homeport-sandbox-moved-b-c.*\n?.*cannot be deleted"):
        deployed.with_changes(host()).preview()


def test_the_old_disk_is_given_up_by_unprotecting_it(deployed: Deployed, chat: Chat) -> None:
    content = Content(deployed, chat, "before giving up")
    engine = deployed.with_changes(host(zone=NEW))
    with pytest.raises(CommandError) as caught:
        engine.preview()
    named = set(re.findall(r"urn:pulumi:\S+::homeport-sandbox-(?:data-b|moved-b-c)\b", str(caught.value)))
    assert len(named) == 2

    assert named == {resource.urn for resource in engine.saved.resources() if resource.protect}
    engine.command("state", "unprotect", "--yes", *sorted(named))
    engine.up()

    assert len(_left_over(deployed, "disk")) == 1
    assert _left_over(deployed, "snapshot") == []
    content.is_kept()
    assert changed(engine.up()) == {}
    with pytest.raises(CommandError, match="marked for protection"):
        deployed.with_changes(host()).preview()


def test_destroy_leaves_nothing_behind(deployed: Deployed) -> None:
    deployed.engine.destroy()
    owned = f"label=homeport.sandbox={deployed.box.name}"
    assert run("docker", "ps", "--all", "--filter", owned, "--format", "{{.Names}}").output.split() == [
        deployed.description.cloud_container
    ]
    assert run("docker", "volume", "ls", "--quiet", "--filter", owned).output == ""
    assert (
        run("losetup", "--list", "--noheadings", "--output", "BACK-FILE").output.count(
            f"homeport-{deployed.box.name}-"
        )
        == 0
    )


def test_stopping_the_box_removes_the_rest(deployed: Deployed) -> None:
    deployed.box.stop()
    owned = f"label=homeport.sandbox={deployed.box.name}"
    assert run("docker", "ps", "--all", "--quiet", "--filter", owned).output == ""
    assert run("docker", "network", "ls", "--quiet", "--filter", owned).output == ""
    assert not deployed.box.directory.exists()
