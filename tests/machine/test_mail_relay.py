"""The sandbox's mail relay, asked as an app asks it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from components.mail import Mail
from operations.mail_delivery import deliver
from sandbox.box import Box
from sandbox.mail_account import HOSTS, STARTTLS_PORTS, TLS_PORT, MailAccount
from sandbox.mail_sink import mails
from tools.tls_contexts import strict_context

ACCOUNT = MailAccount()


@pytest.fixture(scope="module")
def relay(bootstrap_box: Box) -> str:
    """The relay's address."""
    return bootstrap_box.start().cloud_address


@pytest.fixture(scope="module")
def trusting(bootstrap_box: Box, relay: str) -> ssl.SSLContext:
    """What an app has that trusts the sandbox's root."""
    return strict_context(bootstrap_box.authority.certificate)


class Client(smtplib.SMTP):
    """A client that asks for a name, at an address that the test names."""

    def __init__(self, name: str, address: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._address, self._tls = address, tls
        super().__init__(name, port, timeout=10)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._address, port), timeout)
        return self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain


@pytest.fixture
def client(relay: str, trusting: ssl.SSLContext) -> Iterator[Client]:
    """A client after STARTTLS, before its log-in."""
    with Client(HOSTS[0], relay, STARTTLS_PORTS[0]) as connected:
        connected.starttls(context=trusting)
        yield connected


def message(subject: str) -> EmailMessage:
    """A small mail."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "app@homeport.test", "ada@homeport.test", subject
    mail.set_content("Welcome to Homeport.")
    return mail


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("port", STARTTLS_PORTS)
def test_starttls_shows_a_certificate_for_every_relays_name(
    relay: str, trusting: ssl.SSLContext, host: str, port: int
) -> None:
    with Client(host, relay, port) as connected:
        assert connected.starttls(context=trusting)[0] == 220


def test_port_465_speaks_tls_from_the_first_byte(relay: str, trusting: ssl.SSLContext) -> None:
    with Client(HOSTS[0], relay, TLS_PORT, trusting) as connected:
        assert connected.login(ACCOUNT.user, ACCOUNT.password)[0] == 235


def test_a_client_that_does_not_trust_the_sandbox_gets_no_connection(relay: str) -> None:
    with Client(HOSTS[0], relay, STARTTLS_PORTS[0]) as connected, pytest.raises(ssl.SSLCertVerificationError):
        connected.starttls(context=strict_context())


def test_no_log_in_is_offered_before_starttls(relay: str) -> None:
    with Client(HOSTS[0], relay, STARTTLS_PORTS[0]) as connected:
        connected.ehlo()
        assert not connected.has_extn("auth")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_log_in_works_with_each_mechanism(client: Client, mechanism: str) -> None:
    client.ehlo()
    client.user, client.password = ACCOUNT.user, ACCOUNT.password
    method = client.auth_plain if mechanism == "PLAIN" else client.auth_login
    assert client.auth(mechanism, method)[0] == 235


@pytest.mark.parametrize("user", ["SMTP_Injection", "apikey"])
def test_users_that_relays_give_to_everyone_may_send(client: Client, user: str) -> None:
    assert client.login(user, ACCOUNT.password)[0] == 235


@pytest.mark.parametrize("port", [STARTTLS_PORTS[0], TLS_PORT])
def test_a_wrong_password_is_refused(relay: str, trusting: ssl.SSLContext, port: int) -> None:
    with Client(HOSTS[0], relay, port, trusting if port == TLS_PORT else None) as connected:
        if port != TLS_PORT:
            connected.starttls(context=trusting)
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            connected.login(ACCOUNT.user, "wrong")
    assert str(refused.value.args[:2]).startswith("(535, b'5.7.8 ")


@pytest.mark.parametrize("password", [ACCOUNT.password, "wrong"])
def test_the_check_of_a_stacks_mail_tells_whether_the_password_is_right(
    relay: str, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda _, *rest: connect((relay, STARTTLS_PORTS[0]), *rest)
    )
    mail = Mail(host=HOSTS[0], user=ACCOUNT.user, from_address="app@homeport.test")
    said = [str(finding) for finding in deliver(mail, password, "ada@homeport.test", trusting)]
    if password == ACCOUNT.password:
        assert "it took a mail from app@homeport.test to ada@homeport.test" in said[-1]
    else:
        assert "it refuses the log-in: 535" in said[-1]


def test_an_unknown_user_is_refused(client: Client) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        client.login("nobody", ACCOUNT.password)
    assert refused.value.smtp_code == 535


def test_mail_without_a_log_in_is_refused(client: Client) -> None:
    client.ehlo()
    assert client.mail("app@homeport.test")[0] == 530


def test_mail_without_tls_is_refused(relay: str) -> None:
    with Client(HOSTS[0], relay, STARTTLS_PORTS[0]) as connected:
        connected.ehlo()
        assert connected.mail("app@homeport.test")[0] == 530


def test_a_mail_is_kept_with_its_envelope(bootstrap_box: Box, client: Client) -> None:
    client.login(ACCOUNT.user, ACCOUNT.password)
    client.send_message(message("Kept"), "bounce@homeport.test", ["ada@homeport.test", "bob@homeport.test"])
    kept = next(mail for mail in mails(bootstrap_box) if mail.subject == "Kept")
    assert (kept.sender, kept.recipients) == (
        "bounce@homeport.test",
        ("ada@homeport.test", "bob@homeport.test"),
    )
    assert kept.text.strip() == "Welcome to Homeport."


def test_another_account_replaces_the_one_of_a_box_that_runs(bootstrap_box: Box) -> None:
    address = bootstrap_box.start(mail=MailAccount("other", "secret")).cloud_address
    trusting = strict_context(bootstrap_box.authority.certificate)
    try:
        with Client(HOSTS[0], address, TLS_PORT, trusting) as connected:
            assert connected.login("other", "secret")[0] == 235
    finally:
        bootstrap_box.start()
