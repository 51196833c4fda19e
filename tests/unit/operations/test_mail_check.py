"""A stack's mail as a whole, from what `pulumi` tells of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from operations.deployed_stack import DeployedStack, PulumiError, Run, runner
from operations.finding import Verdict
from operations.mail_check import check
from stacks.mistakes import MistakesError
from tests.unit.operations.world import World
from tests.unit.stacks.configuration import Value, chat

LINE = '_dmarc.example.com. 300 IN TXT "v=DMARC1; p=none"'
MAIL: Value = {
    "relay": "sendgrid",
    "fromAddress": "chat@example.com",
    "records": {"dmarc": {}},
}
WORLD = World(txt={"_dmarc.example.com": ["v=DMARC1; p=none"]})


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise OSError("nobody there")

    monkeypatch.setattr("socket.create_connection", nobody)


def pulumi(records: Sequence[str] = (), *, mail: Value = MAIL) -> Run:
    """The command, for a stack whose last update asked for these records."""
    configuration = chat()
    if mail is not None:
        configuration = configuration.set("homeport:mail", mail).secret("mailPassword")
    config = {
        key: {"value": value, "secret": key in configuration.secret_keys}
        for key, value in configuration.config.items()
    }

    def run(arguments: Sequence[str]) -> str:
        answers = {"config": json.dumps(config), "stack": json.dumps({"dnsRecords": list(records)})}
        assert list(arguments[-2:]) == ["--stack", "chat"]
        return answers[arguments[0]]

    return run


def wrong(run: Run, world: World = WORLD) -> list[str]:
    stack = DeployedStack.read("chat", run)
    return [finding.text for finding in check(stack, world, None) if finding.verdict is Verdict.WRONG]


def test_a_stack_is_read_with_its_secrets_and_the_lines_of_its_records() -> None:
    stack = DeployedStack.read("chat", pulumi(["a\nb", "c"]))
    assert stack.settings.mail is not None
    assert dict(stack.secrets) == {"mailPassword": "a-secret"}
    assert stack.records == ["a", "b", "c"]


def test_records_that_were_not_deployed_are_told() -> None:
    assert wrong(pulumi())[0] == f"settings: not deployed yet, run pulumi up: {LINE}"


def test_records_that_were_deployed_are_not_told() -> None:
    assert [text for text in wrong(pulumi([LINE])) if text.startswith("settings")] == []


def test_a_stack_without_mail_is_told() -> None:
    assert wrong(pulumi(mail=None)) == ["settings: this stack has no homeport:mail, so its apps send no mail"]


def test_dns_that_does_not_answer_does_not_keep_the_relay_from_being_tried() -> None:
    silent = World(silent=frozenset({"example.com"}))
    dns, relay = wrong(pulumi([LINE]), silent)
    assert dns == "DNS: no answer about example.com: timed out"
    assert relay == "relay: smtp.sendgrid.net:587 cannot be reached: nobody there"


def test_settings_with_mistakes_are_told_as_by_pulumi() -> None:
    with pytest.raises(MistakesError, match=r"homeport:mail\.relay"):
        DeployedStack.read(
            "chat", pulumi(mail={"relay": "pigeon", "user": "x", "fromAddress": "a@example.com"})
        )


def test_what_pulumi_says_when_it_fails_is_told(tmp_path: Path) -> None:
    program = tmp_path / "pulumi"
    program.write_text('#!/bin/sh\necho "no stack named $5" >&2\nexit 1\n')
    program.chmod(0o755)
    with pytest.raises(PulumiError, match="no stack named chat"):
        runner(program, tmp_path)(["stack", "output", "--json", "--stack", "chat"])
