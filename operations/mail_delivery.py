"""Handing a test mail to the relay, step by step as an app does it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from components.mail import Mail
from operations.finding import Finding, note, right, wrong
from tools.tls_contexts import browser_context

_SECONDS = 30


def deliver(
    mail: Mail,
    password: str,
    recipient: str | None,
    context: ssl.SSLContext | None = None,
    address: str | None = None,
) -> Iterator[Finding]:
    """Connect, encrypt, log in, and send a mail if there is a recipient; stops at the first thing wrong.

    `context` says which certificates are trusted; by default those that the computer trusts. `address` is
    where the relay is, if this computer's resolver shall not be asked for it.
    """
    trusted = context or browser_context()
    where = f"{mail.host}:{mail.port}"
    try:
        server = _connected(mail, trusted, address)
    except ssl.SSLError as error:
        yield wrong(f"relay: {where} does not speak TLS as it should: {error}")
        return
    except (OSError, smtplib.SMTPException) as error:
        yield wrong(f"relay: {where} cannot be reached: {error}")
        return
    with server:
        yield right(f"relay: {where} answers")
        try:
            if mail.security == "starttls":
                server.starttls(context=trusted)
            yield right(f"relay: the connection is encrypted ({mail.security}), its certificate is trusted")
            server.login(mail.user, password)
            yield right(f"relay: {mail.user} may log in")
            if recipient is None:
                yield note("no test mail was sent: give a recipient, TO=you@example.com")
                return
            server.send_message(_message(mail.from_address, recipient))
            yield right(
                f"relay: it took a mail from {mail.from_address} to {recipient}; look whether it arrives"
            )
        except (OSError, smtplib.SMTPException) as error:
            yield wrong(f"relay: {_said(error)}")


def _connected(mail: Mail, context: ssl.SSLContext, address: str | None) -> smtplib.SMTP:
    place = address or mail.host
    if mail.security == "tls":
        return _SmtpOverTls(mail.host, mail.port, place, context)
    return _Smtp(mail.host, mail.port, place)


class _Smtp(smtplib.SMTP):
    """Connects to a place, and expects the certificate of the host."""

    def __init__(self, host: str, port: int, place: str) -> None:
        self._place = place
        super().__init__(host, port, timeout=_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self._place, port), timeout)


class _SmtpOverTls(smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""

    def __init__(self, host: str, port: int, place: str, context: ssl.SSLContext) -> None:
        self._place = place
        super().__init__(host, port, timeout=_SECONDS, context=context)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._place, port), timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


def _message(sender: str, recipient: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, "Test of this server's mail"
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message.set_content(
        "This mail was sent by `make mail-check`. Its headers say whether SPF, DKIM and DMARC passed:\n"
        "look for Authentication-Results in its source.\n"
    )
    return message


def _said(error: Exception) -> str:
    """The relay's own words, and what was being done."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"it refuses the log-in: {error.smtp_code} {_decoded(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"it refuses the recipient: {code} {_decoded(said)}"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"it refuses the sender: {error.smtp_code} {_decoded(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it refuses the mail: {error.smtp_code} {_decoded(error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return str(error)


def _decoded(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
