"""What holds for each container, of the edge or of an app, in every shipped stack."""

from __future__ import annotations

import pytest

from tests.unit.deployment.providers import random_id
from tests.unit.deployment.recorder import CHATS, STACKS, deployed, without_backups
from tests.unit.deployment.recording import Resource


@pytest.fixture(params=STACKS)
def containers(request: pytest.FixtureRequest) -> list[Resource]:
    found = deployed(str(request.param)).all("docker:Container")
    # A stack without containers would let all of these pass.
    assert len(found) >= 4
    return found


def test_memory_is_limited(containers: list[Resource]) -> None:
    for container in containers:
        limit, with_swap = container.at("memory"), container.at("memorySwap")
        assert isinstance(limit, int)
        assert isinstance(with_swap, int)
        assert 0 < limit <= with_swap


def test_an_update_waits_until_it_is_healthy(containers: list[Resource]) -> None:
    for container in containers:
        assert container.at("wait") is True
        seconds = container.at("waitTimeout")
        assert isinstance(seconds, int)
        assert seconds >= 60
        assert container.texts("healthcheck", "tests")[0] == "CMD"


def test_logs_are_rotated(containers: list[Resource]) -> None:
    for container in containers:
        assert container.at("logDriver") == "local"
        assert container.at("logOpts") == {"max-size": "10m", "max-file": "3"}


def test_it_comes_back_by_itself(containers: list[Resource]) -> None:
    assert {container.at("restart") for container in containers} == {"always"}


def test_no_process_can_gain_privileges(containers: list[Resource]) -> None:
    for container in containers:
        assert container.at("securityOpts") == ["no-new-privileges:true"]
        assert "privileged" not in container.inputs


def test_no_container_has_a_capability_that_it_was_not_given(containers: list[Resource]) -> None:
    added = {}
    for container in containers:
        assert container.at("capabilities", "drops") == ["ALL"]
        asked = container.at("capabilities")
        assert isinstance(asked, dict)
        if "adds" in asked:
            added[container.name] = container.texts("capabilities", "adds")
    assert added == {"nginx": ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"]}


def test_what_cannot_be_read_only_says_why(containers: list[Resource]) -> None:
    for container in containers:
        assert container.at("readOnly") is not bool(reason(container, "homeport.writable"))


def test_what_is_root_says_why(containers: list[Resource]) -> None:
    for container in containers:
        if reason(container, "homeport.root"):
            assert "user" not in container.inputs
        else:
            assert int(container.text("user").split(":")[0]) > 0


def reason(container: Resource, label: str) -> str:
    """What a label of a container says; nothing where it has none."""
    return "".join(str(row["value"]) for row in container.rows("labels") if row["label"] == label)


def test_it_is_given_the_same_time_to_stop_whoever_stops_it(containers: list[Resource]) -> None:
    for container in containers:
        assert container.at("stopTimeout") == container.at("destroyGraceSeconds")


def test_what_is_sent_signals_says_which_one_stops_it(containers: list[Resource]) -> None:
    stopped_by = {
        container.name: container.text("stopSignal")
        for container in containers
        if any(str(row["label"]).startswith("com.github.nginx-proxy.") for row in container.rows("labels"))
    }
    assert stopped_by == {"nginx": "SIGQUIT", "docker-gen": "SIGTERM"}


def test_nothing_else_is_replaced_for_a_stop_signal(containers: list[Resource]) -> None:
    found = {container.name for container in containers if "stopSignal" in container.inputs}
    assert found == {"nginx", "docker-gen"}


def test_its_image_is_pinned_by_id_and_stays_on_the_machine(containers: list[Resource]) -> None:
    for container in containers:
        assert container.text("image").startswith("sha256:")


@pytest.mark.parametrize("stack", STACKS)
def test_its_name_is_fixed_and_begins_with_the_stacks(stack: str) -> None:
    for container in deployed(stack).all("docker:Container"):
        assert container.at("name") == f"{stack}-{container.name}"


@pytest.mark.parametrize("stack", STACKS)
def test_it_is_marked_as_this_deployments(stack: str) -> None:
    recording = deployed(stack)
    mark = {"label": "homeport.deployment", "value": random_id(recording.one("random:RandomId").name)}
    containers = recording.all("docker:Container")
    assert [container.name for container in containers if mark not in container.rows("labels")] == []


def test_what_a_killed_update_left_is_removed_before_it_is_made(containers: list[Resource]) -> None:
    for container in containers:
        hook = container.before_create[0]
        assert hook.endswith("-leftover")


@pytest.mark.parametrize("stack", STACKS)
def test_every_docker_resource_goes_to_the_hosts_engine_and_not_to_the_one_at_hand(stack: str) -> None:
    recording = deployed(stack)
    provider = recording.one("pulumi:providers:docker").name
    docker = [resource for resource in recording.resources if resource.type.startswith("docker:")]
    assert docker
    assert [resource.name for resource in docker if resource.provider != provider] == []


MATTERMOST = {"identity", "client-plugins", "config", "data", "logs", "plugins", "postgres-17"}
VOLUMES = {
    **{stack: {f"mattermost-{name}" for name in MATTERMOST} for stack in CHATS},
    "social": {f"mastodon-{name}" for name in ("identity", "postgres-17", "redis", "system")},
}


@pytest.mark.parametrize("stack", STACKS)
def test_data_outlives_its_app_and_nothing_else_does(stack: str) -> None:
    found = {resource.name for resource in deployed(stack).resources if resource.retain_on_delete}
    assert found == VOLUMES[stack]


@pytest.mark.parametrize("stack", STACKS)
def test_data_has_a_name_under_which_the_app_finds_it_again(stack: str) -> None:
    volumes = [volume for volume in deployed(stack).all("docker:Volume") if volume.retain_on_delete]
    assert {volume.at("name") for volume in volumes} == {f"{stack}-{name}" for name in VOLUMES[stack]}


@pytest.mark.parametrize("stack", STACKS)
def test_the_disk_is_protected_and_without_backups_nothing_else_is(stack: str) -> None:
    disk = set() if stack == "local" else {f"homeport-{stack}-data-b"}
    found = deployed(stack, without_backups(stack)).resources
    assert {resource.name for resource in found if resource.protect} == disk


def test_nothing_that_could_be_changed_about_the_keys_of_data_makes_them_anew() -> None:
    names = ("secret-key-base", "primary-key", "deterministic-key", "key-derivation-salt", "vapid")
    keys = {f"mastodon-{name}" for name in names}
    fixed = {"length", "special", "algorithm", "ecdsaCurve"}
    found = {r.name for r in deployed("social").resources if fixed <= set(r.ignore_changes)}
    assert found == keys


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_is_inside_a_component(stack: str) -> None:
    recording = deployed(stack)
    by_urn = {resource.urn: resource for resource in recording.resources}
    outside = [
        resource.name
        for resource in recording.resources
        if resource.custom and by_urn[resource.parent].custom
    ]
    assert outside == []
    root = recording.one("pulumi:pulumi:Stack")
    assert {r.type.split(":")[0] for r in recording.resources if r.parent == root.urn} == {"homeport"}
