"""What holds for each rule of the pack."""

from __future__ import annotations

import re

import pytest
from pulumi_policy import EnforcementLevel

from policies.rule import AnyRule
from policies.rules import RULES
from tests.unit.policies.asked import UNKNOWN, Asked, broken_by, container, found
from tests.unit.policies.examples import EXAMPLES


@pytest.fixture(params=RULES, ids=lambda rule: str(rule.name))
def rule(request: pytest.FixtureRequest) -> AnyRule:
    assert isinstance(request.param, AnyRule)
    return request.param


def test_every_rule_has_a_resource_that_keeps_it_and_one_that_breaks_it() -> None:
    assert set(EXAMPLES) == {rule.name for rule in RULES}


def test_no_two_rules_have_one_name() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_it_is_silent_about_what_keeps_it(rule: AnyRule) -> None:
    assert found(rule.name, EXAMPLES[rule.name].kept) == []


def test_it_reports_what_breaks_it_once(rule: AnyRule) -> None:
    example = EXAMPLES[rule.name]

    (message,) = found(rule.name, example.broken)

    assert example.says in message


def test_its_message_names_the_resource_the_consequence_and_the_fix(rule: AnyRule) -> None:
    broken = EXAMPLES[rule.name].broken

    (message,) = found(rule.name, broken)

    assert message.startswith(f"{broken.name} ")
    assert message.endswith(f". {rule.why} {rule.fix}")


def test_it_has_a_name_a_level_and_whole_sentences(rule: AnyRule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert rule.level in {"mandatory", "advisory"}
    for text in (rule.what, rule.why, rule.fix):
        assert re.fullmatch(r"[A-Z].{15,}\.", text, re.DOTALL)


def test_the_engine_is_told_its_name_its_level_and_what_it_demands(rule: AnyRule) -> None:
    policy = rule.policy()

    assert (policy.name, policy.description) == (rule.name, rule.what)
    assert policy.enforcement_level is EnforcementLevel(rule.level)


def test_it_is_silent_where_a_preview_knows_nothing(rule: AnyRule) -> None:
    kept, broken = EXAMPLES[rule.name].kept, EXAMPLES[rule.name].broken
    unknown = dict.fromkeys({**kept.properties, **broken.properties}, UNKNOWN)

    # Not the resource's options: those are known in any case.
    asked = Asked(broken.kind, unknown, broken.name, kept.protect, kept.ignore_changes)
    assert found(rule.name, asked) == []


def test_a_container_as_it_should_be_keeps_every_rule() -> None:
    assert broken_by(container()) == set()
