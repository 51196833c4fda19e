"""`make drift` as a whole: what is asked, what is printed, and the exit status."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from operations.drift_facts import DriftFacts
from operations.drift_look import DriftQuestion, Scope, look
from operations.drift_machine import FoundContainer
from operations.drift_screen import markdown, screen
from operations.screen_text import WIDTH
from operations.status_place import Place, UnreachableError
from tests.unit.operations.drifted_stack import COMPANION, asked, digest, exported, failed, step
from tests.unit.operations.looked_at import NOW

OPENED = step(
    old={"sourceRanges": ["192.0.2.0/24"]},
    new={"sourceRanges": ["0.0.0.0/0"]},
    changes={"sourceRanges": "update"},
)
CALM = digest(same=5)


def nobody(_place: Place, _names: Sequence[str]) -> Sequence[FoundContainer]:
    return ()


def silent(_place: Place) -> None:
    raise UnreachableError("SSH does not answer: timed out")


def found(
    refresh: str,
    scope: Scope = Scope.ALL,
    *,
    is_silent: bool = False,
    state: str | None = None,
    stack: str = "chat",
) -> tuple[DriftFacts, Sequence[str]]:
    """What is found, and how the engine was asked."""
    run, calls = asked(refresh, state)
    greeted = silent if is_silent else lambda _place: None
    facts = look(DriftQuestion(stack, run, scope, NOW, nobody, greeted))
    return facts, next((call for call in calls if call[0] == "refresh"), ())


def told(facts: DriftFacts) -> str:
    return " ".join(screen(facts).split())


def test_no_drift_exits_with_0_and_says_how_much_was_looked_at() -> None:
    facts, _ = found(CALM)
    assert (facts.exit_status, screen(facts)) == (0, "chat: no drift; 5 resources are as the state says\n")


def test_drift_exits_with_1() -> None:
    facts, _ = found(digest(OPENED))
    assert facts.exit_status == 1
    assert '    sourceRanges: ["192.0.2.0/24"] -> ["0.0.0.0/0"]\n' in screen(facts)


def test_resources_that_are_only_counted_are_drift_too() -> None:
    facts, _ = found(digest(update=2))
    assert facts.exit_status == 1
    assert "2 more differ in a way that the engine only counts" in told(facts)


def test_nothing_is_written() -> None:
    _, asking = found(CALM)
    assert asking[:3] == ["refresh", "--preview-only", "--json"]
    assert not {"--yes", "--skip-preview"} & set(asking)


def test_a_machine_out_of_reach_exits_with_2_before_the_engine_is_asked() -> None:
    facts, asking = found(CALM, is_silent=True)
    assert (facts.exit_status, asking) == (2, ())
    assert "SSH does not answer: timed out" in told(facts)
    assert "CLOUD=1 looks at all but the machine" in told(facts)


def test_a_machine_out_of_reach_can_be_left_out_and_is_named() -> None:
    facts, asking = found(digest(OPENED), Scope.AUTO, is_silent=True)
    assert facts.exit_status == 1
    assert "--exclude" in asking
    assert facts.skipped is not None
    assert facts.skipped.urns == (COMPANION,)
    assert "Not looked at: 1 resources on the machine" in told(facts)


def test_a_machine_that_answers_is_looked_at_where_it_may_be_left_out() -> None:
    facts, asking = found(CALM, Scope.AUTO)
    assert facts.skipped is None
    assert "--exclude" not in asking


def test_without_the_machine_it_is_not_even_greeted() -> None:
    facts, asking = found(CALM, Scope.CLOUD, is_silent=True)
    assert facts.exit_status == 0
    assert asking[asking.index("--exclude") + 1] == "**docker:index/**"


def test_keys_that_are_not_on_this_computer_are_written_by_the_program() -> None:
    _, asking = found(CALM)
    assert "--run-program" in asking


def test_the_program_does_not_run_where_the_machine_is_left_out() -> None:
    _, asking = found(CALM, Scope.CLOUD)
    assert "--run-program" not in asking


def test_a_comparison_that_failed_is_told_by_its_first_error_alone() -> None:
    facts, _ = found(failed("no credentials", "no credentials either"))
    assert facts.exit_status == 2
    assert facts.could_not_look is not None
    assert facts.could_not_look.what == "the comparison with the world failed: error: no credentials"


def test_an_unknown_stack_cannot_be_looked_at() -> None:
    facts, _ = found(CALM, stack="nobody")
    assert facts.exit_status == 2
    assert "no stack named 'nobody' found" in told(facts)


def test_without_a_name_nothing_is_asked() -> None:
    facts, asking = found(CALM, stack="")
    assert (facts.exit_status, asking) == (2, ())


def test_a_stack_without_resources_is_not_deployed() -> None:
    facts, _ = found(CALM, state='{"deployment": {"resources": []}}')
    assert facts.could_not_look is not None
    assert facts.could_not_look.what == "nothing of the stack chat is deployed"


def test_markdown_is_a_table_for_each_resource() -> None:
    text = markdown(found(digest(OPENED))[0])
    assert "### homeport-chat-ssh (firewall rule) was changed\n" in text
    assert '| <code>sourceRanges</code> | <code>&#91;"192.0.2.0/24"&#93;</code>' in text


def test_markdown_says_what_was_not_looked_at() -> None:
    text = markdown(found(digest(OPENED), Scope.AUTO, is_silent=True)[0])
    assert "Not looked at: 1 resources on the machine" in text


def test_what_was_found_cannot_write_markdown() -> None:
    hostile = step(
        old={"ttl": "1"}, new={"ttl": "|`</code>\n# @all ![x](http://a)"}, changes={"ttl": "update"}
    )
    row = next(line for line in markdown(found(digest(hostile))[0]).splitlines() if "ttl" in line)
    inside = re.sub(r"</?code>", "", row.split(" | ")[2])
    assert not set("`<>@[]!#") & set(re.sub(r"&#?\w+;", "", inside))


def test_long_values_are_cut_and_say_how_long_they_are() -> None:
    long = step(old={"text": "a" * 500}, new={"text": "b" * 500}, changes={"text": "update"})
    assert "(502 characters)" in screen(found(digest(long))[0])


def test_advice_is_not_wider_than_the_screen() -> None:
    lines = screen(found(digest(OPENED), Scope.AUTO, is_silent=True)[0]).splitlines()
    assert max(map(len, lines)) <= WIDTH


def test_the_json_can_be_read_back_into_the_same_facts() -> None:
    facts, _ = found(digest(OPENED), Scope.AUTO, is_silent=True)
    assert DriftFacts.model_validate_json(facts.as_json()) == facts


def test_every_key_of_the_json_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    section = page.partition("## Has somebody changed something by hand?")[2].partition("\n## ")[0]
    facts, _ = found(digest(OPENED), Scope.AUTO, is_silent=True)
    assert keys(json.loads(facts.as_json())) - set(re.findall(r"\w+", section)) == set()


def test_secrets_of_the_state_are_not_in_what_is_printed() -> None:
    facts, _ = found(CALM, state=exported(["PASSWORD=hunter2"], is_secret=True))
    assert "hunter2" not in facts.as_json() + screen(facts) + markdown(facts)


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(keys(inner) for inner in value.values()))
    return set().union(*(keys(inner) for inner in value)) if isinstance(value, list) else set()
