"""An update that is killed in the middle."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.deployment import deployment
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, changed
from tests.e2e.test_updates import app
from tests.engine.killed_update import killed

CHANGES = app(environment={"MM_TEAMSETTINGS_SITENAME": "Killed"})


def _update(folder: Path) -> None:
    box = Box(folder)
    deployment(box, Description.read(folder), CHANGES).up()


@pytest.fixture(scope="module")
def survivors(deployed: Deployed, chat: Chat) -> list[str]:
    """The servers that ran when the update was killed: the old one, and a new one that nothing recorded."""
    chat.post("before the kill")

    def servers() -> list[str]:
        return deployed.docker("ps", "--quiet", "--filter", "label=homeport.service=mattermost").split()

    killed(functools.partial(_update, deployed.box.directory), when=lambda: len(servers()) > 1)
    return servers()


def test_the_old_server_goes_on_serving(deployed: Deployed, chat: Chat, survivors: list[str]) -> None:
    assert len(survivors) == 2
    assert "before the kill" in chat.messages()


def test_the_next_update_finishes_the_work_and_leaves_one_server(
    deployed: Deployed, chat: Chat, survivors: list[str]
) -> None:
    deployed.with_changes(CHANGES).cancel()
    deployed.engine.up()
    server = deployed.docker("inspect", "--format", "{{.Id}}", deployed.container("mattermost"))
    assert not any(server.startswith(survivor) for survivor in survivors)
    assert "before the kill" in chat.messages()
    assert changed(deployed.engine.up()) == {}


def test_what_pulumi_keeps_of_a_killed_update_goes_with_the_documented_command(
    deployed: Deployed, survivors: list[str], tmp_path: Path
) -> None:
    # What docs/operations.md pipes goes through a file here.
    for command in ("export", "import"):
        deployed.engine.command("stack", command, "--file", str(tmp_path / "state"))
    assert '"pending_operations"' not in deployed.engine.state()
