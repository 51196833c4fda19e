"""What a stand-in does not imitate is refused by name: it never passes silently."""

from __future__ import annotations

import pulumi
import pulumi_command
import pulumi_docker
import pulumi_gcp
import pulumi_random
import pytest

from tests.engine.trial import Program, Trial


def _string() -> None:
    pulumi_random.RandomString("word", length=5)


def _topic() -> None:
    pulumi_gcp.pubsub.Topic("topic")


def _project() -> None:
    pulumi_gcp.organizations.get_project_output(project_id="p").number.apply(str)


def _property() -> None:
    pulumi_gcp.compute.Network("network", mtu=1500)


def _nested_property() -> None:
    pulumi_docker.Container(
        "container",
        image="nothing",
        ports=[pulumi_docker.ContainerPortArgs(internal=80)],
        mounts=[pulumi_docker.ContainerMountArgs(target="/data", type="tmpfs")],
    )


@pytest.mark.parametrize(
    ("program", "named"),
    [
        pytest.param(_string, "random:index/randomString:RandomString", id="type"),
        pytest.param(_topic, "gcp:pubsub/topic:Topic", id="type of a large provider"),
        pytest.param(_project, "gcp:organizations/getProject:getProject", id="function"),
        pytest.param(_property, "mtu", id="property"),
        pytest.param(_nested_property, "mounts", id="list of objects"),
    ],
)
def test_what_the_sandbox_does_not_know_is_refused_by_name(
    trial: Trial, program: Program, named: str
) -> None:
    said = trial.failing_preview(program)

    assert "the sandbox does not know" in said
    assert named in said


def test_an_unknown_property_inside_an_object_is_refused_with_its_path(trial: Trial) -> None:
    def program() -> None:
        pulumi_docker.Container(
            "container",
            image="nothing",
            volumes=[
                pulumi_docker.ContainerVolumeArgs(volume_name="v", container_path="/v"),
                pulumi_docker.ContainerVolumeArgs(from_container="other"),
            ],
        )

    assert "volumes[1].fromContainer" in trial.failing_preview(program)


def test_an_unknown_setting_of_a_provider_is_refused(trial: Trial) -> None:
    def program() -> None:
        provider = pulumi_docker.Provider("docker", host="unix:///nowhere", disable_docker_daemon_check=True)
        pulumi_docker.Network("network", opts=pulumi.ResourceOptions(provider=provider))

    assert "disableDockerDaemonCheck" in trial.failing_preview(program)


def test_a_missing_property_is_refused(trial: Trial) -> None:
    def program() -> None:
        connection = pulumi.Output.from_input(pulumi_command.remote.ConnectionArgs(host="", user="nobody"))
        # The SDK itself insists on a host; one that turns out to be nothing reaches the provider.
        without = connection.apply(lambda given: {"user": given.user})
        pulumi_command.remote.Command("remote", create="true", connection=without)  # type: ignore[arg-type]

    assert "connection.host" in trial.failing_preview(program)


def test_what_a_program_says_is_wrong_is_shown_without_a_traceback(trial: Trial) -> None:
    def program() -> None:
        raise pulumi.RunError("the settings have 1 mistake: swap is -1")

    said = trial.failing_preview(program)
    assert "the settings have 1 mistake: swap is -1" in said
