"""The machine is deleted behind the program's back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, run
from tests.e2e.test_updates import app

VERSION = "11.11.1"


@dataclass(frozen=True)
class Before:
    """How it was before the machine was deleted and deployed again."""

    file: str
    address: str
    certificate: str
    """Serial number of the app's certificate."""


@pytest.fixture(scope="module")
def lost(deployed: Deployed, chat: Chat) -> Before:
    """The machine is another one from here on."""
    deployed.up(app(version=VERSION))
    chat.post("before the loss")
    file = str(chat.upload(b"before the loss").json()["file_infos"][0]["id"])
    before = Before(file, deployed.address, deployed.https().serial)
    assert run("docker", "rm", "--force", deployed.machine).status == 0
    deployed.engine.refresh(target=["**gcp:compute/instance:Instance**"])
    deployed.up(app(version=VERSION))
    return before


def test_the_new_machine_has_the_old_address(deployed: Deployed, lost: Before) -> None:
    assert deployed.address == lost.address


def test_the_new_machine_has_the_old_data(chat: Chat, lost: Before) -> None:
    assert "before the loss" in chat.messages()
    assert chat.download(lost.file) == b"before the loss"


def test_the_new_machine_shows_the_old_certificate(deployed: Deployed, lost: Before) -> None:
    assert deployed.https().serial == lost.certificate
