"""What is refused about being watched by Google Cloud."""

from __future__ import annotations

import pytest

from tests.unit.stacks.configuration import Configuration, Value, chat, local


def watched(**changes: Value) -> Configuration:
    return chat().set("homeport:monitoring", {"email": "ops@example.net", **changes})


def test_an_address_is_all_that_it_takes() -> None:
    monitoring = watched().load().monitoring
    assert monitoring is not None
    assert (monitoring.period, monitoring.certificate_days, monitoring.content) == (300, None, {})


def test_it_is_off_unless_the_section_is_there() -> None:
    assert chat().load().monitoring is None


def test_a_computer_of_ones_own_is_refused_with_the_reason() -> None:
    mistake = local().set("homeport:monitoring", {"email": "ops@example.net"}).mistake()
    assert mistake.path == "homeport:monitoring"
    assert "Google Cloud cannot reach this computer" in mistake.allowed


@pytest.mark.parametrize("period", [30, 120, 1800])
def test_a_period_that_google_does_not_have_is_refused(period: int) -> None:
    mistake = watched(period=period).mistake()
    assert mistake.path == "homeport:monitoring.period"
    assert "60" in mistake.allowed


def test_a_text_for_an_app_that_is_not_there_is_refused_with_the_likely_name() -> None:
    mistake = watched(content={"matermost": "Mattermost"}).mistake()
    assert mistake.path == "homeport:monitoring.content.matermost"
    assert "mattermost" in mistake.allowed


@pytest.mark.parametrize(("lifetime", "days"), [(None, 15), (90, 30), (6, 2)])
def test_days_that_every_certificate_comes_down_to_before_it_is_renewed_are_refused(
    lifetime: int | None, days: int
) -> None:
    certificate: Value = {"kind": "acme", "email": "ada@lovelace.org", "lifetime": lifetime}
    mistake = watched(certificateDays=days).set("homeport:edge", {"certificate": certificate}).mistake()
    assert mistake.path == "homeport:monitoring.certificateDays"
    assert "is renewed with so many left" in mistake.allowed


def test_fewer_days_than_those_are_fine() -> None:
    monitoring = watched(certificateDays=10).load().monitoring
    assert monitoring is not None
    assert monitoring.certificate_days == 10
