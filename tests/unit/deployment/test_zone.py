from __future__ import annotations

import pytest

from tests.unit.deployment.providers import ADDRESS, ZONE_ID
from tests.unit.deployment.recorder import Changes, Json, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import told

ROUTE53: Changes = {"homeport:dns": {"kind": "route53", "zone": "example.com"}}
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
    record = deployed("chat").one("gcp:dns:RecordSet")
    assert record.inputs == {
        "managedZone": "example-com",
        "name": "chat.example.com.",
        "type": "A",
        "ttl": 300,
        "rrdatas": [ADDRESS],
    }


def test_route_53_gets_an_a_record_in_the_zone_of_that_name() -> None:
    recording = deployed("chat", ROUTE53)
    record = recording.one("aws:route53:Record")
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
    assert [r.name for r in recording.inside(zone) if r.type.startswith(("gcp:dns", "aws:"))] == [
        "chat.example.com-A"
    ]
    assert recording.one(type_).parent == zone.urn
    assert resolution(recording).parent == zone.urn


@pytest.mark.parametrize(("changes", "type_"), [({}, "gcp:dns:RecordSet"), (ROUTE53, "aws:route53:Record")])
def test_resolution_is_waited_for_after_the_records_exist(changes: Changes, type_: str) -> None:
    recording = deployed("chat", changes)
    assert recording.one(type_).urn in resolution(recording).depends_on


def test_resolution_is_asked_on_a_machine_that_is_ready() -> None:
    recording = deployed("chat")
    assert recording.one("pulumi:providers:docker").urn in resolution(recording).depends_on


def test_without_a_provider_there_is_no_record_but_the_wait_stays() -> None:
    recording = deployed("chat", NONE)
    assert [r.type for r in recording.resources if r.type.startswith(("gcp:dns", "aws:"))] == []
    assert told(resolution(recording)) == {"ADDRESS": ADDRESS, "NAMES": "chat.example.com", "WAIT": "1200"}


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
    assert recording.names("gcp:dns:RecordSet") == ["chat.example.com-A", "team.example.com-A"]
    assert told(resolution(recording, "chat"))["NAMES"] == "chat.example.com"
    assert told(resolution(recording, "team"))["NAMES"] == "team.example.com"
    waits = recording.before(recording.starting("docker:Container", "team-mattermost"))
    assert "team-resolution" in waits
    assert "chat-resolution" not in waits
