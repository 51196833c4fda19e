"""A Mastodon with data in it: updates, moves and losses, one after the other on one deployment."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi.automation import CommandError

from bench.requests import Requests
from sandbox.deployment import project
from sandbox.engine import Engine, Project
from tests.e2e.backups import ENVIRONMENT, STORE, TREE, Machine
from tests.e2e.deployed import Deployed, box_for_tests, changed, run
from tests.e2e.handmade import EMAIL, PICTURE, TEXT, Handmade
from tests.e2e.handmade import HOSTNAME as OLD_HOSTNAME
from tests.e2e.imports import Imports
from tests.e2e.mastodon_stack import (
    NEW,
    OLD,
    PARTS,
    ROTATED,
    SUPPLIED,
    VERSION,
    jobs,
    redis,
    settings,
    sql,
    variables,
    with_backups,
)
from tests.e2e.mastodon_update import Rolled, rolled_update
from tests.e2e.social import Social, browser, payload, within

MINE = b"\x89PNG\r\n\x1a\na picture of mine"


@pytest.fixture(scope="module")
def stack() -> Iterator[Deployed]:
    """A box of its own, deployed with an old version of everything."""
    box = box_for_tests("mastodon")
    try:
        yield Deployed.deploy(box, settings(postgres={"version": OLD}))
    finally:
        box.stop()


@pytest.fixture(scope="module")
def owner(stack: Deployed) -> Social:
    """The first account, logged in for as long as the first stack lasts."""
    return Social.log_in(stack)


@pytest.fixture(scope="module")
def status(owner: Social) -> str:
    """Id of a status with a picture, from before everything else."""
    return owner.post("from the first day", [owner.upload(MINE)])


# --- a new version under load


@pytest.fixture(scope="module")
def rolled(stack: Deployed, owner: Social, status: str) -> Rolled:
    """A new version, with migrations before and after it, while people read, write and listen."""
    assert owner.sees("from the first day")
    assert within(5, lambda: jobs(stack, "processed") == 1)
    new = settings(version=VERSION, postgres={"version": OLD})
    return rolled_update(stack, owner, lambda: stack.up(new))


# --- another PostgreSQL


@pytest.fixture(scope="module")
def moved(stack: Deployed, owner: Social, rolled: Rolled) -> Requests:
    """A major version of PostgreSQL later, with somebody who reads meanwhile."""
    with Requests(functools.partial(owner.client.get, "/api/v1/timelines/home")) as reading:
        stack.up(settings(version=VERSION, postgres={"version": NEW}))
    return reading


@pytest.mark.long
def test_people_read_while_the_database_moves(moved: Requests) -> None:
    assert len(moved.answers) > 50
    assert moved.failures == []


@pytest.mark.long
def test_accounts_statuses_and_pictures_are_in_the_new_database(
    stack: Deployed, moved: Requests, status: str
) -> None:
    assert sql(stack, "SHOW server_version").startswith("17")
    assert Social.log_in(stack).pictures(status) == [MINE]


@pytest.mark.long
def test_the_old_database_stays(stack: Deployed, moved: Requests) -> None:
    volumes = stack.docker("volume", "ls", "--quiet", "--filter", "name=^sandbox-mastodon-postgres-")
    assert sorted(volumes.split()) == ["sandbox-mastodon-postgres-15", "sandbox-mastodon-postgres-17"]


@pytest.mark.long
def test_people_write_again_after_the_move(owner: Social, moved: Requests) -> None:
    owner.post("in the new database")
    assert owner.sees("in the new database")


# --- another password


@pytest.fixture(scope="module")
def rotated(stack: Deployed, owner: Social, moved: Requests) -> set[str]:
    """The password of before."""
    before = {variables(stack, part)["DB_PASS"] for part in PARTS}
    stack.up(ROTATED)
    return before


@pytest.mark.long
def test_all_three_processes_have_one_new_password(stack: Deployed, rotated: set[str]) -> None:
    after = {variables(stack, part)["DB_PASS"] for part in PARTS}
    assert (len(rotated), len(after), rotated & after) == (1, 1, set())


@pytest.mark.long
def test_nobody_uses_the_old_login(stack: Deployed, rotated: set[str]) -> None:
    used = (
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name <> 'psql'"
        " AND datname = 'mastodon' AND backend_type = 'client backend'"
    )
    assert sql(stack, used).split() == ["mastodon_r1"]


@pytest.mark.long
def test_web_writes_with_the_new_password(owner: Social, rotated: set[str]) -> None:
    assert owner.post("with the new password")


@pytest.mark.long
def test_sidekiq_works_with_the_new_password(owner: Social, rotated: set[str]) -> None:
    owner.post("worked on with it")
    assert owner.sees("worked on with it")


@pytest.mark.long
def test_streaming_lets_in_with_the_new_password(owner: Social, rotated: set[str]) -> None:
    with owner.events() as lines:
        owner.post("streamed with it")
        assert any("streamed with it" in payload(line) for line in lines)


@pytest.mark.long
def test_the_update_after_it_has_nothing_to_do(stack: Deployed, rotated: set[str]) -> None:
    assert changed(stack.up(ROTATED)) == {}


# --- a backup, and a stack that is made of it


@dataclass(frozen=True)
class Saved:
    """What was there when everything was saved."""

    machine: Machine
    result: dict[str, object]
    account: str
    home: list[str]
    keys: dict[str, str]
    """That Mastodon encrypts and signs with, as variables."""


@pytest.fixture(scope="module")
def saved(stack: Deployed, owner: Social, rolled: Rolled) -> Saved:
    """A backup, with whichever PostgreSQL there is by now."""
    stack.up(with_backups(stack))
    machine = Machine(stack)
    told = variables(stack, "web")
    keys = {name: told[name] for name in SUPPLIED}
    return Saved(machine, machine.save(), owner.account(), owner.home(), keys)


def in_backup(saved: Saved, command: str) -> str:
    """What restic says of the newest backup."""
    return saved.machine.shell(f"set -a; . {ENVIRONMENT}; restic {command}")


@pytest.mark.long
def test_a_backup_is_verified(saved: Saved) -> None:
    verified = saved.machine.verify()
    assert (verified["ok"], verified["error"]) == (True, None)
    assert verified["snapshot"] == saved.result["snapshot"]


@pytest.mark.long
def test_a_backup_counts_every_status(stack: Deployed, saved: Saved) -> None:
    manifest = json.loads(in_backup(saved, f"dump latest {TREE}/manifest.json"))
    tables = manifest["apps"]["mastodon"]["databases"][0]["tables"]
    assert tables["public.statuses"] == int(sql(stack, "SELECT count(*) FROM statuses"))


@pytest.mark.long
def test_a_backup_has_the_files_of_redis_and_the_pictures(saved: Saved) -> None:
    paths = in_backup(saved, "ls latest").splitlines()
    volumes = f"{TREE}/mastodon/volumes"
    assert any(path.startswith(f"{volumes}/redis/appendonlydir/") for path in paths)
    assert any(path.startswith(f"{volumes}/system/") and path.endswith(".png") for path in paths)


@pytest.mark.long
def test_a_backup_has_the_keys(saved: Saved) -> None:
    identity = in_backup(saved, f"dump latest {TREE}/mastodon/volumes/identity/identity")
    assert saved.keys.items() <= dict(line.split(" ", 1) for line in identity.splitlines()).items()


def renamed(stack: Deployed, changes: dict[str, object]) -> Engine:
    """The engine of the new stack, with these settings from now on."""
    shipped = project(stack.box, stack.description, changes)
    stack.engine = Engine(stack.box.directory, Project("restored", shipped.program, shipped.config))
    return stack.engine


RESTORING = {"password": "supplied", "restoreFrom": "latest"}


@pytest.fixture(scope="module")
def again(stack: Deployed, saved: Saved, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Machine, data and state destroyed; a new stack with nothing but the backup and its password."""
    store = tmp_path_factory.mktemp("store") / "homeport"
    assert run("docker", "cp", f"{stack.machine}:{STORE}", str(store)).status == 0
    output = stack.engine.outputs()["backup"]
    assert isinstance(output, dict)
    stack.engine.destroy()
    engine = renamed(stack, with_backups(stack, **RESTORING))
    engine.set_secret("homeport:backupPassword", str(output["password"]))
    with pytest.raises(CommandError, match=f"there are no backups at {STORE}"):
        engine.up()
    assert run("docker", "exec", stack.machine, "mkdir", "-p", str(Path(STORE).parent)).status == 0
    assert run("docker", "cp", str(store), f"{stack.machine}:{STORE}").status == 0
    engine.up()
    return stack


@pytest.fixture(scope="module")
def owner_again(again: Deployed) -> Social:
    """The first account, with the new stack's password: to be let in, its second factor must be readable."""
    return Social.log_in(again)


@pytest.mark.long
def test_a_new_stack_has_the_statuses_and_pictures(owner_again: Social, status: str) -> None:
    assert owner_again.pictures(status) == [MINE]


@pytest.mark.long
def test_a_new_stack_has_the_home_timeline_of_redis(owner_again: Social, saved: Saved) -> None:
    assert owner_again.home() == saved.home


@pytest.mark.long
def test_a_new_stack_has_the_same_account(owner_again: Social, saved: Saved) -> None:
    assert owner_again.account() == saved.account


@pytest.mark.long
def test_a_new_stack_has_the_keys(again: Deployed, saved: Saved) -> None:
    told = variables(again, "web")
    assert {name: told[name] for name in SUPPLIED} == saved.keys


@pytest.mark.long
def test_a_new_stack_works_on_new_statuses(owner_again: Social) -> None:
    owner_again.post("after the restore")
    assert owner_again.sees("after the restore")


# --- somebody else's Mastodon moves in


@pytest.fixture(scope="module")
def handmade(again: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Handmade:
    """What is left of an older installation."""
    return Handmade.set_up(again, "4.6.0", tmp_path_factory.mktemp("old"))


@pytest.mark.long
def test_an_app_with_keys_of_its_own_is_refused_with_the_names_of_those_it_needs(
    again: Deployed, handmade: Handmade
) -> None:
    status, output = Imports.of(again).take_in(
        "mastodon", handmade.folder / "custom.dump", f"system={handmade.folder / 'system'}"
    )
    assert status == 2, output
    for secret in SUPPLIED.values():
        assert secret.replace("imported", "mastodon") in output


@pytest.fixture(scope="module")
def imported(again: Deployed, handmade: Handmade) -> Social:
    """A fresh app with the old domain and keys in the place of the other; the person of the old one in it."""
    app = {"name": "imported", "hostname": OLD_HOSTNAME, "secrets": "supplied", "postgres": {"version": NEW}}
    changes = {**with_backups(again, **RESTORING), **settings(version=VERSION, **app)}
    engine = renamed(again, changes)
    for variable, secret in SUPPLIED.items():
        engine.set_secret(f"homeport:{secret}", handmade.variables[variable])
    engine.up()
    redis(again, "SET", "of", "the fresh app")
    status, output = Imports.of(again).take_in(
        "imported", handmade.folder / "custom.dump", f"system={handmade.folder / 'system'}"
    )
    assert status == 0, output
    return Social.enter(browser(again, OLD_HOSTNAME), EMAIL, handmade.password)


@pytest.mark.long
def test_statuses_and_pictures_move_in(imported: Social, handmade: Handmade) -> None:
    assert imported.pictures(handmade.status) == [PICTURE]


@pytest.mark.long
def test_pictures_that_moved_in_belong_to_the_app(again: Deployed, imported: Social) -> None:
    find = ("find", "public/system", "-printf", "%U:%G\\n")
    found = again.docker("exec", again.container("web"), *find)
    assert set(found.split()) == {"991:991"}


@pytest.mark.long
def test_the_database_that_moved_in_is_of_the_apps_version(again: Deployed, imported: Social) -> None:
    web = again.container("web")
    said = again.docker("exec", web, "bundle", "exec", "rails", "db:abort_if_pending_migrations")
    assert "pending" not in said


@pytest.mark.long
def test_nothing_of_the_fresh_app_is_left_in_redis(again: Deployed, imported: Social) -> None:
    assert redis(again, "GET", "of") == ""


@pytest.mark.long
def test_home_timelines_come_with_the_command_of_the_documentation(again: Deployed, imported: Social) -> None:
    again.docker("exec", again.container("web"), "bin/tootctl", "feeds", "build", "--all")
    assert [TEXT in content for content in imported.home()] == [True]


@pytest.mark.long
def test_people_go_on_after_moving_in(imported: Social) -> None:
    imported.post("written after moving in", [imported.upload(MINE)])
    assert imported.sees("written after moving in")


_CUT_OFF = """
cd /mnt/data/homeport/import/imported
mkdir -p old
: >targets
echo "swapping mastodon_before_20260101_000000 people" >phase
"""


@pytest.mark.long
def test_a_swap_that_was_cut_off_gives_redis_back(
    again: Deployed, imported: Social, handmade: Handmade
) -> None:
    redis(again, "SET", "of", "the live data")
    redis(again, "-n", "1", "SET", "homeport:import", "1")
    redis(again, "SWAPDB", "0", "1")
    Machine(again).shell(_CUT_OFF)
    status, output = Imports.of(again).take_in("imported", handmade.folder / "all.sql", "")
    assert status == 1, output
    assert "going back first" in output
    assert (redis(again, "GET", "of"), redis(again, "-n", "1", "DBSIZE")) == ("the live data", "0")
