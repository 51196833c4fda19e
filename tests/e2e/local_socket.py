"""A Mattermost that runs, answers, and never becomes healthy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.deployed import Deployed


@contextmanager
def elsewhere(deployed: Deployed) -> Iterator[None]:
    """Servers that start meanwhile have their local socket where their health check does not look."""
    volume = deployed.docker("volume", "ls", "--quiet", "--filter", "name=mattermost-config")
    folder = deployed.docker("volume", "inspect", "--format", "{{.Mountpoint}}", volume)
    file = f"{folder}/config.json"
    was = deployed.on_machine("cat", file).output
    config = json.loads(was)
    config["ServiceSettings"]["LocalModeSocketLocation"] = "/var/tmp/elsewhere.socket"
    assert deployed.on_machine("tee", file, stdin=json.dumps(config)).status == 0
    try:
        yield
    finally:
        assert deployed.on_machine("tee", file, stdin=was).status == 0
