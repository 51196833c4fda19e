"""What is refused about the relay and the records of mail."""

from __future__ import annotations

import pytest

from stacks.mistakes import Mistake
from tests.unit.stacks.configuration import Configuration, Value, chat

SENDGRID: dict[str, Value] = {"relay": "sendgrid", "fromAddress": "chat@example.com"}


def with_mail(**changes: Value) -> Configuration:
    return chat().set("homeport:mail", {**SENDGRID, **changes}).secret("mailPassword")


def test_a_relay_that_is_known_by_its_name_needs_only_a_sender() -> None:
    mail = with_mail().load().mail
    assert mail is not None
    assert (mail.host, mail.user) == ("smtp.sendgrid.net", "apikey")


def test_mail_without_its_password_is_refused() -> None:
    assert chat().set("homeport:mail", SENDGRID).mistake().path == "homeport:mailPassword"


def test_port_25_is_refused_on_google_cloud_with_every_relay() -> None:
    assert with_mail(port=25).mistake().path == "homeport:mail.port"


@pytest.mark.parametrize(
    ("mail", "key", "allowed"),
    [
        (
            {"relay": "generic", "user": "x"},
            "host",
            "the relay's host name: it is required with relay generic",
        ),
        ({"relay": "postmark"}, "user", "the name to log in with: it is required with this relay"),
        ({"relay": "ses", "user": "x"}, "region", "the region of your account, such as eu-central-1"),
        (
            {"relay": "ses", "user": "x", "region": "eu"},
            "region",
            "the region of your account, such as eu-central-1",
        ),
        ({"relay": "sparkpost", "region": "us-east-1"}, "region", "eu, or nothing for an account elsewhere"),
        ({"region": "eu"}, "region", "no region with this relay"),
    ],
)
def test_what_a_relay_needs_is_told_at_its_key(mail: dict[str, Value], key: str, allowed: str) -> None:
    mistake = with_mail(**mail).mistake()
    assert (mistake.path, mistake.allowed) == (f"homeport:mail.{key}", allowed)


@pytest.mark.parametrize(
    ("records", "path", "allowed"),
    [
        ({"domain": "example.org"}, "", "the domain of fromAddress, example.com, or one around it"),
        ({"spf": {"existing": "mx ~all"}}, ".spf.existing", "an SPF text, which begins with v=spf1"),
        (
            {"spf": {"existing": "v=spf1 mx ~all v=spf1 a ~all"}},
            ".spf.existing",
            "one SPF text: two of them count as none, so put their parts into one",
        ),
        (
            {"verification": ["v=spf1 mx ~all"]},
            ".verification[0]",
            "no SPF text here: a domain may have one only, give it as spf.existing",
        ),
        ({"verification": ["caf\u00e9"]}, ".verification[0]", "printable ASCII only"),
        ({"verification": ['"x"']}, ".verification[0]", "the text without quotes around it"),
        (
            {"dkim": [{"selector": "s1._domainkey", "cname": "a.example"}]},
            ".dkim[0].selector",
            "a selector alone",
        ),
        ({"dkim": [{"selector": "", "cname": "a.example"}]}, ".dkim[0].selector", "a selector alone"),
        (
            {"dkim": [{"selector": "s1", "value": "k=rsa;"}]},
            ".dkim[0].value",
            "a DKIM text with its public key",
        ),
        (
            {"dkim": [{"selector": "s1", "value": "p=not base64"}]},
            ".dkim[0].value",
            "a DKIM text with its public key",
        ),
        (
            {"dkim": [{"selector": "s1", "value": "v=DKIM2; p=x"}]},
            ".dkim[0].value",
            "a DKIM text of version DKIM1",
        ),
        ({"dkim": [{"selector": "s1"}]}, ".dkim[0]", "either value, for a TXT record, or cname"),
        ({"dkim": [{"selector": "s1", "cname": "a.example"}] * 2}, ".dkim", "keys with different selectors"),
        ({"dmarc": {"policy": "harsh"}}, ".dmarc.policy", "'none', 'quarantine' or 'reject'"),
        ({"bounce": {"name": "bounce.example.com"}}, ".bounce", "either cname or mx"),
        (
            {"bounce": {"name": "bounce.example.com", "cname": "a.example", "include": ["b.example"]}},
            ".bounce",
            "no include with cname",
        ),
        (
            {"dmarc": {"reports": "mailto:dmarc@example.com"}},
            ".dmarc.reports",
            "an e-mail address such as admin@example.com, without mailto: dmarc@example.com",
        ),
        (
            {"bounce": {"name": "bounce.example.org", "cname": "a.example"}},
            "",
            "a bounce.name below example.com",
        ),
    ],
)
def test_records_that_cannot_be_are_refused(records: dict[str, Value], path: str, allowed: str) -> None:
    mistake = with_mail(records=records).mistake()
    assert (mistake.path, mistake.allowed[: len(allowed)]) == (f"homeport:mail.records{path}", allowed)


def test_an_spf_text_that_asks_dns_too_often_together_is_refused() -> None:
    spf: Value = {"existing": "v=spf1 " + "include:x.example " * 10 + "~all"}
    mistake = with_mail(records={"spf": spf}).mistake()
    assert mistake.path == "homeport:mail.records"
    assert mistake.allowed.startswith("an SPF text with at most 10 terms that are looked up")


def test_spf_for_a_relay_that_is_not_known_needs_its_names() -> None:
    mistake = with_mail(relay="sparkpost", records={"spf": {}}).mistake()
    assert mistake.path == "homeport:mail.records"
    assert mistake.allowed == "spf.include with the names that this relay's console says, or spf.existing"


def test_a_server_for_what_comes_back_needs_the_relay_in_spf_there() -> None:
    bounce: Value = {"name": "send.example.com", "mx": "feedback.example.net"}
    relay: dict[str, Value] = {"relay": "generic", "host": "smtp.example.net", "user": "x"}
    mistake = with_mail(**relay, records={"bounce": bounce}).mistake()
    assert mistake.path == "homeport:mail.records"
    assert mistake.allowed.startswith("a bounce.include with the name in the SPF text")


def test_a_mail_domain_outside_the_zones_is_refused() -> None:
    mistake = with_mail(fromAddress="chat@example.org", records={"dmarc": {}}).mistake()
    assert mistake == Mistake(
        "homeport:mail.records.domain",
        '"example.org"',
        "a domain inside one of homeport:dns.zones, example.com; its records cannot be created elsewhere",
    )


def test_a_mail_domain_outside_the_zones_is_accepted_without_records() -> None:
    assert with_mail(fromAddress="chat@example.org").load().mail is not None


def test_records_of_any_domain_may_be_made_by_hand() -> None:
    configuration = with_mail(fromAddress="chat@example.org", records={"dmarc": {}})
    assert configuration.set("homeport:dns", {"kind": "none"}).load().mail is not None


def test_a_cname_beside_other_records_is_refused() -> None:
    records: Value = {"bounce": {"name": "chat.example.com", "cname": "a.example"}}
    mistake = with_mail(records=records).mistake()
    assert (mistake.path, mistake.found) == (
        "homeport:mail.records",
        "a CNAME at chat.example.com, which has other records too",
    )
