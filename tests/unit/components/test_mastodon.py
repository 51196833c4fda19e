"""Mastodon's settings, and the app that they make."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.apps.mastodon import MastodonSettings
from components.apps.mastodon_backends import ElasticsearchSettings
from components.apps.mastodon_jobs import OwnerSettings, PruneSettings
from components.apps.mastodon_log_in import OidcSettings
from components.apps.mastodon_processes import SidekiqProcessSettings, WebProcessSettings
from components.apps.storage import S3Storage
from components.mail import Mail
from components.workload import (
    Administrator,
    App,
    EnvironmentValue,
    GeneratedHex,
    GeneratedPassword,
    GeneratedVapidKey,
    Job,
    Memory,
    Mount,
    Printed,
    PublishedImage,
    SecretSource,
    Service,
    SuppliedSecret,
    Volume,
    text,
)

URL = "https://social.example.com"
SETTINGS = MastodonSettings(
    kind="mastodon",
    hostname="social.example.com",
    version="4.7.4",
    owner=OwnerSettings(username="ada", email="ada@example.com"),
)
MAIL = Mail(host="smtp.example.com", user="social", from_address="social@example.com")
S3 = S3Storage(kind="s3", bucket="files", access_key="AKIA", endpoint="s3.example.com", region="eu")
SECRETS: dict[str, EnvironmentValue] = {
    "SECRET_KEY_BASE": text(GeneratedHex("secret-key-base", 64, lasting=True)),
    "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY": text(GeneratedPassword("primary-key", lasting=True)),
    "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY": text(GeneratedPassword("deterministic-key", lasting=True)),
    "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT": text(
        GeneratedPassword("key-derivation-salt", lasting=True)
    ),
}
SHARED: dict[str, EnvironmentValue] = {
    "NODE_ENV": "production",
    "LOCAL_DOMAIN": "social.example.com",
    "DB_HOST": "postgres-17",
    "DB_PORT": "5432",
    "DB_NAME": "mastodon",
    "DB_USER": "mastodon",
    "DB_PASS": text(GeneratedPassword("database-password")),
    "REDIS_HOST": "redis",
    "REDIS_PORT": "6379",
    "REDIS_PASSWORD": text(GeneratedPassword("redis-password")),
}


def changed(**changes: object) -> MastodonSettings:
    return MastodonSettings.model_validate({**dict(SETTINGS), **changes})


def app(settings: MastodonSettings = SETTINGS, mail: Mail | None = None) -> App:
    return settings.app(URL, mail)


def environment(
    service: str, settings: MastodonSettings = SETTINGS, mail: Mail | None = None
) -> dict[str, EnvironmentValue]:
    return dict(app(settings, mail).service(service).environment)


def job(name: str, settings: MastodonSettings = SETTINGS) -> Job:
    (found,) = (job for job in app(settings).jobs if job.name == name)
    return found


def rails() -> list[Service]:
    return [app().service("web"), app().service("sidekiq")]


def test_the_environment_of_web_is_complete_and_holds_no_surprise() -> None:
    assert environment("web") == {
        **SHARED,
        **SECRETS,
        "RAILS_ENV": "production",
        "RAILS_SERVE_STATIC_FILES": "true",
        "MALLOC_ARENA_MAX": "2",
        "VAPID_PRIVATE_KEY": text(GeneratedVapidKey("vapid", "private")),
        "VAPID_PUBLIC_KEY": text(GeneratedVapidKey("vapid", "public")),
        "ES_ENABLED": "false",
        "WEB_CONCURRENCY": "2",
        "MAX_THREADS": "5",
    }


def test_web_and_sidekiq_differ_only_in_how_large_they_are() -> None:
    web, sidekiq = environment("web"), environment("sidekiq")
    assert {name for name in web | sidekiq if web.get(name) != sidekiq.get(name)} == {
        "WEB_CONCURRENCY",
        "MAX_THREADS",
        "SIDEKIQ_CONCURRENCY",
    }


def test_streaming_is_told_none_of_the_keys_that_encrypt() -> None:
    assert environment("streaming") == SHARED


def test_database_and_redis_demand_the_passwords_that_the_app_is_given() -> None:
    made = app()
    assert made.service("postgres").environment["POSTGRES_PASSWORD"] == environment("web")["DB_PASS"]
    assert made.service("redis").environment["REDIS_PASSWORD"] == environment("web")["REDIS_PASSWORD"]


def test_images_are_those_of_the_version_and_streaming_has_one_of_its_own() -> None:
    assert {service.name: service.image for service in app().services[2:]} == {
        "web": PublishedImage("ghcr.io/mastodon/mastodon:v4.7.4"),
        "streaming": PublishedImage("ghcr.io/mastodon/mastodon-streaming:v4.7.4"),
        "sidekiq": PublishedImage("ghcr.io/mastodon/mastodon:v4.7.4"),
    }


@pytest.mark.parametrize("version", ["4.2.20", "3.5.0"])
def test_a_version_without_keys_for_what_it_encrypts_is_refused(version: str) -> None:
    with pytest.raises(ValidationError, match=r"4\.3\.0 or newer"):
        changed(version=version)


def test_a_version_that_is_no_tag_of_the_images_is_refused() -> None:
    with pytest.raises(ValidationError, match="all three numbers"):
        changed(version="4.7")


@pytest.mark.parametrize(("version", "given"), [("4.3.17", True), ("4.4.0", False), ("5.0.0", False)])
def test_the_key_of_old_two_factor_logins_is_there_before_version_4_4(version: str, given: bool) -> None:
    assert ("OTP_SECRET" in environment("web", changed(version=version))) is given


def test_the_key_of_old_two_factor_logins_is_generated_for_good() -> None:
    found = environment("sidekiq", changed(version="4.3.17"))["OTP_SECRET"]
    assert found == text(GeneratedHex("otp-secret", 64, lasting=True))


def test_without_a_local_domain_accounts_are_named_after_the_host() -> None:
    assert "WEB_DOMAIN" not in environment("web")
    assert app().hostnames == ("social.example.com",)


def test_a_local_domain_names_the_accounts_and_the_host_the_pages() -> None:
    settings = changed(local_domain="example.com")
    for service in ("web", "streaming", "sidekiq"):
        found = environment(service, settings)
        assert (found["LOCAL_DOMAIN"], found["WEB_DOMAIN"]) == ("example.com", "social.example.com")


def test_a_local_domain_is_redirected_so_that_scripts_may_follow() -> None:
    (_, route) = app(changed(local_domain="example.com")).service("web").routes
    assert (route.hostname, route.path, route.redirect) == ("example.com", "/", URL)
    assert route.location == ("add_header Access-Control-Allow-Origin *",)


def test_a_local_domain_that_is_the_host_name_is_none() -> None:
    assert app(changed(local_domain="social.example.com")) == app()


def test_streaming_has_the_path_that_clients_know_and_is_not_buffered() -> None:
    (route,) = app().service("streaming").routes
    assert (route.hostname, route.path, route.port) == ("social.example.com", "/api/v1/streaming", 4000)
    assert "proxy_buffering off" in route.location


def test_the_largest_request_is_that_of_the_settings_on_every_path_of_the_host() -> None:
    assert [route.upload_limit for route in app().routes] == [99, 99]
    assert [route.upload_limit for route in app(changed(upload_limit=40)).routes] == [40, 40]


def test_sidekiq_calls_out_and_has_no_route() -> None:
    assert [(service.name, service.egress) for service in app().services if not service.routes] == [
        ("postgres", False),
        ("redis", False),
        ("sidekiq", True),
    ]


def test_every_process_starts_after_database_and_redis() -> None:
    assert [service.after for service in app().services] == [(), ()] + [("postgres", "redis")] * 3


def test_files_are_on_one_volume_of_web_and_sidekiq_that_belongs_to_mastodons_user() -> None:
    mount = Mount(Volume("system", owner="991:991"), "/opt/mastodon/public/system")
    assert [service.mounts for service in rails()] == [(mount,), (mount,)]
    assert app().service("streaming").mounts == ()


def test_files_in_a_bucket_need_no_volume() -> None:
    assert [volume.name for volume in app(changed(storage=S3)).volumes] == ["postgres-17", "redis"]


def test_files_in_a_bucket_have_its_secret_key_from_the_stack() -> None:
    assert (
        environment("sidekiq", changed(storage=S3)).items()
        >= {
            "S3_ENABLED": "true",
            "S3_BUCKET": "files",
            "S3_REGION": "eu",
            "S3_PROTOCOL": "https",
            "S3_HOSTNAME": "s3.example.com",
            "S3_ENDPOINT": "https://s3.example.com",
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_SECRET_ACCESS_KEY": text(SuppliedSecret("mastodonStorageSecretKey")),
        }.items()
    )


def test_amazon_is_asked_in_the_buckets_region_with_its_own_endpoint() -> None:
    storage = S3Storage(kind="s3", bucket="files", access_key="AKIA", region="eu-west-1")
    found = environment("web", changed(storage=storage))
    assert found["S3_HOSTNAME"] == "s3.eu-west-1.amazonaws.com"
    assert "S3_ENDPOINT" not in found


def test_googles_store_is_never_asked_for_a_file_in_parts() -> None:
    storage = S3.model_copy(update={"endpoint": "storage.googleapis.com"})
    assert environment("web", changed(storage=storage))["S3_FORCE_SINGLE_REQUEST"] == "true"
    assert "S3_FORCE_SINGLE_REQUEST" not in environment("web", changed(storage=S3))


def test_a_store_that_mastodon_should_ask_to_encrypt_is_refused() -> None:
    with pytest.raises(ValidationError, match="make it the bucket's default"):
        changed(storage=S3.model_copy(update={"encrypted": True}))


@pytest.mark.parametrize(
    ("security", "port", "tls", "starttls"),
    [("starttls", 587, "false", "always"), ("tls", 465, "true", "never")],
)
def test_mail_never_leaves_in_the_clear(security: str, port: int, tls: str, starttls: str) -> None:
    relay = Mail.model_validate({**dict(MAIL), "port": port, "security": security})
    found = environment("sidekiq", mail=relay)
    assert (found["SMTP_PORT"], found["SMTP_TLS"], found["SMTP_ENABLE_STARTTLS"]) == (
        str(port),
        tls,
        starttls,
    )
    assert found["SMTP_OPENSSL_VERIFY_MODE"] == "peer"


def test_mail_goes_through_the_relay_with_the_password_from_the_stack() -> None:
    assert (
        environment("web", mail=MAIL).items()
        >= {
            "SMTP_SERVER": "smtp.example.com",
            "SMTP_LOGIN": "social",
            "SMTP_PASSWORD": text(SuppliedSecret("mailPassword")),
            "SMTP_FROM_ADDRESS": "social@example.com",
        }.items()
    )


def test_a_search_server_is_asked_with_the_password_from_the_stack() -> None:
    search = ElasticsearchSettings(host="search.example.com", user="mastodon", prefix="social")
    settings = changed(elasticsearch=search)
    assert (
        environment("sidekiq", settings).items()
        >= {
            "ES_ENABLED": "true",
            "ES_HOST": "https://search.example.com",
            "ES_PORT": "9200",
            "ES_USER": "mastodon",
            "ES_PASS": text(SuppliedSecret("mastodonElasticsearchPassword")),
            "ES_PREFIX": "social",
        }.items()
    )
    assert settings.secrets == (SuppliedSecret("mastodonElasticsearchPassword"),)


def test_a_search_server_without_log_in_needs_no_secret() -> None:
    settings = changed(elasticsearch=ElasticsearchSettings(host="search.example.com", tls=False))
    assert settings.secrets == ()
    assert environment("web", settings)["ES_HOST"] == "search.example.com"
    assert "ES_PASS" not in environment("web", settings)


def test_an_index_is_made_where_there_is_a_search_server() -> None:
    settings = changed(elasticsearch=ElasticsearchSettings(host="search.example.com"))
    assert job("search", settings).command == ("bin/tootctl", "search", "deploy")
    assert "search" not in {job.name for job in app().jobs}


def test_the_database_has_its_password_before_it_is_made_ready() -> None:
    before = [job.name for job in app().jobs if job.when == "before"]
    assert before == ["database-password", "prepare"]


def test_web_and_sidekiq_send_their_metrics_to_a_collector_of_the_same_version() -> None:
    settings = changed(metrics=True)
    collector = app(settings).service("collector")
    assert collector.image == PublishedImage("ghcr.io/mastodon/mastodon:v4.7.4")
    assert collector.command == ("./bin/prometheus_exporter", "--bind", "0.0.0.0", "--port", "9394")
    told = {
        "MASTODON_PROMETHEUS_EXPORTER_ENABLED": "true",
        "PROMETHEUS_EXPORTER_HOST": collector.host,
        "PROMETHEUS_EXPORTER_PORT": "9394",
    }
    for service in ("web", "sidekiq"):
        assert environment(service, settings).items() >= told.items()
    assert "PROMETHEUS_EXPORTER_HOST" not in environment("streaming", settings)


def test_the_collector_holds_no_secret_and_no_route() -> None:
    collector = app(changed(metrics=True)).service("collector")
    assert all(isinstance(value, str) for value in collector.environment.values())
    assert collector.routes == ()
    assert not collector.egress


def test_without_metrics_there_is_no_collector_and_nothing_is_sent() -> None:
    assert [service.name for service in app().services] == [
        "postgres",
        "redis",
        "web",
        "streaming",
        "sidekiq",
    ]
    assert [service for service in app().services if service.metrics] == []
    assert not [name for name in environment("web") if "PROMETHEUS" in name]


def test_details_of_the_metrics_are_the_users_choice() -> None:
    own = {"MASTODON_PROMETHEUS_EXPORTER_WEB_DETAILED_METRICS": "true"}
    assert environment("web", changed(metrics=True, environment=own)).items() >= own.items()


def test_the_profile_micro_has_one_web_process_and_needs_little_memory() -> None:
    settings = changed(profile="micro")
    made = app(settings)
    assert environment("web", settings)["WEB_CONCURRENCY"] == "0"
    assert made.memory < 1200
    assert made.memory < app().memory


def test_every_number_of_the_profile_can_be_overridden() -> None:
    settings = changed(
        profile="micro",
        web=WebProcessSettings(workers=4, threads=8, memory=2000, swap=0),
        sidekiq=SidekiqProcessSettings(threads=20, memory=900, swap=100),
        malloc_arenas=4,
    )
    found = environment("web", settings) | environment("sidekiq", settings)
    names = ("WEB_CONCURRENCY", "MAX_THREADS", "SIDEKIQ_CONCURRENCY", "MALLOC_ARENA_MAX")
    assert [found[name] for name in names] == ["4", "8", "20", "4"]
    made = app(settings)
    assert (made.service("web").memory, made.service("sidekiq").memory) == (Memory(2000, 0), Memory(900, 100))


def test_a_number_that_is_not_overridden_is_still_the_profiles() -> None:
    settings = changed(web=WebProcessSettings(memory=900))
    assert app(settings).service("web").memory == Memory(900, app().service("web").memory.swap)
    assert environment("web", settings) == environment("web")


def test_a_variable_of_the_users_reaches_every_process_and_wins() -> None:
    own = {"RAILS_LOG_LEVEL": "warn", "MAX_THREADS": "7"}
    settings = changed(environment=own)
    for service in ("web", "streaming", "sidekiq"):
        assert environment(service, settings).items() >= own.items()


@pytest.mark.parametrize(
    "name",
    [
        "LOCAL_DOMAIN",
        "WEB_DOMAIN",
        "SECRET_KEY_BASE",
        "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY",
        "VAPID_PUBLIC_KEY",
        "DB_HOST",
        "SIDEKIQ_REDIS_URL",
        "SMTP_PASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "VIRTUAL_HOST",
        "ACME_HOST",
        "LETSENCRYPT_HOST",
        "LD_PRELOAD",
        "PATH",
        "PROMETHEUS_EXPORTER_HOST",
        "MASTODON_PROMETHEUS_EXPORTER_LOCAL",
        "lower",
        "A B",
        "",
    ],
)
def test_a_variable_that_would_take_the_app_apart_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="does not set itself"):
        changed(environment={name: "x"})


def test_a_variable_of_two_lines_is_refused() -> None:
    with pytest.raises(ValidationError, match="one line"):
        changed(environment={"MOTTO": "a\nLOCAL_DOMAIN=evil.example.com"})


def test_what_may_never_change_is_who_it_is_and_what_its_data_is_encrypted_with() -> None:
    assert app(changed(local_domain="example.com")).identity == {
        "LOCAL_DOMAIN": "example.com",
        "WEB_DOMAIN": "social.example.com",
        **SECRETS,
        "VAPID_PRIVATE_KEY": text(GeneratedVapidKey("vapid", "private")),
        "VAPID_PUBLIC_KEY": text(GeneratedVapidKey("vapid", "public")),
    }


def test_all_secrets_that_may_never_change_are_lasting() -> None:
    secrets = [
        part for value in app().identity.values() if not isinstance(value, str) for part in value.parts
    ]
    assert all(isinstance(part, GeneratedVapidKey) or _lasts(part) for part in secrets)


def _lasts(part: str | SecretSource) -> bool:
    return isinstance(part, GeneratedHex | GeneratedPassword) and part.lasting


def test_supplied_secrets_are_named_after_the_app() -> None:
    settings = changed(name="social", secrets_from="supplied", version="4.3.17")
    assert {secret.name for secret in settings.secrets} == {
        "socialSecretKeyBase",
        "socialOtpSecret",
        "socialVapidPrivateKey",
        "socialVapidPublicKey",
        "socialPrimaryKey",
        "socialDeterministicKey",
        "socialKeyDerivationSalt",
    }


def test_supplied_secrets_are_used_and_none_is_generated_in_their_place() -> None:
    made = app(changed(secrets_from="supplied"))
    generated = {secret.name for secret in made.secrets() if not isinstance(secret, SuppliedSecret)}
    assert generated == {"database-password", "redis-password"}
    assert made.identity["SECRET_KEY_BASE"] == text(SuppliedSecret("mastodonSecretKeyBase"))


def test_generated_secrets_ask_nothing_of_the_user() -> None:
    assert SETTINGS.secrets == ()
    assert SETTINGS.supplied_vapid_pair is None


def test_the_supplied_keys_for_web_push_are_known_as_a_pair() -> None:
    assert changed(secrets_from="supplied").supplied_vapid_pair == (
        SuppliedSecret("mastodonVapidPrivateKey"),
        SuppliedSecret("mastodonVapidPublicKey"),
    )


def test_an_empty_database_is_filled_with_all_migrations_known() -> None:
    (shell, _, script) = job("prepare").command
    assert (shell, job("prepare").when) == ("sh", "before")
    assert isinstance(script, str)
    empty, filled = script.split("fi\n")
    assert "db:prepare" in empty
    assert "SKIP_POST_DEPLOYMENT_MIGRATIONS" not in empty
    assert "export SKIP_POST_DEPLOYMENT_MIGRATIONS=true\nexec bundle exec rails db:migrate" in filled


def test_what_the_old_version_could_not_live_with_is_migrated_after_it() -> None:
    found = job("migrate")
    assert (found.when, found.command) == ("after", ("bundle", "exec", "rails", "db:migrate"))
    assert found.environment == {}


def test_the_owner_is_made_once_where_the_mail_domain_can_be_looked_up() -> None:
    found = job("owner")
    assert found.command == (
        *("bin/tootctl", "accounts", "create", "ada", "--email", "ada@example.com"),
        *("--confirmed", "--approve", "--role", "Owner"),
    )
    assert (found.when, found.inside, app().service(found.service).egress) == ("once", True, True)


def test_an_owner_that_is_there_already_gets_another_password() -> None:
    found = job("owner")
    assert found.done_before == "taken"
    assert found.then == ("bin/tootctl", "accounts", "modify", "ada", "--reset-password")


def test_the_owners_password_is_what_mastodon_prints() -> None:
    password = Printed("owner", "New password:")
    assert app().administrator == Administrator("ada", "ada@example.com", password)


@pytest.mark.parametrize(
    "username", ["admin", "owner", "root", "Ada", "ada lovelace", "a" * 31, "", "--role"]
)
def test_a_name_that_mastodon_would_refuse_is_refused(username: str) -> None:
    with pytest.raises(ValidationError):
        OwnerSettings(username=username, email="ada@example.com")


def test_copies_of_other_servers_files_are_removed_in_turn_every_week() -> None:
    (schedule,) = app().schedules
    assert (schedule.name, schedule.service, schedule.calendar) == ("prune", "sidekiq", "Sun *-*-* 04:00")
    assert schedule.command == (
        "sh",
        "-euc",
        "bin/tootctl media remove --days 7; bin/tootctl preview_cards remove --days 30",
    )


def test_when_and_what_is_removed_are_settings() -> None:
    (schedule,) = app(
        changed(prune=PruneSettings(calendar="daily", media_days=3, preview_card_days=14))
    ).schedules
    assert schedule.calendar == "daily"
    assert schedule.command[-1] == (
        "bin/tootctl media remove --days 3; bin/tootctl preview_cards remove --days 14"
    )


def test_without_pruning_there_is_no_schedule() -> None:
    assert app(changed(prune=None)).schedules == ()


def test_pictures_of_links_stay_as_long_as_mastodon_does_not_fetch_them_again() -> None:
    with pytest.raises(ValidationError):
        PruneSettings(preview_card_days=13)


def test_data_stays_unless_the_settings_say_otherwise() -> None:
    assert not app().delete_data
    assert app(changed(delete_data=True)).delete_data


def test_services_are_the_same_whatever_the_app_is_called() -> None:
    assert app(changed(name="social")).services == app().services


def test_a_rotated_database_login_is_in_every_process_that_uses_the_database() -> None:
    rotated = changed(postgres={"rotate": 1})
    for service in ("web", "streaming", "sidekiq"):
        found = environment(service, rotated)
        assert found["DB_USER"] == "mastodon_r1"
        assert found["DB_PASS"] == text(GeneratedPassword("database-password-1"))


def test_a_log_in_by_openid_connect_reaches_web_and_sidekiq_with_its_secret() -> None:
    oidc = OidcSettings(issuer="https://sso.example.com/realms/main", client_id="mastodon", only=True)
    settings = changed(oidc=oidc)
    for service in ("web", "sidekiq"):
        assert (
            environment(service, settings).items()
            >= {
                "OIDC_ENABLED": "true",
                "OIDC_ISSUER": "https://sso.example.com/realms/main",
                "OIDC_SCOPE": "openid,profile,email",
                "OIDC_CLIENT_SECRET": text(SuppliedSecret("mastodonOidcClientSecret")),
                "OIDC_REDIRECT_URI": f"{URL}/auth/auth/openid_connect/callback",
                "OIDC_SECURITY_ASSUME_EMAIL_IS_VERIFIED": "false",
                "OMNIAUTH_ONLY": "true",
            }.items()
        )
    assert "OIDC_ENABLED" not in environment("streaming", settings)
    assert SuppliedSecret("mastodonOidcClientSecret") in settings.secrets


def test_secrets_of_the_user_reach_web_and_sidekiq_and_the_jobs_in_them() -> None:
    settings = changed(secret_environment={"DEEPL_API_KEY": "deepl"})
    for service in ("web", "sidekiq"):
        assert environment(service, settings)["DEEPL_API_KEY"] == text(SuppliedSecret("deepl"))
    assert "DEEPL_API_KEY" not in environment("streaming", settings)
    assert {job.service for job in app(settings).jobs} <= {"web", "sidekiq", "postgres"}
    assert settings.secrets == (SuppliedSecret("deepl"),)
