"""Another major version of PostgreSQL in the settings, with people at work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.box import Box
from sandbox.deployment import sandbox_folder
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, changed
from tests.e2e.test_updates import app

OLD, NEW, NEWEST = "15.14", "17.10", "18.1"


def with_postgres(version: str, **more: object) -> dict[str, object]:
    """The stack's app with that database server."""
    return app(postgres={"version": version}, **more)


@pytest.fixture(scope="module")
def old() -> Iterator[Deployed]:
    """A box of its own, deployed with the oldest server."""
    box = Box(sandbox_folder("postgres"))
    try:
        yield Deployed.deploy(box, with_postgres(OLD))
    finally:
        box.stop()


@pytest.fixture(scope="module")
def people(old: Deployed) -> Chat:
    """The administrator, logged in before everything else."""
    return Chat.log_in(old)


def server_version(deployed: Deployed) -> str:
    """Major version of the one database server that runs."""
    return deployed.docker("exec", deployed.container("postgres"), "printenv", "PG_MAJOR")


def test_a_new_major_version_has_all_that_was_written_before(old: Deployed, people: Chat) -> None:
    file = str(people.upload(b"old").json()["file_infos"][0]["id"])
    people.post("in the old one", [file])
    old.up(with_postgres(NEW))
    assert server_version(old) == "17"
    assert "in the old one" in people.messages()
    assert people.download(file) == b"old"
    people.post("in the new one")


def test_the_update_after_it_has_nothing_to_do(old: Deployed, people: Chat) -> None:
    assert changed(old.up(with_postgres(NEW))) == {}
