"""The machine is deleted behind the program's back, and then the certificate authority is another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from sandbox.box import ACME, OTHER_ACME
from tests.e2e.chat import Chat, browser
from tests.e2e.deployed import Deployed, run
from tests.e2e.load import Load, load


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
    chat.post("before the loss")
    file = str(chat.upload(b"before the loss").json()["file_infos"][0]["id"])
    before = Before(file, deployed.address, deployed.https().serial)
    assert run("docker", "rm", "--force", deployed.machine).status == 0
    deployed.engine.refresh(target=["**gcp:compute/instance:Instance**"])
    deployed.up()
    return before


def test_the_new_machine_has_the_old_address(deployed: Deployed, lost: Before) -> None:
    assert deployed.address == lost.address


def test_the_new_machine_has_the_old_data(chat: Chat, lost: Before) -> None:
    assert "before the loss" in chat.messages()
    assert chat.download(lost.file) == b"before the loss"


def test_the_new_machine_shows_the_old_certificate(deployed: Deployed, lost: Before) -> None:
    assert deployed.https().serial == lost.certificate


@pytest.fixture(scope="module")
def asked(deployed: Deployed, lost: Before) -> Iterator[Load]:
    """Requests of a person while the stack is given another authority, by the setting alone."""
    shipped = deployed.description
    other = shipped.acme_directory.replace(ACME, OTHER_ACME)
    deployed.description = replace(shipped, acme_directory=other)
    with load(lambda: browser(deployed), [lambda client, _: client.get("/api/v4/system/ping")]) as requests:
        deployed.up()
    yield requests
    deployed.description = shipped


def test_an_update_waits_for_the_certificate_of_another_authority(
    deployed: Deployed, lost: Before, asked: Load
) -> None:
    assert deployed.https().serial != lost.certificate


def test_until_then_the_certificate_of_the_one_before_is_shown(asked: Load) -> None:
    assert asked.failed == []
