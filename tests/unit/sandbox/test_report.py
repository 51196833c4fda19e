"""What the person who waits for an update is told of policies."""

from __future__ import annotations

import pytest
from pulumi.automation import EngineEvent, OpType
from pulumi.automation.events import PolicyEvent, ResourcePreEvent, StepEventMetadata

from sandbox.report import Report


def broken(level: str) -> EngineEvent:
    """The engine's word of a broken policy."""
    event = PolicyEvent(
        "app is privileged.\n", "", "no-privileged-container", "homeport", "1.0.0", "1.0.0", level
    )
    return EngineEvent(sequence=1, timestamp=0, policy_event=event)


def test_a_broken_mandatory_policy_is_among_what_went_wrong() -> None:
    report = Report()

    report(broken("mandatory"))

    assert report.errors == ["policy no-privileged-container: app is privileged."]


def test_a_broken_advisory_policy_is_said_and_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()

    report(broken("advisory"))

    assert report.errors == []
    said = capsys.readouterr()
    assert "policy no-privileged-container: app is privileged." in said.out + said.err


def begun(name: str) -> EngineEvent:
    """The engine's word that it begins to create a command of this name."""
    urn = f"urn:pulumi:chat::homeport::homeport:app:App$command:remote:Command::{name}"
    metadata = StepEventMetadata(OpType.CREATE, urn, "command:remote:Command", provider="")
    return EngineEvent(sequence=1, timestamp=0, resource_pre_event=ResourcePreEvent(metadata))


def test_the_line_of_a_terminal_names_what_is_waited_for_the_longest() -> None:
    report = Report()

    report(begun("ready"))
    report(begun("certificate"))

    assert report.waiting() == "command:Command ready (0 s)"
