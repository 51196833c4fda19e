"""Another major version of PostgreSQL in the settings, with people at work and everything going wrong."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pulumi.automation import CommandError

from bench.requests import Requests
from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.deployment import deployment
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, box_for_tests, changed, run
from tests.e2e.local_socket import elsewhere
from tests.e2e.test_updates import app
from tests.engine.killed_update import killed, wait_until

OLD, NEW, NEWEST = "15.14", "17.11", "18.6"
COPY = "sandbox-mattermost-database-copy"
"""The container that there is while data is copied."""
ROWS = 600_000
"""Of a table that takes some seconds to copy."""


def with_postgres(server: str, **more: object) -> dict[str, object]:
    """The stack's app with that database server."""
    return app(postgres={"version": server}, **more)


@pytest.fixture(scope="module")
def stack() -> Iterator[Deployed]:
    """A box of its own, deployed with the oldest server."""
    box = box_for_tests("postgres")
    try:
        yield Deployed.deploy(box, with_postgres(OLD))
    finally:
        box.stop()


@pytest.fixture(scope="module")
def people(stack: Deployed) -> Chat:
    """The administrator, logged in before everything else."""
    chat = Chat.log_in(stack)
    chat.post("in the first one")
    return chat


def servers(deployed: Deployed) -> list[str]:
    """Major versions of the database servers that run."""
    listed = deployed.docker(
        "ps", "--filter", "label=homeport.service=postgres", "--format", '{{.Label "homeport.generation"}}'
    )
    return sorted(listed.split())


def sql(deployed: Deployed, statement: str, major: str) -> str:
    """Run a statement in one of the database servers."""
    psql = ("psql", "--username", "mattermost", "--no-align", "--tuples-only", "--command", statement)
    return deployed.docker("exec", f"sandbox-mattermost-postgres-{major}", *psql)


def copying(deployed: Deployed) -> bool:
    """Whether data is on its way. The programs before it that last a moment are not meant."""
    command = deployed.on_machine("docker", "inspect", "--format", "{{.Path}}", COPY).output
    return command.strip() == "pg_dump"


def refused(deployed: Deployed, changes: dict[str, object]) -> str:
    """What an update says that fails."""
    with pytest.raises(CommandError) as caught:
        deployed.up(changes)
    return str(caught.value)


def test_a_new_version_of_the_app_in_the_same_update_is_refused(stack: Deployed, people: Chat) -> None:
    said = refused(stack, with_postgres(NEW, version="11.11.0"))
    assert "PostgreSQL 15 -> 17 and another version of mattermost at once" in said
    people.post("after the first refusal")


def test_a_disk_that_cannot_hold_the_copy_is_refused(stack: Deployed, people: Chat) -> None:
    free = int(stack.on_machine("df", "-B1", "--output=avail", "/mnt/data").output.split()[-1])
    stack.on_machine("fallocate", "--length", str(free - 50 * 1024 * 1024), "/mnt/data/filler")
    try:
        said = refused(stack, with_postgres(NEW))
    finally:
        stack.on_machine("rm", "/mnt/data/filler")
    assert "MiB of the data disk are free" in " ".join(said.split())
    people.post("after the second refusal")


def test_when_the_app_does_not_become_healthy_the_old_database_is_written_again(
    stack: Deployed, people: Chat
) -> None:
    with elsewhere(stack):
        said = refused(stack, with_postgres(NEW, startup=15))
    assert "mattermost goes on with PostgreSQL 15" in said
    assert "after the second refusal" in people.messages()
    people.post("after the app that failed")


@pytest.fixture(scope="module")
def filler(stack: Deployed, people: Chat) -> None:
    """A table that is large enough to be interrupted while it is copied; each later test finds it whole."""
    statement = "CREATE TABLE filler AS SELECT n AS id, repeat(md5(n::text), 4) AS text FROM {rows} n"
    sql(stack, statement.format(rows=f"generate_series(1, {ROWS})"), "15")
    sql(stack, "ALTER TABLE filler ADD PRIMARY KEY (id)", "15")


@pytest.mark.long
@pytest.mark.usefixtures("filler")
def test_after_a_power_cut_while_data_is_copied_the_app_writes_again(stack: Deployed, people: Chat) -> None:
    lost = threading.Thread(target=lambda: lose_power(stack))
    lost.start()
    refused(stack, with_postgres(NEW))
    lost.join()
    wait_until(lambda: posts(people, "after the power cut"))


@dataclass(frozen=True)
class Moved:
    """What was there before the data moved, and what people saw meanwhile."""

    written: list[str]
    reading: Requests
    seconds: float


@pytest.fixture(scope="module")
def moved(stack: Deployed, people: Chat, filler: None) -> Moved:
    """The data is in PostgreSQL 17, and somebody read all along."""
    written = people.messages()
    started = time.monotonic()
    with Requests(functools.partial(people.client.get, "/api/v4/channels/town-square/posts")) as reading:
        stack.up(with_postgres(NEW))
    seconds = time.monotonic() - started
    people.post("in the second one")
    return Moved(written, reading, seconds)


def test_the_next_update_has_all_that_was_written_and_people_read_all_along(
    stack: Deployed, people: Chat, moved: Moved
) -> None:
    assert servers(stack) == ["17"]
    assert sorted(people.messages()) == sorted([*moved.written, "in the second one"])
    assert "in the first one" in moved.written
    assert sql(stack, "SELECT count(*) FROM filler", "17") == str(ROWS)
    assert len(moved.reading.answers) > moved.seconds
    assert moved.reading.failures == []


def posts(people: Chat, message: str) -> bool:
    """Whether a message is taken."""
    body = {"channel_id": "town-square", "message": message}
    try:
        return people.client.post("/api/v4/posts", json=body).status_code == 201
    except httpx.HTTPError:
        return False


def lose_power(deployed: Deployed) -> None:
    """Cut the machine's power while data is copied, and boot it."""
    wait_until(lambda: copying(deployed))
    machine = deployed.machine
    assert run("docker", "kill", machine).status == 0
    assert run("docker", "start", machine).status == 0
    wait_until(lambda: len(servers_or_none(deployed)) == 2)


def servers_or_none(deployed: Deployed) -> list[str]:
    """The servers, on a machine that may not answer yet."""
    listed = deployed.on_machine(
        *(
            "docker",
            "ps",
            "--quiet",
            "--filter",
            "label=homeport.service=postgres",
            "--filter",
            "health=healthy",
        )
    )
    return listed.output.split() if listed.status == 0 else []


def test_the_update_after_it_has_nothing_to_do(stack: Deployed, moved: Moved) -> None:
    assert changed(stack.up(with_postgres(NEW))) == {}


def test_the_old_data_stays_until_somebody_removes_it(stack: Deployed, moved: Moved) -> None:
    listed = stack.docker("volume", "ls", "--quiet", "--filter", "name=sandbox-mattermost-postgres-")
    assert "sandbox-mattermost-postgres-15" in listed.split()


@pytest.mark.long
def test_an_older_major_version_is_refused(stack: Deployed, people: Chat, moved: Moved) -> None:
    said = refused(stack, with_postgres(OLD))
    assert "The data of mattermost was moved from PostgreSQL 15 to 17" in said
    people.post("after the third refusal")
    stack.up(with_postgres(NEW))
    assert servers(stack) == ["17"]
    assert "after the third refusal" in people.messages()


def _update(folder: Path) -> None:
    deployment(Box(folder), Description.read(folder), with_postgres(NEWEST)).up()


@pytest.mark.long
def test_an_update_that_is_killed_while_it_copies_is_finished_by_the_next(
    stack: Deployed, people: Chat, moved: Moved
) -> None:
    killed(functools.partial(_update, stack.box.directory), when=lambda: copying(stack))
    assert "in the second one" in people.messages()
    stack.with_changes(with_postgres(NEWEST)).cancel()
    stack.engine.up()
    assert servers(stack) == ["18"]
    assert sql(stack, "SELECT count(*) FROM filler", "18") == str(ROWS)
    assert {"in the first one", "in the second one"} <= set(people.messages())
    people.post("in the third one")


@pytest.mark.long
def test_its_data_is_where_its_image_keeps_it_and_survives_its_container(
    stack: Deployed, people: Chat
) -> None:
    stack.docker("restart", stack.container("postgres"))

    def answers() -> bool:
        try:
            return "in the third one" in people.messages()
        except (httpx.HTTPError, KeyError):
            return False

    wait_until(answers)
    found = stack.docker(
        "run", "--rm", "-v", "sandbox-mattermost-postgres-18:/v", "postgres:18.6", "ls", "/v"
    )
    assert found.split() == ["18"]
