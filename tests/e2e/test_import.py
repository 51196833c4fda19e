"""The data of a Mattermost that somebody else set up comes into one that was just deployed."""

from __future__ import annotations

import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e.backups import Machine
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed
from tests.e2e.imports import Imports
from tests.engine.killed_update import wait_until

CONTENT = b"a file of the old installation"
STAGE = "/mnt/data/homeport/import/mattermost"
MANAGED = """\
CREATE SCHEMA google_vacuum_mgmt;
ALTER SCHEMA google_vacuum_mgmt OWNER TO cloudsqladmin;
CREATE EXTENSION IF NOT EXISTS google_vacuum_mgmt WITH SCHEMA google_vacuum_mgmt;
COMMENT ON EXTENSION google_vacuum_mgmt IS 'extension for assistive operational tooling';
GRANT USAGE ON SCHEMA google_vacuum_mgmt TO cloudsqlsuperuser;
"""
"""What a dump of Cloud SQL has (cloudnative-pg#4877)."""
OWN_SCHEMA = """\
CREATE SCHEMA mattermost_prod;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
"""
"""What pgloader leaves (migration-assist#16), and an extension that has to stay in public."""
WIPE = "TRUNCATE posts, fileinfo; DELETE FROM users WHERE username <> 'admin';"


@dataclass(frozen=True)
class Old:
    """What was copied from the old installation."""

    folder: Path
    file: str

    def dump(self, name: str) -> Path:
        return self.folder / name

    @property
    def files(self) -> str:
        return f"data={self.folder / 'data'}"


@dataclass(frozen=True)
class Mover:
    """Somebody with the project, the stack's backend and the old installation's files."""

    deployed: Deployed
    machine: Machine
    imports: Imports
    old: Old

    def start(self, dump: Path, *arguments: str, files: str | None = None) -> subprocess.Popen[str]:
        """Begin an import."""
        return self.imports.start("mattermost", dump, self.old.files if files is None else files, *arguments)

    def take_in(self, dump: Path, *arguments: str, files: str | None = None) -> tuple[int, str]:
        """Import; status and what was printed."""
        return self.imports.take_in(
            "mattermost", dump, self.old.files if files is None else files, *arguments
        )

    def sql(self, statements: str, database: str = "mattermost") -> str:
        psql = f"psql -qAtX -v ON_ERROR_STOP=1 -U mattermost -d {database}"
        server = self.deployed.container("postgres")
        ran = self.deployed.on_machine("docker", "exec", "-i", server, *psql.split(), stdin=statements)
        assert ran.status == 0, ran.output
        return ran.output.strip()

    def wipe(self) -> None:
        """Only the administrator is left, as after a deployment."""
        self.sql(WIPE)
        self.machine.shell(f"find {self.volume()} -mindepth 1 -delete; rm -rf {STAGE}/before")
        for name in self.databases()[1:]:
            self.sql(f'DROP DATABASE "{name}"', "postgres")

    def volume(self, path: str = "/mattermost/data") -> str:
        ask = f'{{{{range .Mounts}}}}{{{{if eq .Destination "{path}"}}}}{{{{.Source}}}}{{{{end}}}}{{{{end}}}}'
        return self.deployed.docker("inspect", "--format", ask, self.deployed.container("mattermost"))

    def databases(self) -> list[str]:
        """The app's, and what an import left of others."""
        return self.sql(
            "SELECT datname FROM pg_database WHERE datname LIKE 'mattermost%' ORDER BY datname", "postgres"
        ).split()

    def chat(self) -> Chat:
        """Logged in, as soon as nginx sends requests to the app, which follows its start by seconds."""
        wait_until(self.deployed.serves)
        return Chat.log_in(self.deployed)

    def await_health(self) -> None:
        deadline = time.monotonic() + 120
        ask = ("docker", "ps", "-q", "-f", "health=healthy", "-f", "label=homeport.service=mattermost")
        while not self.deployed.on_machine("sh", "-c", " ".join(ask) + " 2>/dev/null").output.strip():
            assert time.monotonic() < deadline, "the app does not come back"
            time.sleep(1)

    def leftovers(self) -> list[str]:
        return self.machine.shell(f"ls -A {STAGE}").split()


@pytest.fixture(scope="module")
def mover(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mover]:
    """Dumps and files of when people had used the stack."""
    folder = tmp_path_factory.mktemp("old")
    mover = Mover(deployed, Machine(deployed), Imports.of(deployed), Old(folder, ""))
    # What the tests before have written.
    mover.wipe()
    chat = Chat.log_in(deployed)
    chat.post("written in the old installation")
    upload = chat.upload(CONTENT)
    assert upload.status_code == 201, upload.text
    old = Old(folder, str(upload.json()["file_infos"][0]["id"]))
    server = deployed.container("postgres")
    for name, command in (
        ("plain.sql", "pg_dump -U mattermost mattermost"),
        ("all.sql", "pg_dumpall -U mattermost"),
        ("custom.dump", "pg_dump -U mattermost -Fc mattermost"),
        ("tar.gz", "sh -c 'pg_dump -U mattermost -Ft mattermost | gzip'"),
        ("clean.sql", "pg_dump -U mattermost --clean --if-exists --create mattermost"),
    ):
        with old.dump(name).open("wb") as file:
            subprocess.run(
                ["docker", "exec", deployed.machine, "docker", "exec", server, *shlex.split(command)],
                stdout=file,
                check=True,
            )
    managed = old.dump("clean.sql").read_text()
    old.dump("managed.sql").write_text(managed.replace("\nCREATE TABLE ", f"\n{MANAGED}CREATE TABLE ", 1))
    moved = old.dump("plain.sql").read_text().replace("public.", "mattermost_prod.")
    old.dump("schema.sql").write_text(moved.replace("\nCREATE TABLE ", f"\n{OWN_SCHEMA}CREATE TABLE ", 1))
    mover = replace(mover, old=old)
    (folder / "data").mkdir()
    packed = subprocess.run(
        ["docker", "exec", deployed.machine, "tar", "-C", mover.volume(), "-cf", "-", "."],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    subprocess.run(["tar", "-C", str(folder / "data"), "-xf", "-"], input=packed, check=True)
    yield mover
    mover.wipe()


def is_there(mover: Mover) -> bool:
    chat = mover.chat()
    return chat.messages() == ["written in the old installation"] and chat.download(mover.old.file) == CONTENT


def is_fresh(mover: Mover) -> bool:
    return mover.chat().messages() == []


def test_data_of_people_is_refused_and_stays(mover: Mover) -> None:
    status, output = mover.take_in(mover.old.dump("custom.dump"))
    assert status == 1, output
    assert "WRONG mattermost has data of people (1 posts, 1 files); nothing was changed." in output
    assert is_there(mover)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("custom.dump", marks=pytest.mark.long),
        pytest.param("plain.sql", marks=pytest.mark.long),
        pytest.param("all.sql", marks=pytest.mark.long),
        pytest.param("tar.gz", marks=pytest.mark.long),
        pytest.param("clean.sql", marks=pytest.mark.long),
        pytest.param("schema.sql", marks=pytest.mark.long),
        "managed.sql",
    ],
)
def test_a_fresh_app_has_the_old_posts_and_files(mover: Mover, name: str) -> None:
    mover.wipe()
    assert is_fresh(mover)
    status, output = mover.take_in(mover.old.dump(name))
    assert status == 0, output
    assert is_there(mover)
    assert (mover.databases(), mover.leftovers()) == (["mattermost"], [])


def test_what_was_taken_in_belongs_to_the_app(mover: Mover) -> None:
    owners = mover.sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert owners == "mattermost"
    found = mover.machine.shell(f"find {mover.volume()} -printf '%U:%G\\n' | sort -u").split()
    assert found == ["2000:2000"]


def test_people_go_on_after_it(mover: Mover) -> None:
    chat = mover.chat()
    chat.post("written after moving in")
    assert chat.upload(b"after").status_code == 201


def test_data_that_is_replaced_is_kept(mover: Mover) -> None:
    status, output = mover.take_in(mover.old.dump("custom.dump"), "--replace")
    assert status == 0, output
    assert is_there(mover)
    kept = mover.databases()[1]
    assert "written after moving in" in mover.sql("SELECT message FROM posts", kept)
    assert mover.leftovers() == ["before"]


@pytest.mark.long
def test_a_dump_that_was_cut_in_half_leaves_everything_as_it_was(mover: Mover, tmp_path: Path) -> None:
    mover.wipe()
    whole = mover.old.dump("custom.dump").read_bytes()
    (tmp_path / "half.dump").write_bytes(whole[: len(whole) // 2])
    status, output = mover.take_in(tmp_path / "half.dump")
    assert status == 2, output
    assert "was cut off" in output
    assert is_fresh(mover)
    assert (mover.databases(), mover.leftovers()) == (["mattermost"], [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            *("database version ", "database version 99", "set its postgres.version to 99"),
            marks=pytest.mark.long,
        ),
        pytest.param(
            "CREATE TABLE public.users",
            "CREATE EXTENSION nowhere;\nCREATE TABLE public.t (a public.b);\nCREATE TABLE public.users",
            "lacks: nowhere, of which the dump uses public.b",
            marks=pytest.mark.long,
        ),
        ("CREATE TABLE public.users", "SELECT 1/0;\nCREATE TABLE public.users", "division by zero"),
    ],
)
def test_a_dump_that_the_server_cannot_load_is_told_and_changes_nothing(
    mover: Mover, tmp_path: Path, old: str, new: str, said: str
) -> None:
    mover.wipe()
    (tmp_path / "other.sql").write_text(mover.old.dump("plain.sql").read_text().replace(old, new, 1))
    status, output = mover.take_in(tmp_path / "other.sql")
    assert status == 1, output
    assert said in output
    assert is_fresh(mover)
    assert (mover.databases(), mover.leftovers()) == (["mattermost"], [])


def test_an_app_that_cannot_run_with_the_data_goes_back(mover: Mover, tmp_path: Path) -> None:
    """The server refuses data that a newer one wrote, after the swap."""
    mover.wipe()
    text = mover.old.dump("plain.sql").read_text()
    end = "--\n-- PostgreSQL database dump complete"
    newer = "UPDATE public.systems SET value = '99' WHERE name = 'SchemaVersion';\n"
    (tmp_path / "newer.sql").write_text(text.replace(end, newer + end))
    status, output = mover.take_in(tmp_path / "newer.sql")
    assert status == 1, output
    assert "it has its old data again" in output
    assert is_fresh(mover)
    assert (mover.databases(), mover.leftovers()) == (["mattermost"], [])


def slow(mover: Mover, folder: Path) -> subprocess.Popen[str]:
    """An import that is loading its dump, and would for a minute."""
    mover.wipe()
    text = mover.old.dump("plain.sql").read_text()
    end = "--\n-- PostgreSQL database dump complete"
    (folder / "slow.sql").write_text(text.replace(end, "SELECT pg_sleep(60);\n" + end))
    process = mover.start(folder / "slow.sql")
    sleeping = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 90
    while mover.sql(sleeping, "postgres") != "1":
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return process


@pytest.mark.parametrize("how", [pytest.param(signal.SIGKILL, marks=pytest.mark.long), signal.SIGINT])
def test_an_import_that_is_killed_leaves_the_app_running_as_it_was(
    mover: Mover, tmp_path: Path, how: signal.Signals
) -> None:
    process = slow(mover, tmp_path)
    process.send_signal(how)
    process.communicate(timeout=60)
    mover.await_health()
    assert is_fresh(mover)
    assert (mover.databases(), mover.leftovers()) == (["mattermost"], [])


@pytest.mark.long
def test_a_machine_that_loses_its_power_keeps_the_old_data_and_takes_the_next_import(
    mover: Mover, tmp_path: Path
) -> None:
    process = slow(mover, tmp_path)
    mover.machine.restart()
    process.communicate(timeout=120)
    mover.await_health()
    assert is_fresh(mover)
    status, output = mover.take_in(mover.old.dump("custom.dump"))
    assert status == 0, output
    assert is_there(mover)
    assert (mover.databases(), mover.leftovers()) == (["mattermost"], [])


FOLDERS = f"""\
mkdir -p {STAGE}/old
echo "data VOLUME" >{STAGE}/targets
echo "swapping mattermost_before_20260101_000000 people" >{STAGE}/phase
mv -T VOLUME {STAGE}/old/data
"""
"""A swap as far as to between the two renames of a folder."""
NEW_FOLDER = "mkdir VOLUME; chown 2000:2000 VOLUME; touch VOLUME/new\n"
NAMES = """\
docker stop -t 5 $(docker ps -qf label=homeport.service=mattermost)
docker exec $(docker ps -qf label=homeport.service=postgres) psql -qX -U mattermost -d postgres \
    -c 'ALTER DATABASE mattermost RENAME TO mattermost_before_20260101_000000' \
    -c 'ALTER DATABASE mattermost_import RENAME TO mattermost'
docker start $(docker ps -aqf label=homeport.service=mattermost)
"""


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(FOLDERS, marks=pytest.mark.long),
        pytest.param(FOLDERS + NEW_FOLDER, marks=pytest.mark.long),
        FOLDERS + NEW_FOLDER + NAMES,
    ],
    ids=["a folder", "folders", "folders and database"],
)
def test_a_swap_that_was_cut_off_is_gone_back_on_before_anything_else(mover: Mover, done: str) -> None:
    mover.wipe()
    chat = mover.chat()
    chat.post("in the live data")
    file = str(chat.upload(b"in a live folder").json()["file_infos"][0]["id"])
    mover.sql("CREATE DATABASE mattermost_import", "postgres")
    mover.machine.shell(done.replace("VOLUME", mover.volume()))
    status, output = mover.take_in(mover.old.dump("custom.dump"))
    assert status == 1, output
    assert "note  an import was cut off in its swap: going back first" in output
    assert "has data of people (1 posts, 1 files); nothing was changed" in output
    chat = mover.chat()
    assert (chat.messages(), chat.download(file)) == (["in the live data"], b"in a live folder")
    assert (mover.databases(), mover.leftovers()) == (["mattermost"], [])
