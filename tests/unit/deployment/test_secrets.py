"""Where secrets may be: in values that the engine encrypts, never in a line that is run or shown."""

from __future__ import annotations

import pytest

from components.vapid import vapid_key
from tests.unit.deployment.providers import elliptic_key, generated, private_key
from tests.unit.deployment.recorder import CHATS, STACKS, Changes, SecretText, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.value import Secret, plain_texts, revealed

STORED = "storage-secret-key"
MAILED = "mail-password"


def everything(stack: str) -> Changes:
    """A stack with every secret that it can be supplied with, besides those it makes."""
    app = "mattermost" if stack in CHATS else "mastodon"
    return {
        "homeport:mail": {"host": "smtp.example.com", "user": "relay", "fromAddress": "chat@example.com"},
        "homeport:mailPassword": SecretText(MAILED),
        "homeport:apps[0].storage": {"kind": "s3", "bucket": "files", "accessKey": "AKIA"},
        f"homeport:{app}StorageSecretKey": SecretText(STORED),
    }


def secrets(recording: Recording) -> list[str]:
    """Every secret that this run can know of."""
    return [
        STORED,
        MAILED,
        *(generated(password.name) for password in recording.all("random:RandomPassword")),
        *(generated(random.name) for random in recording.all("random:RandomBytes")),
        *(secret for key in recording.all("tls:PrivateKey") for secret in halves(key)),
    ]


def halves(key: Resource) -> list[str]:
    """What of a key pair is used, and nothing that only looks like it."""
    if key.at("algorithm") != "ECDSA":
        return [private_key(key.name)]
    return [vapid_key(elliptic_key(key.name), half) for half in ("private", "public")]


@pytest.mark.parametrize("stack", STACKS)
def test_no_secret_is_a_plain_input_of_any_resource(stack: str) -> None:
    recording = deployed(stack, everything(stack))
    leaks = [
        (resource.name, secret)
        for resource in recording.resources
        for text in plain_texts(resource.inputs)
        for secret in secrets(recording)
        if secret in text
    ]
    assert leaks == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_secret_reaches_what_needs_it(stack: str) -> None:
    recording = deployed(stack, everything(stack))
    inputs = "".join(str(revealed(resource.inputs)) for resource in recording.resources)
    missing = [secret for secret in secrets(recording) if secret.strip() not in inputs]
    assert missing == []


@pytest.mark.parametrize("stack", STACKS)
def test_no_plain_output_of_the_stack_has_a_secret_in_it(stack: str) -> None:
    recording = deployed(stack, everything(stack))
    shown = plain_texts(recording.outputs)
    assert shown
    assert [text for text in shown for secret in secrets(recording) if secret in text] == []


@pytest.mark.parametrize("stack", STACKS)
def test_scripts_come_by_standard_input_so_that_no_argument_or_variable_holds_a_secret(
    stack: str,
) -> None:
    recording = deployed(stack, everything(stack))
    kind = "command:local:Command" if stack == "local" else "command:remote:Command"
    commands = recording.all(kind)
    assert commands
    for command in commands:
        assert command.at("create") in ("bash -s", "sudo bash -s")
        assert "update" not in command.inputs
        shown = [revealed(command.inputs.get(name)) for name in ("environment", "delete")]
        assert [secret for secret in secrets(recording) if secret in str(shown)] == []


def test_a_script_with_a_secret_in_it_is_a_secret_as_a_whole() -> None:
    recording = deployed("chat", everything("chat"))
    job = recording.one("command:remote:Command", "mattermost-administrator")
    assert isinstance(job.at("stdin"), Secret)
    assert generated("mattermost-administrator-password") in job.text("stdin")


@pytest.mark.parametrize("stack", STACKS)
def test_commands_show_what_went_wrong_and_nothing_of_what_they_print(stack: str) -> None:
    commands = [r for r in deployed(stack).resources if r.type.startswith("command:")]
    assert {command.at("logging") for command in commands} == {"stderr"}
    assert {command.at("addPreviousOutputInEnv") for command in commands} == {False}


def test_what_a_connection_needs_is_secret() -> None:
    for command in deployed("chat").all("command:remote:Command"):
        assert isinstance(command.at("connection", "privateKey"), Secret)


def test_generated_passwords_are_letters_and_digits_as_urls_need_them() -> None:
    passwords = deployed("chat").all("random:RandomPassword")
    assert {password.name: password.at("length") for password in passwords} == {
        "backup-password": 40,
        "mattermost-administrator-password": 24,
        "mattermost-database-password": 32,
    }
    assert {password.at("special") for password in passwords} == {False}


OWN: Changes = {
    "homeport:apps[0].secretEnvironment": {"MM_LDAPSETTINGS_BINDPASSWORD": "ldapPassword"},
    "homeport:ldapPassword": SecretText("bind"),
}


def server(changes: Changes) -> Resource:
    """Mattermost's own container."""
    (found,) = (
        container
        for container in deployed("chat", changes).all("docker:Container")
        if container.name.startswith("mattermost-mattermost")
    )
    return found


def test_a_changed_secret_of_the_users_is_another_container_beside_the_old_one() -> None:
    assert server({**OWN, "homeport:ldapPassword": SecretText("other")}).name != server(OWN).name
    assert server(dict(OWN)).name == server(OWN).name


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_break_at_the_end_of_a_secret_reaches_nobody(end: str) -> None:
    found = server({**OWN, "homeport:ldapPassword": SecretText(f"bind{end}")})
    envs = found.inputs["envs"]
    assert isinstance(envs, list)
    assert Secret("MM_LDAPSETTINGS_BINDPASSWORD=bind") in envs
    assert found.name == server(OWN).name
