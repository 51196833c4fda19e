"""What is refused among the variables that a user gives to an app."""

from __future__ import annotations

import pytest

from components.apps.mastodon import MastodonSettings
from components.apps.mattermost import MattermostSettings
from components.apps.mattermost_environment import DEFAULTS, sender_defaults
from components.mail import Mail
from stacks.mistakes import Mistake
from tests.unit.stacks.configuration import S3, Configuration, Value, chat, shipped

APP = "homeport:apps[0]"
WEB: dict[str, Value] = {
    "kind": "web",
    "name": "page",
    "hostname": "www.example.com",
    "image": "nginx:1.29.3",
    "port": 80,
}
MAIL = Mail(relay="sendgrid", from_address="chat@example.com")


def web(**changes: Value) -> Configuration:
    return chat().set(APP, {**WEB, **changes})


def social() -> Configuration:
    return shipped("social")


def refused(configuration: Configuration, key: str = "environment") -> list[str]:
    """The variables that are told as wrong at this key."""
    mistake = configuration.mistake()
    assert mistake.path == f"{APP}.{key}"
    return mistake.found.split(", ")


@pytest.mark.parametrize("key", ["environment", "secretEnvironment"])
@pytest.mark.parametrize(
    "name",
    [
        "MM_SQLSETTINGS_DRIVERNAME",
        "MM_SQLSETTINGS_DATASOURCE",
        "MM_SQLSETTINGS_DATASOURCEREPLICAS",
        "MM_SQLSETTINGS_REPLICALAGSETTINGS",
        "MM_CONFIG",
        "MM_SERVICESETTINGS_SITEURL",
        "MM_SERVICESETTINGS_LISTENADDRESS",
        "MM_SERVICESETTINGS_ENABLELOCALMODE",
        "MM_SERVICESETTINGS_LOCALMODESOCKETLOCATION",
        "MM_SERVICESETTINGS_CONNECTIONSECURITY",
        "MM_FILESETTINGS_DRIVERNAME",
        "MM_FILESETTINGS_AMAZONS3BUCKET",
        "MM_FILESETTINGS_MAXFILESIZE",
        "MM_EMAILSETTINGS_SMTPSERVER",
        "MM_EMAILSETTINGS_SMTPPASSWORD",
        "MM_METRICSSETTINGS_ENABLE",
        "MM_CALLS_UDP_SERVER_PORT",
        "MM_BLEVESETTINGS_INDEXDIR",
        "MM_PLUGINSETTINGS_DIRECTORY",
        "MM_LICENSE",
        "mm_servicesettings_siteurl",
    ],
)
def test_mattermosts_own_wiring_is_refused_by_name(key: str, name: str) -> None:
    assert refused(chat().set(f"{APP}.{key}", {name: "x"}), key) == [name]


def test_everything_wrong_with_the_variables_of_an_app_is_told_at_once() -> None:
    variables: Value = {"PATH": "x", "MM_CONFIG": "x", "MM_LDAPSETTINGS_BINDPASSWORD": "correct horse"}
    mistake = chat().set(f"{APP}.environment", variables).mistake()
    assert mistake.found == "PATH, MM_CONFIG, MM_LDAPSETTINGS_BINDPASSWORD in plain text"
    assert ". And variables without secrets, as they are not encrypted here." in mistake.allowed


def test_every_variable_that_any_settings_of_mattermost_set_is_refused() -> None:
    configuration = chat().set(f"{APP}.storage", S3).secret("mattermostStorageSecretKey")
    everything: dict[str, Value] = {
        "edition": "enterprise",
        "metrics": True,
        "callsPort": 8443,
        "license": True,
    }
    for key, value in everything.items():
        configuration.set(f"{APP}.{key}", value)
    (settings,) = configuration.secret("mattermostLicense").load().app_settings
    assert isinstance(settings, MattermostSettings)
    made = settings.app("https://chat.example.com", MAIL).service("mattermost").environment
    wired = set(made) - {*DEFAULTS, *sender_defaults(MAIL)}
    assert wired > {"MM_LICENSE", "MM_CALLS_ICE_HOST_OVERRIDE", "MM_EMAILSETTINGS_SMTPUSERNAME"}
    assert refused(chat().set(f"{APP}.environment", dict.fromkeys(wired, "x"))) == list(wired)


def test_every_variable_that_any_settings_of_mastodon_set_is_refused() -> None:
    (settings,) = social().set(f"{APP}.metrics", True).load().app_settings
    assert isinstance(settings, MastodonSettings)
    made = settings.app("https://social.example.com", MAIL)
    names = {
        name for service in ("web", "streaming", "sidekiq") for name in made.service(service).environment
    }
    free = {"WEB_CONCURRENCY", "MAX_THREADS", "SIDEKIQ_CONCURRENCY", "MALLOC_ARENA_MAX"}
    wired = names - {*free, "SMTP_FROM_ADDRESS", "SMTP_AUTH_METHOD"}
    assert wired > {"RAILS_ENV", "ES_ENABLED", "SMTP_SERVER", "REDIS_HOST"}
    assert refused(social().set(f"{APP}.environment", dict.fromkeys(wired, "x"))) == list(wired)


@pytest.mark.parametrize(
    "environment",
    [
        {"MM_TEAMSETTINGS_SITENAME": "Us"},
        {"MM_EMAILSETTINGS_FEEDBACKNAME": "Us"},
        {"MM_SQLSETTINGS_MAXOPENCONNS": "20"},
        {"MM_LDAPSETTINGS_ENABLE": "true", "MM_GITLABSETTINGS_ENABLE": "true"},
    ],
)
def test_what_nothing_hangs_on_may_be_said_otherwise(environment: dict[str, Value]) -> None:
    chat().set(f"{APP}.environment", environment).load()


@pytest.mark.parametrize(
    "name",
    [
        *("VIRTUAL_HOST", "VIRTUAL_PORT", "VIRTUAL_PATH", "VIRTUAL_HOST_MULTIPORTS", "NETWORK_ACCESS"),
        *("LETSENCRYPT_HOST", "LETSENCRYPT_TEST", "ACME_HOST", "ACME_CA_URI", "ACMESH_DNS_API_CONFIG"),
        *(
            "ZEROSSL_API_KEY",
            "CERT_NAME",
            "HTTPS_METHOD",
            "HSTS",
            "SSL_POLICY",
            "SERVER_TOKENS",
            "DEFAULT_HOST",
        ),
        *("ENABLE_HTTP_ON_MISSING_CERT", "ENABLE_HTTP3", "EXTERNAL_HTTPS_PORT"),
    ],
)
@pytest.mark.parametrize("key", ["environment", "secretEnvironment"])
def test_what_the_proxy_reads_from_a_container_is_refused(key: str, name: str) -> None:
    variables: Value = {name: "x", "MOTTO": "y"}
    assert refused(web(**{key: variables}), key) == [name]
    assert refused(social().set(f"{APP}.{key}", {name: "x"}), key) == [name]


def test_the_databases_variable_cannot_be_one_that_the_proxy_reads() -> None:
    configuration = web(postgres={}, databaseVariable="VIRTUAL_HOST")
    assert configuration.mistake().path == f"{APP}.databaseVariable"


@pytest.mark.parametrize("key", ["environment", "secretEnvironment"])
def test_the_databases_variable_cannot_be_said_twice(key: str) -> None:
    variables: dict[str, Value] = {key: {"DATABASE_URL": "x"}}
    assert web(postgres={}, **variables).mistake() == Mistake(
        f"{APP}.databaseVariable",
        '"DATABASE_URL"',
        "a variable that environment and secretEnvironment have not: it gets the URL",
    )


@pytest.mark.parametrize(
    ("configuration", "name"),
    [
        (chat(), "MM_GITLABSETTINGS_SECRET"),
        (chat(), "MM_LDAPSETTINGS_BINDPASSWORD"),
        (social(), "OIDC_CLIENT_SECRET"),
        (social(), "DEEPL_API_KEY"),
        (web(), "API_TOKEN"),
    ],
)
def test_a_secret_in_plain_text_is_refused_and_not_shown(configuration: Configuration, name: str) -> None:
    mistake = configuration.set(f"{APP}.environment", {name: "correct horse"}).mistake()
    assert (mistake.path, mistake.found) == (f"{APP}.environment", f"{name} in plain text")
    assert f"give that name in secretEnvironment to {name}" in mistake.allowed
    assert "horse" not in str(mistake)


@pytest.mark.parametrize(
    ("configuration", "name"),
    [(chat(), "MM_X"), (social(), "X"), (web(), "X")],
    ids=["chat", "social", "web"],
)
def test_a_variable_in_both_is_refused(configuration: Configuration, name: str) -> None:
    configuration.set(f"{APP}.environment", {name: "x"}).set(f"{APP}.secretEnvironment", {name: "token"})
    assert refused(configuration.secret("token"), "secretEnvironment") == [name]


@pytest.mark.parametrize("name", ["OIDC_ENABLED", "OIDC_REDIRECT_URI"])
def test_the_variables_of_a_log_in_are_the_settings_where_there_are_some(name: str) -> None:
    oidc: Value = {"issuer": "https://sso.example.com/realms/main", "clientId": "mastodon"}
    social().set(f"{APP}.environment", {name: "x"}).load()
    configuration = social().set(f"{APP}.oidc", oidc).secret("mastodonOidcClientSecret")
    assert refused(configuration.set(f"{APP}.environment", {name: "x"})) == [name]


@pytest.mark.parametrize(
    ("issuer", "allowed"),
    [
        ("sso.example.com", "the provider's issuer, an https:// URL"),
        ("http://sso.example.com", "the provider's issuer, an https:// URL"),
        (
            "https://sso.example.com/realms/main/.well-known/openid-configuration",
            "the issuer alone, here https://sso.example.com/realms/main",
        ),
    ],
)
def test_an_issuer_that_is_none_is_refused(issuer: str, allowed: str) -> None:
    oidc: Value = {"issuer": issuer, "clientId": "mastodon"}
    mistake = social().set(f"{APP}.oidc", oidc).mistake()
    assert mistake.path == f"{APP}.oidc.issuer"
    assert mistake.allowed.startswith(allowed)


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("license", True, "false, or edition: enterprise; the team edition takes no licence"),
        (
            "gitlab",
            {"applicationId": "x"},
            "nothing, or edition: enterprise; from 11 on the team edition has no log-in with GitLab",
        ),
    ],
)
def test_what_the_team_edition_has_not_is_refused(key: str, value: Value, allowed: str) -> None:
    mistake = chat().set(f"{APP}.{key}", value).mistake()
    assert (mistake.path, mistake.allowed) == (f"{APP}.{key}", allowed)


@pytest.mark.parametrize("username", ["all", "channel", "matterbot", "system"])
def test_a_name_that_mattermost_reserves_is_refused(username: str) -> None:
    assert chat().set(f"{APP}.administrator.username", username).mistake() == Mistake(
        f"{APP}.administrator.username",
        f'"{username}"',
        "a name of your own, such as admin: Mattermost reserves this one",
    )
