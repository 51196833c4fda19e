"""What is refused about logs."""

from __future__ import annotations

import pytest

from components.logs import FluentdLogs, LocalLogs
from tests.unit.stacks.configuration import chat, local


def test_they_stay_on_the_machine_unless_the_stack_says_otherwise() -> None:
    assert chat().load().logs == LocalLogs()


def test_fluentd_takes_an_address() -> None:
    found = chat().set("homeport:logs", {"kind": "fluentd", "address": "10.0.0.5:24224"}).load().logs
    assert found == FluentdLogs(kind="fluentd", address="10.0.0.5:24224")


def test_google_is_refused_on_a_computer_of_ones_own_with_the_reason() -> None:
    mistake = local().set("homeport:logs", {"kind": "gcplogs"}).mistake()
    assert mistake.path == "homeport:logs.kind"
    assert "no account at Google" in mistake.allowed


@pytest.mark.parametrize("address", ["logs.example.com", "tcp://10.0.0.5:24224", "10.0.0.5:port", ""])
def test_an_address_without_host_and_port_is_refused(address: str) -> None:
    mistake = chat().set("homeport:logs", {"kind": "fluentd", "address": address}).mistake()
    assert mistake.path == "homeport:logs.address"
    assert "10.0.0.5:24224" in mistake.allowed


@pytest.mark.parametrize("tag", ["{{.Name}}", "{container}", "a b", ""])
def test_a_tag_with_other_placeholders_is_refused(tag: str) -> None:
    logs = {"kind": "fluentd", "address": "10.0.0.5:24224", "tag": tag}
    mistake = chat().set("homeport:logs", dict(logs)).mistake()
    assert mistake.path == "homeport:logs.tag"
    assert "{stack}, {app} and {service}" in mistake.allowed


def test_another_kind_is_told_those_there_are() -> None:
    mistake = chat().set("homeport:logs", {"kind": "syslog"}).mistake()
    assert mistake.path == "homeport:logs.kind"
    assert "gcplogs" in mistake.allowed
