"""Which names are a whole domain where no zone tells."""

from __future__ import annotations

import pytest

from components.dns.whole_domains import whole_domains


@pytest.mark.parametrize("name", ["example.com", "example.co.uk", "example.com.au"])
def test_a_domain_as_it_was_registered_is_one(name: str) -> None:
    assert whole_domains([name]) == (name,)


@pytest.mark.parametrize("name", ["chat.example.com", "chat.example.co.uk", "co.example.de"])
def test_a_host_in_a_domain_is_none(name: str) -> None:
    assert whole_domains([name]) == ()


def test_a_name_with_another_host_in_it_is_one() -> None:
    assert whole_domains(["corp.example.com", "chat.corp.example.com"]) == ("corp.example.com",)


def test_the_domain_that_mail_comes_from_is_one() -> None:
    assert whole_domains(["corp.example.com"], ["corp.example.com"]) == ("corp.example.com",)
