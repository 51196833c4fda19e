"""The script that moves a database to another major version of PostgreSQL, on real servers of three."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.errors import APIError

from components.host.shell import with_variables
from sandbox.images.build import built
from sandbox.images.catalogue import PUBLISHED
from tests.engine.killed_update import wait_until

SCRIPT = Path(__file__).parents[2] / "components" / "database_upgrade.sh"
PATHS = {15: "/var/lib/postgresql/data", 17: "/var/lib/postgresql/data", 18: "/var/lib/postgresql"}


BIG = "CREATE TABLE big AS SELECT n FROM generate_series(1, 1000000) n"
"""Takes a moment to copy."""
PAST_THE_FENCE = "-c default_transaction_read_only=off"


@dataclass(frozen=True)
class Ran:
    """A script that ended."""

    status: int
    stdout: str


@dataclass
class Servers:
    """PostgreSQL servers of one deployment, and a container that stands for the app."""

    client: docker.DockerClient
    name: str

    def start(self, major: int) -> None:
        """Run a server, with the volume of its major version."""
        source, versions = PUBLISHED["library/postgres"]
        version = next(version for version in versions if version.startswith(f"{major}."))
        self.client.containers.run(
            built(self.client, source.of(version), version),
            name=f"{self.name}-postgres-{major}",
            detach=True,
            environment={
                "POSTGRES_USER": "app",
                "POSTGRES_DB": "app",
                "POSTGRES_PASSWORD": "secret",
                "POSTGRES_INITDB_ARGS": "--no-sync",
            },
            labels={**self._labels, "homeport.service": "postgres", "homeport.generation": str(major)},
            volumes={f"{self.name}-postgres-{major}": {"bind": PATHS[major], "mode": "rw"}},
        )
        self.await_server(major)

    def await_server(self, major: int) -> None:
        """Until it takes connections."""
        wait_until(lambda: not self._exec(major, "pg_isready", "-q", "-h", "127.0.0.1").status)

    def await_copy(self) -> None:
        """Until data is on its way."""
        inspect = ("docker", "inspect", "--format", "{{.Path}}", f"{self.name}-app-database-copy")

        def copying() -> bool:
            ran = subprocess.run(inspect, capture_output=True, text=True, check=False)
            return ran.stdout.strip() == "pg_dump"

        wait_until(copying)

    def start_app(self, major: int, *, healthy: bool = True) -> None:
        """Run a container of the app that uses that server."""
        source, versions = PUBLISHED["library/postgres"]
        self.client.containers.run(
            built(self.client, source.of(versions[0]), versions[0]),
            ["sleep", "600"],
            name=f"{self.name}-web-{major}",
            detach=True,
            labels={**self._labels, "homeport.service": "web", "homeport.uses": f"postgres-{major}"},
            healthcheck={"test": ["CMD", "true" if healthy else "false"], "interval": 10**9, "retries": 1},
        )
        time.sleep(3)

    def stop(self, name: str) -> None:
        """Remove a container."""
        self.client.containers.get(f"{self.name}-{name}").remove(force=True)

    def sql(self, major: int, *statements: str, rights: str = "") -> str:
        """Run statements in the app's database."""
        commands = [part for statement in statements for part in ("-c", statement)]
        ran = self._exec(
            major, "env", f"PGOPTIONS={rights}", "psql", "-qAt", "-U", "app", "-d", "app", *commands
        )
        assert ran.status == 0, ran.stdout
        return ran.stdout.strip()

    def can_write(self, major: int) -> bool:
        """Whether the app could."""
        insert = ("psql", "-qAt", "-U", "app", "-d", "app", "-c", "CREATE TABLE probe (); DROP TABLE probe")
        return self._exec(major, *insert).status == 0

    def run(self, task: str, major: int) -> Ran:
        """Run the script."""
        process = self.begin(task, major)
        output, _ = process.communicate(timeout=180)
        return Ran(process.returncode, output)

    def begin(self, task: str, major: int) -> subprocess.Popen[str]:
        """Start the script, in a process group of its own, its errors among what it prints."""
        variables = {
            "APP": "app",
            "STACK": self.name,
            "SERVICE": "postgres",
            "DATABASE": "app",
            "MAJOR": str(major),
            "DEPLOYMENT": f"homeport.deployment={self.name}",
            "IMAGES": "",
            "VOLUMES": f"{self.name}-postgres-",
            "TASK": task,
        }
        process = subprocess.Popen(
            ["bash", "-s"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert process.stdin
        process.stdin.write(with_variables(SCRIPT.read_text(), variables))
        process.stdin.close()
        process.stdin = None
        return process

    def remove(self) -> None:
        """Remove all containers and volumes."""
        for container in self.client.containers.list(all=True, filters={"label": self._label}):
            container.remove(force=True)
        for volume in self.client.volumes.list(filters={"name": f"{self.name}-"}):
            volume.remove(force=True)

    @property
    def _label(self) -> str:
        return f"homeport.deployment={self.name}"

    @property
    def _labels(self) -> dict[str, str]:
        return {"homeport.deployment": self.name, "homeport.app": "app"}

    def _exec(self, major: int, *command: str) -> Ran:
        # Not by the command line: its start takes longer than most of what is run so.
        container = self.client.containers.get(f"{self.name}-postgres-{major}")
        try:
            status, (printed, errors) = container.exec_run(list(command), demux=True)
        except APIError as problem:
            # It does not run, or restarts.
            return Ran(1, str(problem))
        return Ran(status, ((printed if status == 0 else errors) or b"").decode(errors="replace"))


@contextmanager
def with_data() -> Iterator[Servers]:
    """An old server with data."""
    found = Servers(docker.from_env(), f"homeport-unit-{secrets.token_hex(4)}")
    try:
        found.start(15)
        found.sql(
            15,
            "CREATE ROLE reader LOGIN PASSWORD 'reader'",
            'CREATE ROLE "Odd \'name" NOLOGIN',
            "CREATE SCHEMA extra",
            "CREATE TABLE extra.posts (id serial PRIMARY KEY, text text NOT NULL)",
            "ALTER TABLE extra.posts OWNER TO reader",
            "INSERT INTO extra.posts (text) SELECT 'post ' || n FROM generate_series(1, 1000) n",
            "CREATE VIEW latest AS SELECT * FROM extra.posts ORDER BY id DESC LIMIT 1",
        )
        yield found
    finally:
        found.remove()


@pytest.fixture
def servers() -> Iterator[Servers]:
    """An old server with data, for one test."""
    with with_data() as found:
        yield found


@dataclass(frozen=True)
class Copied:
    """Servers, and how the copy of the data from the old to the new one ended."""

    servers: Servers
    ran: Ran


@pytest.fixture(scope="module")
def copied() -> Iterator[Copied]:
    """Data that was copied."""
    with with_data() as servers:
        servers.start(17)
        yield Copied(servers, servers.run("copy", 17))


def test_the_new_server_has_data_owners_and_roles_and_the_old_one_can_only_be_read(copied: Copied) -> None:
    servers = copied.servers
    assert copied.ran.status == 0, copied.ran.stdout
    assert servers.sql(17, "SELECT count(*), nextval('extra.posts_id_seq') FROM extra.posts") == "1000|1001"
    assert servers.sql(17, "SELECT tableowner FROM pg_tables WHERE schemaname = 'extra'") == "reader"
    assert servers.sql(17, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'reader'") == "t"
    assert servers.can_write(17)
    assert not servers.can_write(15)
    assert servers.sql(15, "SELECT text FROM latest") == "post 1000"


def test_a_second_run_has_nothing_to_do(copied: Copied) -> None:
    servers = copied.servers
    servers.sql(17, "INSERT INTO extra.posts (text) VALUES ('new')")
    ran = servers.run("copy", 17)
    assert (ran.status, ran.stdout) == (0, "")
    assert servers.sql(17, "SELECT text FROM latest") == "new"


def test_18_follows_where_its_image_keeps_its_data(servers: Servers) -> None:
    servers.start(18)
    assert servers.run("copy", 18).status == 0
    assert servers.sql(18, "SELECT count(*) FROM extra.posts") == "1000"


@pytest.mark.long
def test_a_write_past_the_fence_is_noticed_and_the_old_server_is_opened(servers: Servers) -> None:
    servers.start(17)
    servers.sql(15, BIG)
    copying = servers.begin("copy", 17)
    servers.await_copy()
    servers.sql(15, "INSERT INTO extra.posts (text) VALUES ('late')", rights=PAST_THE_FENCE)
    assert copying.wait(120) == 1
    assert servers.can_write(15)
    assert servers.run("copy", 17).status == 0
    assert servers.sql(17, "SELECT text FROM latest") == "late"


@pytest.mark.long
def test_a_copy_that_is_told_to_end_opens_the_old_server(servers: Servers) -> None:
    servers.start(17)
    servers.sql(15, BIG)
    copying = servers.begin("copy", 17)
    servers.await_copy()
    assert not servers.can_write(15)
    copying.terminate()
    assert copying.wait(60) == 1
    assert servers.can_write(15)


@pytest.mark.long
def test_a_copy_that_was_killed_is_made_again(servers: Servers) -> None:
    servers.start(17)
    servers.sql(15, BIG)
    copying = servers.begin("copy", 17)
    servers.await_copy()
    os.killpg(copying.pid, signal.SIGKILL)
    copying.wait()
    assert not servers.can_write(15)
    ran = servers.run("copy", 17)
    assert ran.status == 0, ran.stdout
    assert servers.sql(17, "SELECT count(*) FROM big") == "1000000"


def test_the_old_server_can_be_written_after_it_was_restarted_in_the_middle(servers: Servers) -> None:
    servers.start(17)
    servers.sql(15, BIG)
    copying = servers.begin("copy", 17)
    servers.await_copy()
    os.killpg(copying.pid, signal.SIGKILL)
    copying.wait()
    servers.client.containers.get(f"{servers.name}-postgres-15").restart()
    servers.await_server(15)
    assert servers.can_write(15)


def test_an_app_that_failed_goes_back_and_what_it_then_writes_is_copied(servers: Servers) -> None:
    servers.start(17)
    servers.run("copy", 17)
    servers.start_app(17, healthy=False)
    assert "goes on with PostgreSQL 15" in servers.run("reopen", 17).stdout
    assert servers.can_write(15)
    servers.sql(15, "INSERT INTO extra.posts (text) VALUES ('after')")
    assert servers.run("copy", 17).status == 0
    assert servers.sql(17, "SELECT text FROM latest") == "after"


@pytest.mark.long
def test_an_app_that_was_served_by_the_new_server_stays_there(servers: Servers) -> None:
    servers.start(17)
    servers.run("copy", 17)
    servers.start_app(17)
    assert "stays there" in servers.run("reopen", 17).stdout
    assert not servers.can_write(15)


def test_once_it_serves_the_old_apps_containers_are_stopped(servers: Servers) -> None:
    servers.start_app(15)
    servers.start(17)
    servers.run("copy", 17)
    servers.run("serve", 17)
    assert servers.client.containers.get(f"{servers.name}-web-15").status == "exited"
    assert "stays there" not in servers.run("reopen", 17).stdout


@pytest.mark.long
def test_the_old_setting_opens_the_old_server_while_nobody_used_the_new_one(servers: Servers) -> None:
    servers.start(17)
    servers.run("copy", 17)
    assert "goes on with PostgreSQL 15" in servers.run("copy", 15).stdout
    assert servers.can_write(15)
    servers.sql(15, "INSERT INTO extra.posts (text) VALUES ('back')")
    assert servers.run("copy", 17).status == 0
    assert servers.sql(17, "SELECT text FROM latest") == "back"


def test_the_old_setting_is_refused_once_the_new_server_served(servers: Servers) -> None:
    servers.start(17)
    servers.run("copy", 17)
    servers.start_app(17)
    servers.run("serve", 17)
    ran = servers.run("copy", 15)
    assert ran.status == 1
    assert "set postgres.version to 17 again" in ran.stdout
    assert not servers.can_write(15)


def test_an_empty_server_beside_a_volume_with_data_is_refused(servers: Servers) -> None:
    servers.stop("postgres-15")
    servers.start(17)
    ran = servers.run("copy", 17)
    assert ran.status == 1
    assert f"{servers.name}-postgres-15" in ran.stdout


def test_a_server_that_does_not_answer_is_not_taken_for_an_empty_one(servers: Servers) -> None:
    servers.start(17)
    servers.run("copy", 17)
    hide = 'mv "$(command -v psql)" /tmp/psql; mv "$(command -v psql)" /tmp/wrapper'
    subprocess.run(["docker", "exec", f"{servers.name}-postgres-17", "sh", "-c", hide], check=True)
    ran = servers.run("copy", 17)
    assert ran.status == 1
    assert "does not answer" in ran.stdout
