"""What a stack may say about being watched by Google Cloud Monitoring."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.domain import Email, Name, Settings


class MonitoringSettings(Settings):
    """Google Cloud asks for each app's page from around the world, and writes a mail where none comes.

    With `homeport:backup`, it also writes one when a backup or its verification failed, when the last good
    backup is older than two pauses of its schedule, and when the machine has not reported its backups for
    three hours.
    """

    email: Email
    """Where the mails go: a mailbox that does not depend on this machine."""
    period: Literal[60, 300, 600, 900] = 300
    """Seconds between two requests of each place. A mail is sent when two places or more have had no good
    answer for as long again, so 300 tells of an outage after about ten minutes."""
    certificate_days: int | None = Field(default=None, ge=1, le=60)
    """A mail is sent when a certificate has fewer days left. Left out: a sixth of its lifetime
    (`edge.certificate.lifetime`), 7.5 with Let's Encrypt; it is renewed when about a third is left."""
    content: dict[Name, Annotated[str, Field(min_length=1, max_length=1024)]] = {}
    """App's name -> text that must be in its page; without one, every answer with a status of 200 to 299 will
    do."""
