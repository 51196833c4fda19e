"""A Mastodon as it is deployed, alone and beside a Mattermost."""

from __future__ import annotations

import base64
import os
import re

import pytest

from components.vapid import is_vapid_pair
from tests.unit.deployment.environment import environment
from tests.unit.deployment.providers import generated, real_name
from tests.unit.deployment.recorder import Changes, SecretText, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import told
from tests.unit.deployment.test_trees import TREES, WRITE, compare
from tests.unit.deployment.value import Secret, Value, revealed

BOTH: Changes = {
    "homeport:host.machineType": "e2-medium",
    "homeport:apps": [
        {
            "kind": "mastodon",
            "hostname": "social.example.com",
            "localDomain": "example.com",
            "version": "4.7.4",
            "owner": {"username": "ada", "email": "ada@example.com"},
        },
        {
            "kind": "mattermost",
            "hostname": "chat.example.com",
            "version": "11.7.0",
            "administrator": {"email": "admin@example.com"},
        },
    ],
}
"""One machine, two apps; accounts of the Mastodon are named after the zone."""
LOCAL_DOMAIN: Changes = {"homeport:apps[0].localDomain": "example.com"}
KEYS = "ACTIVE_RECORD_ENCRYPTION"


@pytest.fixture
def social() -> Recording:
    return deployed("social")


def command(recording: Recording, name: str) -> Resource:
    return recording.one("command:remote:Command", f"mastodon-{name}")


def process(recording: Recording, name: str) -> Resource:
    return recording.starting("docker:Container", f"mastodon-{name}")


def networks(container: Resource) -> set[str]:
    return {str(network["name"]) for network in container.rows("networksAdvanced")}


def known(container: Resource) -> dict[str, Value]:
    return {name: revealed(value) for name, value in environment(container).items()}


def virtual_hosts(recording: Recording) -> dict[str, str]:
    lines = [
        line
        for hostname in ("social.example.com", "example.com")
        for one in recording.all("command:remote:Command")
        if one.name == f"mastodon-virtual-host-{hostname}"
        for line in told(one)["FILES"].splitlines()
    ]
    return {name: base64.b64decode(content).decode() for name, content in (line.split(" ") for line in lines)}


def identity(recording: Recording) -> dict[str, str]:
    lines = told(command(recording, "identity"))["IDENTITY"].splitlines()
    return dict(line.split(" ") for line in lines)


def test_two_apps_on_one_machine_make_exactly_these_resources() -> None:
    compare(TREES / "both.txt", deployed("chat", BOTH).tree(), write=bool(os.environ.get(WRITE)))


def test_two_apps_share_only_the_network_of_the_proxy() -> None:
    containers = deployed("chat", BOTH).all("docker:Container")
    of_app = {
        app: {name for c in containers if c.name.startswith(f"{app}-") for name in networks(c)}
        for app in ("mastodon", "mattermost")
    }
    assert of_app["mastodon"] & of_app["mattermost"] == {real_name("front")}


def test_each_of_two_apps_has_an_output_and_records_of_its_own() -> None:
    outputs = deployed("chat", BOTH).outputs
    assert {"mastodon", "mattermost"} <= outputs.keys()
    shown = "\n".join(str(line) for line in outputs["dnsRecords"] or [])  # type: ignore[union-attr]
    for name in ("social.example.com", "example.com", "chat.example.com"):
        assert re.search(rf"^{re.escape(name)}\. \d+ IN A ", shown, re.MULTILINE)


def test_database_and_redis_are_on_the_back_network_alone(social: Recording) -> None:
    for name in ("postgres", "redis"):
        assert networks(process(social, name)) == {real_name("back-mastodon")}


def test_sidekiq_reaches_the_internet_and_the_proxy_does_not_reach_it(social: Recording) -> None:
    out = social.one("docker:Network", "out-mastodon")
    assert "internal" not in out.inputs
    assert networks(process(social, "sidekiq")) == {real_name("back-mastodon"), real_name("out-mastodon")}


def test_the_proxy_tells_web_from_streaming_by_the_path(social: Recording) -> None:
    web, streaming = environment(process(social, "web")), environment(process(social, "streaming"))
    assert (web["VIRTUAL_HOST"], web["VIRTUAL_PORT"]) == ("social.example.com", "3000")
    assert (streaming["VIRTUAL_HOST"], streaming["VIRTUAL_PORT"]) == ("social.example.com", "4000")
    assert "VIRTUAL_PATH" not in web
    assert streaming["VIRTUAL_PATH"] == "/api/v1/streaming"


def test_web_and_streaming_ask_for_one_certificate_that_has_the_local_domain_too() -> None:
    recording = deployed("social", LOCAL_DOMAIN)
    asked = [environment(process(recording, name)).get("ACME_HOST") for name in ("web", "streaming")]
    assert asked == ["social.example.com,example.com"] * 2


def test_nginx_sends_the_local_domain_to_the_host_and_lets_scripts_follow() -> None:
    assert virtual_hosts(deployed("social", LOCAL_DOMAIN))["example.com_location_override"] == (
        "location / {\n"
        "    add_header Access-Control-Allow-Origin *;\n"
        "    add_header X-Homeport-Answer-mastodon $homeport_answered always;\n"
        "    return 301 https://social.example.com$request_uri;\n"
        "}\n"
    )


def test_nginx_does_not_hold_events_back(social: Recording) -> None:
    (streaming,) = (
        content for name, content in virtual_hosts(social).items() if re.search("_[0-9a-f]{40}_", name)
    )
    assert "proxy_buffering off;\n" in streaming


def test_the_database_is_made_ready_before_any_process_of_the_version_starts(social: Recording) -> None:
    assert {"mastodon-postgres-17", "mastodon-redis"} <= social.before(command(social, "prepare"))
    for name in ("web", "streaming", "sidekiq"):
        assert "mastodon-prepare" in social.before(process(social, name))


def test_the_rest_is_migrated_when_the_new_version_answers_alone(social: Recording) -> None:
    before = social.before(command(social, "migrate"))
    running = {process(social, name).name for name in ("web", "streaming", "sidekiq")}
    assert running | {"mastodon-https", "mastodon-owner"} <= before
    assert told(command(social, "migrate"))["ALONE"] == "1"
    assert told(command(social, "prepare"))["ALONE"] == "0"


@pytest.mark.parametrize("name", ["prepare", "migrate"])
def test_a_migration_runs_anew_for_another_version_and_for_nothing_else(name: str) -> None:
    first = command(deployed("social"), name)
    other = command(deployed("social", {"homeport:apps[0].version": "4.7.5"}), name)
    same = command(deployed("social", {"homeport:apps[0].environment": {"RAILS_LOG_LEVEL": "warn"}}), name)
    assert first.at("triggers") != other.at("triggers")
    assert first.at("triggers") == same.at("triggers")


def test_a_migration_has_what_web_is_told_and_webs_files(social: Recording) -> None:
    script = told(command(social, "prepare"))
    lines = dict(line.split("=", 1) for line in script["ENVIRONMENT"].splitlines())
    web = known(process(social, "web"))
    assert lines == {name: value for name, value in web.items() if not name.startswith(("VIRTUAL", "ACME"))}
    assert script["MOUNTS"] == "social-mastodon-system:/opt/mastodon/public/system"
    assert script["NETWORK"] == real_name("back-mastodon")


def test_the_owner_is_made_in_running_sidekiq_and_only_once(social: Recording) -> None:
    job = command(social, "owner")
    assert process(social, "sidekiq").urn in job.depends_on
    assert set(job.ignore_changes) == {"stdin", "create"}
    assert told(job)["SERVICE"] == "sidekiq"
    assert told(job)["COMMAND"].startswith("bin/tootctl accounts create ada --email ada@example.com ")


def test_copies_of_other_servers_files_are_removed_by_a_timer_of_the_machine(social: Recording) -> None:
    script = told(command(social, "prune-timer"))
    assert (script["UNIT"], script["CALENDAR"]) == ("homeport-mastodon-prune", "Sun *-*-* 04:00")
    assert command(social, "prune-timer").at("create") == "sudo bash -s"
    deletion = command(social, "prune-timer").text("delete")
    assert "reset-failed homeport-mastodon-prune.service" in deletion
    assert process(social, "sidekiq").name in social.before(command(social, "prune-timer"))


def test_files_belong_to_mastodons_user_before_a_process_writes_them(social: Recording) -> None:
    ownership = command(social, "ownership")
    assert told(ownership)["VOLUMES"] == (
        "999:999 /data social-mastodon-redis sha256:mastodon-redis\n"
        "991:991 /opt/mastodon/public/system social-mastodon-system sha256:mastodon-mastodon"
    )
    assert ownership.name in social.before(process(social, "web"))
    assert ownership.name in social.before(command(social, "prepare"))


def test_a_job_in_a_container_of_its_own_may_do_what_its_service_may(social: Recording) -> None:
    web = process(social, "web")
    options = told(command(social, "prepare"))["CONFINEMENT"].split()
    assert web.at("readOnly") is ("--read-only" in options)
    assert options[options.index("--user") + 1] == web.text("user")
    assert options[options.index("--cap-drop") + 1] == "ALL"
    assert "--cap-add" not in options
    nameless = [str(row["containerPath"]) for row in web.rows("volumes") if len(row) == 1]
    assert [options[at + 1] for at, option in enumerate(options) if option == "--volume"] == nameless
    assert nameless == ["/tmp", "/opt/mastodon/tmp"]


def test_who_it_is_is_checked_before_anything_of_it_changes(social: Recording) -> None:
    for resource in (process(social, "postgres"), process(social, "web"), command(social, "prepare")):
        assert "mastodon-identity" in social.before(resource)


def test_who_it_is_are_its_domains_and_the_keys_of_its_data(social: Recording) -> None:
    found = identity(social)
    assert (found["LOCAL_DOMAIN"], found["WEB_DOMAIN"]) == ("social.example.com", "social.example.com")
    keys = {
        "SECRET_KEY_BASE",
        "VAPID_PRIVATE_KEY",
        "VAPID_PUBLIC_KEY",
        *(f"{KEYS}_{key}" for key in ("PRIMARY_KEY", "DETERMINISTIC_KEY", "KEY_DERIVATION_SALT")),
    }
    assert found.keys() == keys | {"LOCAL_DOMAIN", "WEB_DOMAIN"}
    assert set(told(command(social, "identity"))["SECRETS"].split()) == keys


def test_a_mastodon_that_moves_here_is_who_its_supplied_secrets_say() -> None:
    own = {
        "SecretKeyBase": generated("mastodon-secret-key-base"),
        "PrimaryKey": generated("mastodon-primary-key"),
        "DeterministicKey": generated("mastodon-deterministic-key"),
        "KeyDerivationSalt": generated("mastodon-key-derivation-salt"),
        "VapidPrivateKey": str(known(process(deployed("social"), "web"))["VAPID_PRIVATE_KEY"]),
        "VapidPublicKey": str(known(process(deployed("social"), "web"))["VAPID_PUBLIC_KEY"]),
    }
    changes: Changes = {
        "homeport:apps[0].secrets": "supplied",
        **{f"homeport:mastodon{name}": SecretText(value) for name, value in own.items()},
    }
    moved = deployed("social", changes)
    assert identity(moved) == identity(deployed("social"))
    assert moved.names("random:RandomBytes") == []


def test_the_keys_for_web_push_are_a_pair_and_secret(social: Recording) -> None:
    found = environment(process(social, "web"))
    private, public = found["VAPID_PRIVATE_KEY"], found["VAPID_PUBLIC_KEY"]
    assert isinstance(private, Secret)
    assert isinstance(public, Secret)
    assert is_vapid_pair(str(private.value), str(public.value))


def test_redis_is_told_its_password_by_a_variable_and_not_by_its_command(social: Recording) -> None:
    redis = process(social, "redis")
    password = generated("mastodon-redis-password")
    assert environment(redis)["REDIS_PASSWORD"] == Secret(password)
    assert environment(process(social, "sidekiq"))["REDIS_PASSWORD"] == Secret(password)
    assert password not in str(redis.at("command"))


def test_another_version_starts_beside_the_old_one_and_leaves_its_data_alone(social: Recording) -> None:
    other = deployed("social", {"homeport:apps[0].version": "4.7.5"})
    for name in ("web", "streaming", "sidekiq"):
        assert process(other, name).name != process(social, name).name
    for name in ("postgres", "redis"):
        assert process(other, name).name == process(social, name).name
