from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi
import pytest

from diagram.rehearsal import run_program
from stacks.configuration import acme_ca_bundle, configured
from stacks.settings import StackSettings
from tests.unit.deployment.recorder import REPOSITORY, deployed, recorded

VALID: Mapping[str, str] = {
    "homeport:host": json.dumps({"kind": "local"}),
    "homeport:edge": json.dumps({"certificate": {"kind": "none", "port": 8080}}),
    "homeport:apps": json.dumps(
        [
            {
                "kind": "mattermost",
                "hostname": "chat.localhost",
                "version": "11.7.0",
                "administrator": {"email": "admin@example.com"},
            }
        ]
    ),
}
MAIL = json.dumps({"host": "smtp.example.com", "user": "relay", "fromAddress": "chat@example.com"})


def settings(
    config: Mapping[str, str], *, stack: str = "test", secret_keys: frozenset[str] = frozenset()
) -> StackSettings:
    """What the program reads from a configuration, as the engine hands it over."""
    found: list[StackSettings] = []
    recorded(lambda: found.append(configured()), stack=stack, config=config, secret_keys=secret_keys)
    return found[0]


def mistakes(
    config: Mapping[str, str], *, stack: str = "test", secret_keys: frozenset[str] = frozenset()
) -> str:
    """The text that a configuration with mistakes ends in."""
    with pytest.raises(pulumi.RunError) as error:
        settings(config, stack=stack, secret_keys=secret_keys)
    return str(error.value)


def test_the_settings_are_those_of_the_running_stack() -> None:
    assert [app.hostname for app in settings(VALID).app_settings] == ["chat.localhost"]


def test_every_mistake_is_told_at_once_as_plain_text() -> None:
    config = {**VALID, "homeport:host": json.dumps({"kind": "lokal"}), "homeport:egde": "{}"}
    del config["homeport:edge"]
    assert mistakes(config) == (
        "stacks/Pulumi.test.yaml has 3 mistakes. Nothing was changed.\n"
        "\n"
        "  homeport:host.kind\n"
        '    found:   "lokal"\n'
        "    allowed: one of gce, local\n"
        "\n"
        "  homeport:edge\n"
        "    found:   nothing\n"
        "    allowed: this section: it is required\n"
        "\n"
        "  homeport:egde\n"
        '    found:   the key "egde"\n'
        "    allowed: one of host, dns, edge, mail, apps, backup, monitoring, metrics, logs;"
        " did you mean edge?\n"
    )


def test_pulumi_shows_the_text_alone_and_no_traceback() -> None:
    with pytest.raises(pulumi.RunError) as error:
        settings({})
    assert error.value.__suppress_context__
    assert error.value.__cause__ is None


def test_with_a_mistake_not_one_resource_is_registered() -> None:
    told: list[str] = []

    def program() -> None:
        try:
            run_program()
        except pulumi.RunError as error:
            told.append(str(error))

    recording = recorded(program, config={**VALID, "homeport:host": json.dumps({"kind": "lokal"})})
    assert len(told) == 1
    assert [resource.type for resource in recording.resources] == ["pulumi:pulumi:Stack"]


def test_a_stacks_name_that_machines_cannot_have_is_a_mistake() -> None:
    assert '"My_Stack"' in mistakes(VALID, stack="My_Stack")


def test_a_secret_must_be_there() -> None:
    text = mistakes({**VALID, "homeport:mail": MAIL})
    assert "homeport:mailPassword\n    found:   nothing" in text
    assert "pulumi config set --secret mailPassword" in text


def test_a_secret_in_plain_text_is_a_mistake_that_does_not_repeat_it() -> None:
    text = mistakes({**VALID, "homeport:mail": MAIL, "homeport:mailPassword": "hunter2"})
    assert "homeport:mailPassword\n    found:   plain text" in text
    assert "hunter2" not in text


def test_an_encrypted_secret_is_none() -> None:
    key = "homeport:mailPassword"
    found = settings({**VALID, "homeport:mail": MAIL, key: "hunter2"}, secret_keys=frozenset({key}))
    assert [secret.name for secret in found.secrets] == ["mailPassword"]


def test_configuration_and_its_secrets_are_read_from_the_engines_environment_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = {**VALID, "homeport:mail": MAIL, "homeport:mailPassword": "hunter2"}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(["homeport:mailPassword"]))
    assert settings({}).mail is not None


def test_what_the_automation_api_sets_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"homeport:host": json.dumps({"kind": "lokal"})}))
    assert settings(VALID).host.kind == "local"


def test_keys_of_other_packages_are_none_of_our_business() -> None:
    assert settings({**VALID, "aws:region": "eu-west-1"}).host.kind == "local"


def test_the_cloud_project_must_be_named() -> None:
    with pytest.raises(pulumi.RunError, match=r"gcp:project\n    found:   nothing"):
        deployed("chat", {"gcp:project": None})


def test_without_certificates_there_is_no_bundle_to_read() -> None:
    assert acme_ca_bundle(settings(VALID)) is None


def test_the_shipped_files_have_no_mistakes_with_their_placeholders_in() -> None:
    for file in (REPOSITORY / "stacks").glob("Pulumi.*.yaml"):
        assert deployed(file.name.split(".")[1]).resources
