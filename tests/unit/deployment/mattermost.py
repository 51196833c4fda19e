"""The parts of the shipped Mattermost in a recording."""

from __future__ import annotations

from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.recording import Recording, Resource

BUILT: Changes = {"homeport:apps[0].image": {"build": {"uid": 3000}}}
"""Build an image of one's own, whose server runs as another user."""


def server(recording: Recording) -> Resource:
    return recording.starting("docker:Container", "mattermost-mattermost-")


def with_calls(stack: str) -> Resource:
    recording = deployed(stack, {"homeport:apps[0].callsPort": 8444})
    return recording.one("docker:Container", "mattermost-mattermost")


def database(recording: Recording) -> Resource:
    return recording.starting("docker:Container", "mattermost-postgres-")
