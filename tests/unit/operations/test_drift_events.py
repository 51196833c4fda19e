"""How the engine's comparison is read."""

from __future__ import annotations

import pytest
from pydantic import JsonValue, ValidationError

from operations.drift_events import kind_of, read_comparison
from operations.drift_facts import SECRET, UNSHOWN, DriftedFact
from tests.unit.operations.drifted_stack import FIREWALL, digest, failed, step


def told(
    path: str, was: JsonValue, found: JsonValue, kind: str = "update"
) -> list[tuple[str, object, object]]:
    """The differences of a resource, one of whose properties is another."""
    root = path.partition(".")[0].partition("[")[0]
    (fact,) = read_comparison(digest(step(old={root: was}, new={root: found}, changes={path: kind}))).drifted
    return [(each.path, each.was, each.found) for each in fact.differences]


def only(
    *, op: str = "update", protect: bool = False, kind: str = "update", is_input: bool = True
) -> DriftedFact:
    old: dict[str, JsonValue] = {"ttl": 300} if is_input else {}
    one = step(op, old=old, new={"ttl": 60}, changes={"ttl": kind}, protect=protect)
    (fact,) = read_comparison(digest(one)).drifted
    return fact


def test_a_property_is_told_with_what_it_was_and_is() -> None:
    assert told("ttl", 300, 60) == [("ttl", 300, 60)]


def test_a_list_of_words_is_told_as_a_whole() -> None:
    assert told("sourceRanges[0]", ["a"], ["b", "c"]) == [("sourceRanges", ["a"], ["b", "c"])]


def test_a_property_inside_of_objects_is_told_by_its_path() -> None:
    was: JsonValue = [{"protocol": "tcp", "ports": ["22"]}]
    found: JsonValue = [{"protocol": "tcp", "ports": ["22", "23"]}]
    assert told("allows", was, found) == [("allows[0].ports", ["22"], ["22", "23"])]


def test_a_key_that_came_or_went_was_or_is_nothing() -> None:
    assert told("labels", {"a": "1"}, {"b": "2"}) == [("labels.a", "1", None), ("labels.b", None, "2")]


def test_a_resource_is_named_with_its_type_in_words() -> None:
    fact = only()
    assert (fact.name, fact.kind, fact.urn) == ("homeport-chat-ssh", "firewall rule", FIREWALL)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("docker:index/container:Container", "container"),
        ("gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig", "uptime check config"),
        ("gcp:projects/iAMMember:IAMMember", "role on the project"),
        ("gcp:storage/bucketIAMBinding:BucketIAMBinding", "bucket IAM binding"),
    ],
)
def test_a_type_is_told_in_words(token: str, words: str) -> None:
    assert kind_of(token) == words


def test_what_is_the_same_is_not_told() -> None:
    found = read_comparison(digest(step("refresh"), step("same"), same=0))
    assert (found.drifted, found.looked_at, found.unnamed) == ((), 2, 0)


def test_what_is_gone_has_no_differences() -> None:
    fact = only(op="delete")
    assert (fact.change, fact.differences, fact.up) == ("gone", (), "makes it anew")


def test_what_was_protected_and_is_gone_comes_back_empty() -> None:
    assert "empty: what it held is gone" in only(op="delete", protect=True).up


@pytest.mark.parametrize(
    ("kind", "is_input", "words"),
    [
        ("update", True, "changes it back"),
        ("update-replace", True, "replaces it by a new one"),
        ("update", False, "notes what was found: no setting says what it should be"),
    ],
)
def test_what_an_update_does_about_it_is_told(kind: str, is_input: bool, words: str) -> None:
    assert only(kind=kind, is_input=is_input).up == words


def test_a_secret_that_differs_is_told_without_its_value() -> None:
    assert told("password", SECRET, SECRET) == [("password", SECRET, SECRET)]


@pytest.mark.parametrize(("was", "found"), [(SECRET, "plain"), ("plain", SECRET), ([SECRET], ["plain"])])
def test_a_value_is_hidden_where_one_side_alone_says_that_it_is_secret(
    was: JsonValue, found: JsonValue
) -> None:
    assert told("password", was, found) == [("password", SECRET, SECRET)]


def test_a_secret_among_others_hides_itself_alone() -> None:
    assert told("metadata", {"key": SECRET, "zone": "a"}, {"key": "plain", "zone": "b"}) == [
        ("metadata.key", SECRET, SECRET),
        ("metadata.zone", "a", "b"),
    ]


def test_a_value_is_hidden_where_only_its_input_is_secret() -> None:
    one = step(changes={"envs": "update"})
    one["oldState"] = {"inputs": {"envs": SECRET}, "outputs": {"envs": ["A=1"]}}
    one["newState"] = {"inputs": {"envs": SECRET}, "outputs": {"envs": ["A=2"]}}
    (fact,) = read_comparison(digest(one)).drifted
    assert [(each.path, each.was, each.found) for each in fact.differences] == [("envs", SECRET, SECRET)]


def test_a_difference_that_the_engine_does_not_show_has_no_values() -> None:
    assert told("ttl", 300, 300) == [("ttl", UNSHOWN, UNSHOWN)]


def test_resources_that_the_engine_only_counts_are_counted() -> None:
    assert read_comparison(digest(step(changes={"ttl": "update"}), update=3)).unnamed == 2


def test_errors_are_told_and_warnings_are_not() -> None:
    printed = failed("no route").replace(
        '"diagnostics": [', '"diagnostics": [{"message": "old", "severity": "warning"}, '
    )
    assert read_comparison(printed).errors == ("error: no route",)


def test_what_is_no_digest_is_refused() -> None:
    with pytest.raises(ValidationError):
        read_comparison("error: no")
