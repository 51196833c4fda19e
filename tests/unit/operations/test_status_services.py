"""The state's containers beside the machine's."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from operations.status_facts import ServiceFact
from operations.status_machine_report import MachineReport, parsed_size
from operations.status_services import MEMORY_PERCENT, Services
from operations.status_state import RecordedState
from tests.unit.operations.looked_at import NOW, PLACE, changed, exported, machine

MATTERMOST = "-574a4a0"
MIB = 2**20


def facts(report: MachineReport, state: str | None = None) -> Sequence[ServiceFact]:
    return Services(PLACE, RecordedState.parse(state or exported()), report.engine, NOW).facts()


def said(report: MachineReport, state: str | None = None) -> list[str]:
    return [attention.what for fact in facts(report, state) for attention in fact.attention]


def using(mib: float) -> MachineReport:
    report = machine("well")
    memory = [
        each.model_copy(update={"usage": f"{mib}MiB / 512MiB"}) if position == 0 else each
        for position, each in enumerate(report.engine.memory)
    ]
    return report.model_copy(update={"engine": report.engine.model_copy(update={"memory": memory})})


def without(report: MachineReport, name: str) -> MachineReport:
    left = [container for container in report.engine.containers if not container.name.endswith(name)]
    return report.model_copy(update={"engine": report.engine.model_copy(update={"containers": left})})


def test_services_that_run_need_no_attention() -> None:
    assert said(machine("well")) == []


def test_the_edge_comes_after_the_apps() -> None:
    assert [f"{fact.app}/{fact.service}" for fact in facts(machine("well"))] == [
        "mattermost/mattermost",
        "mattermost/postgres",
        "edge/acme-companion",
        "edge/docker-gen",
        "edge/nginx",
    ]


def test_a_service_has_its_version_memory_and_time() -> None:
    fact = facts(machine("well"))[1]
    assert (fact.image, fact.memory, fact.limit) == ("postgres:17.11", round(74.52 * MIB), 192 * MIB)
    assert (fact.restarts, fact.up) == (0, (3 * 24 + 2) * 3600 + 9 * 60 + 53)


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("exited", "does not run: exited, exit code 3"),
        ("dead", "does not run: dead, exit code 3"),
        ("created", "does not run: created, exit code 3"),
        ("paused", "is paused"),
        ("restarting", "ends again and again, exit code 3"),
    ],
)
def test_a_container_that_does_not_run_needs_attention(status: str, what: str) -> None:
    report = changed(machine("well"), MATTERMOST, status=status, exit_code=3)
    assert said(report) == [f"mattermost/mattermost {what}"]


def test_a_container_that_starts_is_given_time() -> None:
    report = changed(machine("well"), MATTERMOST, health="starting")
    assert (said(report), facts(report)[0].state) == ([], "starting")


def test_an_unhealthy_container_needs_attention() -> None:
    assert said(changed(machine("well"), MATTERMOST, health="unhealthy")) == [
        "mattermost/mattermost is unhealthy"
    ]


def test_a_container_that_ran_out_of_memory_is_told_so() -> None:
    report = changed(machine("well"), MATTERMOST, status="exited", exit_code=137, out_of_memory=True)
    assert said(report)[0].endswith("exit code 137, it was out of memory")


def test_memory_up_to_the_limit_of_attention_is_well_and_beyond_is_not() -> None:
    edge = 512 * MEMORY_PERCENT / 100
    assert said(using(edge - 1)) == []
    assert said(using(edge + 1)) == ["mattermost/mattermost uses 90 % of the memory that it may use"]


def test_a_container_without_a_limit_has_none_to_reach() -> None:
    assert said(changed(using(511), MATTERMOST, limit=0)) == []


def test_a_service_without_a_container_is_missing() -> None:
    report = without(machine("well"), "chat-nginx")
    assert said(report) == ["edge/nginx has no container: chat-nginx is gone"]
    assert facts(report)[-1].state == "missing"


def test_a_container_that_pulumi_did_not_make_is_told() -> None:
    report = changed(machine("well"), "chat-nginx", id="another")
    assert said(report) == ["edge/nginx: the container chat-nginx is not the one that Pulumi made"]


def test_a_container_that_the_state_does_not_know_is_told() -> None:
    report = changed(machine("well"), "chat-nginx", id="another", name="/stray", labels={})
    assert said(report) == [
        "edge/nginx has no container: chat-nginx is gone",
        "unknown/stray: Pulumi's state does not know the container stray",
    ]


def test_an_old_container_that_an_update_left_is_told() -> None:
    left = said(machine("well"), exported(leaving=["chat-mattermost-mattermost-574a4a0"]))
    assert len(left) == 1
    assert "should be gone, an update ended too early" in left[0]


def test_an_old_container_that_is_gone_already_is_not_missed() -> None:
    report = without(machine("well"), MATTERMOST)
    assert said(report, exported(leaving=["chat-mattermost-mattermost-574a4a0"])) == []


def test_without_docker_no_service_is_called_missing() -> None:
    report = machine("well")
    silent = report.engine.model_copy(update={"error": "down", "version": None, "containers": []})
    found = facts(report.model_copy(update={"engine": silent}))
    assert {fact.state for fact in found} == {"unknown"}
    assert [fact.attention for fact in found] == [()] * 5


@pytest.mark.parametrize(
    ("text", "size"),
    [("12.5MiB", 13107200), ("1.5GiB", 1610612736), ("512B", 512), ("1kB", 1000), ("2GB", 2 * 10**9)],
)
def test_sizes_are_read_as_docker_writes_them(text: str, size: int) -> None:
    assert parsed_size(text) == size


def test_no_size_is_read_from_what_docker_does_not_know() -> None:
    assert parsed_size("--") is None
