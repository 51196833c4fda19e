"""The machine is deleted behind the program's back."""

from __future__ import annotations

import pytest

from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, run
from tests.e2e.test_updates import app

VERSION = "11.11.1"


@pytest.fixture(scope="module")
def lost(deployed: Deployed, chat: Chat) -> tuple[str, str]:
    """The file and the address from before the machine was deleted and deployed again."""
    deployed.up(app(version=VERSION))
    chat.post("before the loss")
    file = str(chat.upload(b"before the loss").json()["file_infos"][0]["id"])
    address = deployed.address
    assert run("docker", "rm", "--force", deployed.machine).status == 0
    deployed.engine.refresh(target=["**gcp:compute/instance:Instance**"])
    deployed.up(app(version=VERSION))
    return file, address


def test_the_new_machine_has_the_old_address(deployed: Deployed, lost: tuple[str, str]) -> None:
    assert deployed.address == lost[1]


def test_the_new_machine_has_the_old_data(chat: Chat, lost: tuple[str, str]) -> None:
    assert "before the loss" in chat.messages()
    assert chat.download(lost[0]) == b"before the loss"


def test_no_certificate_is_asked_for_again(deployed: Deployed, lost: tuple[str, str]) -> None:
    log = deployed.docker("logs", deployed.container("acme-companion"))
    assert log.count("Creating/renewal") == 1
