"""What is refused about a Mastodon, in itself and together with the rest of its stack."""

from __future__ import annotations

import pytest

from components.vapid import vapid_key
from stacks.mistakes import Mistake
from tests.unit.deployment.providers import elliptic_key
from tests.unit.stacks.configuration import MAIL, Configuration, Value, shipped

APP = "homeport:apps[0]"
OUTSIDE = "a name inside one of homeport:dns.zones, example.com; its record cannot be created elsewhere"
SUPPLIED = ("SecretKeyBase", "PrimaryKey", "DeterministicKey", "KeyDerivationSalt")
KEY, OTHER_KEY = elliptic_key("one"), elliptic_key("other")
PRIVATE, PUBLIC = vapid_key(KEY, "private"), vapid_key(KEY, "public")


def social() -> Configuration:
    """A valid configuration: one Mastodon on Google Cloud."""
    return shipped("social")


def supplied(private: str = PRIVATE, public: str = PUBLIC) -> Configuration:
    """One whose secrets the user supplies."""
    configuration = social().set(f"{APP}.secrets", "supplied")
    for name in SUPPLIED:
        configuration.secret(f"mastodon{name}")
    for name, value in (("VapidPrivateKey", private), ("VapidPublicKey", public)):
        configuration.secret(f"mastodon{name}").text(f"homeport:mastodon{name}", value)
    return configuration


def test_metrics_of_a_version_that_has_none_are_refused() -> None:
    configuration = social().set(f"{APP}.version", "4.3.17").set(f"{APP}.metrics", True)
    assert configuration.mistake() == Mistake(
        f"{APP}.metrics", "true", "false, or version 4.4.0 or newer; 4.3.17 has no metrics of web and sidekiq"
    )


@pytest.mark.parametrize("key", ["hostname", "localDomain"])
def test_a_name_outside_the_zones_is_refused(key: str) -> None:
    mistake = social().set(f"{APP}.{key}", "social.example.org").mistake()
    assert mistake == Mistake(f"{APP}.{key}", '"social.example.org"', OUTSIDE)


def test_the_zones_own_name_may_be_the_local_domain() -> None:
    settings = social().set(f"{APP}.localDomain", "example.com").load()
    assert settings.apps[0].hostnames == ("social.example.com", "example.com")


def test_the_local_domain_may_be_said_where_it_is_the_host_name() -> None:
    settings = social().set(f"{APP}.localDomain", "social.example.com").load()
    assert settings.apps[0].hostnames == ("social.example.com",)


def test_a_local_domain_that_another_app_has_as_its_host_name_is_refused() -> None:
    configuration = (
        social().set(f"{APP}.localDomain", "example.com").set("homeport:host.machineType", "e2-medium")
    )
    second: dict[str, Value] = {"name": "second", "hostname": "example.com", "localDomain": "b.example.com"}
    assert configuration.add_app(**second).mistake() == Mistake(
        "homeport:apps[1].hostname",
        '"example.com", as in homeport:apps[0]',
        "a hostname that no other app of the stack has",
    )


@pytest.mark.parametrize(
    ("version", "allowed"),
    [
        ("4.2.20", "4.3.0 or newer: older versions have no keys for what they encrypt"),
        (
            "4.7",
            "all three numbers, such as 4.7.0: the tag 4.7 moves on with each new 4.7.x, and an upgrade must"
            " be something you decide",
        ),
    ],
)
def test_a_version_that_cannot_be_deployed_is_refused(version: str, allowed: str) -> None:
    mistake = social().set(f"{APP}.version", version).mistake()
    assert mistake == Mistake(f"{APP}.version", f'"{version}"', allowed)


def test_a_redis_that_mastodon_refuses_is_refused() -> None:
    mistake = social().set(f"{APP}.redis", {"version": "6.2.14"}).mistake()
    assert mistake == Mistake(
        f"{APP}.redis.version", '"6.2.14"', "7.0 or newer: Mastodon refuses anything older"
    )


@pytest.mark.parametrize("username", ["admin", "abuse", "mastodon_team"])
def test_a_reserved_name_of_the_owner_is_refused(username: str) -> None:
    mistake = social().set(f"{APP}.owner.username", username).mistake()
    assert mistake == Mistake(
        f"{APP}.owner.username",
        f'"{username}"',
        "a name of your own, such as ada: Mastodon reserves this one",
    )


@pytest.mark.parametrize("key", ["hostname", "version", "owner", "owner.username", "owner.email"])
def test_a_missing_key_is_told(key: str) -> None:
    assert social().remove(f"{APP}.{key}").mistake() == Mistake(
        f"{APP}.{key}", "nothing", "a value: it is required"
    )


def test_a_variable_with_a_setting_of_its_own_is_refused() -> None:
    mistake = social().set(f"{APP}.environment", {"LOCAL_DOMAIN": "example.org"}).mistake()
    assert mistake.path == f"{APP}.environment"
    assert mistake.allowed == "variables in capitals that Homeport does not set itself; not LOCAL_DOMAIN"


@pytest.mark.parametrize("calendar", ["Sun\n04:00", "$(reboot)", ""])
def test_a_calendar_that_is_none_is_refused(calendar: str) -> None:
    assert social().set(f"{APP}.prune", {"calendar": calendar}).mistake().path == f"{APP}.prune.calendar"


def test_nothing_needs_to_be_pruned() -> None:
    settings = social().set(f"{APP}.prune", None).load()
    assert settings.apps[0].schedules == ()


def test_a_machine_that_is_too_small_is_told_with_the_sum() -> None:
    configuration = social().set("homeport:host.machineType", "e2-micro").set("homeport:host.swap", 0)
    mistake = configuration.mistake()
    assert mistake.path == "homeport:host.machineType"
    assert mistake.found == (
        '"e2-micro", too small for the apps: nginx 128 + docker-gen 32 + acme-companion 96'
        " + mastodon/postgres 192 + mastodon/redis 64 + mastodon/web 704 + mastodon/streaming 160"
        " + mastodon/sidekiq 480 = 1856 MiB;"
        " with a second mastodon/web + mastodon/streaming + mastodon/sidekiq during an update = 3200 MiB;"
        " available are 1024 RAM + 0 swap - 192 for the system = 832 MiB"
    )


@pytest.mark.parametrize(
    ("machine", "swap", "profile"), [("e2-small", 2048, "small"), ("e2-micro", 2048, "micro")]
)
def test_each_profile_fits_the_machine_that_it_is_for(machine: str, swap: int, profile: str) -> None:
    configuration = social().set("homeport:host.machineType", machine).set("homeport:host.swap", swap)
    assert len(configuration.set(f"{APP}.profile", profile).load().apps) == 1


def test_mail_needs_the_password_of_its_relay() -> None:
    mistake = social().set("homeport:mail", MAIL).mistake()
    assert mistake.path == "homeport:mailPassword"


def test_plain_http_is_refused_as_mastodon_sends_everybody_to_https() -> None:
    configuration = social().set("homeport:host", {"kind": "local"}).set("homeport:dns", {"kind": "none"})
    mistake = (
        configuration.remove("homeport:backup")
        .set("homeport:edge", {"certificate": {"kind": "none"}})
        .mistake()
    )
    assert (mistake.path, mistake.found) == (f"{APP}.kind", '"mastodon"')


def test_supplied_secrets_that_are_all_there_are_accepted() -> None:
    assert len(supplied().load().secrets) == len(SUPPLIED) + 2


@pytest.mark.parametrize("name", [*SUPPLIED, "VapidPrivateKey", "VapidPublicKey"])
def test_a_supplied_secret_that_is_missing_is_told(name: str) -> None:
    mistake = supplied().text(f"homeport:mastodon{name}", "").mistake()
    command = f"pulumi config set --secret mastodon{name}"
    assert mistake == Mistake(f"homeport:mastodon{name}", "nothing", f"a secret: {command}")


def test_the_key_of_old_two_factor_logins_is_asked_for_where_the_version_reads_it() -> None:
    mistake = supplied().set(f"{APP}.version", "4.3.17").mistake()
    assert mistake.path == "homeport:mastodonOtpSecret"


@pytest.mark.parametrize(
    ("private", "public"),
    [(PRIVATE, vapid_key(OTHER_KEY, "public")), (PUBLIC, PRIVATE), ("a-secret", "a-secret")],
    ids=["another key's half", "swapped", "no keys"],
)
def test_keys_for_web_push_that_are_no_pair_are_one_mistake_that_shows_neither(
    private: str, public: str
) -> None:
    mistake = supplied(private, public).mistake()
    assert mistake == Mistake(
        "homeport:mastodonVapidPublicKey",
        "no public key to homeport:mastodonVapidPrivateKey",
        "the two halves of one VAPID key pair, base64url of 32 and of 65 bytes",
    )


def test_a_key_for_web_push_in_pem_is_told_once() -> None:
    mistake = supplied(KEY, PUBLIC).mistake()
    assert (mistake.path, mistake.found) == ("homeport:mastodonVapidPrivateKey", "several lines")


def test_secrets_of_an_app_with_mistakes_are_no_unknown_keys() -> None:
    assert supplied().set(f"{APP}.extra", 1).mistake().path == f"{APP}.extra"


def test_supplied_secrets_that_nothing_reads_are_told() -> None:
    assert (
        supplied()
        .remove(f"{APP}.secrets")
        .mistakes()[0]
        .allowed.startswith("one of host, dns, edge, mail, apps, backup, monitoring, metrics, logs")
    )
