"""How one version of an app follows another."""

from __future__ import annotations

import pytest

from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.script import told


def name_of_the_server(changes: Changes) -> str:
    """The container's, in Docker."""
    (found,) = [
        container.text("name")
        for container in deployed("chat", changes).all("docker:Container")
        if container.name.startswith("mattermost-mattermost")
    ]
    return found


def test_a_rolling_apps_container_has_another_name_when_it_changes() -> None:
    before = name_of_the_server({})
    assert name_of_the_server({"homeport:apps[0].memory": 600}) != before


def test_an_app_that_is_stopped_first_is_replaced_under_its_name() -> None:
    recreate: Changes = {"homeport:apps[0].rollout": "recreate"}
    assert name_of_the_server(recreate) == "chat-mattermost-mattermost"
    assert name_of_the_server({**recreate, "homeport:apps[0].memory": 600}) == "chat-mattermost-mattermost"


def test_the_takeover_is_told_the_containers_that_have_routes_and_how_long_their_requests_last() -> None:
    takeover = deployed("social").one("command:remote:Command", "mastodon-takeover")
    services = [line.split() for line in told(takeover)["SERVICES"].splitlines()]
    assert [(service, seconds) for service, _, seconds in services] == [("web", "30"), ("streaming", "10")]
    assert all(container.startswith(f"social-mastodon-{service}-") for service, container, _ in services)


@pytest.mark.parametrize(
    ("stack", "app", "allowed", "numbers"),
    [
        ("chat", "mattermost", False, "1"),
        ("chat", "mattermost", True, "0"),
        ("social", "mastodon", False, "3"),
        ("social", "mastodon", True, "0"),
    ],
)
def test_a_lower_version_is_refused_unless_it_is_allowed(
    stack: str, app: str, allowed: bool, numbers: str
) -> None:
    recording = deployed(stack, {"homeport:apps[0].allowDowngrade": allowed})
    assert told(recording.one("command:remote:Command", f"{app}-identity"))["NUMBERS"] == numbers


def test_the_version_is_noted_once_it_answers() -> None:
    recording = deployed("chat")
    noted = recording.one("command:remote:Command", "mattermost-served")
    assert told(noted)["VERSION"] == "11.7.0"
    assert {"mattermost-https", "mattermost-takeover"} <= recording.before(noted)
