"""What is said about errors that say only what broke. Texts as Pulumi shows them."""

from __future__ import annotations

import pytest

from components.host.advice import Advice
from tests.unit.deployment.recorder import STACKS, deployed

DOCKER_OVER_SSH = (
    "failed to create Docker client: Error pinging Docker server at ssh://homeport@203.0.113.7: error during"
    ' connect: Get "http://docker.example.com/v1.43/_ping": command [ssh -l homeport -- 203.0.113.7 docker'
    " system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or"
    " later is installed on the remote host: stderr="
)
SCRIPT = 'Process exited with status 1: running "bash -s":\n'


def advised(error: str, logs: str = "", *, remote: bool = True) -> str:
    return Advice("chat", remote, set()).about([error], logs)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            'Process exited with status 255: running "bash -s":\n'
            "Connection to 203.0.113.7 closed by remote host.",
            "The machine went away meanwhile",
        ),
        (
            'wait: remote command exited without exit status or exit signal: running "bash -s":',
            "The machine went away meanwhile",
        ),
        (DOCKER_OVER_SSH + "client_loop: send disconnect: Broken pipe", "The machine went away meanwhile"),
        (
            "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
            "The machine went away meanwhile",
        ),
        (
            "after 60 failed attempts: dial tcp 203.0.113.7:22: i/o timeout",
            "The machine does not answer over SSH",
        ),
        (
            DOCKER_OVER_SSH + "ssh: connect to host 203.0.113.7 port 22: Connection timed out",
            "The machine does not answer over SSH",
        ),
        (
            "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey]",
            "The machine refuses this stack's key",
        ),
        (
            DOCKER_OVER_SSH + "homeport@203.0.113.7: Permission denied (publickey).",
            "The machine refuses this stack's key",
        ),
        ("ssh: handshake failed: ssh: host key mismatch", "another SSH host key"),
        (DOCKER_OVER_SSH + "Host key verification failed.", "another SSH host key"),
        (
            SCRIPT
            + "docker: Error response from daemon: write /mnt/data/docker/tmp: no space left on device.",
            "A disk of the machine is full",
        ),
        (SCRIPT + "bash: line 9: /tmp/sh-thd: No space left on device", "A disk of the machine is full"),
        (SCRIPT + "Killed\nexit code 137", "It was killed"),
        (
            "Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?",
            "Docker does not answer on the machine",
        ),
        (
            "Error pulling image: manifest for mattermost/team:99 not found: manifest unknown",
            "The registry has no such image or version",
        ),
        (
            "pull access denied for nobody/nothing, repository does not exist or may require 'docker login'",
            "The registry has no such image or version",
        ),
        ("toomanyrequests: You have reached your unauthenticated pull rate limit.", "no more images for now"),
        (
            "no matching manifest for linux/arm64/v8 in the manifest list entries",
            "not made for this processor",
        ),
        (
            'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 9.9.9.9:53: no'
            " such host",
            "does not reach a name on the internet",
        ),
        (
            'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout',
            "does not reach a name on the internet",
        ),
        (
            "driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already"
            " allocated",
            "Something else has the port",
        ),
        (
            "could not find an available, non-overlapping IPv4 address pool among the",
            "docker network prune",
        ),
    ],
)
def test_an_error_that_says_only_what_broke_comes_with_what_to_do(error: str, says: str) -> None:
    assert says in advised(error)
    assert "{" not in advised(error)


@pytest.mark.parametrize(
    "error",
    [
        SCRIPT + "https://chat.example.com does not answer after 300 seconds",
        SCRIPT + "psql: error: connection to server on socket failed: Connection refused",
        "container failed to be in healthy state",
    ],
)
def test_where_the_cause_is_not_known_nothing_is_made_up(error: str) -> None:
    assert advised(error) == ""


def test_what_to_do_names_the_stack_and_how_it_goes_on() -> None:
    said = advised("Connection to 203.0.113.7 closed by remote host.")
    assert "make status STACK=chat" in said
    assert "Then pulumi up -s chat goes on" in said


def test_a_machine_that_went_away_is_told_once_however_much_failed() -> None:
    advice = Advice("chat", True, set())
    assert advice.about(["Connection to 203.0.113.7 closed by remote host."])
    assert advice.about(["Process exited with status 255: running"]) == ""
    assert advice.about(["no space left on device"])


def test_on_ones_own_computer_nobody_is_sent_to_a_machine() -> None:
    for error in (
        "failed to connect to any docker daemon",
        "no space left on device",
        "port is already allocated",
    ):
        said = advised(error, remote=False)
        assert said
        assert "machine" not in said


def test_the_log_of_a_container_counts_only_for_what_no_app_says_otherwise() -> None:
    unhealthy = "container failed to be in healthy state"
    assert "killed" in advised(unhealthy, "exited, exit code 137, restarted 3 times")
    assert "full" in advised(unhealthy, "PANIC: could not write to file: No space left on device")
    assert advised(unhealthy, "dial tcp 10.0.0.2:22: connection refused; port is already allocated") == ""


@pytest.mark.parametrize("stack", STACKS)
def test_every_script_and_all_that_docker_makes_says_what_to_do_when_it_fails(stack: str) -> None:
    made = [
        resource
        for resource in deployed(stack).resources
        if resource.type.startswith(("command:", "docker:"))
    ]
    assert made
    hooks = ("script-advice", "docker-advice", "explain")
    assert [resource.urn for resource in made if not any(h.endswith(hooks) for h in resource.on_error)] == []
