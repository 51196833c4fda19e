"""What is refused about metrics."""

from __future__ import annotations

import pytest

from tests.unit.stacks.configuration import Configuration, Value, chat, local


def measured(**changes: Value) -> Configuration:
    return chat().set("homeport:metrics", {"hostname": "metrics.example.com", **changes})


def test_a_host_name_is_all_that_it_takes() -> None:
    assert measured().load().apps[-1].hostnames == ("metrics.example.com",)


def test_a_computer_of_ones_own_is_refused_with_the_reason() -> None:
    mistake = local().set("homeport:metrics", {"hostname": "metrics.example.com"}).mistake()
    assert mistake.path == "homeport:metrics"
    assert "plain HTTP" in mistake.allowed


def test_the_host_name_of_an_app_is_refused() -> None:
    mistake = measured(hostname="chat.example.com").mistake()
    assert mistake.path == "homeport:metrics.hostname"
    assert "a host name of its own" in mistake.allowed


def test_a_name_outside_the_zones_is_refused() -> None:
    mistake = measured(hostname="metrics.example.org").mistake()
    assert mistake.path == "homeport:metrics.hostname"
    assert "its record cannot be created elsewhere" in mistake.allowed


def test_an_app_cannot_have_the_exporters_name() -> None:
    mistake = measured().set("homeport:apps[0].name", "metrics").mistake()
    assert mistake.path == "homeport:apps[0].name"
    assert "the exporters of homeport:metrics have it" in mistake.allowed


def test_their_memory_is_counted() -> None:
    mistake = measured(memory=2000).set("homeport:host.swap", 512).mistake()
    assert mistake.path == "homeport:host.machineType"
    assert "metrics/node 2000 + metrics/postgres-mattermost 2000" in mistake.found


@pytest.mark.parametrize("user", ["Ops", "a:b", ""])
def test_a_user_that_would_break_the_file_of_passwords_is_refused(user: str) -> None:
    assert measured(user=user).mistake().path == "homeport:metrics.user"
