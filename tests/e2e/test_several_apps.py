"""A Mastodon beside the Mattermost: what it does, what an update of it does, and what goes when it goes."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Iterator

import pytest
import websockets
from pulumi.automation import CommandError

from sandbox.engine import homeport
from sandbox.mail_account import MailAccount
from sandbox.mail_sink import mails
from tests.e2e import test_metrics
from tests.e2e.chat import Chat
from tests.e2e.confined import Confined, confined, expected
from tests.e2e.deployed import Deployed, changed, connects
from tests.e2e.intruder import inside
from tests.e2e.mastodon_stack import PARTS, sql, variables
from tests.e2e.mastodon_update import Rolled, rolled_update
from tests.e2e.social import APP, HOSTNAME, Social, browser, connection, payload, registered, trust, within
from tests.e2e.test_updates import host

LEAVES_ANOTHER_STACK = True
"""There is no way back from the machine's type and both apps that is shorter than a new deployment."""
SUPPLIED = {
    "SECRET_KEY_BASE": "mastodonSecretKeyBase",
    "VAPID_PRIVATE_KEY": "mastodonVapidPrivateKey",
    "VAPID_PUBLIC_KEY": "mastodonVapidPublicKey",
    "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY": "mastodonPrimaryKey",
    "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY": "mastodonDeterministicKey",
    "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT": "mastodonKeyDerivationSalt",
}
VERSION = "4.7.4"
"""The newest of Mastodon here."""
RAILS = expected(991, "/opt/mastodon/public/system", "/opt/mastodon/tmp", "/tmp")
BESIDES: dict[str, object] = {
    **host(machineType="e2-small"),
    "homeport:mail": {"host": "smtp.sandbox.test", "user": "sandbox", "fromAddress": "social@homeport.test"},
}


def apps(*more: dict[str, object]) -> dict[str, object]:
    """The stack's own app and more of them."""
    shipped = copy.deepcopy(homeport("sandbox").config["homeport:apps"])
    assert isinstance(shipped, list)
    return {**BESIDES, "homeport:apps": [*shipped, *more]}


def mattermosts(deployed: Deployed) -> list[str]:
    """Ids of the other app's containers."""
    return sorted(deployed.docker("ps", "--quiet", "--filter", "label=homeport.app=mattermost").split())


def volumes(deployed: Deployed) -> list[str]:
    """Names of Mastodon's volumes."""
    return deployed.docker("volume", "ls", "--quiet", "--filter", "name=^sandbox-mastodon-").split()


def scraped(deployed: Deployed) -> dict[str, bytes]:
    """What a Prometheus gets, by path; every target answers."""
    answers = test_metrics.scrape(deployed)
    assert {answer.status for answer in answers.values()} == {200}
    return {path: answer.body for path, answer in answers.items()}


@pytest.fixture(scope="module")
def address(deployed: Deployed, chat: Chat) -> str:
    """The machine's, from before it had another type; somebody has written until then."""
    chat.post("before another type")
    return deployed.address


@pytest.fixture(scope="module")
def social(deployed: Deployed, address: str) -> Iterator[Social]:
    """The owner, logged in to a Mastodon that was added to the stack, on a larger machine."""
    engine = deployed.with_changes(apps(APP))
    engine.set_secret("homeport:mailPassword", MailAccount().password)
    try:
        engine.up()
        yield Social.log_in(deployed)
    finally:
        for name in ("mailPassword", *SUPPLIED.values()):
            deployed.engine.remove_config(f"homeport:{name}")


def test_both_apps_answer(deployed: Deployed, social: Social) -> None:
    assert social.client.get("/api/v2/instance").json()["domain"] == HOSTNAME
    assert deployed.https("/api/v4/system/ping").status == 200


def test_another_machine_type_keeps_address_and_data(
    deployed: Deployed, chat: Chat, address: str, social: Social
) -> None:
    machine = deployed.box.client.containers.get(deployed.machine)
    assert machine.attrs["HostConfig"]["Memory"] == 2048 * 1024 * 1024
    assert deployed.address == address
    assert "before another type" in chat.messages()


def test_an_update_without_changes_does_nothing(deployed: Deployed, social: Social) -> None:
    assert changed(deployed.up(apps(APP))) == {}


def test_a_post_reaches_the_home_timeline_by_way_of_sidekiq(social: Social) -> None:
    social.post("worked on in the background")
    assert social.sees("worked on in the background")


def test_a_post_reaches_a_websocket_through_the_proxy(deployed: Deployed, social: Social) -> None:
    async def listen() -> str:
        url = f"wss://{HOSTNAME}/api/v1/streaming?stream=user&access_token={social.token}"
        async with websockets.connect(
            url, sock=connection(deployed), ssl=trust(deployed), server_hostname=HOSTNAME
        ) as events:
            await asyncio.to_thread(social.post, "over the socket")
            while "over the socket" not in (event := str(await events.recv())):
                pass
            return event

    assert "update" in asyncio.run(asyncio.wait_for(listen(), 20))


def test_an_event_is_not_held_back_by_the_proxy(social: Social) -> None:
    with social.events() as lines:
        begun = time.monotonic()
        social.post("as an event")
        assert any("as an event" in payload(line) for line in lines)
        assert time.monotonic() - begun < 5


def test_a_sign_up_sends_a_mail_through_the_relay(deployed: Deployed, social: Social) -> None:
    web = deployed.container("web")
    deployed.docker("exec", web, "tootctl", "settings", "registrations", "open")
    with browser(deployed) as visitor:
        grant = {**registered(visitor), "grant_type": "client_credentials"}
        token = visitor.post("/oauth/token", data=grant).json()["access_token"]
        account = {"username": "grace", "email": "grace@example.org", "password": "correct horse battery"}
        answer = visitor.post(
            "/api/v1/accounts",
            data={**account, "agreement": "true", "locale": "en"},
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.status_code == 200, answer.text
    assert within(20, lambda: any("grace@example.org" in mail.recipients for mail in mails(deployed.box)))


@pytest.mark.parametrize(
    ("service", "other"),
    [("mattermost", "sandbox-mastodon-postgres-17"), ("web", "sandbox-mattermost-postgres-17")],
)
def test_neither_app_reaches_the_others_database(
    deployed: Deployed, social: Social, service: str, other: str
) -> None:
    format_ = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    addresses = deployed.docker("inspect", "--format", format_, other).split()
    assert addresses
    with inside(deployed, deployed.container(service)) as intruder:
        assert intruder.reaches("postgres-17", 5432), "its own"
        assert intruder.reached([other, *addresses], [5432]) == set()
        assert intruder.run("getent", "hosts", other).status != 0


def test_a_failing_migration_fails_the_update_and_the_old_version_keeps_serving(
    deployed: Deployed, social: Social
) -> None:
    running = deployed.container("web")
    sql(deployed, "CREATE TABLE homeport_block_migration ()")
    with pytest.raises(CommandError, match="homeport_block_migration"):
        deployed.up(apps({**APP, "version": VERSION}))
    assert deployed.container("web") == running
    social.post("on the old version")
    assert social.sees("on the old version")
    sql(deployed, "DROP TABLE homeport_block_migration")


@pytest.fixture(scope="module")
def rolled(deployed: Deployed, social: Social) -> Rolled:
    """A new version, with migrations before and after it, while people read, write and listen."""
    others = mattermosts(deployed)
    found = rolled_update(deployed, social, lambda: deployed.up(apps({**APP, "version": VERSION})))
    assert mattermosts(deployed) == others, "the other app is left alone"
    social.post("on the new version")
    return found


def test_a_new_version_migrates_in_two_phases_and_leaves_the_other_app_alone(
    deployed: Deployed, social: Social, rolled: Rolled
) -> None:
    assert social.client.get("/api/v2/instance").json()["version"].startswith(VERSION)
    assert [variables(deployed, part)["HOMEPORT_STANDIN_VERSION"] for part in PARTS] == [f"v{VERSION}"] * 3
    assert social.sees("on the new version")
    pending = deployed.docker(
        "exec", deployed.container("web"), "bundle", "exec", "rails", "db:abort_if_pending_migrations"
    )
    assert "pending" not in pending


def test_a_new_version_loses_no_request_of_web_and_streaming(rolled: Rolled) -> None:
    assert rolled.load.failed == []
    assert len(rolled.load.responses) > 200


def test_who_listens_connects_again_once_and_hears_what_is_new(rolled: Rolled) -> None:
    assert (rolled.listener.connections, rolled.hears_again) == (2, True)


def test_every_job_of_that_time_is_done_once(rolled: Rolled) -> None:
    assert (rolled.processed, rolled.failed) == (rolled.written, 0)


@pytest.mark.parametrize(
    ("service", "allowed"),
    [
        ("web", RAILS),
        ("sidekiq", RAILS),
        ("streaming", expected(991, "/tmp")),
        ("redis", expected(999, "/data")),
        ("postgres", expected(999, "/run/postgresql", "/tmp", "/var/lib/postgresql/data")),
    ],
)
def test_a_container_can_do_and_write_what_it_was_given_and_no_more(
    deployed: Deployed, rolled: Rolled, service: str, allowed: Confined
) -> None:
    filters = ("label=homeport.app=mastodon", f"label=homeport.service={service}")
    options = [word for one in filters for word in ("--filter", one)]
    assert confined(deployed, deployed.docker("ps", "--quiet", *options)) == allowed


def test_the_domain_of_the_accounts_can_never_change(
    deployed: Deployed, social: Social, rolled: Rolled
) -> None:
    running = deployed.container("web")
    with pytest.raises(CommandError) as caught:
        deployed.up(apps({**APP, "version": VERSION, "localDomain": "homeport.test"}))
    said = str(caught.value)
    assert f"LOCAL_DOMAIN was {HOSTNAME} when mastodon was first deployed" in said
    assert deployed.container("web") == running
    assert social.client.get("/api/v2/instance").status_code == 200


@pytest.mark.long
def test_its_metrics_are_behind_the_password_and_not_at_its_own_name(
    deployed: Deployed, social: Social
) -> None:
    deployed.up({**apps({**APP, "version": VERSION, "metrics": True}), **test_metrics.SECTION})
    # It tells of its processes when they begin, and of its requests every half second.
    social.home()
    pages = {
        "/app/mastodon/rails": "ruby_sidekiq_process_concurrency",
        "/app/mastodon/streaming": "connected_",
    }
    assert within(20, lambda: b"ruby_http_requests_total" in scraped(deployed)["/app/mastodon/rails"])
    found = scraped(deployed)
    for path, series in pages.items():
        assert series.encode() in found[path]
        refused = test_metrics.page(deployed, path)
        assert (refused.status, series.encode() in refused.body) == (401, False)
    for path in ("/metrics", "/api/v1/streaming/metrics", "/api/v1/streaming/../../../metrics", *pages):
        answer = test_metrics.page(deployed, path, host=HOSTNAME)
        assert answer.status != 200
        assert b"connected_clients" not in answer.body
    assert not any(connects(deployed.address, port) for port in (4000, 9394))


@pytest.mark.long
def test_an_app_that_is_removed_leaves_its_data_and_the_other_app(
    deployed: Deployed, social: Social, rolled: Rolled
) -> None:
    others, kept = mattermosts(deployed), volumes(deployed)
    deployed.up(apps())
    assert deployed.docker("ps", "--quiet", "--filter", "label=homeport.app=mastodon") == ""
    assert volumes(deployed) == kept
    assert mattermosts(deployed) == others


@pytest.mark.long
def test_an_app_that_comes_back_with_other_keys_is_refused_and_with_its_own_finds_its_data(
    deployed: Deployed, social: Social, rolled: Rolled
) -> None:
    back = {**APP, "version": VERSION}
    with pytest.raises(CommandError, match="SECRET_KEY_BASE is not the one that the data of mastodon"):
        deployed.up(apps(back))

    image = str(deployed.inspect(deployed.container("nginx"))[0]["Image"])
    mount = "sandbox-mastodon-identity:/identity"
    kept = deployed.docker("run", "--rm", "--volume", mount, image, "cat", "/identity/identity")
    engine = deployed.with_changes(apps({**back, "secrets": "supplied"}))
    values = dict(line.split(" ", 1) for line in kept.splitlines())
    for name, secret in SUPPLIED.items():
        engine.set_secret(f"homeport:{secret}", values[name])
    engine.up()
    assert Social.log_in(deployed).sees("on the new version")


@pytest.mark.long
def test_an_app_whose_data_may_go_takes_it_along(deployed: Deployed, social: Social) -> None:
    deployed.up(apps({**APP, "version": VERSION, "secrets": "supplied", "deleteData": True}))
    assert volumes(deployed) != []
    engine = deployed.with_changes(apps())
    for secret in SUPPLIED.values():
        engine.remove_config(f"homeport:{secret}")
    engine.up()
    assert volumes(deployed) == []
