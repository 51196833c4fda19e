"""The mail relay of the sandbox: each mail becomes a file, and none goes further."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import ssl
import uuid
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

MAILS = Path("/srv/mail")
NAME = "smtp.sandbox.test"
# Names of users that their relays give to everyone: SparkPost's and SendGrid's.
RELAY_USERS = ("SMTP_Injection", "apikey")
STARTTLS_PORTS = (587, 2525)
TLS_PORT = 465
LARGEST_BYTES = 20 << 20


class Mailbox:
    """Where accepted mails go: one file each, with the envelope in its first header lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Relay, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail. The answer to the client."""
        key = uuid.uuid4().hex[:12]
        path = self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{key}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(_with_envelope(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        part.chmod(0o644)
        # Whoever looks sees a whole mail or none.
        part.rename(path)
        return f"250 2.0.0 OK: kept as {key}"


def _with_envelope(sender: str, recipients: Sequence[str], content: bytes) -> bytes:
    # Above what the client sent, so that these are the first headers of their names.
    return f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n".encode() + content


class Relay(SMTP):  # type: ignore[misc]  # the library has no types
    """The library's server with the words that relays ask for a log-in with; some clients look at them."""

    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"


class Gate:
    """Who may send: a few names of users with one password."""

    def __init__(self, users: Sequence[str], password: str) -> None:
        self._users = {user.encode() for user in users}
        self._password = password.encode()

    def __call__(
        self, server: Relay, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        right = hmac.compare_digest(login.password, self._password)
        # Not handled: the server answers 535 5.7.8 by itself.
        return AuthResult(success=login.login in self._users and right, handled=False)


def serve_mail(address: str, certificate: Path, key: Path) -> None:
    """Serve on all ports until the process ends; the account is in MAIL_USER and MAIL_PASSWORD."""
    # Its warning that a log-in could go without TLS is meant for port 465, which has nothing but TLS.
    warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    gate = Gate((os.environ["MAIL_USER"], *RELAY_USERS), os.environ["MAIL_PASSWORD"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    asyncio.run(_serve(address, gate, context))


async def _serve(address: str, gate: Gate, context: ssl.SSLContext) -> None:
    mailbox, loop = Mailbox(MAILS), asyncio.get_running_loop()

    def protocol(starttls: bool) -> Relay:
        return Relay(
            mailbox,
            hostname=NAME,
            ident="ESMTP sandbox",
            data_size_limit=LARGEST_BYTES,
            tls_context=context if starttls else None,
            require_starttls=starttls,
            auth_require_tls=starttls,
            auth_required=True,
            authenticator=gate,
            loop=loop,
        )

    servers = [await loop.create_server(lambda: protocol(True), address, port) for port in STARTTLS_PORTS]
    servers.append(await loop.create_server(lambda: protocol(False), address, TLS_PORT, ssl=context))
    await asyncio.gather(*(server.serve_forever() for server in servers))
