"""Which addresses of mail can be, and what is said about others."""

from __future__ import annotations

import pytest

from components.email_addresses import is_reserved, problem_of_email

WANTED = "an e-mail address such as admin@example.com"


@pytest.mark.parametrize("text", ["a@b.example", "first.last+tag@mail.example.com", "Ada@Example.com"])
def test_an_address_is_taken(text: str) -> None:
    assert problem_of_email(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mailto:ada@example.com", f"{WANTED}, without mailto: ada@example.com"),
        ("MAILTO:ada@example.com?subject=x", f"{WANTED}, without mailto: ada@example.com"),
        ("<ada@example.com>", f"{WANTED}, alone: ada@example.com"),
        ("Ada <ada@example.com>", f"{WANTED}, alone: ada@example.com"),
        (" ada@example.com\n", f"{WANTED}: ada@example.com"),
        ("a@example.com, b@example.com", "one e-mail address, such as admin@example.com"),
        ("a@example.com;b@example.com", "one e-mail address, such as admin@example.com"),
        ("ada@b\u00fccher.example", f"{WANTED}; letters beyond ASCII are written in their xn-- form"),
        ("ada", WANTED),
        ("ada@localhost", WANTED),
        ("ada lovelace@example.com", WANTED),
        ("ada..l@example.com", WANTED),
        ("ada@203.0.113.7", WANTED),
        (f"{'a' * 65}@example.com", WANTED),
    ],
)
def test_what_is_no_bare_address_is_refused_with_what_to_write(text: str, problem: str) -> None:
    assert str(problem_of_email(text)).startswith(problem)


@pytest.mark.parametrize(
    "domain",
    [
        *("example.com", "Example.NET", "example.org", "mail.example.com", "a.example", "homeport.test"),
        *("x.invalid", "localhost", "printer.local", "intranet"),
    ],
)
def test_nobody_has_a_mailbox_in_a_reserved_domain(domain: str) -> None:
    assert is_reserved(domain)


@pytest.mark.parametrize("domain", ["myexample.com", "example.com.au", "test.de", "mozilla.social"])
def test_a_domain_that_only_looks_like_a_reserved_one_is_none(domain: str) -> None:
    assert not is_reserved(domain)
