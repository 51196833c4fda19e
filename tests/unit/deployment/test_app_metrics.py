"""An app's own metrics: who hands them on, what it hands on, and who can reach it."""

from __future__ import annotations

import re

import pytest

from tests.unit.deployment.environment import environment
from tests.unit.deployment.providers import real_name
from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.value import Secret, at

ON: Changes = {"homeport:metrics": {"hostname": "metrics.example.com"}}
CHAT: Changes = {"homeport:apps[0].edition": "enterprise"}
CHAT_METRICS: Changes = {**CHAT, "homeport:apps[0].metrics": True}
SOCIAL_METRICS: Changes = {"homeport:apps[0].metrics": True, "homeport:host.machineType": "e2-medium"}


@pytest.fixture
def measured() -> Recording:
    return deployed("chat", {**ON, **CHAT_METRICS})


@pytest.fixture
def social() -> Recording:
    return deployed("social", {**ON, **SOCIAL_METRICS})


def forwarder(recording: Recording, app: str) -> Resource:
    return recording.starting("docker:Container", f"metrics-app-{app}-")


def handed_on(container: Resource) -> dict[str, str]:
    """Path -> the page behind it."""
    pattern = r"location = (/\S+) \{\s+set \$page (\S+);\s+proxy_pass http://\$page;"
    return dict(re.findall(pattern, container.text("command", 4)))


def targets(recording: Recording) -> list[str]:
    """The lines of labels in the configuration for Prometheus."""
    output = at(recording.outputs, ("metrics", "prometheus"))
    assert isinstance(output, Secret)
    return [line.strip() for line in str(output.value).splitlines() if "labels:" in line]


def test_the_page_of_a_mattermost_is_handed_on(measured: Recording) -> None:
    assert handed_on(forwarder(measured, "mattermost")) == {"/app/mattermost": "mattermost:8067/metrics"}


def test_the_pages_of_a_mastodon_are_handed_on(social: Recording) -> None:
    assert handed_on(forwarder(social, "mastodon")) == {
        "/app/mastodon/streaming": "streaming:4000/metrics",
        "/app/mastodon/rails": "collector:9394/metrics",
    }


def test_no_other_page_is_handed_on(measured: Recording) -> None:
    locations = re.findall(r"location (\S+ ?\S*) \{", forwarder(measured, "mattermost").text("command", 4))
    assert locations == ["/", "= /", "= /app/mattermost"]


def test_an_apps_container_is_the_same_with_the_metrics_and_without() -> None:
    names = deployed("chat", CHAT_METRICS).names("docker:Container")
    assert set(names) < set(deployed("chat", {**ON, **CHAT_METRICS}).names("docker:Container"))


def test_no_container_of_an_app_has_a_route_of_the_metrics_host_name(social: Recording) -> None:
    for container in social.all("docker:Container"):
        if not container.name.startswith("metrics-"):
            assert "metrics.example.com" not in str(container.inputs)


def test_what_hands_on_starts_after_the_password_is_written(measured: Recording) -> None:
    assert "metrics-access" in measured.before(forwarder(measured, "mattermost"))


def test_it_answers_to_the_metrics_host_name_only(measured: Recording) -> None:
    found = environment(forwarder(measured, "mattermost"))
    assert found["VIRTUAL_HOST"] == found["ACME_HOST"] == "metrics.example.com"
    assert found["VIRTUAL_PATH"] == "/app/mattermost"


def test_it_is_in_the_network_of_its_app_and_of_no_other(measured: Recording) -> None:
    networks = {str(row["name"]) for row in forwarder(measured, "mattermost").rows("networksAdvanced")}
    assert networks == {real_name(name) for name in ("back-metrics", "back-mattermost", "front")}


def test_it_is_of_the_image_that_the_edge_has(measured: Recording) -> None:
    edge, own = (
        measured.one("docker:RemoteImage", "nginx"),
        measured.one("docker:RemoteImage", "metrics-nginx"),
    )
    assert edge.inputs["name"] == own.inputs["name"]


def test_an_app_that_serves_none_has_nothing_that_hands_them_on() -> None:
    names = deployed("chat", {**ON, **CHAT}).names("docker:Container")
    assert not [name for name in names if name.startswith("metrics-app-")]


def test_prometheus_tells_every_page_from_every_other(social: Recording) -> None:
    assert targets(social) == [
        "labels: {__metrics_path__: /node, exporter: node}",
        "labels: {__metrics_path__: /postgres/mastodon, exporter: postgres, app: mastodon}",
        "labels: {__metrics_path__: /app/mastodon/streaming, exporter: streaming, app: mastodon}",
        "labels: {__metrics_path__: /app/mastodon/rails, exporter: rails, app: mastodon}",
    ]


def test_prometheus_is_told_of_a_mattermost(measured: Recording) -> None:
    assert (
        targets(measured)[-1]
        == "labels: {__metrics_path__: /app/mattermost, exporter: mattermost, app: mattermost}"
    )


def test_without_the_section_nothing_hands_them_on() -> None:
    assert not [r for r in deployed("chat", CHAT_METRICS).resources if "metrics" in r.name]
