"""Updates that fail or are killed in the middle, and how one goes on from there."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pulumi
import pulumi_docker
import pytest
from pulumi import ResourceOptions
from pulumi.automation import CommandError, ConcurrentUpdateError
from pulumi_command import local

from components.host.advice import advice
from components.host.shell import LocalShell, Script
from operations.status_interruption import interruption
from operations.status_state import RecordedState
from sandbox.images.build import built
from sandbox.images.catalogue import MACHINE
from sandbox.plugins import official
from tests.engine.killed_update import is_alive, killed_update, wait_until
from tests.engine.trial import Trial

_LABEL = "homeport.fault-test"


@dataclass(frozen=True)
class Chain:
    """Three commands, each with the output of the one before; each notes when it begins.

    The second does not end before the file `open` is there.
    """

    folder: Path
    broken: bool = False

    def __call__(self) -> None:
        first = local.Command("first", create=f"echo begun >> {self.folder}/first; printf 1")
        # The parent of its shell is the plugin.
        begin = f"echo $PPID >> {self.folder}/second"
        wait = f"for try in $(seq 600); do [ -e {self.folder}/open ] && break; sleep 0.1; done"
        end = "echo out of paper >&2; exit 9" if self.broken else "cat; printf 2"
        second = local.Command("second", create=f"{begin}; {wait}; {end}", stdin=first.stdout)
        third = local.Command(
            "third", create=f"echo begun >> {self.folder}/third; cat; printf 3", stdin=second.stdout
        )
        pulumi.export("all", third.stdout)

    def lines(self, name: str) -> list[str]:
        """A line for each time that this command began."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def open(self) -> None:
        """Let the second end."""
        (self.folder / "open").touch()


@dataclass(frozen=True)
class Slow:
    """A volume, and a container with it that is healthy only once somebody says so; it has a fixed name."""

    image: str
    name: str

    def __call__(self) -> None:
        volume = pulumi_docker.Volume(
            "volume", labels=[pulumi_docker.VolumeLabelArgs(label=_LABEL, value=self.name)]
        )
        container = pulumi_docker.Container(
            "container",
            name=self.name,
            image=self.image,
            entrypoints=["sh", "-c"],
            command=["trap 'exit 0' TERM; sleep 600 & wait"],
            volumes=[pulumi_docker.ContainerVolumeArgs(volume_name=volume.name, container_path="/data")],
            labels=[pulumi_docker.ContainerLabelArgs(label=_LABEL, value=self.name)],
            wait=True,
            wait_timeout=60,
            healthcheck=pulumi_docker.ContainerHealthcheckArgs(
                tests=["CMD", "test", "-e", "/data/well"], interval="500ms", start_period="60s", retries=3
            ),
            destroy_grace_seconds=2,
        )
        pulumi.export("volume", volume.name)
        pulumi.export("container", container.id)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A chain; nothing of it waits any more after the test."""
    found = Chain(tmp_path)
    yield found
    found.open()


@pytest.fixture(scope="session")
def client() -> docker.DockerClient:
    return docker.from_env()


@pytest.fixture
def slow(client: docker.DockerClient, trial: Trial) -> Iterator[Slow]:
    """A slow container; whatever is left of it is removed."""
    found = Slow(built(client, MACHINE), f"homeport-fault-{os.getpid()}-{trial.engine.project.stack}")
    yield found
    if trial.resources():
        trial.destroy()
    left = {"label": f"{_LABEL}={found.name}"}
    for container in client.containers.list(all=True, filters=left):
        container.remove(force=True, v=True)
    for volume in client.volumes.list(filters=left):
        volume.remove(force=True)


def _plugin(chain: Chain) -> int:
    """The process that runs the second command, as soon as it runs it."""
    wait_until(lambda: chain.lines("second") != [])
    return int(chain.lines("second")[0])


def test_what_comes_after_a_failure_is_not_begun_and_the_next_update_makes_only_what_is_missing(
    trial: Trial, chain: Chain
) -> None:
    chain.open()

    said = trial.failing_up(replace(chain, broken=True))

    assert "exit status 9" in said
    assert "out of paper" in said
    assert trial.resources() == ["first"]
    assert chain.lines("third") == []

    assert trial.up(chain)["create"] == 2
    assert trial.outputs() == {"all": "123"}
    assert [len(chain.lines(name)) for name in ("first", "second", "third")] == [1, 2, 1]


def test_a_killed_update_locks_the_stack_and_says_how_to_go_on(trial: Trial, chain: Chain) -> None:
    killed_update(trial, chain, lambda: chain.lines("second") != [])
    chain.open()

    with pytest.raises(ConcurrentUpdateError) as caught:
        trial.up(chain)
    assert "the stack is currently locked by 1 lock(s)" in str(caught.value)
    assert "pulumi cancel" in str(caught.value)
    assert len(chain.lines("second")) == 1

    trial.engine.cancel()


def test_after_a_killed_update_what_was_finished_is_kept_and_the_rest_is_made(
    trial: Trial, chain: Chain
) -> None:
    killed_update(trial, chain, lambda: chain.lines("second") != [])
    assert trial.resources() == ["first"]
    assert chain.lines("third") == []
    chain.open()
    trial.engine.cancel()

    assert trial.up(chain)["create"] == 2

    assert trial.outputs() == {"all": "123"}
    assert [len(chain.lines(name)) for name in ("first", "second", "third")] == [1, 2, 1]
    assert trial.resources() == ["first", "second", "third"]
    assert trial.up(chain) == {}


def test_what_status_says_of_a_killed_update_holds_until_the_command_that_it_names(
    trial: Trial, chain: Chain, tmp_path: Path
) -> None:
    def found() -> list[str]:
        def run(arguments: Sequence[str]) -> str:
            return trial.engine.command(*arguments[: arguments.index("--stack")])

        state = RecordedState.parse(trial.engine.command("stack", "export"))
        return [f"{each.what}: {each.do}" for each in interruption(state, run, "trial", "pulumi up -s trial")]

    assert found() == []
    killed_update(trial, chain, lambda: chain.lines("second") != [])
    chain.open()
    trial.engine.cancel()
    assert "1 resources may be half made: pulumi up -s trial goes on with it" in found()[0]

    assert trial.up(chain)["create"] == 2
    assert "a later one made everything, but Pulumi still warns of 1 resources" in found()[0]
    assert "pending operations" in trial.said_by_up(chain)
    assert "pulumi stack export -s trial | pulumi stack import -s trial ends the warning" in found()[0]

    resources = trial.engine.saved.resources()
    # The pipe through a file.
    for command in ("export", "import"):
        trial.engine.command("stack", command, "--file", str(tmp_path / "state"))
    assert found() == []
    assert trial.engine.saved.resources() == resources
    assert "pending operations" not in trial.said_by_up(chain)


def test_a_plugin_that_is_killed_fails_the_update_instead_of_hanging(trial: Trial, chain: Chain) -> None:
    killing = threading.Thread(target=lambda: os.kill(_plugin(chain), signal.SIGKILL))
    killing.start()
    said = trial.failing_up(chain)
    killing.join()

    assert "pulumi-resource-command exited prematurely" in said
    assert "command:local:Command (second)" in said
    assert trial.resources() == ["first"]
    assert chain.lines("third") == []

    chain.open()
    assert trial.up(chain)["create"] == 2
    assert trial.outputs() == {"all": "123"}


@pytest.mark.skipif("command" in official(), reason="the official plugin goes on until its command ends")
def test_plugins_do_not_outlive_an_engine_that_is_killed(trial: Trial, chain: Chain) -> None:
    def kill() -> None:
        engine = Path(f"/proc/{_plugin(chain)}/stat").read_text().rpartition(")")[2].split()[1]
        os.kill(int(engine), signal.SIGKILL)

    killing = threading.Thread(target=kill)
    killing.start()
    trial.failing_up(chain)
    killing.join()

    trial.engine.cancel()
    wait_until(lambda: not is_alive(_plugin(chain)))


@pytest.mark.sandbox
def test_a_container_that_a_killed_update_left_behind_is_not_made_twice(
    trial: Trial, slow: Slow, client: docker.DockerClient
) -> None:
    filters = {"label": f"{_LABEL}={slow.name}"}
    killed_update(trial, slow, lambda: client.containers.list(filters=filters) != [])
    trial.engine.cancel()
    assert trial.resources() == ["volume"]
    (left,) = client.containers.list(filters=filters)

    said = trial.failing_up(slow)

    assert "::container, interrupted while creating" in said
    assert f'The container name "/{slow.name}" is already in use' in said
    assert client.containers.list(filters=filters) == [left]

    left.exec_run(["touch", "/data/well"])
    left.remove(force=True)
    assert trial.up(slow)["create"] == 1
    (found,) = client.containers.list(filters=filters)
    assert found.id == trial.outputs()["container"]
    assert [volume.name for volume in client.volumes.list(filters=filters)] == [trial.outputs()["volume"]]


def test_a_machine_that_goes_away_is_told_once_with_what_to_do(trial: Trial) -> None:
    def program() -> None:
        shell = LocalShell({}, failed=[advice(remote=True).hook("advice")])
        for name in ("first", "second"):
            gone = Script("echo Connection to 203.0.113.7 closed by remote host. >&2; exit 255")
            shell.run(name, gone, ResourceOptions())

    said = trial.failing_up(program)

    assert said.count("closed by remote host") >= 2
    told = [line for line in said.splitlines() if "The machine went away meanwhile" in line]
    # In the course of the update, and among what went wrong at its end.
    assert 1 <= len(told) <= 2


def test_what_cannot_be_deleted_says_why_though_no_program_runs(trial: Trial) -> None:
    def program() -> None:
        shell = LocalShell({}, failed=[advice(remote=True).hook("advice")])
        shell.run("stuck", Script("true", delete="echo out of paper >&2; exit 3"), ResourceOptions())

    trial.up(program)
    with pytest.raises(CommandError, match="out of paper"):
        trial.destroy()
    trial.engine.forget("command:")
