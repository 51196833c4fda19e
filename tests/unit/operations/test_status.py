"""`make status` as a whole: what is asked, what is printed, and the exit status."""

from __future__ import annotations

import json
import os
import re
import ssl
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from operations.screen_text import WIDTH
from operations.status import look, main
from operations.status_facts import StatusFacts
from operations.status_place import UnreachableError
from operations.status_screen import screen
from tests.unit.operations.looked_at import (
    ADDRESS,
    HOSTNAME,
    RECORDED,
    SSH,
    certificate,
    exported,
    machine,
    pulumi,
    question,
    showing,
)
from tests.unit.operations.world import World

WRITE = "HOMEPORT_WRITE_SCREENS"
REFRESHED = json.dumps(
    {
        "steps": [
            {"op": "refresh", "urn": "urn:pulumi:chat::homeport::a:b:Edge$docker:index:Container::front"},
            {
                "op": "update",
                "urn": "urn:pulumi:chat::homeport::a:b:Edge$docker:index/container:Container::nginx",
                "oldState": {"inputs": {"mustRun": True}},
                "newState": {"inputs": {"mustRun": False}},
                "detailedDiff": {"mustRun": {"kind": "update"}},
            },
            {
                "op": "delete",
                "urn": "urn:pulumi:chat::homeport::gcp:compute/address:Address::homeport-chat",
            },
        ],
        "changeSummary": {"same": 1, "update": 1, "delete": 1},
    }
)


def well() -> StatusFacts:
    return look(question(machine("well")))


def bad() -> StatusFacts:
    run = pulumi(state=exported(pending=2), outputs={"backup": {}}, refresh=REFRESHED)
    asked = question(
        machine("bad"),
        run=run,
        show=showing(certificate(days=9)),
        world=World(a={HOSTNAME: ["198.51.100.7"]}, aaaa={HOSTNAME: ["2001:db8::7"]}),
        drift=True,
    )
    return look(asked)


@pytest.mark.parametrize("name", ["well", "bad"])
def test_a_recorded_machine_is_shown_as_it_was_before(name: str) -> None:
    shown = screen({"well": well, "bad": bad}[name](), colour=False)
    path = RECORDED / f"screen_{name}.txt"
    if os.environ.get(WRITE):
        path.write_text(shown)
    assert shown == path.read_text(), (
        f"if this is meant: {WRITE}=1 make test-unit, and look at the difference"
    )


@pytest.mark.parametrize("facts", [well(), bad()])
def test_no_line_is_wider_than_the_screen(facts: StatusFacts) -> None:
    assert max(map(len, screen(facts, colour=False).splitlines())) <= WIDTH


def test_a_stack_that_is_well_exits_with_0() -> None:
    assert (well().exit_status, well().attention) == (0, ())


def test_what_needs_attention_exits_with_1() -> None:
    assert bad().exit_status == 1


def test_each_marked_line_has_an_entry_at_the_end_that_says_what_to_do() -> None:
    body, _, end = screen(bad(), colour=False).partition("Needs attention\n")
    marked = [line for line in body.splitlines() if line.startswith("!")]
    assert len(marked) >= 12
    assert end.count("do: ") == len(bad().attention) >= len(marked)


def test_the_json_has_the_facts_of_the_screen() -> None:
    facts = json.loads(bad().as_json())
    assert facts["exitStatus"] == 1
    assert [service["state"] for service in facts["services"] if service["service"] == "docker-gen"] == [
        "missing"
    ]
    assert facts["names"][0]["found"] == ["198.51.100.7"]
    assert facts["certificates"][0]["days"] == 9
    assert [each["what"] for each in facts["allAttention"]] == [each.what for each in bad().attention]


def test_the_json_can_be_read_back_into_the_same_facts() -> None:
    assert StatusFacts.model_validate_json(bad().as_json()) == bad()


def test_nothing_is_coloured_without_a_terminal_and_marks_are_red_with_one() -> None:
    assert "\x1b" not in screen(bad(), colour=False)
    assert "\x1b[31m!  1. " in screen(bad(), colour=True)


def test_an_unknown_stack_cannot_be_looked_at() -> None:
    facts = look(question(machine("well"), stack="nobody"))
    assert facts.exit_status == 2
    assert "no stack named 'nobody' found" in facts.attention[0].what
    assert "pulumi stack ls" in facts.attention[0].do


def test_without_a_name_nothing_is_asked() -> None:
    def nobody(_arguments: Sequence[str]) -> str:
        raise AssertionError("asked")

    facts = look(question(machine("well"), run=nobody, stack=""))
    assert (facts.exit_status, facts.attention[0].what) == (2, "no stack was named")


def test_a_root_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "root.pem").write_text("no certificate")
    with pytest.raises(SystemExit) as caught:
        main(["--stack", "chat", "--root", str(tmp_path / "root.pem")])
    assert caught.value.code == 2
    assert "is no PEM file with a certificate" in capsys.readouterr().err


def test_a_stack_without_outputs_is_not_deployed() -> None:
    facts = look(question(machine("well"), run=pulumi(outputs={})))
    assert (facts.exit_status, facts.attention[0].what) == (2, "nothing of the stack chat is deployed")
    assert facts.attention[0].do == "pulumi up -s chat"


def test_a_machine_that_is_down_still_gets_its_names_and_certificates() -> None:
    down = question(
        UnreachableError("Connection timed out"), show=showing(TimeoutError(110, "Connection timed out"))
    )
    facts = look(down)
    assert facts.exit_status == 2
    assert facts.attention[0].what == f"the machine {ADDRESS} cannot be asked: Connection timed out"
    shown = screen(facts, colour=False)
    assert f"! {HOSTNAME}  none" in shown
    assert f"  {HOSTNAME}  A {ADDRESS}" in shown
    assert "Services" not in shown


def test_advice_names_the_command_that_updates_the_stack() -> None:
    asked = replace(question(UnreachableError("no route")), update="make demo")
    (problem,) = [each for each in look(asked).attention if "cannot be asked" in each.what]
    assert problem.do.startswith("make demo writes the keys")
    ended = replace(
        question(machine("well"), run=pulumi(state=exported(leaving=["chat-mattermost-mattermost-574a4a0"]))),
        update="make demo",
    )
    (problem,) = [each for each in look(ended).attention if "should be gone" in each.what]
    assert problem.do == "make demo"


def test_the_way_onto_the_machine_is_told_in_full_where_pulumi_of_the_shell_does_not_know_it() -> None:
    asked = question(machine("well"))
    assert look(asked).shell == "$(pulumi stack output -s chat ssh)"
    assert look(replace(asked, shell_finds_stack=False)).shell == SSH


def test_a_server_that_refuses_the_name_is_sent_to_the_log_of_the_companion() -> None:
    refused = ssl.SSLError(1, "[SSL] tlsv1 unrecognized name")
    fact = look(question(machine("well"), show=showing(refused))).certificates[0]
    assert fact.days is None
    assert "acme-companion" in fact.attention[0].do


def test_drift_is_skipped_unless_it_is_asked_for() -> None:
    assert "skipped" in screen(well(), colour=False)
    assert not well().drift.checked


def test_what_drifted_is_told_by_resource_and_property() -> None:
    told = [(change.operation, change.resource, change.properties) for change in bad().drift.changes]
    assert told == [
        ("changed", "nginx (container)", ("mustRun",)),
        ("gone", "homeport-chat (static address)", ()),
    ]


def test_a_comparison_without_differences_is_no_drift() -> None:
    run = pulumi(refresh='{"steps": [], "changeSummary": {"same": 4}}')
    facts = look(question(machine("well"), run=run, drift=True))
    assert (facts.drift.checked, facts.exit_status) == (True, 0)


def test_a_comparison_that_fails_needs_attention() -> None:
    facts = look(question(machine("well"), run=pulumi(refresh="error: no"), drift=True))
    assert facts.drift.attention[0].what.startswith("the comparison with the world failed")


def test_a_stack_without_backups_says_so_whatever_is_on_the_machine() -> None:
    facts = look(question(machine("bad"), run=pulumi()))
    assert "  no backups configured\n" in screen(facts, colour=False)
    assert facts.backup is None


def test_an_update_that_was_cut_off_needs_attention() -> None:
    assert "an update was cut off, 2 resources may be half made" in [each.what for each in bad().attention]


def test_every_key_of_the_json_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    section = page.partition("### The JSON object")[2].partition("\n## ")[0]
    named = set(re.findall(r"\w+", section))
    assert keys(json.loads(bad().as_json())) - named == set()


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(keys(inner) for inner in value.values()))
    return set().union(*(keys(inner) for inner in value)) if isinstance(value, list) else set()
