"""The stack `local`, on a Docker engine that is there already."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.box import Box
from sandbox.engine import Engine, homeport
from tests.machine.bare_machine import BareMachine
from tests.machine.docker_socket import DockerSocket

OWNED = (
    "docker ps --all --quiet",
    "docker volume ls --quiet",
    "docker network ls --quiet --filter type=custom",
)


@dataclass(frozen=True)
class Computer:
    """A machine with Docker that plays the user's computer, and the stack on it."""

    machine: BareMachine
    engine: Engine

    def get(self, path: str) -> str:
        """What the app answers to the computer's own browser."""
        return self.machine.read(
            f"curl --silent --fail --header 'Host: chat.localhost' http://127.0.0.1:8080{path}"
        )


@pytest.fixture(scope="module")
def computer(bootstrap_box: Box) -> Iterator[Computer]:
    """The stack, deployed."""
    machine = BareMachine(bootstrap_box, bootstrap_box.start(), "computer", number=12, prepared=True)
    machine.boot()
    # Unix sockets have short names.
    with tempfile.TemporaryDirectory(prefix="homeport-") as folder:
        path = Path(folder) / "docker.sock"
        status, output = machine.run(machine.bootstrap())
        assert status == 0, output
        machine.read(f"mkdir -p {folder} && ln -sfn /var/run/docker.sock {path}")
        docker_socket = DockerSocket(path, machine.container_name)
        host = {"homeport:host": {"kind": "local", "dockerHost": f"unix://{path}"}}
        engine = Engine(Path(folder), homeport("local", host))
        try:
            engine.up()
            yield Computer(machine, engine)
        finally:
            docker_socket.close()
            machine.delete()


def test_the_app_answers_over_plain_http_on_the_loopback_address(computer: Computer) -> None:
    assert json.loads(computer.get("/api/v4/system/ping"))["status"] == "OK"


def test_nothing_of_it_is_published_beyond_the_computer(computer: Computer) -> None:
    published = computer.machine.read("docker ps --format '{{.Ports}}' | grep -o '[0-9.:]*->' | sort -u")
    assert published.split() == ["127.0.0.1:8080->"]


def test_the_administrator_can_log_in(computer: Computer) -> None:
    app = computer.engine.outputs()["mattermost"]
    assert isinstance(app, dict)
    assert app["url"] == "http://chat.localhost:8080"
    login = json.dumps({"login_id": "admin", "password": app["administrator"]["password"]})
    answer = computer.machine.read(
        "curl --silent --fail --header 'Host: chat.localhost' --data @- "
        f"http://127.0.0.1:8080/api/v4/users/login <<'EOF'\n{login}\nEOF"
    )
    assert json.loads(answer)["username"] == "admin"


def test_an_update_without_changes_does_nothing(computer: Computer) -> None:
    changes = computer.engine.up().summary.resource_changes or {}
    assert set(changes) == {"same"}


def test_destroying_it_leaves_nothing_but_the_data_of_its_app(computer: Computer) -> None:
    assert all(computer.machine.read(command) for command in OWNED)
    computer.engine.destroy()
    left = [computer.machine.read(command).split() for command in OWNED]
    data = ("client-plugins", "config", "data", "identity", "logs", "plugins", "postgres-17")
    assert left == [[], [f"local-mattermost-{name}" for name in data], []]
