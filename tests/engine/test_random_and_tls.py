"""Values that live in the state only."""

from __future__ import annotations

import pulumi
import pulumi_random
import pulumi_tls

from tests.engine.trial import Trial


def _password(length: int = 20) -> None:
    password = pulumi_random.RandomPassword("password", length=length, special=False)
    pulumi.export("password", password.result)


def _key() -> None:
    key = pulumi_tls.PrivateKey("key", algorithm="ED25519")
    pulumi.export("private", key.private_key_openssh)
    pulumi.export("public", key.public_key_openssh)


def test_a_preview_creates_nothing(trial: Trial) -> None:
    assert trial.preview(_password) == {"create": 2}
    assert trial.resources() == []


def test_a_password_is_made_once(trial: Trial) -> None:
    assert trial.up(_password) == {"create": 2}
    made = trial.outputs()["password"]

    assert trial.up(_password) == {}
    assert trial.refresh() == {}
    assert trial.up(_password) == {}
    assert trial.outputs()["password"] == made


def test_another_length_replaces_the_password(trial: Trial) -> None:
    trial.up(_password)

    assert trial.up(lambda: _password(30)) == {"replace": 1}
    assert len(str(trial.outputs()["password"])) == 30


def test_a_password_is_not_in_the_stored_state(trial: Trial) -> None:
    trial.up(_password)

    password = str(trial.outputs()["password"])
    assert len(password) == 20
    assert password not in trial.engine.state()


def test_a_private_key_is_not_in_the_stored_state(trial: Trial) -> None:
    trial.up(_key)

    outputs, state = trial.outputs(), trial.engine.state()
    assert str(outputs["private"]).startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert "PRIVATE KEY" not in state
    assert str(outputs["public"]).split()[1] in state


def test_what_is_destroyed_leaves_the_state_empty(trial: Trial) -> None:
    trial.up(_key)

    assert trial.destroy() == {"delete": 2}
    assert trial.resources() == []
