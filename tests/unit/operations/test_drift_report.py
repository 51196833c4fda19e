"""The issue of a stack on GitHub: opened, brought up to date, closed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from operations.drift_facts import DriftedFact, DriftFacts
from operations.drift_report import GhError, Issue, gh
from operations.status_facts import Attention
from tests.unit.operations.looked_at import NOW

GONE = DriftedFact(
    name="nginx", kind="container", urn="u", change="gone", up="makes it", refresh="forgets it"
)
CALM = DriftFacts(stack="chat", time=NOW, looked_at=5)
DRIFTED = CALM.model_copy(update={"drifted": (GONE,)})
BLIND = CALM.model_copy(update={"could_not_look": Attention(what="no key", do="get one")})


@dataclass
class GitHub:
    """A repository with open issues, by number and title."""

    issues: dict[int, str] = field(default_factory=dict)
    calls: list[tuple[str, Sequence[str], str]] = field(default_factory=list)

    def __call__(self, arguments: Sequence[str], text: str) -> str:
        verb = " ".join(arguments[:2])
        if verb == "issue list":
            assert arguments[arguments.index("--label") + 1] == "drift"
            assert arguments[arguments.index("--state") + 1] == "open"
            return json.dumps([{"number": number, "title": title} for number, title in self.issues.items()])
        self.calls.append((verb, arguments[2:], text))
        return "https://github.example/issues/9\n"

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _, _ in self.calls]


def test_drift_opens_an_issue_with_all_that_was_found() -> None:
    github = GitHub()
    done = Issue("chat", github).report(DRIFTED)
    assert github.verbs == ["label create", "issue create"]
    _, arguments, text = github.calls[1]
    assert list(arguments[:4]) == ["--title", "Drift: chat", "--label", "drift"]
    assert "### nginx (container) is gone" in text
    assert done == "opened https://github.example/issues/9"


def test_an_open_issue_is_brought_up_to_date_and_no_second_one_is_opened() -> None:
    github = GitHub({7: "Drift: chat"})
    done = Issue("chat", github).report(DRIFTED)
    assert github.verbs == ["issue edit"]
    assert github.calls[0][1][0] == "7"
    assert "### nginx (container) is gone" in github.calls[0][2]
    assert done == "updated #7"


def test_the_issue_of_another_stack_is_left_alone() -> None:
    github = GitHub({7: "Drift: chat-two", 8: "A drift: chat"})
    Issue("chat", github).report(DRIFTED)
    assert github.verbs == ["label create", "issue create"]


def test_drift_that_is_gone_closes_the_issue_and_says_what_was_looked_at() -> None:
    github = GitHub({7: "Drift: chat"})
    done = Issue("chat", github).report(CALM)
    assert github.verbs == ["issue close"]
    number, _, comment = github.calls[0][1]
    assert (number, done) == ("7", "closed #7")
    assert "5 resources are as the state says" in comment


def test_without_drift_and_issue_nothing_is_written() -> None:
    github = GitHub()
    assert Issue("chat", github).report(CALM) == "there is no issue to close"
    assert github.calls == []


def test_more_than_an_issue_holds_is_cut_at_a_line_and_says_so() -> None:
    github = GitHub({7: "Drift: chat"})
    Issue("chat", github).report(CALM.model_copy(update={"drifted": (GONE,) * 2000}))
    text = github.calls[0][2]
    assert len(text) < 65_536
    assert text.endswith("\n\nThere is more: `make drift` shows all of it.\n")


@pytest.mark.parametrize("issues", [{}, {7: "Drift: chat"}])
def test_who_could_not_look_neither_opens_nor_closes(issues: dict[int, str]) -> None:
    github = GitHub(issues)
    Issue("chat", github).report(BLIND)
    assert github.calls == []


def test_a_failed_command_says_which_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(GhError, match="gh cannot be run"):
        gh(["issue", "list"], "")
