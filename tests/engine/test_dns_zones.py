"""Records in zones that are found and zones that are made, at both providers, as Homeport puts them there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pulumi
import pytest

from components.dns.records import Record
from components.dns.settings import CloudDnsSettings, CloudDnsZone, DnsSettings, Route53Settings, Route53Zone
from components.dns.zone import Zone
from sandbox.cloud import Cloud
from tests.engine.empty_cloud import empty_cloud
from tests.engine.trial import Trial

LONG = "v=DKIM1; k=rsa; p=" + "A" * 392
TEXT = Record("homeport.test", "TXT", ("v=spf1 include:relay.example ~all", 'a "quoted" \\\\ proof'))
RECORDS = (
    Record("chat.homeport.test", "A", ("192.0.2.1",)),
    Record("chat.homeport.test", "AAAA", ("2001:db8::1",)),
    Record("chat.homeport.test", "CAA", ('0 issue "letsencrypt.org"',)),
    Record("s1._domainkey.homeport.test", "TXT", (LONG,)),
    Record("s2._domainkey.homeport.test", "CNAME", ("s2.domainkey.relay.example",)),
    Record("bounce.homeport.test", "MX", ("10 feedback.relay.example",)),
    TEXT,
)
SERVED = {
    "chat.homeport.test./A": ["192.0.2.1"],
    "chat.homeport.test./AAAA": ["2001:db8::1"],
    "chat.homeport.test./CAA": ['0 issue "letsencrypt.org"'],
    "s1._domainkey.homeport.test./TXT": [f'"{LONG[:255]}" "{LONG[255:]}"'],
    "s2._domainkey.homeport.test./CNAME": ["s2.domainkey.relay.example."],
    "bounce.homeport.test./MX": ["10 feedback.relay.example."],
    "homeport.test./TXT": ['"v=spf1 include:relay.example ~all"', r'"a \"quoted\" \\\\ proof"'],
}
CLOUD_DNS = CloudDnsSettings(kind="clouddns", zones=[CloudDnsZone(name="homeport.test")])
ROUTE53 = Route53Settings(kind="route53", zones=[Route53Zone(name="homeport.test")])
MADE = [
    CloudDnsSettings(kind="clouddns", zones=[CloudDnsZone(name="new.test", create=True)]),
    Route53Settings(kind="route53", zones=[Route53Zone(name="new.test", create=True)]),
]
BOTH = pytest.mark.parametrize("settings", [CLOUD_DNS, ROUTE53], ids=["clouddns", "route53"])


@pytest.fixture
def cloud(trial: Trial) -> Cloud:
    """A cloud with one DNS zone and no machine; no container runs for it."""
    found = empty_cloud(trial.world, "zones")
    found.ensure_zone("homeport.test")
    return found


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")


def program(settings: DnsSettings, *records: Record) -> Callable[[], None]:
    def run() -> None:
        zone = Zone("dns", settings, records)
        pulumi.export("nameServers", zone.name_servers)

    return run


def served(cloud: Cloud) -> dict[str, object]:
    return {name: record["values"] for name, record in cloud.all("record").items()}


@BOTH
def test_every_type_of_record_is_served_and_stays_as_it_is(
    trial: Trial, cloud: Cloud, settings: DnsSettings
) -> None:
    trial.up(program(settings, *RECORDS))
    assert served(cloud) == SERVED
    assert trial.up(program(settings, *RECORDS)) == {}
    assert trial.refresh() == {}
    assert trial.up(program(settings, *RECORDS)) == {}


@BOTH
def test_a_text_is_added_to_its_set_in_place(trial: Trial, cloud: Cloud, settings: DnsSettings) -> None:
    trial.up(program(settings, TEXT))
    assert trial.up(program(settings, TEXT, replace(TEXT, values=("proof=1",)))) == {"update": 1}
    assert served(cloud) == {"homeport.test./TXT": [*SERVED["homeport.test./TXT"], '"proof=1"']}


@pytest.mark.parametrize("settings", MADE, ids=["clouddns", "route53"])
def test_a_zone_is_made_and_its_name_servers_are_told(
    trial: Trial, cloud: Cloud, settings: DnsSettings
) -> None:
    trial.up(program(settings, Record("chat.new.test", "A", ("192.0.2.1",))))
    assert sorted(str(zone["dnsName"]) for zone in cloud.all("zone").values()) == [
        "homeport.test.",
        "new.test.",
    ]
    assert served(cloud) == {"chat.new.test./A": ["192.0.2.1"]}
    servers = trial.outputs()["nameServers"]
    assert isinstance(servers, dict)
    assert [len(names) for names in servers.values()] == [2]
    assert trial.refresh() == {}


@pytest.mark.parametrize("settings", MADE, ids=["clouddns", "route53"])
def test_a_zone_that_was_made_is_not_deleted_with_its_settings(
    trial: Trial, cloud: Cloud, settings: DnsSettings
) -> None:
    trial.up(program(settings))
    other = CLOUD_DNS if settings.kind == "clouddns" else ROUTE53
    assert "protected" in trial.failing_up(program(other))
    assert len(cloud.all("zone")) == 2


def test_names_go_to_the_longest_zone_that_they_are_in(trial: Trial, cloud: Cloud) -> None:
    cloud.ensure_zone("eu.homeport.test")
    zones = [CloudDnsZone(name="homeport.test"), CloudDnsZone(name="eu.homeport.test")]
    records = [Record(f"{name}.homeport.test", "A", ("192.0.2.1",)) for name in ("chat", "chat.eu")]
    trial.up(program(CloudDnsSettings(kind="clouddns", zones=zones), *records))
    assert {name: record["managedZone"] for name, record in cloud.all("record").items()} == {
        "chat.homeport.test./A": "homeport-test",
        "chat.eu.homeport.test./A": "eu-homeport-test",
    }


def test_a_zone_that_is_not_there_is_told_with_what_to_do(trial: Trial, cloud: Cloud) -> None:
    settings = CloudDnsSettings(kind="clouddns", zones=[CloudDnsZone(name="elsewhere.test")])
    said = trial.failing_up(program(settings, Record("chat.elsewhere.test", "A", ("192.0.2.1",))))
    assert "no managed zone of this project is the public zone of elsewhere.test" in said
    assert "create: true" in said


def test_a_private_zone_of_the_same_name_is_not_taken(trial: Trial, cloud: Cloud) -> None:
    cloud.put("zone", "inside", {"dnsName": "homeport.test.", "visibility": "private"})
    trial.up(program(CLOUD_DNS, RECORDS[0]))
    assert cloud.all("record")["chat.homeport.test./A"]["managedZone"] == "homeport-test"


@BOTH
def test_records_that_somebody_else_made_are_not_replaced(
    trial: Trial, cloud: Cloud, settings: DnsSettings
) -> None:
    theirs = {"name": "homeport.test.", "type": "TXT", "ttl": 5, "values": ['"google-site-verification=x"']}
    cloud.put("record", "homeport.test./TXT", dict(theirs))  # type: ignore[arg-type]  # a list of text
    said = trial.failing_up(program(settings, TEXT))
    assert "already" in said
    assert served(cloud) == {"homeport.test./TXT": ['"google-site-verification=x"']}


def test_what_is_there_already_is_shown_with_what_to_do(trial: Trial, cloud: Cloud) -> None:
    cloud.put(
        "record", "homeport.test./TXT", {"name": "homeport.test.", "type": "TXT", "ttl": 5, "values": ['"x"']}
    )
    said = trial.failing_up(program(CLOUD_DNS, TEXT))
    assert "has TXT records of homeport.test already:\n" in said
    assert '"x"' in said
    assert "homeport:mail.records" in said


def test_the_same_records_from_an_update_that_was_killed_are_taken(trial: Trial, cloud: Cloud) -> None:
    values: list[object] = [*SERVED["homeport.test./TXT"]]
    entry = {"name": "homeport.test.", "type": "TXT", "ttl": 300, "values": values}
    cloud.put("record", "homeport.test./TXT", dict(entry))  # type: ignore[arg-type]  # a list of text
    assert trial.up(program(CLOUD_DNS, TEXT))["create"] > 0
    assert served(cloud) == {"homeport.test./TXT": SERVED["homeport.test./TXT"]}
