"""Containers as Homeport makes them: what their failure and a change of their health check lead to."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import docker
import pulumi_docker
import pytest
from docker.errors import NotFound
from docker.models.containers import Container
from pulumi import ResourceOptions

from components.confinement import Confinement, MemoryFolder
from components.container import ContainerArgs, container
from components.host.local import LocalHost
from components.host.settings import LocalSettings
from components.logs import LocalLogs
from components.workload import Health, Memory
from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE
from tests.engine.trial import Trial

pytestmark = pytest.mark.sandbox

_LABEL = "homeport.container-test"
_NUMBERS = itertools.count(1)
_SECOND = 1_000_000_000
CONFINEMENT = Confinement(user="1000:1000", memory_folders=(MemoryFolder("/tmp", size=1),))
LARGE = replace(CONFINEMENT, capabilities=("CAP_CHOWN",), scratch=("/var/cache",))


@dataclass(frozen=True)
class Workload:
    """A container on this computer, as a program; what a test changes are fields."""

    image: str
    mark: str
    """Value of the label that finds it."""
    first: str = "touch /tmp/well"
    """What it does before it waits for its end."""
    startup: int = 30
    timeout: int = 2
    confinement: Confinement = CONFINEMENT

    def __call__(self) -> None:
        host = LocalHost("host", LocalSettings(kind="local"), LocalLogs())
        label = pulumi_docker.NetworkLabelArgs(label=_LABEL, value=self.mark)
        network = pulumi_docker.Network(
            "network", labels=[label], opts=ResourceOptions(provider=host.provider)
        )
        script = f"trap 'exit 0' TERM; {self.first}; sleep 600 & wait"
        container(
            f"it-{self.mark}",
            host,
            ContainerArgs(
                image=self.image,
                memory=Memory(64, 64),
                confinement=self.confinement,
                networks=[(network, "it")],
                health=Health(
                    ("test", "-e", "/tmp/well"),
                    interval=1,
                    timeout=self.timeout,
                    retries=2,
                    start_period=1,
                ),
                command=["sh", "-c", script],
                labels={_LABEL: self.mark},
                startup=self.startup,
                stop=2,
            ),
            ResourceOptions(),
        )

    def containers(self) -> list[Container]:
        """Every container of it, those that do not run too."""
        filters = {"label": f"{_LABEL}={self.mark}"}
        return list(docker.from_env().containers.list(all=True, filters=filters))


@pytest.fixture(scope="module")
def shell() -> Iterator[str]:
    """An image that runs the command it is given."""
    client = docker.from_env()
    recipe = io.BytesIO(f"FROM {built(client, MACHINE)}\nENTRYPOINT []\nSTOPSIGNAL SIGTERM\n".encode())
    image, _ = client.images.build(fileobj=recipe, rm=True)
    yield image.id
    client.images.remove(image.id, force=True)


@pytest.fixture
def workload(shell: str, trial: Trial) -> Iterator[Workload]:
    """A container that becomes healthy; whatever is left of it is removed."""
    found = Workload(shell, f"{next(_NUMBERS)}-{id(trial):x}")
    yield found
    for left in found.containers():
        left.remove(force=True, v=True)
    for network in docker.from_env().networks.list(filters={"label": f"{_LABEL}={found.mark}"}):
        network.remove()
    trial.forget()


@pytest.mark.parametrize("first", ["true", "exit 4"], ids=["unhealthy", "exited"])
def test_a_container_that_failed_is_made_anew_by_the_next_update_which_fails_too(
    trial: Trial, workload: Workload, first: str
) -> None:
    ill = replace(workload, first=first, startup=4)
    assert "container failed to be in healthy state" in trial.failing_up(ill)
    (before,) = workload.containers()

    assert "container failed to be in healthy state" in trial.failing_up(ill)

    (after,) = workload.containers()
    assert after.id != before.id
    assert trial.up(workload) == {"replace": 1}
    assert trial.up(workload) == {}


def test_the_log_of_a_container_that_failed_is_shown(trial: Trial, workload: Workload) -> None:
    said = trial.failing_up(replace(workload, first="echo no database here >&2; exit 4", startup=4))

    assert "no database here" in said
    assert re.search(r"(restarting|running), exit code \d+, restarted \d+ times", said)


def test_a_changed_health_check_replaces_the_container(trial: Trial, workload: Workload) -> None:
    trial.up(workload)

    assert trial.up(replace(workload, timeout=3)) == {"replace": 1}

    (found,) = workload.containers()
    assert found.attrs["Config"]["Healthcheck"]["Timeout"] == 3 * _SECOND


def test_times_of_a_minute_and_more_in_a_health_check_are_no_drift(trial: Trial, workload: Workload) -> None:
    slow = replace(workload, timeout=90)
    trial.up(slow)

    assert trial.refresh() == {}
    assert trial.up(slow) == {}


def test_what_it_may_do_is_no_drift(trial: Trial, workload: Workload) -> None:
    confined = replace(workload, confinement=LARGE)
    trial.up(confined)

    assert trial.refresh() == {}
    assert trial.up(confined) == {}

    (found,) = workload.containers()
    host = found.attrs["HostConfig"]
    assert (host["CapDrop"], host["CapAdd"], host["ReadonlyRootfs"]) == (["ALL"], ["CAP_CHOWN"], True)
    assert found.attrs["Config"]["User"] == "1000:1000"
    assert found.exec_run(["touch", "/var/cache/x"], user="0").exit_code == 0
    assert found.exec_run(["touch", "/var/x"], user="0").exit_code == 1


@pytest.mark.parametrize(
    "confinement",
    [
        pytest.param(replace(CONFINEMENT, capabilities=("CAP_KILL",)), id="capability"),
        # The provider itself calls this one an update, and changes nothing.
        pytest.param(
            replace(CONFINEMENT, memory_folders=(MemoryFolder("/tmp", size=2),)), id="folder in memory"
        ),
    ],
)
def test_what_it_may_do_changes_with_the_container(
    trial: Trial, workload: Workload, confinement: Confinement
) -> None:
    trial.up(workload)

    assert trial.up(replace(workload, confinement=confinement)) == {"replace": 1}


def test_its_scratch_folders_go_with_it(trial: Trial, workload: Workload) -> None:
    trial.up(replace(workload, confinement=LARGE))
    (found,) = workload.containers()
    (volume,) = [mount["Name"] for mount in found.attrs["Mounts"] if mount["Destination"] == "/var/cache"]
    assert docker.from_env().volumes.get(volume)

    trial.up(workload)

    with pytest.raises(NotFound):
        docker.from_env().volumes.get(volume)
