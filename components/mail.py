"""The relay through which the apps send their mail."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

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
    security: Literal["starttls", "tls"] = Field(default="starttls", validate_default=True)
    """STARTTLS on 587 and 2525, TLS from the first byte on 465."""

    @field_validator("security")
    @classmethod
    def _tls_on_its_port(cls, security: str, info: ValidationInfo) -> str:
        if info.data.get("port") == 465 and security != "tls":
            raise ValueError("tls with port 465: a relay speaks TLS from the first byte there")
        return security
