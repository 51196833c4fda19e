"""An update as those see it who use the app meanwhile."""

from __future__ import annotations

from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed
from tests.e2e.load import chat_load, listener
from tests.e2e.test_updates import app

PATIENCE = 0.5
"""Seconds that no answer may take longer than."""


def test_an_update_loses_no_request_and_slows_none(deployed: Deployed, chat: Chat) -> None:
    old = deployed.container("mattermost")
    with listener(deployed, chat) as listening, chat_load(deployed, chat) as load:
        deployed.up(app(version="11.11.1"))
        chat.post("after the update")
        assert listening.wait_for("after the update")
    print(load)
    print(listening.connections, [event for event in listening.heard if event.startswith("closed")])
    assert deployed.container("mattermost") != old
    assert {response.method for response in load.responses} == {"GET", "POST"}
    assert len(load.responses) > 500
    assert load.failed == []
    assert load.slowest.seconds < PATIENCE, load
    assert listening.connections <= 2
