"""What `make status` says of an update that was cut off."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest

from operations.deployed_stack import PulumiError, Run
from operations.status_interruption import interruption
from operations.status_state import RecordedState

SAVED = "2026-11-25T10:00:00.9Z"
DISK = "gcp:compute/disk:Disk"


def resource(kind: str, name: str, inputs: Mapping[str, str] | None = None) -> dict[str, object]:
    return {"urn": f"urn:pulumi:chat::homeport::{kind}::{name}", "type": kind, "inputs": inputs or {}}


def state(pending: Sequence[object], resources: Sequence[object] = ()) -> RecordedState:
    operations = [{"resource": each, "type": "creating"} for each in pending]
    deployment = {
        "manifest": {"time": SAVED},
        "resources": [*resources],
        "pending_operations": operations,
    }
    return RecordedState.parse(json.dumps({"deployment": deployment}))


def history(*updates: Mapping[str, str]) -> Run:
    def run(arguments: Sequence[str]) -> str:
        assert arguments[:2] == ["stack", "history"]
        return json.dumps(updates)

    return run


def update(end: str = "2026-11-25T10:00:00.000Z", result: str = "succeeded", kind: str = "update") -> Run:
    return history({"kind": kind, "result": result, "endTime": end})


def failing(arguments: Sequence[str]) -> str:
    raise PulumiError("no history")


COMMAND = resource("command:local:Command", "second")


def test_nothing_is_said_where_nothing_was_cut_off() -> None:
    assert interruption(state([]), failing, "chat", "pulumi up -s chat") == ()


@pytest.mark.parametrize(
    "run",
    [
        history(),
        failing,
        update("2026-11-25T09:59:00.000Z"),
        update("2026-11-25T10:00:30.000Z", "failed"),
        update("2026-11-25T10:00:30.000Z", kind="refresh"),
    ],
)
def test_until_an_update_has_succeeded_the_next_one_is_what_to_do(run: Run) -> None:
    (found,) = interruption(state([COMMAND, COMMAND]), run, "chat", "pulumi up -s chat")
    assert found.what == "an update was cut off, 2 resources may be half made"
    assert found.do.startswith("pulumi up -s chat goes on with it")


def test_after_an_update_that_succeeded_only_the_warning_is_left() -> None:
    (found,) = interruption(state([COMMAND]), update(), "chat", "pulumi up -s chat")
    assert "half made" not in found.what
    assert found.do == "pulumi stack export -s chat | pulumi stack import -s chat ends the warning"


def test_what_the_cloud_may_have_twice_is_named() -> None:
    half = resource(DISK, "homeport-data-b", {"name": "homeport-data-b-1a2b3c"})
    made = resource(DISK, "homeport-data-b", {"name": "homeport-data-b-4d5e6f"})
    (found,) = interruption(state([half], [made]), update(), "chat", "pulumi up -s chat")
    assert found.do.startswith("delete the Disk homeport-data-b-1a2b3c where the cloud has such")


def test_what_has_a_name_of_its_own_is_not_there_twice() -> None:
    record = resource("gcp:dns/recordSet:RecordSet", "a", {"name": "chat.example.com."})
    (found,) = interruption(state([record], [record]), update(), "chat", "pulumi up -s chat")
    assert "delete" not in found.do
