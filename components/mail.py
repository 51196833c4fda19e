"""The relay through which the apps send their mail."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from components.dns.records import Record
from components.domain import Email, Port, Settings, host_name, is_inside
from components.mail_records import (
    MailRecordsSettings,
    SpfSettings,
    bounce_includes,
    mail_records,
    spf_text,
)
from components.relays import RELAYS, Relay, RelayName
from components.spf import problem as problem_of_spf
from components.workload import SuppliedSecret

PASSWORD = SuppliedSecret("mailPassword")
_RelayHost = Annotated[
    str,
    AfterValidator(
        host_name(
            "the relay's host name",
            "smtp.example.com",
            "the certificate that it shows must be of this name",
            "the certificate that it shows is of a name",
        )
    ),
]


class Mail(Settings):
    """An SMTP relay. Its password is the stack's secret `mailPassword`."""

    relay: RelayName = "generic"
    """A relay by its name, whose host, and where all have the same its user, need not be said then;
    see [mail](mail.md) for each."""
    region: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+-[0-9])?$")] | None = Field(
        default=None, validate_default=True
    )
    """Where the account is: required for `ses`, such as `eu-central-1`; `eu` for `sparkpost` and `mailgun`,
    where an account is in Europe."""
    host: _RelayHost = Field(default="", validate_default=True)
    """The relay's host name; required with `generic`."""
    port: Port = 587
    """587 or 2525 almost everywhere; Google Cloud blocks 25."""
    user: str = Field(default="", validate_default=True)
    """The name to log in with at the relay; known for `sparkpost` and `sendgrid`."""
    from_address: Email
    """The sender of every mail; its domain must be one the relay may send for."""
    security: Literal["starttls", "tls"] = Field(default="starttls", validate_default=True)
    """STARTTLS on 587 and 2525, TLS from the first byte on 465."""
    records: MailRecordsSettings | None = None
    """The sender domain's records. Without them, mail of a new domain is mostly taken for spam."""

    @property
    def domain(self) -> str:
        """The domain whose records say who sends for it."""
        return (self.records and self.records.domain) or self.from_address.rpartition("@")[2]

    @property
    def include(self) -> str | None:
        """What an SPF text must include for this relay, where it is known."""
        return RELAYS[self.relay].include if self.relay in RELAYS else None

    @property
    def dns_records(self) -> tuple[Record, ...]:
        """The records that the settings ask for."""
        return mail_records(self.records, self.domain, self.include) if self.records else ()

    @field_validator("region")
    @classmethod
    def _known_region(cls, region: str | None, info: ValidationInfo) -> str | None:
        relay = _relay(info)
        if relay and relay.region_required and (not region or "-" not in region):
            raise ValueError("the region of your account, such as eu-central-1")
        if region and (relay is None or not (relay.region_required or relay.regional_host)):
            raise ValueError("no region with this relay")
        if region and relay and relay.regional_host and region != "eu":
            raise ValueError("eu, or nothing for an account elsewhere")
        return region

    @field_validator("host", mode="before")
    @classmethod
    def _known_host(cls, host: object, info: ValidationInfo) -> object:
        relay = _relay(info)
        if host != "":
            return host
        if relay is None:
            raise ValueError("the relay's host name: it is required with relay generic")
        # A region with a mistake is told once, at its own key.
        return relay.server(info.data.get("region", "region"))

    @field_validator("user")
    @classmethod
    def _known_user(cls, user: str, info: ValidationInfo) -> str:
        relay = _relay(info)
        known = relay.user if relay else None
        if not (user or known):
            raise ValueError("the name to log in with: it is required with this relay")
        return user or str(known)

    @field_validator("security")
    @classmethod
    def _tls_on_its_port(cls, security: str, info: ValidationInfo) -> str:
        if info.data.get("port") == 465 and security != "tls":
            raise ValueError("tls with port 465: a relay speaks TLS from the first byte there")
        return security

    @field_validator("records")
    @classmethod
    def _of_the_sender(
        cls, records: MailRecordsSettings | None, info: ValidationInfo
    ) -> MailRecordsSettings | None:
        sender = str(info.data.get("from_address", "")).rpartition("@")[2]
        if records is None or not sender:
            return records
        domain = records.domain or sender
        if not is_inside(sender, domain):
            raise ValueError(f"the domain of fromAddress, {sender}, or one around it")
        if records.bounce and not records.bounce.name.endswith(f".{domain}"):
            raise ValueError(f"a bounce.name below {domain}")
        relay = _relay(info)
        include = relay.include if relay else None
        if records.bounce and records.bounce.mx and not bounce_includes(records, include):
            raise ValueError(
                "a bounce.include with the name in the SPF text that the relay's console wants beside the MX"
                " record, such as amazonses.com: SPF is asked of that name, and fails without it"
            )
        problem = _problem_of_spf(records.spf, include)
        if problem:
            raise ValueError(problem)
        return records


def _problem_of_spf(spf: SpfSettings | None, relay_include: str | None) -> str | None:
    if spf is None:
        return None
    text = spf_text(spf, relay_include)
    if text == "v=spf1 ~all":
        return "spf.include with the names that this relay's console says, or spf.existing"
    problem = problem_of_spf(text)
    return f"an SPF text with {problem}; put together it is {text}" if problem else None


def _relay(info: ValidationInfo) -> Relay | None:
    return RELAYS.get(str(info.data.get("relay")))
