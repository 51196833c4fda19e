from __future__ import annotations

import pytest

from components.host.local import LocalHost
from components.host.settings import LocalSettings
from components.logs import LocalLogs
from tests.unit.deployment.recorder import deployed, recorded
from tests.unit.deployment.recording import Recording
from tests.unit.deployment.script import told

ROOTLESS = "unix:///run/user/1000/docker.sock"


@pytest.fixture
def local() -> Recording:
    return deployed("local")


def test_a_local_stack_needs_no_cloud_and_no_keys(local: Recording) -> None:
    packages = {resource.type.split(":")[0] for resource in local.resources if resource.custom}
    assert packages == {"command", "docker", "random", "pulumi"}
    assert local.invocations == ()


def test_the_containers_run_on_the_engine_of_the_settings() -> None:
    recording = deployed("local", {"homeport:host.dockerHost": ROOTLESS})
    provider = recording.one("pulumi:providers:docker")
    assert provider.text("host") == ROOTLESS
    assert provider.parent == recording.one("homeport:host:LocalHost").urn
    assert {container.provider for container in recording.all("docker:Container")} == {provider.name}


def test_scripts_run_on_this_computer_and_know_the_engine() -> None:
    commands = deployed("local", {"homeport:host.dockerHost": ROOTLESS}).all("command:local:Command")
    assert commands
    for command in commands:
        assert command.at("environment") == {"DOCKER_HOST": ROOTLESS}
        assert command.at("create") == "bash -s"


@pytest.mark.parametrize(
    ("docker_host", "socket"),
    [
        ("unix:///var/run/docker.sock", "/var/run/docker.sock"),
        (ROOTLESS, "/run/user/1000/docker.sock"),
        ("ssh://nas.example.com", "/var/run/docker.sock"),
    ],
)
def test_the_socket_is_where_that_engine_has_it(docker_host: str, socket: str) -> None:
    found: list[str] = []

    def program() -> None:
        host = LocalHost("host", LocalSettings(kind="local", docker_host=docker_host), LocalLogs())
        found.append(host.docker_socket)

    recorded(program)
    assert found == [socket]


def test_the_mounted_socket_is_that_of_the_settings() -> None:
    docker_gen = deployed("local", {"homeport:host.dockerHost": ROOTLESS}).one(
        "docker:Container", "docker-gen"
    )
    sources = [mount.get("hostPath") for mount in docker_gen.rows("volumes")]
    assert "/run/user/1000/docker.sock" in sources


def test_nothing_is_waited_for_that_needs_the_internet(local: Recording) -> None:
    waits = [
        name for name in local.names("command:local:Command") if name.endswith(("-resolution", "-https"))
    ]
    assert waits == []


def test_scripts_are_told_as_on_a_machine_elsewhere(local: Recording) -> None:
    chat = told(deployed("chat").one("command:remote:Command", "mattermost-ownership"))
    volumes = chat["VOLUMES"].replace("chat-", "local-")
    found = told(local.one("command:local:Command", "mattermost-ownership"))
    assert found == {**chat, "VOLUMES": volumes}


def test_the_outputs_have_the_loopback_address_and_no_ssh(local: Recording) -> None:
    assert (local.outputs["address"], local.outputs["ssh"]) == ("127.0.0.1", "")
