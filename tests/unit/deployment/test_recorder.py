"""The recorder itself: what it would miss, the other tests could not see."""

from __future__ import annotations

import gc

import pulumi
import pulumi_command as command
import pulumi_docker as docker
import pulumi_random as random
import pytest
from pulumi import ComponentResource, Output, ResourceHook, ResourceHookBinding, ResourceOptions

from tests.unit.deployment.providers import generated, image_id, real_name
from tests.unit.deployment.recorder import Changes, SecretText, deployed, recorded
from tests.unit.deployment.value import Secret, plain_texts

MAIL: Changes = {
    "homeport:mail": {"host": "smtp.example.com", "user": "relay", "fromAddress": "chat@example.com"},
}


def _fail(text: str) -> None:
    raise AssertionError(text)


def _refused(name: str) -> str:
    raise AssertionError(f"not {name}")


def test_a_failed_assertion_inside_apply_fails_the_run() -> None:
    def program() -> None:
        docker.Network("net").name.apply(lambda name: _fail(f"not {name}"))

    with pytest.raises(AssertionError, match="not net-5eed123"):
        recorded(program)


def test_a_failed_assertion_inside_an_apply_that_feeds_a_resource_fails_the_run() -> None:
    def program() -> None:
        docker.Volume("data", name=docker.Network("net").name.apply(_refused))

    with pytest.raises(AssertionError, match="not net-5eed123"):
        recorded(program)


def test_an_exception_in_the_program_is_the_runs_exception() -> None:
    def program() -> None:
        raise pulumi.RunError("two mistakes")

    with pytest.raises(pulumi.RunError, match="two mistakes"):
        recorded(program)


def test_a_run_that_failed_leaves_nothing_to_the_next() -> None:
    def failing() -> None:
        docker.Network("first").name.apply(lambda _: _fail("no"))

    with pytest.raises(AssertionError):
        recorded(failing, config={"homeport:host": "x"}, secret_keys=frozenset({"homeport:host"}))
    seen: list[str | None] = []
    recording = recorded(lambda: seen.append(pulumi.Config("homeport").get("host")))
    assert seen == [None]
    assert [resource.name for resource in recording.resources] == ["homeport-test"]


def test_two_resources_of_one_type_and_name_are_refused_as_the_engine_does() -> None:
    def program() -> None:
        docker.Network("net")
        docker.Network("net")

    with pytest.raises(AssertionError, match="two resources have the URN"):
        recorded(program)


def test_options_are_recorded() -> None:
    def program() -> None:
        engine = docker.Provider("machine", host="ssh://machine")
        group = ComponentResource("homeport:test:Group", "group")
        first = docker.Volume("first", opts=ResourceOptions(protect=True, provider=engine, parent=group))
        docker.Volume(
            "second",
            opts=ResourceOptions(depends_on=[first], delete_before_replace=True, ignore_changes=["driver"]),
        )

    recording = recorded(program)
    first, second = recording.all("docker:Volume")
    assert (first.protect, first.provider) == (True, "machine")
    assert first.parent == recording.one("homeport:test:Group").urn
    assert second.depends_on == frozenset({first.urn})
    assert recording.tree() == (
        "pulumi:pulumi:Stack homeport-test\n"
        "  docker:Volume second [deleteBeforeReplace] [ignoreChanges driver] [after first]\n"
        "  homeport:test:Group group\n"
        "    docker:Volume first [protect]\n"
        "  pulumi:providers:docker machine\n"
    )


def test_hooks_are_recorded_and_not_run() -> None:
    ran: list[str] = []

    def program() -> None:
        hook = ResourceHook("clean", lambda args: ran.append(args.urn))
        opts = ResourceOptions(hooks=ResourceHookBinding(before_create=[hook]))
        docker.Volume("data", opts=opts)

    assert recorded(program).one("docker:Volume").before_create == ("clean",)
    assert ran == []


def test_a_name_that_was_given_is_not_made_up() -> None:
    def program() -> None:
        pulumi.export("name", docker.Volume("data", name="given").name)

    assert recorded(program).outputs == {"name": "given"}


def test_the_garbage_collector_works_again_after_a_run() -> None:
    deployed("local")
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_waits_for_another_through_an_input_is_not_said_twice() -> None:
    def program() -> None:
        volume = docker.Volume("data")
        docker.Network("net", name=volume.name)

    recording = recorded(program)
    assert recording.before(recording.one("docker:Network")) == {"data"}
    assert "  docker:Network net\n" in recording.tree()


def test_names_and_images_are_those_that_a_provider_would_give() -> None:
    def program() -> None:
        pulumi.export("volume", docker.Volume("data").name)
        pulumi.export("image", docker.RemoteImage("nginx", name="nginx:1").image_id)

    assert recorded(program).outputs == {"volume": real_name("data"), "image": image_id("nginx")}


def test_a_generated_password_is_secret_wherever_it_goes() -> None:
    def program() -> None:
        password = random.RandomPassword("database", length=32)
        url = Output.concat("postgres://", password.result, "@db")
        docker.Container("app", image="app", envs=["A=1", Output.concat("URL=", url)])
        pulumi.export("url", url)

    recording = recorded(program)
    url = f"postgres://{generated('database')}@db"
    assert recording.one("docker:Container").at("envs") == ["A=1", Secret(f"URL={url}")]
    assert recording.outputs == {"url": Secret(url)}


def test_the_plain_texts_of_a_value_leave_its_secrets_out() -> None:
    assert plain_texts({"envs": ["A=1", Secret("B=2")], "stdin": Secret({"a": "3"}), "n": 4}) == ["A=1"]


def test_functions_of_providers_are_recorded_and_answered() -> None:
    def program() -> None:
        pulumi.export("printed", command.local.run_output(command="true").stdout)

    recording = recorded(program)
    assert [(call.token, call.arguments["command"]) for call in recording.invocations] == [
        ("command:local:run", "true")
    ]
    assert recording.outputs == {"printed": ""}


def test_a_type_that_no_provider_here_knows_is_refused() -> None:
    with pytest.raises(AssertionError, match="what docker:index/plugin:Plugin computes"):
        recorded(lambda: docker.Plugin("plugin"))


def test_in_a_preview_nothing_that_is_computed_is_known() -> None:
    seen: list[str] = []
    recorded(lambda: docker.Volume("data").name.apply(seen.append), preview=True)
    assert seen == []


def test_a_stack_file_is_changed_at_any_depth() -> None:
    changes: Changes = {"homeport:apps[0].postgres.version": "18.6", "homeport:host.memory": 8192}
    recording = deployed("local", changes)
    assert recording.one("docker:RemoteImage", "mattermost-postgres").text("name") == "postgres:18.6"


def test_a_change_to_a_stack_file_does_not_stay() -> None:
    deployed("local", {"homeport:apps[0].postgres.version": "18.6"})
    unchanged = deployed("local").one("docker:RemoteImage", "mattermost-postgres")
    assert unchanged.text("name") != "postgres:18.6"


def test_the_same_changes_run_the_program_once() -> None:
    assert deployed("local", {"homeport:edge.hsts": 5}) is deployed("local", {"homeport:edge.hsts": 5})


def test_a_secret_of_the_configuration_counts_as_encrypted() -> None:
    with pytest.raises(pulumi.RunError, match="plain text"):
        deployed("local", {**MAIL, "homeport:mailPassword": "hunter2"})
    assert deployed("local", {**MAIL, "homeport:mailPassword": SecretText("hunter2")}).resources
