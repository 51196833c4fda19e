"""Containers, networks and volumes of this computer's Docker engine."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pulumi
import pulumi_docker
import pytest

from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE
from tests.engine.trial import Trial

pytestmark = pytest.mark.sandbox

_LABEL = "homeport.engine-test"
_PROBE = pulumi_docker.ContainerHealthcheckArgs(
    tests=["CMD", "test", "-e", "/tmp/well"], interval="500ms", timeout="2s", retries=3, start_period="1s"
)
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Service:
    """A container with a network and a volume, as a program; what a test changes are fields."""

    image: str
    mark: str
    """Value of the label that finds it."""
    word: str = "one"
    memory: int = 64
    restart: str = "no"
    script: str = "trap 'exit 0' TERM; touch /tmp/well; sleep 600 & wait"
    wait: bool = True
    patience: int = 20
    """Seconds until it must be healthy."""
    is_published: bool = False
    stop_signal: str | None = None
    volume_path: str = "/data"

    def __call__(self) -> None:
        labels = [(_LABEL, self.mark)]
        network = pulumi_docker.Network(
            "network",
            internal=not self.is_published,
            labels=[pulumi_docker.NetworkLabelArgs(label=name, value=value) for name, value in labels],
        )
        volume = pulumi_docker.Volume(
            "volume",
            labels=[pulumi_docker.VolumeLabelArgs(label=name, value=value) for name, value in labels],
        )
        container = pulumi_docker.Container(
            "container",
            image=self.image,
            entrypoints=["sh", "-c"],
            command=[self.script],
            envs=[f"WORD={self.word}"],
            memory=self.memory,
            memory_swap=2 * self.memory,
            restart=self.restart,
            networks_advanced=[
                pulumi_docker.ContainerNetworksAdvancedArgs(name=network.name, aliases=["service"])
            ],
            volumes=[
                pulumi_docker.ContainerVolumeArgs(volume_name=volume.name, container_path=self.volume_path)
            ],
            labels=[pulumi_docker.ContainerLabelArgs(label=name, value=value) for name, value in labels],
            ports=[pulumi_docker.ContainerPortArgs(internal=80, ip="127.0.0.1")] if self.is_published else [],
            uploads=[pulumi_docker.ContainerUploadArgs(file="/etc/settings/app.conf", content="colour=blue")],
            wait=self.wait,
            wait_timeout=self.patience,
            healthcheck=_PROBE,
            destroy_grace_seconds=2,
            stop_signal=self.stop_signal,
        )
        pulumi.export("id", container.id)
        pulumi.export("name", container.name)
        pulumi.export("volume", volume.name)


@pytest.fixture(scope="session")
def client() -> docker.DockerClient:
    return docker.from_env()


@pytest.fixture(scope="session")
def image(client: docker.DockerClient) -> str:
    """An image with a shell."""
    return built(client, MACHINE)


@pytest.fixture
def service(client: docker.DockerClient, image: str, trial: Trial) -> Iterator[Service]:
    """A service that becomes healthy; whatever is left of it is removed."""
    mark = f"{trial.engine.project.stack}-{next(_NUMBERS)}-{id(trial):x}"
    yield Service(image, mark)
    left = {"label": f"{_LABEL}={mark}"}
    for container in client.containers.list(all=True, filters=left):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=left):
        network.remove()
    for volume in client.volumes.list(filters=left):
        volume.remove(force=True)
    trial.forget()


def _id(trial: Trial) -> str:
    return str(trial.outputs()["id"])


def test_a_service_becomes_healthy_and_stays_as_it_is(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    assert trial.preview(service) == {"create": 4}
    assert trial.up(service) == {"create": 4}

    container = client.containers.get(_id(trial))
    assert container.attrs["State"]["Health"]["Status"] == "healthy"
    assert container.exec_run(["cat", "/etc/settings/app.conf"]).output == b"colour=blue"
    assert trial.up(service) == {}
    assert trial.refresh() == {}
    assert trial.up(service) == {}


def test_destroying_leaves_nothing_of_a_service(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    trial.destroy()

    filters = {"label": f"{_LABEL}={service.mark}"}
    assert client.containers.list(all=True, filters=filters) == []
    assert client.networks.list(filters=filters) == []
    assert client.volumes.list(filters=filters) == []


def test_memory_and_restart_policy_change_in_place(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    before = _id(trial)

    assert trial.up(replace(service, memory=96, restart="unless-stopped")) == {"update": 1}

    assert _id(trial) == before
    host = client.containers.get(before).attrs["HostConfig"]
    assert host["Memory"] == 96 * 1024 * 1024
    assert host["RestartPolicy"]["Name"] == "unless-stopped"


def test_a_changed_environment_replaces_the_container_and_deletes_the_old_one_first(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    before, volume = _id(trial), trial.outputs()["volume"]

    changes, steps = trial.up_with_steps(replace(service, word="two"))

    assert changes == {"replace": 1}
    on_container = [step for step in steps if step.endswith(" container")]
    assert on_container[0] == "delete-replaced container"
    assert "create-replacement container" in on_container
    assert _id(trial) != before
    assert trial.outputs()["volume"] == volume
    assert "WORD=two" in client.containers.get(_id(trial)).attrs["Config"]["Env"]


def test_to_say_the_stop_signal_of_the_image_changes_nothing_and_another_replaces(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    before = _id(trial)
    of_image = client.containers.get(before).attrs["Config"]["StopSignal"]

    assert trial.up(replace(service, stop_signal=of_image)) == {}
    assert trial.up(replace(service, stop_signal="SIGTERM")) == {"replace": 1}

    assert client.containers.get(_id(trial)).attrs["Config"]["StopSignal"] == "SIGTERM"
    assert trial.refresh() == {}
    assert trial.up(service) == {}


def test_a_changed_image_replaces_the_container(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    before = _id(trial)
    recipe = io.BytesIO(f"FROM {service.image}\nLABEL newer={service.mark}\n".encode())
    newer, _ = client.images.build(fileobj=recipe, tag=f"homeport-engine-test:{service.mark}", rm=True)
    try:
        assert trial.up(replace(service, image=newer.tags[0])) == {"replace": 1}

        container = client.containers.get(_id(trial))
        assert container.id != before
        assert container.image.id == newer.id
    finally:
        trial.destroy()
        client.images.remove(newer.tags[0], force=True)


def test_an_unhealthy_container_fails_and_stays_in_the_state(trial: Trial, service: Service) -> None:
    never = "trap 'exit 0' TERM; sleep 600 & wait"

    said = trial.failing_up(replace(service, script=never, patience=4))

    assert "container failed to be in healthy state" in said
    assert "container" in trial.resources()

    trial.up(service)
    assert sorted(trial.resources()) == ["container", "network", "volume"]


def test_a_container_that_exits_is_called_unhealthy_when_its_time_is_up(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    said = trial.failing_up(replace(service, script="exit 4", patience=4))

    assert "container failed to be in healthy state" in said
    (container,) = client.containers.list(all=True, filters={"label": f"{_LABEL}={service.mark}"})
    assert container.status == "exited"


def test_a_container_that_cannot_start_stays_in_the_state(trial: Trial, service: Service) -> None:
    said = trial.failing_up(replace(service, volume_path="/proc/nothing"))

    assert "Unable to start container" in said
    assert "container" in trial.resources()


def test_a_container_that_was_removed_is_missed_by_refresh_and_made_again_by_up(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    client.containers.get(_id(trial)).remove(force=True)

    assert trial.refresh() == {"delete": 1}
    assert trial.up(service) == {"create": 1}
    assert trial.refresh() == {}
    assert trial.up(service) == {}


def test_memory_changed_by_hand_is_seen_by_refresh_and_set_back_by_up(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    client.containers.get(_id(trial)).update(mem_limit="80m", memswap_limit="160m")

    assert trial.refresh() == {"update": 1}
    assert trial.up(service) == {"update": 1}
    assert client.containers.get(_id(trial)).attrs["HostConfig"]["Memory"] == 64 * 1024 * 1024


def test_a_container_that_was_stopped_runs_again_after_refresh_and_up(
    trial: Trial, service: Service, client: docker.DockerClient
) -> None:
    trial.up(service)
    client.containers.get(_id(trial)).stop(timeout=2)

    trial.refresh()
    trial.up(service)

    assert client.containers.get(_id(trial)).status == "running"


def test_a_stopped_container_that_publishes_a_port_is_replaced_after_refresh(
    trial: Trial, service: Service
) -> None:
    published = replace(service, is_published=True)
    trial.up(published)
    before = _id(trial)
    docker.from_env().containers.get(before).stop(timeout=2)

    trial.refresh()

    assert trial.up(published) == {"replace": 1}
    assert _id(trial) != before


def test_an_image_is_built_again_when_a_file_of_its_folder_changes(
    trial: Trial, service: Service, client: docker.DockerClient, tmp_path: Path
) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {service.image}\nCOPY word /word\n")
    (folder / "word").write_text("one")
    name = f"homeport-engine-test:{service.mark}"

    def program() -> None:
        built_here = pulumi_docker.Image(
            "image",
            image_name=name,
            build=pulumi_docker.DockerBuildArgs(context=str(folder), platform=""),
            skip_push=True,
        )
        pulumi.export("image", built_here.repo_digest)

    assert trial.up(program) == {"create": 2}
    try:
        before = trial.outputs()["image"]
        assert before == client.images.get(name).id
        assert trial.up(program) == {}

        (folder / "word").write_text("two")

        assert trial.up(program) == {"update": 1}
        assert trial.outputs()["image"] == client.images.get(name).id != before
    finally:
        client.images.remove(name, force=True)
