"""An update as those see it who use the app meanwhile, and what is left of one that was killed."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi.automation import CommandError

from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.deployment import deployment
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, run
from tests.e2e.load import Load, chat_load, listener
from tests.e2e.local_socket import elsewhere
from tests.e2e.test_updates import app
from tests.engine.killed_update import killed, wait_until

PATIENCE = 5.0
"""Seconds within which every answer comes: nobody waits for a server that is gone. How long the slowest takes
is measured by `make bench`; here other tests use the same cores."""
OLD_VERSION, NEW_VERSION = "11.7.0", "11.11.1"
NEW = app(version=NEW_VERSION)
UNHEALTHY = app(version=NEW_VERSION, environment={"MM_TEAMSETTINGS_SITENAME": "Unhealthy"}, startup=15)
"""With `elsewhere`: the health check of Mattermost's image needs its local socket."""


def servers(deployed: Deployed, *filters: str) -> list[str]:
    """Ids of the running Mattermost servers that pass filters of `docker ps`."""
    options = [word for one in ("label=homeport.service=mattermost", *filters) for word in ("--filter", one)]
    return deployed.docker("ps", "--quiet", *options).split()


def nginx_servers(deployed: Deployed) -> list[str]:
    """The lines of nginx's configuration that name Mattermost's addresses."""
    ran = deployed.on_machine(
        "docker", "exec", deployed.container("nginx"), "cat", "/etc/nginx/conf.d/default.conf"
    )
    return [line.strip() for line in ran.output.splitlines() if ":8065" in line]


def version(deployed: Deployed) -> str:
    """The version that answers: one of the two."""
    answer = deployed.https("/api/v4/system/ping").headers["x-version-id"]
    (found,) = (one for one in (OLD_VERSION, NEW_VERSION) if answer.startswith(f"{one}."))
    return found


def other(deployed: Deployed) -> str:
    """The version that does not answer."""
    return NEW_VERSION if version(deployed) == OLD_VERSION else OLD_VERSION


def test_a_version_that_does_not_become_healthy_gets_no_request(deployed: Deployed, chat: Chat) -> None:
    (old,) = servers(deployed)
    with (
        elsewhere(deployed),
        chat_load(deployed, chat) as load,
        pytest.raises(CommandError, match="healthy"),
    ):
        deployed.up(UNHEALTHY)
    assert old in servers(deployed)
    assert load.failed == []
    assert load.slowest.seconds < PATIENCE, load


@dataclass(frozen=True)
class Rolled:
    """What people saw of an update that followed one that had failed."""

    old: str
    """The server of before."""
    file: str
    """A file of before."""
    load: Load
    connections: int
    """How often a listener had to connect."""


@pytest.fixture(scope="module")
def rolled(deployed: Deployed, chat: Chat) -> Rolled:
    """Another version, while people read, write and listen."""
    old = servers(deployed)[-1]
    file = str(chat.upload(b"of the old version").json()["file_infos"][0]["id"])
    with listener(deployed, chat) as listening, chat_load(deployed, chat) as load:
        deployed.up(NEW)
        chat.post("after the update")
        assert listening.wait_for("after the update")
    return Rolled(old, file, load, listening.connections)


def test_an_update_loses_no_request_and_keeps_none_waiting(deployed: Deployed, rolled: Rolled) -> None:
    assert {response.method for response in rolled.load.responses} == {"GET", "POST"}
    assert len(rolled.load.responses) > 200
    assert rolled.load.failed == []
    assert rolled.load.slowest.seconds < PATIENCE, rolled.load
    assert rolled.connections <= 2


def test_after_an_update_one_server_has_the_requests(deployed: Deployed, rolled: Rolled) -> None:
    assert rolled.old not in servers(deployed)
    assert len(servers(deployed)) == 1
    wait_until(lambda: len(nginx_servers(deployed)) == 1)
    assert "down" not in nginx_servers(deployed)[0]


def test_a_new_version_serves_the_old_data(deployed: Deployed, chat: Chat, rolled: Rolled) -> None:
    assert version(deployed) == NEW_VERSION
    assert chat.download(rolled.file) == b"of the old version"


def test_a_lower_major_version_is_refused_before_a_container_is_touched(
    deployed: Deployed, rolled: Rolled
) -> None:
    before = deployed.docker("ps", "--quiet", "--no-trunc")
    with pytest.raises(CommandError) as caught:
        deployed.up(app(version="10.12.0"))
    assert "mattermost ran version 11.11.1, and version: 10.12.0 is lower." in str(caught.value)
    assert "allowDowngrade: true" in str(caught.value)
    assert deployed.docker("ps", "--quiet", "--no-trunc") == before


@pytest.fixture(scope="module")
def recreated(deployed: Deployed, rolled: Rolled) -> list[str]:
    """What Docker told, `start` or `die` of an id, when a lower version took the place of a server."""
    deployed.up(app(rollout="recreate", version=NEW_VERSION))
    begun = deployed.on_machine("date", "+%s.%N").output.strip()
    deployed.up(app(rollout="recreate", version=OLD_VERSION))
    ended = deployed.on_machine("date", "+%s.%N").output.strip()
    filters = ("label=homeport.service=mattermost", "event=start", "event=die")
    options = [word for one in filters for word in ("--filter", one)]
    told = deployed.docker(
        *("events", "--since", begun, "--until", ended, "--format", "{{.Action}} {{.ID}}"), *options
    )
    return told.splitlines()


def test_recreate_stops_the_old_server_before_the_new_one_starts(recreated: list[str]) -> None:
    (first, old), (second, new) = (line.split() for line in recreated)
    assert (first, second) == ("die", "start")
    assert new != old


def test_a_lower_minor_version_of_mattermost_is_deployed(deployed: Deployed, recreated: list[str]) -> None:
    assert version(deployed) == OLD_VERSION


def update(folder: Path, changes: dict[str, object]) -> None:
    """An update in a process of its own."""
    deployment(Box(folder), Description.read(folder), changes).up()


def locked(deployed: Deployed) -> bool:
    """The update has begun, and has made nothing yet."""
    return any((deployed.engine.directory / "state" / ".pulumi" / "locks").rglob("*.json"))


def starting(deployed: Deployed) -> bool:
    """A new server runs and is not healthy."""
    return bool(servers(deployed, "health=starting"))


def healthy(deployed: Deployed) -> bool:
    """Two servers are healthy."""
    return len(servers(deployed, "health=healthy")) == 2


def taking_over(deployed: Deployed) -> bool:
    """nginx gives an old server no new requests, while a WebSocket of it is open."""
    new = servers(deployed)[:1]
    name = deployed.docker("inspect", "--format", "{{.Name}}", *new).removeprefix("/") if new else ""
    serving = deployed.docker(
        "exec", deployed.container("nginx"), "cat", "/etc/nginx/conf.d/serving/mattermost"
    )
    return serving == name and len(servers(deployed)) == 2


Moment = Callable[[Deployed], bool]


def begin(deployed: Deployed, wanted: str, moment: Moment) -> None:
    """An update to that version, killed at that moment."""
    updating = functools.partial(update, deployed.box.directory, app(version=wanted))
    killed(updating, when=lambda: moment(deployed))


def finish(deployed: Deployed, wanted: str) -> None:
    """Go on after a killed update."""
    engine = deployed.with_changes(app(version=wanted))
    engine.cancel()
    engine.up()


@pytest.mark.long
@pytest.mark.parametrize(
    "moment", [locked, starting, healthy, taking_over], ids=lambda moment: moment.__name__
)
def test_an_update_killed_at_any_moment_is_finished_by_the_next(
    deployed: Deployed, chat: Chat, moment: Moment
) -> None:
    wanted = other(deployed)
    message = f"before the kill: {moment.__name__}"
    file = str(chat.upload(message.encode()).json()["file_infos"][0]["id"])
    with listener(deployed, chat), chat_load(deployed, chat) as load:
        begin(deployed, wanted, moment)
        time.sleep(2)
    assert load.failed == []
    finish(deployed, wanted)
    assert len(servers(deployed)) == 1
    assert chat.download(file) == message.encode()
    assert version(deployed) == wanted


@pytest.mark.long
@pytest.mark.parametrize("moment", [starting, taking_over], ids=lambda moment: moment.__name__)
def test_after_a_power_cut_in_an_update_the_next_one_finishes_it(
    deployed: Deployed, chat: Chat, moment: Moment
) -> None:
    wanted = other(deployed)
    message = f"before the power cut: {moment.__name__}"
    file = str(chat.upload(message.encode()).json()["file_infos"][0]["id"])
    with listener(deployed, chat):
        begin(deployed, wanted, moment)
        assert run("docker", "kill", deployed.machine).status == 0
    assert run("docker", "start", deployed.machine).status == 0
    wait_until(lambda: deployed.on_machine("docker", "ps").status == 0)
    finish(deployed, wanted)
    assert len(servers(deployed)) == 1
    assert chat.download(file) == message.encode()
    assert version(deployed) == wanted
