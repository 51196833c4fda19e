"""The policy pack beside the stack as it runs."""

from __future__ import annotations

from pulumi.automation import EngineEvent

from sandbox.engine import Policies
from tests.e2e.deployed import Deployed


def test_the_deployed_stack_breaks_no_rule_but_those_about_what_is_not_free(deployed: Deployed) -> None:
    broken: list[str] = []

    def note(event: EngineEvent) -> None:
        if event.policy_event:
            broken.append(f"{event.policy_event.policy_name}: {event.policy_event.message}")

    # What a first preview cannot tell is known here: the startup script, the networks' names, the secrets.
    result = deployed.engine.preview(note, policies=Policies())

    assert "homeport@v" in result.stdout
    assert [one for one in broken if not one.startswith("always-free-")] == []
