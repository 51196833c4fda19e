from __future__ import annotations

import pytest

from tests.unit.deployment.providers import ADDRESS, NAME_SERVERS, ZONE_ID
from tests.unit.deployment.recorder import Changes, Json, SecretText, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import told

ROUTE53: Changes = {"homeport:dns": {"kind": "route53", "zones": [{"name": "example.com"}]}}
RECORDS = ("chat.example.com-A", "chat.example.com-CAA")
CREATE: Changes = {"homeport:dns.zones": [{"name": "example.com", "create": True}]}
NONE: Changes = {"homeport:dns": {"kind": "none", "wait": 1200}}


def second_app() -> Changes:
    """The shipped chat with another Mattermost beside it, on a machine that has room for both."""
    apps: list[Json] = [
        {
            "kind": "mattermost",
            "name": name,
            "hostname": f"{name}.example.com",
            "version": "11.7.0",
            "administrator": {"email": "admin@example.com"},
        }
        for name in ("chat", "team")
    ]
    return {"homeport:host.machineType": "e2-medium", "homeport:apps": apps}


def resolution(recording: Recording, app: str = "mattermost") -> Resource:
    return recording.one("command:remote:Command", f"{app}-resolution")


def test_cloud_dns_gets_an_a_record_in_its_managed_zone() -> None:
    record = deployed("chat").one("gcp:dns:RecordSet", "chat.example.com-A")
    assert record.inputs == {
        "managedZone": "example-com",
        "name": "chat.example.com.",
        "type": "A",
        "ttl": 300,
        "rrdatas": [ADDRESS],
    }


def test_route_53_gets_an_a_record_in_the_zone_of_that_name() -> None:
    recording = deployed("chat", ROUTE53)
    record = recording.one("aws:route53:Record", "chat.example.com-A")
    assert record.inputs == {
        "zoneId": ZONE_ID,
        "name": "chat.example.com",
        "type": "A",
        "ttl": 300,
        "records": [ADDRESS],
    }
    assert recording.names("gcp:dns:RecordSet") == []


def test_the_hosted_zone_is_looked_up_by_its_name() -> None:
    look_ups = [call for call in deployed("chat", ROUTE53).invocations if call.token.startswith("aws:")]
    assert [(call.token, call.arguments) for call in look_ups] == [
        ("aws:route53/getZone:getZone", {"name": "example.com"})
    ]


@pytest.mark.parametrize(("changes", "type_"), [({}, "gcp:dns:RecordSet"), (ROUTE53, "aws:route53:Record")])
def test_records_and_their_wait_belong_to_the_zone(changes: Changes, type_: str) -> None:
    recording = deployed("chat", changes)
    zone = recording.one("homeport:dns:Zone")
    inside = [r.name for r in recording.inside(zone) if r.type.startswith(("gcp:dns", "aws:"))]
    assert sorted(inside) == [*RECORDS]
    assert [recording.one(type_, name).parent for name in RECORDS] == [zone.urn, zone.urn]
    assert resolution(recording).parent == zone.urn


@pytest.mark.parametrize(("changes", "type_"), [({}, "gcp:dns:RecordSet"), (ROUTE53, "aws:route53:Record")])
def test_resolution_is_waited_for_after_the_records_exist(changes: Changes, type_: str) -> None:
    recording = deployed("chat", changes)
    assert {recording.one(type_, name).urn for name in RECORDS} <= resolution(recording).depends_on


def test_resolution_is_asked_on_a_machine_that_is_ready() -> None:
    recording = deployed("chat")
    ready = recording.one("command:remote:Command", "homeport-chat-ready-b")
    assert ready.urn in resolution(recording).depends_on


def test_the_zone_is_found_by_its_dns_name_unless_the_settings_say_how_it_is_called() -> None:
    named: Changes = {"homeport:dns.zones": [{"name": "example.com", "managedZone": "mine"}]}
    recording = deployed("chat", named)
    assert {r.inputs["managedZone"] for r in recording.all("gcp:dns:RecordSet")} == {"mine"}
    assert [call.token for call in recording.invocations if call.token.startswith("gcp:dns")] == []


def test_a_name_goes_to_the_longest_zone_that_it_is_in() -> None:
    zones: Changes = {
        "homeport:dns.zones": [{"name": "example.com"}, {"name": "eu.example.com"}],
        "homeport:apps[0].hostname": "chat.eu.example.com",
    }
    record = deployed("chat", zones).one("gcp:dns:RecordSet", "chat.eu.example.com-A")
    assert record.inputs["managedZone"] == "eu-example-com"


def test_a_zone_is_made_protected_and_told_with_its_name_servers() -> None:
    recording = deployed("chat", CREATE)
    zone = recording.one("gcp:dns:ManagedZone")
    assert zone.protect
    assert (zone.inputs["name"], zone.inputs["dnsName"]) == ("zone-example-com", "example.com.")
    assert recording.outputs["nameServers"] == {"example.com": NAME_SERVERS}
    assert told(resolution(recording))["DELEGATIONS"] == f"example.com {' '.join(NAME_SERVERS)}"


def test_route_53_makes_a_zone_protected_too() -> None:
    changes: Changes = {
        "homeport:dns": {"kind": "route53", "zones": [{"name": "example.com", "create": True}]}
    }
    recording = deployed("chat", changes)
    assert recording.one("aws:route53:Zone").protect
    assert recording.one("aws:route53:Record", "chat.example.com-A").inputs["zoneId"] == ZONE_ID
    assert recording.outputs["nameServers"] == {"example.com": NAME_SERVERS}


def test_the_authority_is_named_at_the_host_name() -> None:
    record = deployed("chat").one("gcp:dns:RecordSet", "chat.example.com-CAA")
    assert record.inputs["rrdatas"] == ['0 issue "letsencrypt.org"']


@pytest.mark.parametrize(
    "changes",
    [{"homeport:dns.caa": False}, {"homeport:edge.certificate.server": "https://ca.example.com/directory"}],
    ids=["not wanted", "unknown authority"],
)
def test_no_authority_is_named_where_it_is_not_wanted_or_not_known(changes: Changes) -> None:
    assert deployed("chat", changes).names("gcp:dns:RecordSet") == ["chat.example.com-A"]


def test_another_authority_is_named_as_the_settings_say() -> None:
    changes: Changes = {
        "homeport:edge.certificate.server": "https://ca.example.com/directory",
        "homeport:edge.certificate.caa": "ca.example.com",
    }
    record = deployed("chat", changes).one("gcp:dns:RecordSet", "chat.example.com-CAA")
    assert record.inputs["rrdatas"] == ['0 issue "ca.example.com"']


def test_without_a_provider_there_is_no_record_but_the_wait_stays() -> None:
    recording = deployed("chat", NONE)
    assert [r.type for r in recording.resources if r.type.startswith(("gcp:dns", "aws:"))] == []
    assert told(resolution(recording)) == {
        "ADDRESS": ADDRESS,
        "NAMES": "chat.example.com",
        "WAIT": "1200",
        "DELEGATIONS": "",
    }


@pytest.mark.parametrize("changes", [{}, ROUTE53, NONE], ids=["clouddns", "route53", "none"])
def test_certificates_are_asked_for_only_after_the_names_resolve(changes: Changes) -> None:
    recording = deployed("chat", changes)
    container = recording.starting("docker:Container", "mattermost-mattermost")
    assert "ACME_HOST=chat.example.com" in container.texts("envs")
    assert resolution(recording).urn in container.depends_on


def test_another_address_is_waited_for_again() -> None:
    assert resolution(deployed("chat")).at("triggers") == [ADDRESS]


def test_every_app_waits_for_its_own_names_only() -> None:
    recording = deployed("chat", second_app())
    assert sorted(recording.names("gcp:dns:RecordSet")) == [
        f"{app}.example.com-{kind}" for app in ("chat", "team") for kind in ("A", "CAA")
    ]
    assert told(resolution(recording, "chat"))["NAMES"] == "chat.example.com"
    assert told(resolution(recording, "team"))["NAMES"] == "team.example.com"
    waits = recording.before(recording.starting("docker:Container", "team-mattermost"))
    assert "team-resolution" in waits
    assert "chat-resolution" not in waits


def test_the_records_of_mail_are_put_beside_the_others() -> None:
    mail: dict[str, Json] = {
        "relay": "sendgrid",
        "fromAddress": "chat@example.com",
        "records": {"spf": {}, "verification": ["proof=1"], "dmarc": {}},
    }
    changes: Changes = {"homeport:mail": mail, "homeport:mailPassword": SecretText("x")}
    recording = deployed("chat", changes)
    texts = recording.one("gcp:dns:RecordSet", "example.com-TXT")
    assert texts.inputs["rrdatas"] == ['"v=spf1 include:sendgrid.net ~all"', '"proof=1"']
    assert recording.outputs["dnsRecords"] == [
        f"chat.example.com. 300 IN A {ADDRESS}",
        'chat.example.com. 300 IN CAA 0 issue "letsencrypt.org"',
        'example.com. 300 IN TXT "v=spf1 include:sendgrid.net ~all"\nexample.com. 300 IN TXT "proof=1"',
        '_dmarc.example.com. 300 IN TXT "v=DMARC1; p=none"',
    ]


@pytest.mark.parametrize("key", ["hostname", "localDomain"])
def test_no_caa_is_asked_for_at_a_whole_domain_that_is_kept_elsewhere(key: str) -> None:
    changes: Changes = {**NONE, f"homeport:apps[0].{key}": "example.com"}
    lines = str(deployed("social", changes).outputs["dnsRecords"])
    assert f"example.com. 300 IN A {ADDRESS}" in lines
    assert "'example.com. 300 IN CAA" not in lines
    assert ("social.example.com. 300 IN CAA" in lines) is (key == "localDomain")
