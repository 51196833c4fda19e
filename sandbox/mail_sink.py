"""The mails that were sent in a box: its relay keeps each as a file, and sends none on."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from sandbox.box import Box


@dataclass(frozen=True)
class Mail:
    """One mail as the relay got it."""

    sender: str
    """Of the envelope; what the reader sees is `message["From"]`."""
    recipients: tuple[str, ...]
    """Of the envelope."""
    subject: str
    text: str
    """The plain text, or the HTML where there is no plain text."""
    message: EmailMessage = field(compare=False, repr=False)

    @classmethod
    def read(cls, path: Path) -> Mail:
        """The mail in one of the relay's files."""
        message = message_from_bytes(path.read_bytes(), EmailMessage, policy=default)
        body = message.get_body(("plain", "html"))
        return cls(
            sender=str(message["X-Envelope-From"]),
            recipients=tuple(str(message["X-Envelope-To"]).split(", ")),
            subject=str(message["Subject"] or ""),
            text=str(body.get_content()) if body else "",
            message=message,
        )


def mails(box: Box) -> list[Mail]:
    """Every mail that was sent in this box, in the order they came."""
    return [Mail.read(path) for path in sorted(box.mail_folder.glob("*.eml"))]
