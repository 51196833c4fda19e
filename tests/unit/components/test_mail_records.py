"""The records that make mail trusted, and what relays need not be told."""

from __future__ import annotations

import base64

import pytest

from components.dns.records import Record, record_sets
from components.mail import Mail
from components.mail_records import (
    BounceSettings,
    DkimSettings,
    DmarcSettings,
    MailRecordsSettings,
    SpfSettings,
)
from components.relays import RelayName

KEY = f"k=rsa; p={base64.b64encode(bytes(range(162))).decode()}"


def mail(records: MailRecordsSettings, relay: RelayName = "sendgrid") -> Mail:
    return Mail(relay=relay, user="x", from_address="chat@example.com", records=records)


@pytest.mark.parametrize(
    ("relay", "region", "host", "user"),
    [
        ("sparkpost", None, "smtp.sparkpostmail.com", "SMTP_Injection"),
        ("sparkpost", "eu", "smtp.eu.sparkpostmail.com", "SMTP_Injection"),
        ("sendgrid", None, "smtp.sendgrid.net", "apikey"),
        ("mailgun", None, "smtp.mailgun.org", "ada"),
        ("mailgun", "eu", "smtp.eu.mailgun.org", "ada"),
        ("ses", "eu-central-1", "email-smtp.eu-central-1.amazonaws.com", "ada"),
        ("postmark", None, "smtp.postmarkapp.com", "ada"),
    ],
)
def test_a_relay_that_has_a_name_is_known(relay: RelayName, region: str | None, host: str, user: str) -> None:
    given = user if user == "ada" else ""
    known = Mail(relay=relay, region=region, user=given, from_address="chat@example.com")
    assert (known.host, known.port, known.user, known.security) == (host, 587, user, "starttls")


def test_what_is_said_wins_over_what_is_known() -> None:
    said = Mail(
        relay="sendgrid", host="other.example.com", port=2525, user="ada", from_address="a@example.com"
    )
    assert (said.host, said.port, said.user) == ("other.example.com", 2525, "ada")


def test_records_that_are_not_asked_for_are_not_made() -> None:
    assert mail(MailRecordsSettings()).dns_records == ()


def test_spf_of_a_known_relay_needs_no_name() -> None:
    assert mail(MailRecordsSettings(spf=SpfSettings())).dns_records == (
        Record("example.com", "TXT", ("v=spf1 include:sendgrid.net ~all",)),
    )


def test_an_spf_text_that_is_there_is_kept_and_added_to() -> None:
    spf = SpfSettings(existing="v=spf1 mx -all", include=["_spf.example.net"])
    (record,) = mail(MailRecordsSettings(spf=spf)).dns_records
    assert record.values == ("v=spf1 mx include:_spf.example.net include:sendgrid.net -all",)


def test_spf_and_proofs_of_ownership_are_one_record_set() -> None:
    settings = MailRecordsSettings(spf=SpfSettings(), verification=["google-site-verification=x"])
    (record,) = record_sets(mail(settings).dns_records)
    assert record.values == ("v=spf1 include:sendgrid.net ~all", "google-site-verification=x")


def test_keys_are_texts_or_point_to_the_relays_own() -> None:
    keys = [DkimSettings(selector="s1", value=KEY), DkimSettings(selector="s2", cname="s2.dkim.example.net")]
    assert mail(MailRecordsSettings(dkim=keys)).dns_records == (
        Record("s1._domainkey.example.com", "TXT", (KEY,)),
        Record("s2._domainkey.example.com", "CNAME", ("s2.dkim.example.net",)),
    )


@pytest.mark.parametrize(
    ("dmarc", "text"),
    [
        (DmarcSettings(), "v=DMARC1; p=none"),
        (
            DmarcSettings(policy="reject", reports="dmarc@example.com"),
            "v=DMARC1; p=reject; rua=mailto:dmarc@example.com",
        ),
    ],
)
def test_dmarc_harms_no_mail_unless_told_to(dmarc: DmarcSettings, text: str) -> None:
    assert mail(MailRecordsSettings(dmarc=dmarc)).dns_records == (
        Record("_dmarc.example.com", "TXT", (text,)),
    )


def test_undeliverable_mail_goes_back_by_a_cname() -> None:
    bounce = BounceSettings(name="bounce.example.com", cname="sparkpostmail.com")
    assert mail(MailRecordsSettings(bounce=bounce)).dns_records == (
        Record("bounce.example.com", "CNAME", ("sparkpostmail.com",)),
    )


def test_undeliverable_mail_goes_back_to_a_server_with_spf_beside_it() -> None:
    bounce = BounceSettings(name="bounce.example.com", mx="feedback-smtp.eu-west-1.amazonses.com")
    settings = MailRecordsSettings(bounce=bounce)
    ses = Mail(relay="ses", region="eu-west-1", user="x", from_address="a@example.com", records=settings)
    assert ses.dns_records == (
        Record("bounce.example.com", "MX", ("10 feedback-smtp.eu-west-1.amazonses.com",)),
        Record("bounce.example.com", "TXT", ("v=spf1 include:amazonses.com ~all",)),
    )


def test_the_records_may_be_those_of_the_domain_around_the_senders() -> None:
    settings = MailRecordsSettings(domain="example.com", dmarc=DmarcSettings())
    sender = Mail(host="smtp.example.net", user="x", from_address="a@chat.example.com", records=settings)
    assert [record.name for record in sender.dns_records] == ["_dmarc.example.com"]


@pytest.mark.parametrize(
    ("records", "text"),
    [
        (
            MailRecordsSettings(
                spf=SpfSettings(include=["_spf.example.net"]),
                bounce=BounceSettings(name="send.example.com", mx="feedback.example.net"),
            ),
            "v=spf1 include:_spf.example.net ~all",
        ),
        (
            MailRecordsSettings(
                bounce=BounceSettings(
                    name="send.example.com", mx="feedback.example.net", include=["_spf.example.net"]
                )
            ),
            "v=spf1 include:_spf.example.net ~all",
        ),
    ],
)
def test_the_relay_is_allowed_at_the_bounce_name_of_a_relay_without_a_name_here(
    records: MailRecordsSettings, text: str
) -> None:
    sender = Mail(host="smtp.example.net", user="x", from_address="a@example.com", records=records)
    assert Record("send.example.com", "TXT", (text,)) in sender.dns_records


def test_resend_is_known_with_what_its_console_asks_for() -> None:
    bounce = BounceSettings(name="send.example.com", mx="feedback-smtp.us-east-1.amazonses.com")
    sender = Mail(relay="resend", from_address="a@example.com", records=MailRecordsSettings(bounce=bounce))
    assert (sender.host, sender.user) == ("smtp.resend.com", "resend")
    assert sender.dns_records[-1] == Record("send.example.com", "TXT", ("v=spf1 include:amazonses.com ~all",))


def test_an_address_for_reports_is_written_as_a_uri() -> None:
    dmarc = DmarcSettings(reports="a!b@example.com")
    (record,) = mail(MailRecordsSettings(dmarc=dmarc)).dns_records
    assert record.values == ("v=DMARC1; p=none; rua=mailto:a%21b@example.com",)
