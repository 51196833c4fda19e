"""Secrets: encrypted where the state is stored, hidden in what the engine prints, also as outputs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pulumi
import pulumi_docker
import pulumi_random
import pulumi_tls
import pytest
from pulumi_command import local

from sandbox.engine import Engine, Project
from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE
from tests.engine.trial import Program, Trial

_LABEL = "homeport.secret-test"


@dataclass(frozen=True)
class Echo:
    """A command that gets a secret by its standard input and by its environment, and prints both."""

    secret: str

    def __call__(self) -> None:
        command = local.Command(
            "command",
            create='cat; printf %s "$WORD"; echo $WORD >&2',
            stdin=pulumi.Output.secret(self.secret),
            environment={"WORD": pulumi.Output.secret(self.secret), "PLAIN": "plain"},
            # What a command prints is neither logged nor public only where the program says so.
            logging=local.Logging.NONE,
            opts=pulumi.ResourceOptions(additional_secret_outputs=["stdout", "stderr"]),
        )
        pulumi.export("stdin", command.stdin)
        pulumi.export("environment", command.environment)
        pulumi.export("stdout", command.stdout)
        pulumi.export("stderr", command.stderr)


@dataclass(frozen=True)
class Vault:
    """A container with a secret in its environment and in a file; created, never started."""

    image: str
    mark: str
    secret: str

    def __call__(self) -> None:
        secret = pulumi.Output.secret(self.secret)
        container = pulumi_docker.Container(
            "container",
            image=self.image,
            envs=[pulumi.Output.concat("WORD=", secret), "PLAIN=plain"],
            uploads=[pulumi_docker.ContainerUploadArgs(file="/etc/word", content=secret)],
            labels=[pulumi_docker.ContainerLabelArgs(label=_LABEL, value=self.mark)],
            start=False,
            must_run=False,
        )
        pulumi.export("envs", container.envs)
        pulumi.export("uploads", container.uploads)


def _generated() -> None:
    password = pulumi_random.RandomPassword("password", length=24, special=False)
    key = pulumi_tls.PrivateKey("key", algorithm="ED25519")
    pulumi.export("password", password.result)
    pulumi.export("key", key.private_key_openssh)
    pulumi.export("sentence", pulumi.Output.concat("the password is ", password.result))
    pulumi.export("public", key.public_key_openssh)


def _said(trial: Trial, *programs: Program) -> str:
    """All that updates to one program after another print, a preview of the last, and a refresh."""
    *before, last = programs
    said = "".join(trial.said_by_up(program) for program in before)
    return said + trial.said_by_preview(last) + trial.said_by_up(last) + trial.engine.refresh().stdout


def _shown(trial: Trial) -> dict[str, str]:
    """The outputs as `pulumi stack output` shows them."""
    table = trial.engine.command("stack", "output").splitlines()[2:]
    return {words[0]: words[1] for words in map(str.split, table) if len(words) > 1}


@pytest.fixture
def client() -> docker.DockerClient:
    return docker.from_env()


@pytest.fixture
def vault(client: docker.DockerClient, trial: Trial) -> Iterator[Vault]:
    """A container with a secret; whatever is left of it is removed."""
    mark = f"{os.getpid()}-{trial.engine.project.stack}"
    yield Vault(built(client, MACHINE), mark, "hunter2")
    if trial.resources():
        trial.destroy()
    for container in client.containers.list(all=True, filters={"label": f"{_LABEL}={mark}"}):
        container.remove(force=True, v=True)


def test_a_command_prints_and_stores_no_secret_that_it_was_given(trial: Trial) -> None:
    said = _said(trial, Echo("hunter1"), Echo("hunter2"))

    assert "~environment,stdin" in said
    assert "hunter" not in said
    assert "hunter" not in trial.engine.state()
    assert trial.outputs()["stdout"] == "hunter2hunter2"
    assert _shown(trial) == dict.fromkeys(("stdin", "environment", "stdout", "stderr"), "[secret]")


def test_generated_passwords_and_keys_are_shown_and_stored_nowhere(trial: Trial) -> None:
    said = _said(trial, _generated)

    outputs, state = trial.outputs(), trial.engine.state()
    # The first line of a key's text is the same in all of them.
    password, key = str(outputs["password"]), str(outputs["key"]).splitlines()[2:-1]
    assert len(password) == 24
    assert len(key) >= 3
    assert outputs["sentence"] == f"the password is {password}"
    for secret in (password, *key, "PRIVATE KEY"):
        assert secret not in said
        assert secret not in state
    assert _shown(trial) == {
        **dict.fromkeys(("password", "key", "sentence"), "[secret]"),
        "public": "ssh-ed25519",
    }


@pytest.mark.sandbox
def test_the_environment_and_files_of_a_container_print_and_store_no_secret(
    trial: Trial, vault: Vault, client: docker.DockerClient
) -> None:
    said = _said(trial, replace(vault, secret="hunter1"), vault)

    (container,) = client.containers.list(all=True, filters={"label": f"{_LABEL}={vault.mark}"})
    assert "WORD=hunter2" in container.attrs["Config"]["Env"]
    assert "hunter" not in said
    assert "hunter" not in trial.engine.state()
    assert _shown(trial) == {"envs": "[secret]", "uploads": "[secret]"}


def test_secrets_of_the_configuration_are_set_at_once_kept_and_forgotten(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Project("trial", lambda: None, {"homeport:plain": "plain"}))
    engine.set_secrets({"homeport:one": "1", "homeport:two": "2"})
    engine.set_secrets({"homeport:two": "another", "homeport:three": "3"}, only=True)
    told = json.loads(engine.command("config", "--json", "--show-secrets"))
    assert {key: entry["value"] for key, entry in told.items()} == {
        "homeport:plain": "plain",
        "homeport:two": "2",
        "homeport:three": "3",
    }
