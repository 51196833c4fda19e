"""What an app's settings change in its containers and images."""

from __future__ import annotations

import pytest

from components.apps.build_context import folder_digest
from tests.unit.deployment.environment import environment
from tests.unit.deployment.mattermost import BUILT, server, with_calls
from tests.unit.deployment.providers import image_id
from tests.unit.deployment.recorder import REPOSITORY, Changes, SecretText, deployed
from tests.unit.deployment.recording import Recording
from tests.unit.deployment.value import Secret

S3: Changes = {
    "homeport:apps[0].storage": {
        "kind": "s3",
        "bucket": "files",
        "accessKey": "AKIA",
        "endpoint": "s3.example.com",
        "region": "eu-1",
        "encrypted": True,
    },
    "homeport:mattermostStorageSecretKey": SecretText("storage-secret-key"),
}
MAIL: Changes = {
    "homeport:mail": {"host": "smtp.example.com", "user": "relay", "fromAddress": "chat@example.com"},
    "homeport:mailPassword": SecretText("mail-password"),
}
_CONTEXT = REPOSITORY / "components/apps/images/mattermost"


@pytest.fixture
def chat() -> Recording:
    return deployed("chat")


def test_published_images_are_pulled_once_and_kept(chat: Recording) -> None:
    image = chat.one("docker:RemoteImage", "mattermost-mattermost-team-edition")
    assert image.inputs == {"name": "mattermost/mattermost-team-edition:11.7.0", "keepLocally": True}
    assert server(chat).text("image") == image_id(image.name)


def test_an_image_of_ones_own_is_built_on_the_machine_with_its_arguments(chat: Recording) -> None:
    recording = deployed("chat", BUILT)
    image = recording.one("docker:Image")
    reference = f"homeport/mattermost-team:11.7.0-team-11.7.0-3000-{folder_digest(_CONTEXT)}"
    assert image.at("imageName") == reference
    assert image.at("build", "args") == {"EDITION": "team", "VERSION": "11.7.0", "UID": "3000"}
    assert image.text("build", "context") == str(_CONTEXT)
    assert image.at("skipPush") is True
    assert image.provider == recording.one("pulumi:providers:docker").name
    assert server(recording).text("image") == reference
    assert server(recording).name != server(chat).name


def test_a_built_image_is_not_pulled() -> None:
    assert "mattermost-mattermost-team-edition" not in deployed("chat", BUILT).names("docker:RemoteImage")


def test_files_in_a_bucket_are_reached_with_a_secret_key() -> None:
    found = environment(server(deployed("chat", S3)))
    assert found["MM_FILESETTINGS_DRIVERNAME"] == "amazons3"
    assert found["MM_FILESETTINGS_AMAZONS3BUCKET"] == "files"
    assert found["MM_FILESETTINGS_AMAZONS3ENDPOINT"] == "s3.example.com"
    assert found["MM_FILESETTINGS_AMAZONS3SSE"] == "true"
    assert found["MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY"] == Secret("storage-secret-key")


def test_mail_goes_through_the_relay_with_a_secret_password() -> None:
    found = environment(server(deployed("chat", MAIL)))
    assert (found["MM_EMAILSETTINGS_SMTPSERVER"], found["MM_EMAILSETTINGS_SMTPPORT"]) == (
        "smtp.example.com",
        "587",
    )
    assert found["MM_EMAILSETTINGS_SMTPPASSWORD"] == Secret("mail-password")


def test_without_a_relay_no_mail_is_set_up(chat: Recording) -> None:
    assert [name for name in environment(server(chat)) if name.startswith("MM_EMAIL")] == []


def test_calls_publish_their_port_past_the_proxy() -> None:
    container = with_calls("chat")
    assert container.rows("ports") == [
        {"internal": 8444, "external": 8444, "protocol": "tcp"},
        {"internal": 8444, "external": 8444, "protocol": "udp"},
    ]
    found = environment(container)
    assert found["MM_CALLS_UDP_SERVER_PORT"] == found["MM_CALLS_TCP_SERVER_PORT"] == "8444"


def test_a_computer_of_ones_own_publishes_calls_to_itself_only() -> None:
    assert [port["ip"] for port in with_calls("local").rows("ports")] == ["127.0.0.1", "127.0.0.1"]


def test_a_server_that_publishes_a_port_is_replaced_in_place() -> None:
    newer = deployed("chat", {"homeport:apps[0].callsPort": 8444, "homeport:apps[0].version": "11.8.0"})
    assert with_calls("chat").name in newer.names("docker:Container")


def test_an_app_without_calls_publishes_nothing(chat: Recording) -> None:
    assert server(chat).rows("ports") == []


def test_metrics_are_served_inside_only() -> None:
    on: Changes = {"homeport:apps[0].metrics": True, "homeport:apps[0].edition": "enterprise"}
    container = server(deployed("chat", on))
    assert environment(container)["MM_METRICSSETTINGS_ENABLE"] == "true"
    assert container.rows("ports") == []
