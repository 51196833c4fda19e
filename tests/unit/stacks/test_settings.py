"""A stack's settings as a whole: what valid ones mean, and how mistakes are told."""

from __future__ import annotations

import json

import pytest

from components.apps.mattermost import MattermostSettings
from components.apps.mattermost_administrator import AdministratorSettings
from components.backup.settings import BackupSettings, GcsStore
from components.dns.settings import CloudDnsSettings, CloudDnsZone, NoDnsSettings
from components.edge.settings import AcmeSettings, EdgeSettings, PlainSettings
from components.host.settings import GceSettings, LocalSettings, SshSettings
from components.mail import Mail
from components.workload import SuppliedSecret
from stacks.mistakes import Mistake, MistakesError
from stacks.settings import StackSettings
from tests.unit.stacks.configuration import MAIL, S3, Configuration, chat, local, shipped


def test_valid_settings_say_everything_that_the_file_says() -> None:
    assert chat().load() == StackSettings(
        host=GceSettings(
            kind="gce",
            region="us-west1",
            zone="us-west1-b",
            machine_type="e2-micro",
            swap=2048,
            ssh=SshSettings(allow_from=["203.0.113.7/32"]),
        ),
        dns=CloudDnsSettings(kind="clouddns", zones=[CloudDnsZone(name="example.com")]),
        edge=EdgeSettings(certificate=AcmeSettings(server="staging")),
        mail=None,
        backup=BackupSettings(store=GcsStore(kind="gcs")),
        app_settings=[
            MattermostSettings(
                kind="mattermost",
                hostname="chat.example.com",
                version="11.7.0",
                administrator=AdministratorSettings(email="admin@example.com"),
            )
        ],
    )


def test_the_local_stack_file_loads() -> None:
    settings = local().load()
    assert isinstance(settings.host, LocalSettings)
    assert settings.edge.certificate == PlainSettings(kind="none", port=8080)


def test_the_sandbox_stack_file_loads() -> None:
    settings = shipped("sandbox").load()
    assert isinstance(settings.host, GceSettings)
    assert [app.hostname for app in settings.app_settings] == ["chat.homeport.test"]


def test_a_stack_without_a_dns_section_on_this_computer_has_no_zone() -> None:
    assert local().load().dns == NoDnsSettings(kind="none")


@pytest.mark.parametrize(
    ("configuration", "url"),
    [(chat(), "https://chat.example.com"), (local(), "http://chat.localhost:8080")],
    ids=["acme", "plain"],
)
def test_the_certificate_decides_the_urls_of_the_apps(configuration: Configuration, url: str) -> None:
    assert [app.url for app in configuration.load().apps] == [url]


def test_the_mail_relay_reaches_every_app() -> None:
    settings = chat().set("homeport:mail", MAIL).secret("mailPassword").load()
    assert settings.mail == Mail(host="smtp.example.com", user="chat", from_address="chat@example.com")
    (app,) = settings.apps
    assert app.service("mattermost").environment["MM_EMAILSETTINGS_SMTPSERVER"] == "smtp.example.com"


def test_the_secrets_are_those_of_the_mail_relay_and_of_each_app() -> None:
    configuration = chat().set("homeport:mail", MAIL).set("homeport:apps[0].storage", S3)
    settings = configuration.secret("mailPassword").secret("mattermostStorageSecretKey").load()
    assert settings.secrets == (SuppliedSecret("mailPassword"), SuppliedSecret("mattermostStorageSecretKey"))


def test_all_mistakes_are_told_at_once_in_one_message_that_names_the_file() -> None:
    configuration = (
        chat()
        .remove("gcp:project")
        .text("homeport:app", "[]")
        .set("homeport:host.machineType", "e3-micro")
        .set("homeport:host.ssh.allowFrom", ["0.0.0.0/0"])
        .set("homeport:dns.zones", [])
        .set("homeport:edge.nginx", "1.25.0")
        .set("homeport:mail", {**MAIL, "port": 0})
        .set("homeport:apps[0].hostname", "Chat.example.com")
        .set("homeport:apps[0].version", "latest")
    )
    with pytest.raises(MistakesError) as caught:
        configuration.load()
    assert str(caught.value).startswith("stacks/Pulumi.chat.yaml has 10 mistakes. Nothing was changed.\n\n")
    assert {mistake.path for mistake in caught.value.mistakes} == {
        "gcp:project",
        "homeport:app",
        "homeport:host.machineType",
        "homeport:host.ssh.allowFrom[0]",
        "homeport:dns.zones",
        "homeport:edge.nginx",
        "homeport:mail.port",
        "homeport:mailPassword",
        "homeport:apps[0].hostname",
        "homeport:apps[0].version",
    }
    assert all(str(mistake) in str(caught.value) for mistake in caught.value.mistakes)


def test_a_mistake_reads_as_place_found_and_allowed() -> None:
    with pytest.raises(MistakesError) as caught:
        chat().set("homeport:host.swap", -1).load()
    assert str(caught.value) == (
        "stacks/Pulumi.chat.yaml has 1 mistake. Nothing was changed.\n"
        "\n"
        "  homeport:host.swap\n"
        "    found:   -1\n"
        "    allowed: greater than or equal to 0\n"
    )


def test_every_bad_app_is_told_with_its_position() -> None:
    configuration = chat().add_app(version="latest").set("homeport:apps[0].version", "11")
    assert [mistake.path for mistake in configuration.mistakes()] == [
        "homeport:apps[0].version",
        "homeport:apps[1].version",
    ]


def test_a_long_value_is_shortened() -> None:
    mistake = chat().set("homeport:apps[0].hostname", "x" * 100_000).mistake()
    assert mistake.found == f'"{"x" * 96}...'


def test_a_host_with_mistakes_still_needs_its_project_and_zone() -> None:
    configuration = chat().set("homeport:host.swap", -1).remove("gcp:project").remove("homeport:dns")
    assert [mistake.path for mistake in configuration.mistakes()] == [
        "homeport:host.swap",
        "homeport:dns",
        "gcp:project",
    ]


@pytest.mark.parametrize(
    "stack",
    ["Chat", "1chat", "-chat", "chat-", "my_chat", "chat.eu", "chät", "chat\n", "", "c" * 21],
)
def test_a_stack_name_that_is_no_label_is_refused(stack: str) -> None:
    configuration = chat()
    configuration.stack = stack
    assert configuration.mistake() == Mistake(
        "the stack's name",
        json.dumps(stack, ensure_ascii=False),
        "lower-case letters, digits and hyphens, first a letter, 20 characters at most:"
        " machines and networks are named after it",
    )


@pytest.mark.parametrize("stack", ["c", "chat-2", "c" * 20])
def test_a_stack_name_that_is_a_label_is_accepted(stack: str) -> None:
    configuration = chat()
    configuration.stack = stack
    assert configuration.load() == chat().load()
