"""What is read of a stack's state without the engine is what the engine itself says."""

from __future__ import annotations

import json

import pulumi
import pulumi_random as random

from tests.engine.trial import Trial


def _program() -> None:
    password = random.RandomPassword("password", length=12)
    pulumi.export("plain", {"number": 1, "none": None})
    pulumi.export("secret", password.result)
    pulumi.export("nested", {"list": [pulumi.Output.secret({"inner": password.result}), "word"]})


def test_outputs_are_those_that_the_engine_shows(trial: Trial) -> None:
    trial.up(_program)
    told = trial.engine.command("stack", "output", "--json", "--show-secrets")
    assert trial.outputs() == json.loads(told)
    assert str(trial.outputs()["secret"]) not in trial.engine.state()


def test_the_newest_update_is_the_one_that_the_engine_lists_first(trial: Trial) -> None:
    trial.up(_program)
    assert trial.up(_program) == {}
    (newest, first) = json.loads(trial.engine.command("stack", "history", "--json"))
    update = trial.engine.saved.last_update()
    assert (update.kind, update.result, update.changes) == ("update", "succeeded", newest["resourceChanges"])
    assert first["resourceChanges"] != newest["resourceChanges"]


def test_a_stack_without_an_update_has_no_outputs(trial: Trial) -> None:
    assert trial.outputs() == {}
