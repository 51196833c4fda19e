"""Hooks of many resources at once, with the plain command line, whose program has few threads."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from sandbox.cloud import Cloud
from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE
from tests.engine.empty_cloud import empty_cloud
from tests.engine.plain_project import PlainProject

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]

_PROGRAM = Path(__file__).parent / "many_hooks.py"
_HOST = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
_LABEL = "homeport.engine-test"
_ONE_PROCESSOR = ("taskset", "--cpu-list", str(min(os.sched_getaffinity(0))))
_WITHIN = 300
"""Seconds. The slowest takes 25 of them on 2 busy cores; where a hook waits for a thread, it never ends."""


@pytest.fixture(scope="module")
def client() -> docker.DockerClient:
    return docker.from_env()


@pytest.fixture(scope="module")
def image(client: docker.DockerClient) -> Iterator[str]:
    """Id of an image that runs any command it is given."""
    plain = f"FROM {built(client, MACHINE)}\nENTRYPOINT []\n"
    found, _ = client.images.build(
        fileobj=io.BytesIO(plain.encode()), rm=True, labels={_LABEL: str(os.getpid())}
    )
    yield str(found.id)
    client.images.remove(found.id)


@pytest.fixture
def stack(request: pytest.FixtureRequest, tmp_path: Path, client: docker.DockerClient) -> Iterator[str]:
    """Name of a stack that no other run has; what is left of it on the Docker engine is removed."""
    name = f"hooks-{os.getpid()}-{abs(hash(request.node.name)) % 10_000}"
    yield name
    left = {"label": f"{_LABEL}={name}"}
    for container in client.containers.list(all=True, filters=left):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=left):
        network.remove()


@pytest.fixture
def cloud(tmp_path: Path, project: PlainProject) -> Cloud:
    """A cloud with one DNS zone and no machine; no container runs for it."""
    found = empty_cloud(project.world, "hooks")
    found.ensure_zone("homeport.test")
    return found


@pytest.fixture
def project(tmp_path: Path, image: str, stack: str) -> PlainProject:
    """The project with a program of many hooks and a stack."""
    found = PlainProject(tmp_path, _HOST)
    shutil.copy(_PROGRAM, found.folder / "__main__.py")
    assert found.pulumi("stack", "init", stack).returncode == 0
    settings = {
        "gcp:project": "homeport-sandbox",
        "homeport:image": image,
    }
    for name, value in settings.items():
        assert found.pulumi("config", "set", name, value, "-s", stack).returncode == 0
    return found


@pytest.mark.parametrize(
    ("arguments", "before", "records", "containers"),
    [
        pytest.param(["--parallel", "1"], (), 4, 2, id="one at a time"),
        pytest.param(["--parallel", "2"], (), 20, 12, id="two at a time", marks=pytest.mark.long),
        # Four times the number of processors.
        pytest.param(
            *([], _ONE_PROCESSOR, 8, 4),
            id="as many as Pulumi likes on one processor",
            marks=pytest.mark.long,
        ),
    ],
)
def test_an_update_ends_however_few_threads_the_program_has(
    arguments: list[str],
    before: tuple[str, ...],
    records: int,
    containers: int,
    project: PlainProject,
    cloud: Cloud,
    stack: str,
    client: docker.DockerClient,
) -> None:
    configured = {"homeport:records": records, "homeport:containers": containers}
    for name, value in configured.items():
        assert project.pulumi("config", "set", name, str(value), "-s", stack).returncode == 0

    updated = project.pulumi(
        "up", "--yes", "--skip-preview", *arguments, "-s", stack, within=_WITHIN, before=before
    )

    assert updated.returncode == 0, updated.stdout
    assert len(cloud.all("record")) == records
    running = client.containers.list(filters={"label": f"{_LABEL}={stack}", "health": "healthy"})
    assert len(running) == containers
    assert project.processes() == []
