"""The configuration of the Docker provider: an engine that is not known yet, and one that does not answer."""

from __future__ import annotations

import docker
import pulumi
import pulumi_docker
import pytest
from pulumi_command import local

from tests.engine.trial import Trial

pytestmark = pytest.mark.sandbox


def test_an_engine_that_only_the_update_will_know_can_be_previewed(trial: Trial) -> None:
    def program() -> None:
        where = local.Command("where", create="printf unix:///var/run/docker.sock")
        provider = pulumi_docker.Provider("later", host=where.stdout)
        volume = pulumi_docker.Volume("volume", opts=pulumi.ResourceOptions(provider=provider))
        pulumi.export("name", volume.name)

    assert trial.preview(program) == {"create": 4}
    assert trial.up(program) == {"create": 4}

    assert docker.from_env().volumes.get(str(trial.outputs()["name"]))


def test_a_local_engine_that_does_not_answer_fails_the_preview(trial: Trial) -> None:
    def program() -> None:
        provider = pulumi_docker.Provider("nowhere", host="unix:///nonexistent/docker.sock")
        pulumi_docker.Volume("volume", opts=pulumi.ResourceOptions(provider=provider))

    said = trial.failing_preview(program)

    assert "failed to connect to any docker daemon" in said


def test_a_machine_that_does_not_answer_is_named_by_the_update_not_by_the_preview(trial: Trial) -> None:
    machine = "ssh://nobody@127.0.0.1:9"

    def program() -> None:
        provider = pulumi_docker.Provider("gone", host=machine)
        pulumi_docker.Volume("volume", opts=pulumi.ResourceOptions(provider=provider))

    assert trial.preview(program) == {"create": 3}
    said = trial.failing_up(program)

    assert "Error pinging Docker server" in said
    assert machine in said
