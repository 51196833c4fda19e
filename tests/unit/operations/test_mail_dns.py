"""What the world's DNS says of a sender's domain."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from components.mail import Mail
from components.mail_records import BounceSettings, DkimSettings, MailRecordsSettings, SpfSettings
from operations.finding import Verdict
from operations.mail_dns import check_records
from tests.unit.operations.world import World

KEY = f"v=DKIM1; k=rsa; p={base64.b64encode(bytes(162)).decode()}"
OTHER_KEY = f"v=DKIM1; k=rsa; p={base64.b64encode(bytes(range(162))).decode()}"
SETTINGS = MailRecordsSettings(
    spf=SpfSettings(include=["_spf.example.net"]),
    dkim=[
        DkimSettings(selector="s1", value=KEY),
        DkimSettings(selector="s2", cname="s2.dkim.sendgrid.net"),
    ],
    bounce=BounceSettings(name="bounce.example.com", cname="u1.sendgrid.net"),
)
TEXTS = {
    "example.com": ["proof=1", "v=spf1 include:sendgrid.net include:_spf.example.net ~all"],
    "sendgrid.net": ["v=spf1 ip4:192.0.2.0/24 include:ab.sendgrid.net ~all"],
    "ab.sendgrid.net": ["v=spf1 ip4:198.51.100.0/24 ~all"],
    "_spf.example.net": ["v=spf1 ip4:203.0.113.0/24 ~all"],
    "s1._domainkey.example.com": [KEY],
    "s2.dkim.sendgrid.net": [OTHER_KEY],
    "_dmarc.example.com": ["v=DMARC1; p=none"],
}
WORLD = World(
    txt=TEXTS,
    cnames={
        "s2._domainkey.example.com": "s2.dkim.sendgrid.net",
        "bounce.example.com": "u1.sendgrid.net",
    },
)


def mail(settings: MailRecordsSettings | None = SETTINGS, sender: str = "chat@example.com") -> Mail:
    return Mail(relay="sendgrid", from_address=sender, records=settings)


def wrong(world: World, of: Mail | None = None) -> list[str]:
    return [
        finding.text for finding in check_records(of or mail(), world) if finding.verdict is Verdict.WRONG
    ]


def with_texts(**changes: list[str]) -> World:
    names = {"apex": "example.com", "key": "s1._domainkey.example.com", "dmarc": "_dmarc.example.com"}
    return replace(WORLD, txt={**TEXTS, **{names[name]: texts for name, texts in changes.items()}})


def test_a_domain_with_all_its_records_is_well() -> None:
    assert wrong(WORLD) == []


def test_every_record_is_told_where_it_is_well() -> None:
    told = [str(finding) for finding in check_records(mail(), WORLD)]
    assert told == [
        "ok    SPF: example.com has one SPF text: v=spf1 include:sendgrid.net include:_spf.example.net ~all",
        "ok    SPF: it allows _spf.example.net",
        "ok    SPF: it allows sendgrid.net",
        "ok    SPF: 3 of 10 look-ups",
        "ok    DKIM: s1._domainkey.example.com has a public key",
        "ok    DKIM: s2._domainkey.example.com has a public key",
        "ok    DMARC: _dmarc.example.com has the policy none",
        "ok    bounce: bounce.example.com is a CNAME to u1.sendgrid.net",
    ]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "SPF: example.com has no SPF text, which mail.records.spf asks for"),
        (
            ["v=spf1 mx ~all", "v=spf1 a ~all"],
            "SPF: example.com has 2 SPF texts, and two count as none: v=spf1 mx ~all; v=spf1 a ~all",
        ),
        (["v=spf1 include:_spf.example.net ~all"], "SPF: it does not include sendgrid.net"),
        (
            ["v=spf1 include:sendgrid.net include:_spf.example.net include:gone.example ~all"],
            "SPF: it includes gone.example, which has no SPF text, so the whole text counts as broken",
        ),
        (
            [
                "v=spf1 include:sendgrid.net include:_spf.example.net a a:b.example a:c.example a:d.example"
                " a:e.example a:f.example a:g.example mx ~all"
            ],
            "SPF: 11 look-ups with those of what it includes; 10 are allowed",
        ),
    ],
)
def test_what_is_wrong_with_spf_is_told(texts: list[str], said: str) -> None:
    assert wrong(with_texts(apex=texts)) == [said]


def test_an_include_within_an_include_counts_as_included() -> None:
    texts = {**TEXTS, "example.com": ["v=spf1 include:outer.example ~all"]}
    texts["outer.example"] = ["v=spf1 include:sendgrid.net include:_spf.example.net ~all"]
    assert wrong(replace(WORLD, txt=texts)) == []


def test_texts_that_include_each_other_are_read_once() -> None:
    texts = {**TEXTS, "ab.sendgrid.net": ["v=spf1 include:sendgrid.net ~all"]}
    assert wrong(replace(WORLD, txt=texts)) == []


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "DKIM: s1._domainkey.example.com has no TXT values instead of one"),
        ([OTHER_KEY], "DKIM: s1._domainkey.example.com has another key than mail.records.dkim says"),
        ([KEY, KEY], "DKIM: s1._domainkey.example.com has 2 TXT values instead of one"),
    ],
)
def test_what_is_wrong_with_a_key_is_told(texts: list[str], said: str) -> None:
    assert wrong(with_texts(key=texts)) == [said]


def test_a_cname_of_a_key_that_points_elsewhere_is_told() -> None:
    cnames = {**WORLD.cnames, "s2._domainkey.example.com": "old.example.net"}
    assert wrong(replace(WORLD, cnames=cnames)) == [
        "DKIM: s2._domainkey.example.com is a CNAME to old.example.net, not to s2.dkim.sendgrid.net"
    ]


def test_a_key_that_the_relay_withdrew_is_told() -> None:
    texts = {**TEXTS, "s2.dkim.sendgrid.net": ["v=DKIM1; p="]}
    assert wrong(replace(WORLD, txt=texts)) == [
        "DKIM: s2._domainkey.example.com has no public key: v=DKIM1; p="
    ]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "DMARC: example.com has no policy; large receivers want one"),
        (["v=DMARC1; p=none"] * 2, "DMARC: _dmarc.example.com has 2 policies, and two count as none"),
        (
            ["v=DMARC1; p=no"],
            "DMARC: _dmarc.example.com has no policy, p=none, p=quarantine or p=reject: v=DMARC1; p=no",
        ),
    ],
)
def test_what_is_wrong_with_dmarc_is_told(texts: list[str], said: str) -> None:
    assert wrong(with_texts(dmarc=texts)) == [said]


def test_the_policy_of_the_domain_above_holds_for_a_domain_without_one() -> None:
    assert wrong(WORLD, mail(None, "chat@mail.example.com")) == []


def test_a_bounce_name_that_points_nowhere_is_told() -> None:
    cnames = {name: target for name, target in WORLD.cnames.items() if not name.startswith("bounce")}
    assert wrong(replace(WORLD, cnames=cnames)) == [
        "bounce: bounce.example.com is a CNAME to nothing, not to u1.sendgrid.net"
    ]


def returned(servers: list[str], texts: list[str]) -> list[str]:
    """What is wrong where mail comes back to a server, with these records at the bounce name."""
    settings = MailRecordsSettings(bounce=BounceSettings(name="bounce.example.com", mx="in.example.net"))
    txt = {**TEXTS, "bounce.example.com": texts}
    return wrong(replace(WORLD, cnames={}, mx={"bounce.example.com": servers}, txt=txt), mail(settings))


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        (["in.example.net"], []),
        ([], ["bounce: bounce.example.com has the mail servers none, not in.example.net alone"]),
    ],
)
def test_the_servers_that_take_what_comes_back_are_checked(servers: list[str], said: list[str]) -> None:
    assert returned(servers, ["v=spf1 include:sendgrid.net ~all"]) == said


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "bounce: bounce.example.com has no SPF text, which mail.records.bounce asks for"),
        (["v=spf1 mx ~all"], "bounce: it does not include sendgrid.net"),
        (
            ["v=spf1 include:sendgrid.net ~all", "v=spf1 ~all"],
            "bounce: bounce.example.com has 2 SPF texts, and two count as none:"
            " v=spf1 include:sendgrid.net ~all; v=spf1 ~all",
        ),
    ],
)
def test_spf_is_looked_for_where_mail_goes_back_to(texts: list[str], said: str) -> None:
    assert returned(["in.example.net"], texts) == [said]
