from __future__ import annotations

import pytest

from tests.unit.deployment.environment import environment
from tests.unit.deployment.providers import generated, real_name
from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import told
from tests.unit.deployment.value import Secret, at

_ON: Changes = {"homeport:metrics": {"hostname": "metrics.example.com"}}


@pytest.fixture
def measured() -> Recording:
    return deployed("chat", _ON)


def exporter(recording: Recording, name: str) -> Resource:
    return recording.starting("docker:Container", f"metrics-{name}-")


def networks(container: Resource) -> set[str]:
    return {str(network["name"]) for network in container.rows("networksAdvanced")}


def test_there_are_none_unless_the_stack_says_so() -> None:
    recording = deployed("chat")
    assert not [r for r in recording.resources if "metrics" in r.name]


def test_no_container_of_an_app_changes_when_they_are_turned_on(measured: Recording) -> None:
    names = deployed("chat").names("docker:Container")
    assert set(names) < set(measured.names("docker:Container"))


def test_the_password_is_written_before_any_exporter_starts(measured: Recording) -> None:
    for name in ("node", "postgres-mattermost"):
        assert "metrics-access" in measured.before(exporter(measured, name))


def test_the_password_goes_to_the_volume_that_nginx_reads(measured: Recording) -> None:
    script = told(measured.one("command:remote:Command", "metrics-access"))
    assert script["VOLUME"] == real_name("edge-htpasswd")
    assert script["FILE"] == "metrics"
    assert script["LOGIN"] == "metrics"
    assert script["PASSWORD"] == generated("metrics-password")


def test_an_answer_without_a_password_fails_the_update(measured: Recording) -> None:
    script = told(measured.one("command:remote:Command", "metrics-https"))
    assert (script["PAGE"], script["STATUS"]) == ("/node", "401")


def test_only_a_databases_own_exporter_reaches_it(measured: Recording) -> None:
    assert real_name("back-mattermost") in networks(exporter(measured, "postgres-mattermost"))
    assert real_name("back-mattermost") not in networks(exporter(measured, "node"))


def test_the_exporter_logs_in_as_a_role_of_its_own(measured: Recording) -> None:
    found = environment(exporter(measured, "postgres-mattermost"))
    password = generated("mattermost-metrics-password")
    assert found["DATA_SOURCE_USER"] == "homeport_metrics"
    assert found["DATA_SOURCE_PASS"] == Secret(password)
    job = told(measured.one("command:remote:Command", "mattermost-metrics-role"))
    assert job["ENVIRONMENT"] == f"ROLE=homeport_metrics\nMETRICS_PASSWORD={password}"


def test_the_machines_exporter_gets_two_folders_to_read_and_no_socket(measured: Recording) -> None:
    rows = exporter(measured, "node").rows("volumes")
    assert [(row.get("hostPath"), row["containerPath"], row["readOnly"]) for row in rows] == [
        (None, "/host/data", True),
        ("/usr/share/misc", "/host/boot", True),
    ]


def test_a_mastodon_has_its_database_measured_too() -> None:
    container = exporter(deployed("social", _ON), "postgres-mastodon")
    assert environment(container)["VIRTUAL_PATH"] == "/postgres/mastodon"


def test_their_name_gets_a_record_and_a_certificate(measured: Recording) -> None:
    assert "metrics.example.com." in [str(r.at("name")) for r in measured.all("gcp:dns:RecordSet")]
    assert environment(exporter(measured, "node"))["ACME_HOST"] == "metrics.example.com"


def test_the_configuration_for_prometheus_is_secret_and_complete(measured: Recording) -> None:
    output = at(measured.outputs, ("metrics", "prometheus"))
    assert isinstance(output, Secret)
    assert output.value == (
        "scrape_configs:\n"
        "  - job_name: homeport-chat\n"
        "    scheme: https\n"
        "    basic_auth:\n"
        '      username: "metrics"\n'
        f'      password: "{generated("metrics-password")}"\n'
        "    static_configs:\n"
        "      - targets: [metrics.example.com]\n"
        "        labels: {__metrics_path__: /node, exporter: node}\n"
        "      - targets: [metrics.example.com]\n"
        "        labels: {__metrics_path__: /postgres/mattermost, exporter: postgres, app: mattermost}\n"
    )


def test_google_does_not_ask_for_what_needs_a_password() -> None:
    on: Changes = {**_ON, "homeport:monitoring": {"email": "ops@example.net"}}
    assert deployed("chat", on).names("gcp:monitoring:UptimeCheckConfig") == ["monitoring-mattermost"]
