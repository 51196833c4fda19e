"""SPF texts: one for a domain, with everything that may send."""

from __future__ import annotations

import pytest

from components.spf import included, is_spf, lookups, merged, problem


@pytest.mark.parametrize(
    ("existing", "text"),
    [
        (None, "v=spf1 include:a.example include:b.example ~all"),
        ("v=spf1 -all", "v=spf1 include:a.example include:b.example -all"),
        ("v=spf1 mx include:a.example ?all", "v=spf1 mx include:a.example include:b.example ?all"),
        ("v=spf1 ip4:192.0.2.0/24", "v=spf1 ip4:192.0.2.0/24 include:a.example include:b.example"),
        (
            "v=spf1 mx redirect=c.example",
            "v=spf1 mx include:a.example include:b.example redirect=c.example",
        ),
        ("V=SPF1 Include:A.example  +ALL", "V=SPF1 Include:A.example include:b.example +ALL"),
    ],
)
def test_names_are_added_before_what_decides_about_the_rest(existing: str | None, text: str) -> None:
    assert merged(existing, ["a.example", "b.example", "a.example"]) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("v=spf1 -all", 0),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 ~all", 0),
        ("v=spf1 a mx a:x.example a/24 ptr exists:%{i}.x.example include:y.example redirect=z.example", 8),
        ("v=spf1 ?include:x.example -a exp=why.example ~all", 2),
    ],
)
def test_only_terms_that_ask_dns_are_counted(text: str, count: int) -> None:
    assert lookups(text) == count


def test_what_a_text_hands_on_to_is_read() -> None:
    text = "v=spf1 a ~include:X.example include:y.example redirect=z.example"
    assert included(text) == ("x.example", "y.example", "z.example")


@pytest.mark.parametrize(
    ("text", "is_one"), [("v=spf1", True), ("V=SPF1 -all", True), ("v=spf10 -all", False)]
)
def test_an_spf_text_begins_with_its_version(text: str, is_one: bool) -> None:
    assert is_spf(text) == is_one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("include:x.example", "begins with v=spf1"),
        ("v=spf1 a ~all v=spf1 mx ~all", "two of them count as none"),
        ("v=spf1 " + "include:x.example " * 11 + "~all", "at most 10 terms"),
    ],
)
def test_a_text_that_others_would_not_accept_is_told(text: str, said: str) -> None:
    assert said in str(problem(text))


def test_ten_look_ups_are_not_too_many() -> None:
    assert problem("v=spf1 " + "include:x.example " * 10 + "~all") is None
