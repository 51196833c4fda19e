"""The mail relay of a box as an app's settings name it: hosts, ports, user and password."""

from __future__ import annotations

from dataclasses import dataclass

HOSTS = (
    "smtp.sandbox.test",
    "smtp.sparkpostmail.com",
    "smtp.sendgrid.net",
    "smtp.mailgun.org",
    "email-smtp.us-east-1.amazonaws.com",
    "smtp.postmarkapp.com",
)
"""Names that the sandbox's DNS answers with the relay's address and its certificate is for: one of its own,
and those of relays, so that settings made for one of them work unchanged."""
STARTTLS_PORTS = (587, 2525)
TLS_PORT = 465


@dataclass(frozen=True)
class MailAccount:
    """Who may send. The users that SparkPost and SendGrid give to everyone may, too, with this password."""

    user: str = "sandbox"
    password: str = "sandbox-mail"  # noqa: S105  # the sandbox has nothing to protect

    def environment(self) -> dict[str, str]:
        """What the cloud's container is told."""
        return {"MAIL_USER": self.user, "MAIL_PASSWORD": self.password, "MAIL_HOSTS": " ".join(HOSTS)}
