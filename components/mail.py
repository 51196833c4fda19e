"""The relay through which the apps send their mail."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.domain import Email, Fqdn, Port, Settings
from components.workload import SuppliedSecret

PASSWORD = SuppliedSecret("mailPassword")


class Mail(Settings):
    """An SMTP relay. Its password is the stack's secret `mailPassword`."""

    host: Fqdn
    """The relay's host name."""
    port: Port = 587
    """587 or 2525 almost everywhere; Google Cloud blocks 25."""
    user: str = Field(min_length=1)
    """The name to log in with at the relay."""
    from_address: Email
    """The sender of every mail; its domain must be one the relay may send for."""
    security: Literal["starttls", "tls"] = "starttls"
    """STARTTLS on 587 and 2525, TLS from the first byte on 465."""
