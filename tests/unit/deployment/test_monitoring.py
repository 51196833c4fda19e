from __future__ import annotations

import pytest

from tests.unit.deployment.providers import channel
from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.recording import Recording, Resource

_ON: Changes = {"homeport:monitoring": {"email": "ops@example.net"}, "homeport:backup": None}


@pytest.fixture
def watched() -> Recording:
    return deployed("social", _ON)


def check(recording: Recording, app: str) -> Resource:
    return recording.one("gcp:monitoring:UptimeCheckConfig", f"monitoring-{app}")


def test_nothing_is_watched_unless_the_stack_says_so() -> None:
    assert not [r for r in deployed("social").resources if r.type.startswith("gcp:monitoring")]


def test_every_app_has_one_check_and_one_policy(watched: Recording) -> None:
    names = ["monitoring-mastodon"]
    assert watched.names("gcp:monitoring:UptimeCheckConfig") == names
    assert watched.names("gcp:monitoring:AlertPolicy") == names


def test_the_check_asks_over_https_and_validates_the_certificate(watched: Recording) -> None:
    found = check(watched, "mastodon")
    assert found.at("httpCheck") == {"path": "/", "port": 443, "useSsl": True, "validateSsl": True}
    assert found.at("monitoredResource", "labels") == {"host": "social.example.com"}
    assert found.at("period") == "300s"


def test_a_text_is_looked_for_only_where_the_stack_names_one() -> None:
    on: Changes = {"homeport:monitoring": {"email": "ops@example.net", "content": {"mastodon": "Mastodon"}}}
    rows = check(deployed("social", on), "mastodon").rows("contentMatchers")
    assert rows == [{"content": "Mastodon", "matcher": "CONTAINS_STRING"}]
    assert "contentMatchers" not in check(deployed("social", _ON), "mastodon").inputs


def test_a_policy_looks_at_its_own_check_and_at_nothing_else(watched: Recording) -> None:
    policy = watched.one("gcp:monitoring:AlertPolicy")
    filters = [policy.text("conditions", index, "conditionThreshold", "filter") for index in (0, 1)]
    assert filters == [
        f'metric.type="monitoring.googleapis.com/uptime_check/{metric}"'
        ' AND metric.label.check_id="monitoring-mastodon-4711" AND resource.type="uptime_url"'
        for metric in ("check_passed", "time_until_ssl_cert_expires")
    ]


def test_a_mail_is_sent_when_more_than_one_place_fails_or_a_certificate_ends_soon(watched: Recording) -> None:
    policy = watched.one("gcp:monitoring:AlertPolicy")
    thresholds = [
        (
            policy.at("conditions", index, "conditionThreshold", "comparison"),
            policy.at("conditions", index, "conditionThreshold", "thresholdValue"),
        )
        for index in (0, 1)
    ]
    assert thresholds == [("COMPARISON_GT", 1), ("COMPARISON_LT", 7.5)]
    assert policy.at("combiner") == "OR"


def test_the_mail_goes_where_the_stack_says(watched: Recording) -> None:
    found = watched.one("gcp:monitoring:NotificationChannel")
    assert (found.at("type"), found.at("labels")) == ("email", {"email_address": "ops@example.net"})
    policy = watched.one("gcp:monitoring:AlertPolicy")
    assert policy.texts("notificationChannels") == [channel("monitoring-mail")]
