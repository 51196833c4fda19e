"""The page docs/policies.md says what the rules say."""

from __future__ import annotations

import pytest

from policies.rules import RULES
from tools.policy_reference import FILE, MARK, page


def test_the_committed_page_is_what_the_rules_say() -> None:
    current = FILE.read_text()
    assert current == page(current), "docs/policies.md is old. Run: make policy-reference"


def test_every_rule_has_a_row() -> None:
    rows = page(MARK).splitlines()
    assert [row.split(" | ")[0] for row in rows if row.startswith("| `")] == [
        f"| `{rule.name}`" for rule in RULES
    ]


def test_no_cell_breaks_the_table() -> None:
    rows = [row for row in page(MARK).splitlines() if row.startswith("|")]
    assert {row.count("|") for row in rows} == {6}


def test_what_is_written_by_hand_is_kept() -> None:
    assert page(f"# By hand\n{MARK}old").startswith(f"# By hand\n{MARK}\n| rule |")


def test_a_page_without_the_mark_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="lacks the line"):
        page("# Somebody's own page\n")
