"""A test mail on its way to a relay."""

from __future__ import annotations

from typing import Literal

import pytest

from components.mail import Mail
from operations.finding import Finding, Verdict
from operations.mail_delivery import deliver
from sandbox.authority import Authority
from tests.unit.operations.smtp_relay import PASSWORD, USER, Relay, serving
from tools.tls_contexts import browser_context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    authority = Authority(tmp_path_factory.mktemp("relay"))
    authority.create()
    return authority


def findings(
    relay: Relay,
    password: str = PASSWORD,
    to: str | None = "ada@example.com",
    security: Literal["starttls", "tls"] = "starttls",
    trusted: bool = True,
    address: str | None = None,
) -> list[Finding]:
    context = browser_context(relay.authority.certificate) if trusted else None
    with serving(relay):
        mail = Mail(
            host="localhost.localdomain",
            port=relay.port,
            user=USER,
            from_address="chat@example.com",
            security=security,
        ).model_copy(update={"host": relay.host})
        return list(deliver(mail, password, to, context, address))


def wrong(found: list[Finding]) -> list[str]:
    return [finding.text for finding in found if finding.verdict is Verdict.WRONG]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_is_taken(authority: Authority, security: Literal["starttls", "tls"]) -> None:
    relay = Relay(authority, tls=security == "tls", starttls=security == "starttls")
    found = findings(relay, security=security)
    assert wrong(found) == []
    assert found[-1].text.startswith("relay: it took a mail from chat@example.com to ada@example.com")
    (mail,) = relay.mails
    assert "From: chat@example.com\r\nTo: ada@example.com\r\n" in mail


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_relay_is_found_where_a_resolver_said_and_known_by_its_name(
    authority: Authority, security: Literal["starttls", "tls"]
) -> None:
    relay = Relay(
        authority, tls=security == "tls", starttls=security == "starttls", host="smtp.example.invalid"
    )
    assert wrong(findings(relay, security=security, address="127.0.0.1")) == []
    assert wrong(findings(relay, security=security))[0].startswith("relay: smtp.example.invalid:")


def test_without_a_recipient_no_mail_is_sent(authority: Authority) -> None:
    relay = Relay(authority)
    found = findings(relay, to=None)
    assert wrong(found) == []
    assert found[-1].verdict is Verdict.NOTE
    assert relay.mails == []


def test_a_wrong_password_is_told_in_the_relays_words(authority: Authority) -> None:
    assert wrong(findings(Relay(authority), password="old")) == [
        "relay: it refuses the log-in: 535 wrong password"
    ]


def test_a_password_is_never_sent_without_encryption(authority: Authority) -> None:
    (said,) = wrong(findings(Relay(authority, starttls=False)))
    assert "STARTTLS extension not supported" in said


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: Authority) -> None:
    (said,) = wrong(findings(Relay(authority), trusted=False))
    assert said.startswith("relay: its certificate is not trusted: unable to get local issuer certificate")


def test_tls_where_the_relay_wants_starttls_is_told(authority: Authority) -> None:
    (said,) = wrong(findings(Relay(authority), security="tls"))
    assert "does not speak TLS as it should" in said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("MAIL", "relay: it refuses the sender: 550 not you"),
        ("RCPT", "relay: it refuses the recipient: 550 not you"),
        ("DATA", "relay: it refuses the mail: 550 not you"),
    ],
)
def test_what_the_relay_refuses_is_told_in_its_words(authority: Authority, command: str, said: str) -> None:
    assert wrong(findings(Relay(authority, refused=command))) == [said]


def test_a_relay_that_is_not_there_is_told(authority: Authority) -> None:
    with serving(Relay(authority)) as relay:
        port = relay.port
    mail = Mail(host="relay.example.com", port=port, user=USER, from_address="a@example.com")
    (found,) = deliver(mail.model_copy(update={"host": "127.0.0.1"}), PASSWORD, None)
    assert found.text.startswith(f"relay: 127.0.0.1:{port} cannot be reached")
