"""Mattermost's settings, and the app that they make."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.apps.mattermost import MattermostSettings
from components.apps.mattermost_administrator import AdministratorSettings
from components.apps.mattermost_environment import GitLabSettings
from components.apps.mattermost_image import BuildSettings, ImageSettings
from components.apps.postgres import PostgresSettings
from components.apps.storage import S3Storage
from components.mail import Mail
from components.workload import (
    Administrator,
    App,
    BuiltImage,
    EnvironmentValue,
    GeneratedPassword,
    Memory,
    MetricsPage,
    PublishedImage,
    PublishedPort,
    Service,
    SuppliedSecret,
    text,
)

URL = "https://chat.example.com"
SETTINGS = MattermostSettings(
    kind="mattermost",
    hostname="chat.example.com",
    version="11.7.0",
    administrator=AdministratorSettings(email="admin@example.com"),
)
MAIL = Mail(host="smtp.example.com", port=465, user="chat", from_address="chat@example.com", security="tls")
S3 = S3Storage(kind="s3", bucket="files", access_key="AKIA", endpoint="s3.example.com", region="eu")


def changed(**changes: object) -> MattermostSettings:
    return MattermostSettings.model_validate({**dict(SETTINGS), **changes})


def app(settings: MattermostSettings = SETTINGS, mail: Mail | None = None) -> App:
    return settings.app(URL, mail)


def server(settings: MattermostSettings = SETTINGS, mail: Mail | None = None) -> Service:
    return app(settings, mail).service("mattermost")


def environment(
    settings: MattermostSettings = SETTINGS, mail: Mail | None = None
) -> dict[str, EnvironmentValue]:
    return dict(server(settings, mail).environment)


def test_the_environment_is_complete_and_holds_no_surprise() -> None:
    assert environment() == {
        "MM_SERVICESETTINGS_SITEURL": URL,
        "MM_SERVICESETTINGS_LISTENADDRESS": ":8065",
        "MM_SERVICESETTINGS_ENABLELOCALMODE": "true",
        "MM_SQLSETTINGS_DRIVERNAME": "postgres",
        "MM_SQLSETTINGS_DATASOURCE": text(
            "postgres://mattermost:",
            GeneratedPassword("database-password"),
            "@postgres-17:5432/mattermost?sslmode=disable",
        ),
        "MM_SQLSETTINGS_MAXOPENCONNS": "40",
        "MM_LOGSETTINGS_ENABLEFILE": "false",
        "MM_LOGSETTINGS_CONSOLEJSON": "true",
        "MM_FILESETTINGS_MAXFILESIZE": "104857600",
        "MM_FILESETTINGS_DRIVERNAME": "local",
        "MM_FILESETTINGS_DIRECTORY": "/mattermost/data/",
    }


def test_the_app_carries_name_version_and_url() -> None:
    made = app(changed(name="team-chat"))
    assert (made.name, made.kind, made.version, made.url) == ("team-chat", "mattermost", "11.7.0", URL)


@pytest.mark.parametrize("edition", ["team", "enterprise"])
def test_the_published_image_is_that_of_edition_and_version(edition: str) -> None:
    image = server(changed(edition=edition)).image
    assert image == PublishedImage(f"mattermost/mattermost-{edition}-edition:11.7.0")


def test_an_image_of_ones_own_is_built_from_the_published_one_of_the_same_version() -> None:
    image = server(changed(edition="enterprise", image=ImageSettings(build=BuildSettings(uid=3000)))).image
    assert isinstance(image, BuiltImage)
    assert (image.name, image.version) == ("homeport/mattermost-enterprise", "11.7.0")
    assert dict(image.arguments) == {"EDITION": "enterprise", "VERSION": "11.7.0", "UID": "3000"}


def test_the_folder_that_an_image_is_built_from_has_a_dockerfile_with_these_arguments() -> None:
    image = server(changed(image=ImageSettings(build=BuildSettings()))).image
    assert isinstance(image, BuiltImage)
    dockerfile = (Path(image.context) / "Dockerfile").read_text()
    assert [name for name, _ in image.arguments if f"ARG {name}" not in dockerfile] == []


def test_every_volume_belongs_to_the_user_of_the_published_image() -> None:
    assert {mount.volume.owner for mount in server().mounts} == {"2000:2000"}


def test_every_volume_belongs_to_the_user_of_an_image_of_ones_own() -> None:
    settings = changed(image=ImageSettings(build=BuildSettings(uid=3000)))
    assert {mount.volume.owner for mount in server(settings).mounts} == {"3000:3000"}


@pytest.mark.parametrize("uid", [0, 999, 65_534])
def test_an_image_that_would_run_as_a_user_of_the_system_is_refused(uid: int) -> None:
    with pytest.raises(ValidationError):
        BuildSettings(uid=uid)


def test_everything_that_the_server_writes_is_on_a_volume() -> None:
    assert {mount.volume.name: mount.path for mount in server().mounts} == {
        "config": "/mattermost/config",
        "data": "/mattermost/data",
        "logs": "/mattermost/logs",
        "plugins": "/mattermost/plugins",
        "client-plugins": "/mattermost/client/plugins",
    }


def test_files_in_a_bucket_have_its_secret_key_from_the_stack() -> None:
    assert (
        environment(changed(storage=S3)).items()
        >= {
            "MM_FILESETTINGS_DRIVERNAME": "amazons3",
            "MM_FILESETTINGS_AMAZONS3BUCKET": "files",
            "MM_FILESETTINGS_AMAZONS3ENDPOINT": "s3.example.com",
            "MM_FILESETTINGS_AMAZONS3REGION": "eu",
            "MM_FILESETTINGS_AMAZONS3SSL": "true",
            "MM_FILESETTINGS_AMAZONS3SSE": "false",
            "MM_FILESETTINGS_AMAZONS3ACCESSKEYID": "AKIA",
            "MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY": text(SuppliedSecret("mattermostStorageSecretKey")),
        }.items()
    )


def test_files_in_a_bucket_are_not_also_in_a_local_directory() -> None:
    assert "MM_FILESETTINGS_DIRECTORY" not in environment(changed(storage=S3))


def test_the_store_is_asked_to_encrypt_where_the_settings_say_so() -> None:
    storage = S3.model_copy(update={"encrypted": True})
    assert environment(changed(storage=storage))["MM_FILESETTINGS_AMAZONS3SSE"] == "true"


def test_the_secret_key_of_a_bucket_is_named_after_the_app() -> None:
    assert changed(name="chat", storage=S3).secrets == (SuppliedSecret("chatStorageSecretKey"),)


def test_local_files_need_no_secret_of_the_user() -> None:
    assert SETTINGS.secrets == ()


def test_mail_goes_through_the_relay_with_the_password_from_the_stack() -> None:
    assert (
        environment(mail=MAIL).items()
        >= {
            "MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS": "true",
            "MM_EMAILSETTINGS_SMTPSERVER": "smtp.example.com",
            "MM_EMAILSETTINGS_SMTPPORT": "465",
            "MM_EMAILSETTINGS_ENABLESMTPAUTH": "true",
            "MM_EMAILSETTINGS_SMTPUSERNAME": "chat",
            "MM_EMAILSETTINGS_SMTPPASSWORD": text(SuppliedSecret("mailPassword")),
            "MM_EMAILSETTINGS_CONNECTIONSECURITY": "TLS",
            "MM_EMAILSETTINGS_FEEDBACKEMAIL": "chat@example.com",
            "MM_EMAILSETTINGS_REPLYTOADDRESS": "chat@example.com",
        }.items()
    )


def test_calls_have_one_port_for_both_protocols_and_the_name_that_clients_use() -> None:
    settings = changed(calls_port=8443)
    assert server(settings).ports == (PublishedPort(8443, "tcp"), PublishedPort(8443, "udp"))
    assert (
        environment(settings).items()
        >= {
            "MM_CALLS_UDP_SERVER_PORT": "8443",
            "MM_CALLS_TCP_SERVER_PORT": "8443",
            "MM_CALLS_ICE_HOST_OVERRIDE": "chat.example.com",
        }.items()
    )


def test_without_calls_no_port_bypasses_the_proxy() -> None:
    assert app().published_ports == ()


def test_metrics_are_served_where_the_settings_say_so() -> None:
    settings = changed(edition="enterprise", metrics=True)
    found = environment(settings)
    assert found["MM_METRICSSETTINGS_ENABLE"] == "true"
    assert found["MM_METRICSSETTINGS_LISTENADDRESS"] == ":8067"
    assert server(settings).metrics == (MetricsPage(8067),)


def test_without_the_setting_there_are_no_metrics() -> None:
    assert "MM_METRICSSETTINGS_ENABLE" not in environment(changed(edition="enterprise"))
    assert server(changed(edition="enterprise")).metrics == ()


def test_nginx_and_mattermost_agree_on_the_largest_file() -> None:
    service = server(changed(upload_limit=250))
    assert [route.upload_limit for route in service.routes] == [250]
    assert service.environment["MM_FILESETTINGS_MAXFILESIZE"] == str(250 * 1024 * 1024)


def test_a_variable_of_the_users_wins() -> None:
    settings = changed(environment={"MM_LOGSETTINGS_CONSOLEJSON": "false", "MM_TEAMSETTINGS_SITENAME": "Us"})
    assert environment(settings) == {
        **environment(),
        "MM_LOGSETTINGS_CONSOLEJSON": "false",
        "MM_TEAMSETTINGS_SITENAME": "Us",
    }


def test_a_variable_that_is_not_mattermosts_is_refused() -> None:
    with pytest.raises(ValidationError, match="not LD_PRELOAD"):
        changed(environment={"LD_PRELOAD": "/tmp/evil.so"})


def test_the_server_starts_after_its_database() -> None:
    made = app()
    assert [service.name for service in made.services] == ["postgres", "mattermost"]
    assert made.service("mattermost").after == ("postgres",)


def test_the_route_leads_from_the_host_name_to_the_port_that_the_server_listens_on() -> None:
    (route,) = app().routes
    assert (route.hostname, route.path, route.port) == ("chat.example.com", "/", 8065)


def test_memory_and_swap_are_those_of_the_settings() -> None:
    settings = changed(memory=800, swap=100, postgres=PostgresSettings(memory=200, swap=50))
    assert [service.memory for service in app(settings).services] == [Memory(200, 50), Memory(800, 100)]


def test_an_update_waits_for_a_new_container_as_long_as_the_settings_say() -> None:
    assert server(changed(startup=900)).startup == 900


def test_the_first_account_is_created_once_with_a_generated_password() -> None:
    settings = changed(administrator=AdministratorSettings(username="ada", email="ada@example.com"))
    made = app(settings)
    password = GeneratedPassword("administrator-password", length=24)
    assert made.administrator == Administrator("ada", "ada@example.com", password)
    (job,) = (job for job in made.jobs if job.when == "once")
    assert (job.service, job.done_before) == ("mattermost", "already exists")
    assert job.command == (
        *("/mattermost/bin/mmctl", "--local", "user", "create", "--system-admin"),
        *("--email", "ada@example.com", "--username", "ada", "--password", text(password)),
    )


@pytest.mark.parametrize("username", ["ad", "Admin", "1admin", "a" * 23, "ada lovelace", "--system-admin"])
def test_a_name_that_mattermost_would_refuse_is_refused(username: str) -> None:
    with pytest.raises(ValidationError):
        AdministratorSettings(username=username, email="ada@example.com")


def test_services_are_the_same_whatever_the_app_is_called() -> None:
    assert app(changed(name="team-chat")).services == app().services


def test_a_licence_a_log_in_a_push_proxy_and_rtcd_are_told_to_the_server() -> None:
    settings = changed(
        edition="enterprise",
        license=True,
        gitlab=GitLabSettings(url="https://git.example.com", application_id="id"),
        push_proxy="https://push.example.com",
        rtcd="https://rtcd.example.com",
    )
    assert (
        environment(settings).items()
        >= {
            "MM_LICENSE": text(SuppliedSecret("mattermostLicense")),
            "MM_GITLABSETTINGS_ENABLE": "true",
            "MM_GITLABSETTINGS_ID": "id",
            "MM_GITLABSETTINGS_SECRET": text(SuppliedSecret("mattermostGitlabSecret")),
            "MM_GITLABSETTINGS_AUTHENDPOINT": "https://git.example.com/oauth/authorize",
            "MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER": "https://push.example.com",
            "MM_CALLS_RTCD_SERVICE_URL": "https://rtcd.example.com",
        }.items()
    )
    assert settings.secrets == (SuppliedSecret("mattermostLicense"), SuppliedSecret("mattermostGitlabSecret"))


def test_secrets_of_the_user_reach_the_server() -> None:
    settings = changed(secret_environment={"MM_LDAPSETTINGS_BINDPASSWORD": "ldap"})
    assert environment(settings)["MM_LDAPSETTINGS_BINDPASSWORD"] == text(SuppliedSecret("ldap"))
    assert settings.secrets == (SuppliedSecret("ldap"),)
