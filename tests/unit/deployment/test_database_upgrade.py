"""What a deployment does so that another major version of PostgreSQL has the data of the one before."""

from __future__ import annotations

import pytest

from tests.unit.deployment.mattermost import database, server
from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import told

OLDER: Changes = {"homeport:apps[0].postgres.version": "15.14"}


@pytest.fixture
def chat() -> Recording:
    return deployed("chat")


def copying(recording: Recording) -> Resource:
    return recording.one("command:remote:Command", "mattermost-postgres-upgrade")


def serving(recording: Recording) -> Resource:
    return recording.one("command:remote:Command", "mattermost-postgres-upgraded")


def labels(container: Resource) -> dict[str, str]:
    return {str(row["label"]): str(row["value"]) for row in container.rows("labels")}


def test_another_major_version_is_another_container(chat: Recording) -> None:
    assert database(chat).name == "mattermost-postgres-17"
    assert database(deployed("chat", OLDER)).name == "mattermost-postgres-15"


def test_a_minor_version_is_the_same_container(chat: Recording) -> None:
    minor = deployed("chat", {"homeport:apps[0].postgres.version": "17.99"})
    assert database(minor).name == database(chat).name


def test_the_app_that_uses_it_is_another_container_too(chat: Recording) -> None:
    assert server(chat).name != server(deployed("chat", OLDER)).name


def test_containers_say_which_server_they_are_and_use(chat: Recording) -> None:
    assert labels(database(chat))["homeport.generation"] == "17"
    assert labels(server(chat))["homeport.uses"] == "postgres-17"


def test_the_data_is_copied_when_the_server_runs_and_before_the_app_does(chat: Recording) -> None:
    assert database(chat).name in chat.before(copying(chat))
    assert copying(chat).name in chat.before(server(chat))


def test_jobs_for_a_new_version_find_the_data(chat: Recording) -> None:
    job = chat.one("command:remote:Command", "mattermost-database-password")
    assert copying(chat).name in chat.before(job)


def test_the_data_is_the_new_servers_once_the_app_is_healthy_with_it(chat: Recording) -> None:
    assert server(chat).name in chat.before(serving(chat))
    assert told(serving(chat))["TASK"] == "serve"


def test_the_script_is_told_what_it_needs(chat: Recording) -> None:
    said = told(copying(chat))
    assert {
        name: said[name] for name in ("APP", "STACK", "SERVICE", "DATABASE", "MAJOR", "VOLUMES", "TASK")
    } == {
        "APP": "mattermost",
        "STACK": "chat",
        "SERVICE": "postgres",
        "DATABASE": "mattermost",
        "MAJOR": "17",
        "VOLUMES": "chat-mattermost-postgres-",
        "TASK": "copy",
    }
    assert said["DEPLOYMENT"].startswith("homeport.deployment=")
    assert said["IMAGES"].split()[0] == "mattermost"


def test_the_data_is_looked_after_again_before_each_of_the_apps_containers(chat: Recording) -> None:
    assert server(chat).before_create[-1] == "mattermost-postgres-upgrade"
    assert len(database(chat).before_create) == 1


def test_jobs_inside_a_server_run_in_the_one_that_is_wanted() -> None:
    older = deployed("chat", OLDER)
    job = told(older.one("command:remote:Command", "mattermost-database-password"))
    assert (job["SERVICE"], job["GENERATION"]) == ("postgres", "15")


def test_redis_has_nothing_of_it() -> None:
    social = deployed("social")
    assert "homeport.generation" not in labels(social.one("docker:Container", "mastodon-redis"))
