"""What a stack may say about the records that make its mail trusted, and the records themselves."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from components.dns.records import Record
from components.dns.rrdata import problem_of_text
from components.domain import DnsName, Email, Settings, host_name
from components.spf import is_spf, merged
from components.spf import problem as problem_of_spf

_SELECTOR = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def _text(value: str) -> str:
    problem = problem_of_text(value)
    if problem:
        raise ValueError(problem)
    if value.startswith('"'):
        raise ValueError("the text without quotes around it, and in one piece: it is quoted and split here")
    return value


def _spf(value: str) -> str:
    problem = problem_of_spf(_text(value))
    if problem:
        raise ValueError(problem)
    return value


def _verification(value: str) -> str:
    if is_spf(_text(value)):
        raise ValueError("no SPF text here: a domain may have one only, give it as spf.existing")
    return value


def _selector(value: str) -> str:
    if not _SELECTOR.fullmatch(value):
        raise ValueError("a selector alone, one label such as s1: without ._domainkey and the domain")
    return value


def _dkim(value: str) -> str:
    tags = dkim_tags(_text(value))
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa") not in {"rsa", "ed25519"}:
        raise ValueError("a DKIM text of version DKIM1 with a key of kind rsa or ed25519")
    if not is_key(tags.get("p", "")):
        raise ValueError("a DKIM text with its public key in base64 after p=, such as k=rsa; p=MIGfMA0...")
    return value


def dkim_tags(text: str) -> dict[str, str]:
    """The tags of a DKIM or DMARC text with their values (RFC 6376, section 3.2)."""
    pairs = (tag.partition("=") for tag in text.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs if name.strip()}


def is_key(text: str) -> bool:
    """Whether this can be a public key; an empty one says that it was withdrawn."""
    try:
        return len(base64.b64decode(text, validate=True)) >= 32
    except (binascii.Error, ValueError):
        return False


class SpfSettings(Settings):
    """Who may send mail of the domain: one TXT record at the domain itself."""

    include: list[DnsName] = []
    """Names to include, as the relay's console says them; that of a known relay is added by itself."""
    existing: Annotated[str, AfterValidator(_spf)] | None = None
    """The domain's present SPF text, `v=spf1 ...`, which the names are added to: a domain has only one."""


class DkimSettings(Settings):
    """One key that the relay signs with: a TXT record with the key, or a CNAME to where the relay has it."""

    selector: Annotated[str, AfterValidator(_selector)]
    """The name of the key, one label: what stands before `._domainkey` in the relay's console."""
    value: Annotated[str, AfterValidator(_dkim)] | None = None
    """The text with the key, in one piece and without quotes; for a relay that wants a TXT record."""
    cname: DnsName | None = None
    """The name that the relay's console says; for a relay that wants a CNAME."""

    @model_validator(mode="after")
    def _one(self) -> DkimSettings:
        if (self.value is None) == (self.cname is None):
            raise ValueError("either value, for a TXT record, or cname")
        return self


def _different(keys: list[DkimSettings]) -> list[DkimSettings]:
    selectors = [key.selector.lower() for key in keys]
    if len(set(selectors)) < len(selectors):
        raise ValueError("keys with different selectors")
    return keys


class DmarcSettings(Settings):
    """What others shall do with mail of the domain that is neither signed nor allowed by SPF."""

    policy: Literal["none", "quarantine", "reject"] = "none"
    """`none` changes nothing and lets you read reports. Go on to `quarantine` and `reject` when they show
    that all of your mail passes: the policy holds for every sender of the domain, not for these apps only."""
    reports: Email | None = None
    """Where others send their daily reports."""


class BounceSettings(Settings):
    """The name that mail which cannot be delivered goes back to, so that SPF is asked of your own domain."""

    name: DnsName
    """Below the domain, such as `bounce.example.com`."""
    cname: DnsName | None = None
    """The name that the relay's console says; for a relay that wants a CNAME."""
    mx: DnsName | None = None
    """The server that takes such mail, for a relay that wants an MX record, such as Amazon SES and Resend: an
    SPF text for the relay is put beside it, since SPF is asked of this name then."""
    include: list[DnsName] = []
    """Names that the SPF text beside `mx` includes, as the relay's console says them; left out, that of a
    known relay and those of `spf.include`."""

    @model_validator(mode="after")
    def _one(self) -> BounceSettings:
        if (self.cname is None) == (self.mx is None):
            raise ValueError("either cname or mx")
        if self.cname and self.include:
            raise ValueError("no include with cname: the SPF text is then the relay's own, behind the CNAME")
        return self


class MailRecordsSettings(Settings):
    """Records that make others trust the mail. What is left out here gets no record."""

    domain: Annotated[str, AfterValidator(host_name("a mail domain", "example.com"))] | None = None
    """The domain of the senders; left out, that of `fromAddress`."""
    spf: SpfSettings | None = None
    """Which servers may send for the domain; `spf: {}` is enough for a relay whose name is known here."""
    dkim: Annotated[list[DkimSettings], AfterValidator(_different)] = []
    """The keys that the relay signs with. The most important of these records."""
    dmarc: DmarcSettings | None = None
    """What to do with mail that fails both; `dmarc: {}` is a safe beginning."""
    verification: list[Annotated[str, AfterValidator(_verification)]] = []
    """Further TXT values of the domain itself: proofs of ownership, also those of other services, since all
    TXT values of one name are one record set."""
    bounce: BounceSettings | None = Field(default=None)
    """Where undeliverable mail goes back to."""


def _in_uri(email: str) -> str:
    """An address in a DMARC text, where an exclamation mark would begin a size (RFC 7489, section 6.2)."""
    return email.replace("%", "%25").replace("!", "%21")


def spf_text(spf: SpfSettings, relay_include: str | None) -> str:
    """The domain's SPF text."""
    return merged(spf.existing, [*spf.include, *([relay_include] if relay_include else [])])


def bounce_includes(settings: MailRecordsSettings, relay_include: str | None) -> tuple[str, ...]:
    """The names that the SPF text at the bounce name must include; none where it gets no text of ours."""
    if settings.bounce is None or settings.bounce.mx is None:
        return ()
    spf = settings.spf.include if settings.spf else []
    return tuple(
        settings.bounce.include or dict.fromkeys([*([relay_include] if relay_include else []), *spf])
    )


def mail_records(settings: MailRecordsSettings, domain: str, relay_include: str | None) -> tuple[Record, ...]:
    """The records of a domain whose mail goes through a relay; `relay_include` is its name in SPF texts."""
    records = []
    if settings.spf:
        records.append(Record(domain, "TXT", (spf_text(settings.spf, relay_include),)))
    records += [Record(domain, "TXT", (text,)) for text in settings.verification]
    for key in settings.dkim:
        name = f"{key.selector}._domainkey.{domain}"
        records.append(
            Record(name, "CNAME", (key.cname,)) if key.cname else Record(name, "TXT", (key.value or "",))
        )
    if settings.dmarc:
        reports = f"; rua=mailto:{_in_uri(settings.dmarc.reports)}" if settings.dmarc.reports else ""
        text = f"v=DMARC1; p={settings.dmarc.policy}{reports}"
        records.append(Record(f"_dmarc.{domain}", "TXT", (text,)))
    if settings.bounce and settings.bounce.cname:
        records.append(Record(settings.bounce.name, "CNAME", (settings.bounce.cname,)))
    if settings.bounce and settings.bounce.mx:
        records.append(Record(settings.bounce.name, "MX", (f"10 {settings.bounce.mx}",)))
        includes = bounce_includes(settings, relay_include)
        records.append(Record(settings.bounce.name, "TXT", (merged(None, includes),)))
    return tuple(records)
