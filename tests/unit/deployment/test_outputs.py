from __future__ import annotations

import pulumi
import pytest
from pulumi import Output

from components.apps.build_context import folder_digest
from components.default_images import default_tag
from components.dns.records import Record
from stacks.outputs import record_outputs
from tests.unit.deployment.providers import ADDRESS, generated
from tests.unit.deployment.recorder import CHATS, REPOSITORY, Json, deployed, recorded, without_backups
from tests.unit.deployment.test_zone import second_app
from tests.unit.deployment.value import Secret, Value, at

_CONTEXT = REPOSITORY / "components/apps/images/mattermost"


@pytest.mark.parametrize("stack", CHATS)
def test_a_stack_shows_its_app_its_estimate_its_address_its_records_and_how_to_log_in(stack: str) -> None:
    backup = {"backup"} if stack == "chat" else set()
    assert set(deployed(stack).outputs) == backup | {
        "mattermost",
        "estimate",
        "address",
        "ssh",
        "dnsRecords",
        "readme",
    }


def test_an_app_shows_where_it_answers_what_it_runs_and_who_administers_it() -> None:
    assert deployed("chat").outputs["mattermost"] == {
        "url": "https://chat.example.com",
        "version": "11.7.0",
        "images": {
            "postgres": f"postgres:{default_tag('postgres')}",
            "mattermost": "mattermost/mattermost-team-edition:11.7.0",
        },
        "administrator": {
            "username": "admin",
            "email": "admin@example.com",
            "password": Secret(generated("mattermost-administrator-password")),
        },
    }


@pytest.mark.parametrize("stack", CHATS)
def test_without_backups_the_administrators_password_is_the_only_secret_output(stack: str) -> None:
    outputs = deployed(stack, without_backups(stack)).outputs
    assert [*secret_places(outputs)] == ["mattermost.administrator.password"]


def test_mastodons_outputs_have_the_password_that_it_made_up_itself() -> None:
    assert "mastodon.administrator.password" in secret_places(deployed("social").outputs)


def test_the_password_that_is_shown_is_the_one_that_was_set() -> None:
    chat = deployed("chat")
    shown = at(chat.outputs["mattermost"], ("administrator", "password"))
    assert isinstance(shown, Secret)
    job = chat.one("command:remote:Command", "mattermost-administrator")
    assert str(shown.value) in job.text("stdin")


def test_the_image_that_is_shown_is_the_one_of_the_settings() -> None:
    changes: dict[str, Json] = {"homeport:apps[0].image": {"build": {}}, "homeport:apps[0].version": "11.8.0"}
    images = at(deployed("chat", changes).outputs["mattermost"], ("images",))
    assert images == {
        "postgres": f"postgres:{default_tag('postgres')}",
        "mattermost": f"homeport/mattermost-team:11.8.0-team-11.8.0-2000-{folder_digest(_CONTEXT)}",
    }


@pytest.mark.parametrize(
    ("port", "url"), [(8080, "http://chat.localhost:8080"), (80, "http://chat.localhost")]
)
def test_a_plain_url_has_its_port_unless_it_is_the_usual_one(port: int, url: str) -> None:
    outputs = deployed("local", {"homeport:edge.certificate.port": port}).outputs
    assert at(outputs["mattermost"], ("url",)) == url


def test_every_app_has_an_output_of_its_name() -> None:
    outputs = deployed("chat", second_app()).outputs
    urls = {name: at(outputs[name], ("url",)) for name in ("chat", "team")}
    assert urls == {"chat": "https://chat.example.com", "team": "https://team.example.com"}


def test_the_address_is_the_static_one() -> None:
    assert deployed("chat").outputs["address"] == ADDRESS


def test_records_are_shown_as_lines_of_a_zone_file() -> None:
    recording = deployed("chat", {"homeport:dns": {"kind": "none"}})
    assert recording.outputs["dnsRecords"] == [
        f"chat.example.com. 300 IN A {ADDRESS}",
        'chat.example.com. 300 IN CAA 0 issue "letsencrypt.org"',
    ]


def test_a_record_with_several_values_is_several_lines() -> None:
    def program() -> None:
        record = Record("a.example.com", "A", (Output.from_input("192.0.2.1"), "192.0.2.2"), ttl=60)
        pulumi.export("records", record_outputs([record]))

    assert recorded(program).outputs["records"] == [
        "a.example.com. 60 IN A 192.0.2.1\na.example.com. 60 IN A 192.0.2.2"
    ]


def secret_places(value: Value, path: str = "") -> list[str]:
    """Where in a value its secrets are."""
    if isinstance(value, Secret):
        return [path]
    if isinstance(value, dict):
        return [
            place
            for name, element in value.items()
            for place in secret_places(element, f"{path}.{name}" if path else name)
        ]
    if isinstance(value, list):
        return [place for element in value for place in secret_places(element, f"{path}[]")]
    return []
