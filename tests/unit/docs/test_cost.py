"""The page about cost shows what a preview says today."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from policies.cost import RULES
from policies.rule import AnyRule
from tests.unit.deployment.recorder import REPOSITORY, deployed
from tests.unit.deployment.value import Value, at

PAGE = (REPOSITORY / "docs" / "cost.md").read_text()
EXAMPLE = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)


def texts(value: Value) -> Iterator[str]:
    """Every text in an output."""
    if isinstance(value, dict):
        for child in value.values():
            yield from texts(child)
    elif isinstance(value, str):
        yield value


def test_the_example_has_what_a_preview_of_the_shipped_stack_says_and_nothing_else() -> None:
    assert EXAMPLE
    shown = re.findall(r': "([^"]*)"$', EXAMPLE[1], re.MULTILINE)
    assert sorted(shown) == sorted(texts(deployed("chat").outputs["estimate"]))


def test_the_total_of_the_other_stack_is_what_a_preview_says() -> None:
    total = str(at(deployed("social").outputs["estimate"], ("cost", "total")))
    assert total.startswith("16.68 to 19.28 USD")
    assert "16.68 to 19.28 USD a month" in " ".join(PAGE.split())


def test_the_readme_has_the_same_total() -> None:
    total = str(at(deployed("chat").outputs["estimate"], ("cost", "total"))).partition(" a month")[0]
    assert f"{total} a month" in (REPOSITORY / "README.md").read_text()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_about_cost_is_named(rule: AnyRule) -> None:
    assert f"`{rule.name}`" in PAGE
