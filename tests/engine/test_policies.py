"""The policy pack under the real engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker
import pulumi_random
import pytest
from pulumi.automation import EngineEvent

from policies.rules import RULES
from sandbox.engine import Engine, Policies, homeport
from tests.engine.trial import Trial

_WEAK = "mastodon-primary-key is a lasting key that a change of length or special makes anew."
_SOCKET = "/var/run/docker.sock"
_RULE = "lasting-key-kept"


@dataclass(frozen=True)
class Key:
    """A generated key that breaks a mandatory rule, unless it is protected by what it ignores."""

    ignored: tuple[str, ...] = ()

    def __call__(self) -> None:
        pulumi_random.RandomPassword(
            "mastodon-primary-key",
            length=16,
            opts=pulumi.ResourceOptions(ignore_changes=list(self.ignored)),
        )


@dataclass(frozen=True)
class Service:
    """A container that keeps every rule but for what a test changes. It is only previewed."""

    memory: int | None = 64
    variable: str = "LOCAL_DOMAIN=example.com"
    secret: bool = False
    """Whether the engine is told that the variable is secret."""
    socket: bool = False
    front: bool = False

    def __call__(self) -> None:
        front = pulumi_docker.Network("front")
        back = pulumi_docker.Network("back")
        joined = (front if self.front else back).name
        pulumi_docker.Container(
            "app",
            image="sha256:" + 64 * "a",
            user="1000",
            read_only=True,
            capabilities=pulumi_docker.ContainerCapabilitiesArgs(drops=["ALL"]),
            security_opts=["no-new-privileges:true"],
            restart="always",
            wait=True,
            memory=self.memory,
            memory_swap=self.memory,
            log_driver="local",
            envs=[pulumi.Output.secret(self.variable) if self.secret else self.variable],
            networks_advanced=[pulumi_docker.ContainerNetworksAdvancedArgs(name=joined)],
            volumes=[
                pulumi_docker.ContainerVolumeArgs(host_path=_SOCKET, container_path=_SOCKET)
                for _ in range(self.socket)
            ],
        )


def test_a_broken_mandatory_rule_fails_the_preview_and_says_why(trial: Trial) -> None:
    said = trial.failing_preview(Key(), Policies())

    rule = next(rule for rule in RULES if rule.name == _RULE)
    assert "code: 255" in said or "code: 1" in said
    assert f"[mandatory]  {_RULE}  (random:index:RandomPassword: mastodon-primary-key)" in said
    assert f"{_WEAK} {rule.why} {rule.fix}" in said


def test_a_broken_mandatory_rule_fails_the_update_before_anything_is_made(trial: Trial) -> None:
    said = trial.failing_up(Key(), Policies())

    assert _WEAK in said
    assert trial.resources() == []


def test_a_program_that_keeps_the_rules_is_updated(trial: Trial) -> None:
    said = trial.said_by_up(Key(("length", "special")), Policies())

    assert "✅ homeport@v" in said
    assert trial.resources() == ["mastodon-primary-key"]


def test_a_broken_advisory_rule_is_told_and_stops_nothing(trial: Trial) -> None:
    said = trial.said_by_preview(Service(memory=None), Policies())

    assert "[advisory]  memory-limited  (docker:index:Container: app)" in said
    assert "app has no memory limit." in said


def test_configuration_makes_a_mandatory_rule_advisory(trial: Trial) -> None:
    said = trial.said_by_up(Key(), Policies({_RULE: "advisory"}))

    assert f"[advisory]  {_RULE}" in said
    assert trial.resources() == ["mastodon-primary-key"]


def test_configuration_makes_an_advisory_rule_mandatory(trial: Trial) -> None:
    said = trial.failing_preview(Service(memory=None), Policies({"memory-limited": "mandatory"}))

    assert "[mandatory]  memory-limited" in said


def test_configuration_turns_a_rule_off(trial: Trial) -> None:
    said = trial.said_by_preview(Key(), Policies({_RULE: "disabled"}))

    assert _RULE not in said


def test_configuration_changes_all_levels_at_once(trial: Trial) -> None:
    said = trial.said_by_preview(Key(), Policies({"all": "advisory"}))

    assert f"[advisory]  {_RULE}" in said


def test_a_value_that_the_engine_knows_to_be_secret_is_none_in_plain_text(trial: Trial) -> None:
    program = Service(variable="DB_PASSWORD=hunter2", secret=True)

    assert "no-plain-secret" not in trial.said_by_preview(program, Policies())


def test_a_secret_in_plain_text_is_reported(trial: Trial) -> None:
    program = Service(variable="DB_PASSWORD=hunter2")

    said = trial.failing_preview(program, Policies())

    assert "app has the value of DB_PASSWORD in plain text." in said


@pytest.mark.parametrize("front", [True, False])
def test_a_docker_socket_is_found_on_the_network_front_before_its_name_is_known(
    trial: Trial, front: bool
) -> None:
    program = Service(socket=True, front=front)

    said = trial.failing_preview(program, Policies()) if front else trial.said_by_preview(program, Policies())

    assert ("app mounts the Docker socket and is on the network front." in said) == front


_PAID = {"always-free-address", "always-free-snapshots", "always-free-zones"}
"""Rules that warn of what every stack in the cloud has; the zone is made by the test itself."""


@pytest.mark.parametrize(
    ("stack", "paid"),
    [
        ("chat", _PAID),
        ("social", {*_PAID, "always-free-machine", "always-free-disks"}),
        ("sandbox", _PAID),
        ("local", set()),
    ],
)
def test_the_shipped_stacks_break_no_rule_but_those_about_what_is_not_free(
    home: Path, tmp_path: Path, stack: str, paid: set[str]
) -> None:
    shipped = homeport(stack).config
    changes: dict[str, object] = {}
    if isinstance(dns := shipped.get("homeport:dns"), dict):
        # Instead of a zone that is there: this cloud has none.
        zones = [{"name": zone["name"], "create": True} for zone in dns["zones"]]
        changes = {"homeport:dns": {**dns, "zones": zones}}
    engine = Engine(home, homeport(stack, changes), {"HOMEPORT_SANDBOX": str(tmp_path)})
    broken: set[tuple[str, str]] = set()

    def note(event: EngineEvent) -> None:
        if event.policy_event:
            broken.add((event.policy_event.policy_name, event.policy_event.message))

    result = engine.preview(note, policies=Policies())

    assert "homeport@v" in result.stdout
    assert {one for one in broken if one[0] not in paid} == set()
    assert {name for name, _ in broken} == paid
