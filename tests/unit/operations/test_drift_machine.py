"""Containers' environment, as the state has it and as it is."""

from __future__ import annotations

import json
from collections.abc import Sequence

from operations.drift_events import read_comparison
from operations.drift_facts import DriftedFact
from operations.drift_look import recorded
from operations.drift_machine import FoundContainer, KnownContainer, known_containers, with_environments
from tests.unit.operations.drifted_stack import COMPANION, digest, exported, step
from tests.unit.operations.looked_at import pulumi

SAME = "0123456789abcdef"


def known(environment: Sequence[str] = ("COLOUR=blue",), **how: bool) -> list[KnownContainer]:
    return known_containers(recorded(pulumi(state=exported(environment, **how)), "chat"))


def there(
    *environment: str,
    identity: str = SAME,
    given: Sequence[str] = (),
    deployment: str | None = "b4d8",
    image: str = "sha256:one",
) -> list[FoundContainer]:
    return [
        FoundContainer(
            name="chat-acme-companion",
            id=identity,
            image=image,
            environment=environment,
            given=given,
            deployment=deployment,
        )
    ]


def told(fact: DriftedFact) -> list[tuple[str, object, object]]:
    return [(each.path, each.was, each.found) for each in fact.differences]


def test_a_container_as_the_state_has_it_is_not_told() -> None:
    assert with_environments((), known(), there("COLOUR=blue")) == ()


def test_variables_of_the_image_and_the_path_that_docker_sets_are_no_drift() -> None:
    found = there("COLOUR=blue", "LANG=C", "PATH=/bin", given=["LANG=C"])
    assert with_environments((), known(), found) == ()


def test_a_variable_of_the_image_with_another_value_is_drift() -> None:
    (fact,) = with_environments((), known(), there("COLOUR=blue", "LANG=de", given=["LANG=C"]))
    assert told(fact) == [("envs.LANG", None, "[not shown]")]


def test_changed_and_missing_variables_are_told_with_their_values() -> None:
    (fact,) = with_environments((), known(("COLOUR=blue", "SIZE=1")), there("COLOUR=red"))
    assert fact.change == "changed"
    assert told(fact) == [("envs.COLOUR", "blue", "red"), ("envs.SIZE", "1", None)]


def test_an_environment_with_secrets_is_told_by_names() -> None:
    (fact,) = with_environments((), known(is_secret=True), there("COLOUR=red", "NEW=1"))
    assert told(fact) == [("envs.COLOUR", "[secret]", "[secret]"), ("envs.NEW", None, "[not shown]")]
    assert not {"blue", "red"} & set(json.dumps(fact.model_dump()).split('"'))


def test_another_container_of_the_same_name_is_one_that_was_made_anew() -> None:
    gone = read_comparison(digest(step("delete", COMPANION))).drifted
    (fact,) = with_environments(gone, known(), there("COLOUR=red", identity="fedcba9876543210"))
    assert fact.change == "remade"
    assert told(fact) == [("id", SAME[:12], "fedcba987654"), ("envs.COLOUR", "blue", "red")]
    assert fact.up == "removes the one that was found and makes the right one"


def test_another_image_of_a_container_made_anew_is_told() -> None:
    (fact,) = with_environments((), known(), there("COLOUR=blue", identity="f", image="sha256:two"))
    assert ("image", "sha256:one", "sha256:two") in told(fact)


def test_a_stranger_under_the_same_name_is_in_the_way() -> None:
    (fact,) = with_environments((), known(), there("COLOUR=blue", identity="f", deployment=None))
    assert fact.up.startswith("fails, as the name is taken")
    assert "docker rm -f chat-acme-companion" in fact.up


def test_a_container_that_is_gone_stays_gone() -> None:
    gone = read_comparison(digest(step("delete", COMPANION))).drifted
    assert with_environments(gone, known(), []) == gone


def test_what_the_engine_found_of_a_container_is_kept_beside_its_environment() -> None:
    engine = read_comparison(
        digest(
            step(
                urn=COMPANION,
                old={"memory": 96, "envs": ["COLOUR=blue"]},
                new={"memory": 300, "envs": []},
                changes={"memory": "update", "envs": "update-replace"},
            )
        )
    ).drifted
    (fact,) = with_environments(engine, known(), there("COLOUR=red"))
    assert told(fact) == [("memory", 96, 300), ("envs.COLOUR", "blue", "red")]


def test_a_container_that_the_next_update_removes_is_not_asked_for() -> None:
    assert known(leaving=True) == []
