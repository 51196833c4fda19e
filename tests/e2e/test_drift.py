"""`make drift` in the sandbox: what is changed by hand is found, and nothing is changed for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from operations.drift_facts import DriftFacts
from operations.drift_screen import screen
from sandbox.cloud import Cloud
from sandbox.engine import REPOSITORY
from tests.e2e.deployed import HOSTNAME, Deployed, run
from tools.engine import find_engine

RECORD = f"{HOSTNAME}./A"
COMPANION = "sandbox-acme-companion"


@dataclass(frozen=True)
class Looked:
    status: int
    output: str
    errors: str

    @property
    def facts(self) -> DriftFacts:
        return DriftFacts.model_validate_json(self.output)


@dataclass(frozen=True)
class Operator:
    """Somebody with the project, the stack's backend and its passphrase."""

    deployed: Deployed
    folder: Path

    def drift(self, *arguments: str) -> Looked:
        engine = self.deployed.engine.environment
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "operations.drift", "--stack", "sandbox"),
                *("--project", str(self.folder), *arguments),
            ],
            cwd=REPOSITORY,
            env={**os.environ, **engine, "PATH": f"{find_engine().parent}:{engine['PATH']}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )
        return Looked(ran.returncode, ran.stdout, ran.stderr)

    @property
    def cloud(self) -> Cloud:
        return Cloud(self.deployed.box.directory)


@pytest.fixture(scope="module")
def operator(deployed: Deployed) -> Operator:
    """Somebody beside a stack as it is shipped."""
    folder = deployed.box.directory / "drift-operator"
    folder.mkdir(exist_ok=True)
    project = {"name": "homeport", "runtime": "python", "main": str(REPOSITORY)}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    shutil.copy(deployed.box.directory / "project" / "Pulumi.sandbox.yaml", folder)
    return Operator(deployed, folder)


def test_a_stack_that_was_deployed_has_not_drifted(operator: Operator) -> None:
    looked = operator.drift()
    assert (looked.status, looked.errors) == (0, ""), looked.output
    assert "sandbox: no drift; " in looked.output


def test_a_machine_out_of_reach_is_told_at_once_or_left_out(operator: Operator) -> None:
    machine = operator.deployed.machine
    assert run("docker", "pause", machine).status == 0
    try:
        whole, rest = operator.drift(), operator.drift("--scope", "auto")
    finally:
        run("docker", "unpause", machine)
    assert whole.status == 2
    assert f"the machine {operator.deployed.address} cannot be asked: SSH does not answer" in whole.output
    assert "CLOUD=1 looks at all but the machine" in " ".join(whole.output.split())
    assert rest.status == 0
    assert "Not looked at: " in rest.output
    assert "cannot be reached from here" in " ".join(rest.output.split())


def test_keys_of_another_computer_are_written_here_first(operator: Operator) -> None:
    keys = Path(operator.deployed.box.directory / "ssh")
    aside = keys.with_name("ssh-aside")
    keys.rename(aside)
    try:
        looked = operator.drift()
        assert (looked.status, looked.errors) == (0, ""), looked.output
        assert (keys / "sandbox" / "id_ed25519").read_text() == (aside / "sandbox" / "id_ed25519").read_text()
    finally:
        shutil.rmtree(keys, ignore_errors=True)
        aside.rename(keys)


def test_a_stack_that_nobody_knows_cannot_be_looked_at(operator: Operator) -> None:
    looked = operator.drift("--stack", "nobody", "--format", "json")
    problem = looked.facts.could_not_look
    assert looked.status == 2
    assert problem is not None
    assert "no stack named 'nobody' found" in problem.what


@dataclass(frozen=True)
class ByHand:
    """What was done, and the state of before."""

    operator: Operator
    state: str
    looked: Looked

    def lines(self, resource: str) -> str:
        """What is told of a resource."""
        told = screen(self.looked.facts).split("\n\n")
        (found,) = (text for text in told if text.startswith(f"{resource} ("))
        return found


@pytest.fixture(scope="module")
def by_hand(operator: Operator) -> Iterator[ByHand]:
    """A rule opened, a record pointed elsewhere, a container made anew. It stays so until the last test."""
    machine = operator.deployed
    (image, label) = machine.docker(
        *("inspect", "--format", '{{.Image}} {{index .Config.Labels "homeport.deployment"}}', COMPANION)
    ).split()
    with operator.cloud.changing() as kinds:
        (ssh,) = (rule for name, rule in kinds["firewall"].items() if "-ssh-" in name)
        ssh["sourceRanges"] = ["0.0.0.0/0"]
        kinds["record"][RECORD].update({"values": ["203.0.113.66"], "ttl": 60})
    machine.docker("rm", "--force", COMPANION)
    machine.docker(
        *("run", "--detach", "--name", COMPANION, "--label", f"homeport.deployment={label}"),
        # Its `sleep` heeds no other signal, and the update gives a container a minute to stop.
        *("--stop-signal", "SIGKILL"),
        *("--env", "DEFAULT_EMAIL=somebody@homeport.test", "--env", "ADDED=by-hand"),
        *("--entrypoint", "sleep", image, "900"),
    )
    state = machine.engine.state()
    looked = operator.drift("--format", "json")
    yield ByHand(operator, state, looked)
    machine.engine.up(refresh=True)
    assert operator.drift().status == 0


def test_drift_exits_with_1_and_prints_nothing_but_the_facts(by_hand: ByHand) -> None:
    assert (by_hand.looked.status, by_hand.looked.errors) == (1, "")
    assert json.loads(by_hand.looked.output)["exitStatus"] == 1
    assert len(by_hand.looked.facts.drifted) == 3


def test_a_firewall_rule_is_told_with_what_it_was_and_is(by_hand: ByHand) -> None:
    told = by_hand.lines("homeport-sandbox-ssh")
    assert told.startswith("homeport-sandbox-ssh (firewall rule) was changed\n")
    assert '\n    sourceRanges: ["172.31.0.0/16"] -> ["0.0.0.0/0"]\n' in told
    assert "\n    pulumi up --refresh changes it back" in told


def test_a_record_is_told_with_each_property_that_differs(by_hand: ByHand) -> None:
    told = by_hand.lines(f"{HOSTNAME}-A")
    assert f'\n    rrdatas: ["{by_hand.operator.deployed.address}"] -> ["203.0.113.66"]\n' in told
    assert "\n    ttl: 300 -> 60\n" in told


def test_a_container_made_anew_is_told_with_its_environment(by_hand: ByHand) -> None:
    told = by_hand.lines("acme-companion")
    assert told.startswith("acme-companion (container) was made anew by somebody else\n")
    assert '\n    envs.DEFAULT_EMAIL: "admin@homeport.test" -> "somebody@homeport.test"\n' in told
    assert "\n    envs.ADDED: nothing -> [not shown]\n" in told
    assert "\n    pulumi up --refresh removes the one that was found and makes the right one" in told


def test_looking_changes_neither_state_nor_world(by_hand: ByHand) -> None:
    assert by_hand.operator.deployed.engine.state() == by_hand.state
    record = by_hand.operator.cloud.get("record", RECORD)
    assert record is not None
    assert record["values"] == ["203.0.113.66"]


def test_without_the_machine_the_cloud_is_compared_and_the_rest_is_named(by_hand: ByHand) -> None:
    facts = by_hand.operator.drift("--format", "json", "--scope", "cloud").facts
    assert sorted(each.name for each in facts.drifted) == [f"{HOSTNAME}-A", "homeport-sandbox-ssh"]
    assert facts.skipped is not None
    assert any(urn.endswith("Container::acme-companion") for urn in facts.skipped.urns)
    assert all("docker:index/" in urn for urn in facts.skipped.urns)


def test_no_password_of_the_stack_is_shown(by_hand: ByHand) -> None:
    assert by_hand.operator.deployed.password not in by_hand.looked.output
