"""What a provider of the sandbox starts ends with it, even where it is killed."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from sandbox.providers import ssh
from sandbox.providers.docker_connection import DockerConnection
from tests.engine.killed_update import is_alive

SSH = """\
#!/bin/sh
echo $$ >"$PIDS.new" && mv "$PIDS.new" "$PIDS"
exec sleep 60
"""
"""A client that stays; it says which process it is."""


@pytest.fixture
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the client writes its number; it is the `ssh` of this test."""
    (tmp_path / "ssh").write_text(SSH)
    (tmp_path / "ssh").chmod(0o755)
    path = tmp_path / "pids"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PIDS", str(path))
    yield path
    if path.exists() and is_alive(int(path.read_text())):
        os.kill(int(path.read_text()), 9)


def tunnel() -> None:
    """Connect to an engine over SSH."""
    DockerConnection("ssh://homeport@203.0.113.7", ()).client()


def command() -> None:
    """Run a command over SSH."""
    connection = ssh.Connection("203.0.113.7", "homeport", 22, None, None, 1, 15)
    ssh.run(connection, "true", "script", Event())


def soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("work", [tunnel, command])
def test_an_ssh_client_does_not_outlive_a_provider_that_is_killed(
    pids: Path, work: Callable[[], None]
) -> None:
    provider = multiprocessing.get_context("spawn").Process(target=work)
    provider.start()
    assert soon(pids.exists)
    client = int(pids.read_text())
    assert is_alive(client)

    provider.kill()
    provider.join()

    assert soon(lambda: not is_alive(client))
