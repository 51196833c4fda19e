"""Commands on another machine: a real sshd, in a container of its own."""

from __future__ import annotations

import itertools
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pulumi
import pytest
from docker.models.containers import Container
from pulumi_command import remote

from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE
from sandbox.plugins import official
from tests.engine.killed_update import wait_until
from tests.engine.trial import Trial

pytestmark = pytest.mark.sandbox

_START = """
mkdir -p /run/sshd /root/.ssh
printf '%s\\n' "$HOST_KEY" > /etc/ssh/ssh_host_ed25519_key
printf '%s\\n' "$AUTHORIZED" > /root/.ssh/authorized_keys
chmod -R go= /root/.ssh /etc/ssh/ssh_host_ed25519_key
exec /usr/sbin/sshd -D -e
"""
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Machine:
    """A machine with sshd, and what one must know to log in to it."""

    container: Container
    port: int
    private_key: str
    host_key: str

    def lines(self, path: str) -> list[str]:
        """Lines of a file; none where there is no file."""
        result = self.container.exec_run(["cat", path], stderr=False)
        text: str = result.output.decode()
        return text.splitlines()


@dataclass(frozen=True)
class Remote:
    """A command on a machine, as a program; what a test changes are fields."""

    port: int
    private_key: str
    host_key: str
    create: str
    delete: str | None = None
    stdin: str | None = None
    trigger: str = "first"
    patience: int = 20
    """Seconds of each of two tries."""

    def __call__(self) -> None:
        command = remote.Command(
            "command",
            connection=remote.ConnectionArgs(
                host="127.0.0.1",
                port=self.port,
                user="root",
                private_key=self.private_key,
                host_key=self.host_key,
                dial_error_limit=2,
                per_dial_timeout=self.patience,
            ),
            create=self.create,
            delete=self.delete,
            stdin=self.stdin,
            triggers=[self.trigger],
            add_previous_output_in_env=False,
        )
        pulumi.export("stdout", command.stdout)
        pulumi.export("stderr", command.stderr)


def _key(path: Path) -> tuple[str, str]:
    """A new private key, and its public one without a comment."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    public = path.with_suffix(".pub").read_text().split()
    return path.read_text(), " ".join(public[:2])


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    client = docker.from_env()
    folder = tmp_path_factory.mktemp("keys")
    (private, authorized), (host_private, host_key) = _key(folder / "user"), _key(folder / "host")
    container = client.containers.run(
        built(client, MACHINE),
        entrypoint=["sh", "-c", _START],
        environment={"HOST_KEY": host_private, "AUTHORIZED": authorized},
        ports={"22/tcp": ("127.0.0.1", None)},
        detach=True,
    )
    try:
        wait_until(lambda: b"Server listening" in container.logs())
        container.reload()
        port = int(container.ports["22/tcp"][0]["HostPort"])
        yield Machine(container, port, private, host_key)
    finally:
        container.remove(force=True, v=True)


@pytest.fixture
def log() -> str:
    """A file on the machine that no other test uses."""
    return f"/tmp/log-{next(_NUMBERS)}"


@pytest.fixture
def command(machine: Machine, log: str) -> Remote:
    """A command that notes in the log what it does."""
    return Remote(
        machine.port,
        machine.private_key,
        machine.host_key,
        create=f"echo ran >> {log}",
        delete=f"echo gone >> {log}",
    )


@pytest.fixture
def silent() -> Iterator[int]:
    """A port of this computer that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def closed() -> Iterator[int]:
    """A port of this computer that nobody listens at, nor can while the test runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_command_gets_its_input_and_gives_its_output_back(
    trial: Trial, machine: Machine, command: Remote
) -> None:
    shout = replace(command, create="tr a-z A-Z; hostname >&2", stdin="hello\nmachine\n")

    assert trial.preview(shout) == {"create": 2}
    assert trial.up(shout) == {"create": 2}

    assert trial.outputs() == {"stdout": "HELLO\nMACHINE", "stderr": machine.container.id[:12]}
    assert trial.up(shout) == {}


def test_a_machine_with_another_host_key_is_refused_and_runs_nothing(
    trial: Trial, machine: Machine, command: Remote, log: str, tmp_path: Path
) -> None:
    _, other = _key(tmp_path / "other")

    said = trial.failing_up(replace(command, host_key=other))

    assert "host key" in said.lower()
    assert "after 2 failed attempts" in said
    assert machine.lines(log) == []
    assert trial.resources() == []


def test_a_key_that_the_machine_does_not_know_is_refused(
    trial: Trial, machine: Machine, command: Remote, log: str, tmp_path: Path
) -> None:
    stranger, _ = _key(tmp_path / "stranger")

    assert "publickey" in trial.failing_up(replace(command, private_key=stranger))
    assert machine.lines(log) == []


def test_a_command_that_fails_fails_the_update_with_what_it_said_and_runs_once(
    trial: Trial, machine: Machine, command: Remote, log: str
) -> None:
    said = trial.failing_up(replace(command, create=f"echo ran >> {log}; echo out of paper >&2; exit 3"))

    assert "status 3" in said
    assert "out of paper" in said
    assert machine.lines(log) == ["ran"]
    assert trial.resources() == []


def test_a_changed_trigger_runs_it_again_and_gives_the_old_one_up(
    trial: Trial, machine: Machine, command: Remote, log: str
) -> None:
    trial.up(command)

    assert trial.up(replace(command, trigger="second")) == {"replace": 1}
    assert machine.lines(log) == ["ran", "ran", "gone"]


def test_destroying_runs_the_delete_command(
    trial: Trial, machine: Machine, command: Remote, log: str
) -> None:
    trial.up(command)
    trial.destroy()

    assert machine.lines(log) == ["ran", "gone"]


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("closed", "connection refused"),
        pytest.param(
            *("silent", "connection timed out"),
            marks=pytest.mark.skipif(
                "command" in official(),
                reason="its perDialTimeout ends with the TCP connection: it waits for SSH without end",
            ),
        ),
    ],
)
def test_a_host_without_sshd_is_given_up_after_the_tries_that_were_allowed(
    trial: Trial, command: Remote, request: pytest.FixtureRequest, host: str, reason: str
) -> None:
    port: int = request.getfixturevalue(host)

    said = trial.failing_up(replace(command, port=port, patience=1))

    assert "after 2 failed attempts" in said
    assert reason in said.lower()
