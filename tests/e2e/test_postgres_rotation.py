"""Another password for the database, while people write."""

from __future__ import annotations

import functools

import pytest

from bench.requests import Requests
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, changed
from tests.e2e.test_updates import app

USED = """SELECT DISTINCT usename FROM pg_stat_activity
    WHERE application_name <> 'psql' AND datname = 'mattermost' AND backend_type = 'client backend'"""
"""Asks for the logins that are in use."""
LOGINS = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname ~ '^mattermost' ORDER BY 1"


def psql(deployed: Deployed, *arguments: str) -> str:
    """What the database's own client prints."""
    return deployed.docker("exec", deployed.container("postgres"), "psql", "-AtqU", "mattermost", *arguments)


@pytest.fixture(scope="module")
def writing(deployed: Deployed, chat: Chat) -> Requests:
    """Messages that were sent during a rotation."""
    message = {"channel_id": "town-square", "message": "in the middle"}
    with Requests(functools.partial(chat.client.post, "/api/v4/posts", json=message)) as requests:
        deployed.up(app(postgres={"rotate": 1}))
    return requests


def test_no_message_is_refused_meanwhile(writing: Requests) -> None:
    assert len(writing.answers) > 25
    assert writing.failures == []


def test_every_message_is_there(deployed: Deployed, writing: Requests) -> None:
    found = psql(deployed, "-c", "SELECT count(*) FROM posts WHERE message = 'in the middle'")
    assert int(found) == len(writing.answers)


def test_the_app_uses_the_new_login(deployed: Deployed, writing: Requests) -> None:
    assert psql(deployed, "-c", LOGINS).split() == ["mattermost", "mattermost_r1"]
    assert psql(deployed, "-c", USED).split() == ["mattermost_r1"]


def test_nobody_logs_in_as_the_owner_over_the_network(deployed: Deployed, writing: Requests) -> None:
    server = deployed.container("postgres")
    login = 'PGPASSWORD=$POSTGRES_PASSWORD exec psql -h postgres-17 -U mattermost -c "SELECT 1"'
    refused = deployed.on_machine("docker", "exec", server, "sh", "-c", login)
    assert refused.status == 2
    assert "password authentication failed" in refused.output


def test_what_the_app_makes_is_the_owners(deployed: Deployed, writing: Requests) -> None:
    assert (
        psql(deployed, "-c", "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        == "mattermost"
    )


def test_the_update_after_it_has_nothing_to_do(deployed: Deployed, writing: Requests) -> None:
    assert changed(deployed.up(app(postgres={"rotate": 1}))) == {}


@pytest.mark.long
def test_another_rotation_leaves_no_login_of_the_one_before(deployed: Deployed, writing: Requests) -> None:
    deployed.up(app(postgres={"rotate": 2}))
    assert psql(deployed, "-c", LOGINS).split() == ["mattermost", "mattermost_r2"]
    assert psql(deployed, "-c", USED).split() == ["mattermost_r2"]


def test_without_it_the_owner_logs_in_again(deployed: Deployed, chat: Chat, writing: Requests) -> None:
    deployed.up()
    assert "in the middle" in chat.messages()
    assert psql(deployed, "-c", LOGINS).split() == ["mattermost"]
    assert psql(deployed, "-c", USED).split() == ["mattermost"]
