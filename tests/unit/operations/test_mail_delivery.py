"""A test mail on its way to a relay."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal

import pytest

from components.mail import Mail
from operations.finding import Finding, Verdict
from operations.mail_delivery import deliver
from tests.unit.operations.smtp_relay import PASSWORD, USER, Relay, certificate, serving


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("relay"))


def findings(
    relay: Relay,
    password: str = PASSWORD,
    to: str | None = "ada@example.com",
    security: Literal["starttls", "tls"] = "starttls",
    trusted: bool = True,
) -> list[Finding]:
    context = ssl.create_default_context(cafile=str(relay.certificate)) if trusted else None
    with serving(relay):
        mail = Mail(
            host="localhost.localdomain",
            port=relay.port,
            user=USER,
            from_address="chat@example.com",
            security=security,
        ).model_copy(update={"host": "127.0.0.1"})
        return list(deliver(mail, password, to, context))


def wrong(found: list[Finding]) -> list[str]:
    return [finding.text for finding in found if finding.verdict is Verdict.WRONG]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_is_taken(key: Path, security: Literal["starttls", "tls"]) -> None:
    relay = Relay(key, tls=security == "tls", starttls=security == "starttls")
    found = findings(relay, security=security)
    assert wrong(found) == []
    assert found[-1].text.startswith("relay: it took a mail from chat@example.com to ada@example.com")
    (mail,) = relay.mails
    assert "From: chat@example.com\r\nTo: ada@example.com\r\n" in mail


def test_without_a_recipient_no_mail_is_sent(key: Path) -> None:
    relay = Relay(key)
    found = findings(relay, to=None)
    assert wrong(found) == []
    assert found[-1].verdict is Verdict.NOTE
    assert relay.mails == []


def test_a_wrong_password_is_told_in_the_relays_words(key: Path) -> None:
    assert wrong(findings(Relay(key), password="old")) == ["relay: it refuses the log-in: 535 wrong password"]


def test_a_password_is_never_sent_without_encryption(key: Path) -> None:
    (said,) = wrong(findings(Relay(key, starttls=False)))
    assert "STARTTLS extension not supported" in said


def test_a_certificate_that_nobody_vouches_for_is_refused(key: Path) -> None:
    (said,) = wrong(findings(Relay(key), trusted=False))
    assert said.startswith("relay: its certificate is not trusted: self")


def test_tls_where_the_relay_wants_starttls_is_told(key: Path) -> None:
    (said,) = wrong(findings(Relay(key), security="tls"))
    assert "does not speak TLS as it should" in said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("MAIL", "relay: it refuses the sender: 550 not you"),
        ("RCPT", "relay: it refuses the recipient: 550 not you"),
        ("DATA", "relay: it refuses the mail: 550 not you"),
    ],
)
def test_what_the_relay_refuses_is_told_in_its_words(key: Path, command: str, said: str) -> None:
    assert wrong(findings(Relay(key, refused=command))) == [said]


def test_a_relay_that_is_not_there_is_told(key: Path) -> None:
    with serving(Relay(key)) as relay:
        port = relay.port
    mail = Mail(host="relay.example.com", port=port, user=USER, from_address="a@example.com")
    (found,) = deliver(mail.model_copy(update={"host": "127.0.0.1"}), PASSWORD, None)
    assert found.text.startswith(f"relay: 127.0.0.1:{port} cannot be reached")
