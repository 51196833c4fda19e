"""Backups of the stack, everything that can go wrong with them, and a new stack made from one.

Beside the stack's own app a real application runs, as the README shows it: it is updated, saved and restored.
"""

from __future__ import annotations

import json

import pytest
from pulumi.automation import CommandError

from operations.backup import over_ssh, run_now
from sandbox.cloud import Cloud
from sandbox.deployment import project
from sandbox.engine import Engine, Project
from sandbox.stores import ObjectStore
from tests.e2e import reader
from tests.e2e.backups import ENVIRONMENT, STORE, TREE, WORK, Machine, backup, bucket_of
from tests.e2e.chat import Chat
from tests.e2e.confined import confined, expected
from tests.e2e.deployed import Deployed
from tests.e2e.reader import Reader

LEAVES_ANOTHER_STACK = True
NEW_STACK = "restored"
POSTED, UPLOADED = "before the loss", b"a file before the loss"
CATEGORY = "a category before the loss"


def with_backups(version: str = reader.OLDER, **more: object) -> dict[str, object]:
    """The stack with backups, and with the README's application beside its own."""
    return reader.beside(backup(**more), reader.of_version(version))


@pytest.fixture(scope="module")
def machine(deployed: Deployed, chat: Chat) -> Machine:
    """The stack with backups, and data in it."""
    Cloud(deployed.box.directory).ensure_zone(reader.ZONE)
    deployed.with_changes(with_backups()).set_secrets({reader.SECRET: reader.PASSWORD})
    deployed.engine.up()
    chat.post(POSTED)
    Reader.log_in(deployed).add_category(CATEGORY)
    return Machine(deployed)


@pytest.fixture(scope="module")
def file(machine: Machine, chat: Chat) -> str:
    """Id of a file that was uploaded, in a backup."""
    file = str(chat.upload(UPLOADED).json()["file_infos"][0]["id"])
    assert machine.save()["ok"] is True
    return file


def test_a_backup_leaves_its_result_and_nothing_else(machine: Machine, file: str) -> None:
    result = machine.result("last")
    assert (result["ok"], result["error"]) == (True, None)
    assert result["lastSuccess"] == {"time": result["time"], "snapshot": result["snapshot"]}
    assert machine.leftovers() == []


def test_what_opens_the_backups_is_roots_alone(machine: Machine) -> None:
    assert machine.shell(f"stat -c %a:%U {ENVIRONMENT}").strip() == "600:root"


def test_a_verification_restores_and_counts_everything(machine: Machine, file: str) -> None:
    verified = machine.verify()
    assert (verified["ok"], verified["error"]) == (True, None)
    assert verified["snapshot"] == machine.result("last")["snapshot"]
    saved = json.loads(machine.shell(f"set -a; . {ENVIRONMENT}; restic dump latest {TREE}/manifest.json"))
    databases = [database for app in saved["apps"].values() for database in app["databases"]]
    assert len(databases) == 2
    assert verified["rows"] == sum(sum(database["tables"].values()) for database in databases)
    assert saved["apps"]["mattermost"]["databases"][0]["tables"]["public.posts"] >= 1
    assert int(str(verified["files"])) >= 2
    assert "backup-verify" not in machine.deployed.docker("ps", "--all", "--format", "{{.Names}}")


def test_an_operator_runs_it_over_ssh_and_sees_the_result(deployed: Deployed, machine: Machine) -> None:
    ssh = over_ssh(str(deployed.engine.outputs()["ssh"]))
    (told,) = [str(finding) for finding in run_now("backup", ssh)]
    assert told.startswith(f"ok    saved as {machine.result('last')['snapshot']}: ")


def test_old_backups_go_by_what_is_to_be_kept(machine: Machine) -> None:
    environment = f"set -a; . {ENVIRONMENT}; set +a; "
    count = environment + "restic snapshots --json | jq length"
    before = int(machine.shell(count))
    old = environment + (
        f"mkdir -p {TREE}; restic backup --quiet --host homeport --tag homeport,stack=sandbox"
        f" --time '2020-01-01 03:00:00' {TREE}"
    )
    for _ in range(2):
        machine.shell(old)
    assert machine.save()["ok"] is True
    # One more, and of the two of one day long ago the last one, as that of its month.
    assert int(machine.shell(count)) == before + 2
    ids = environment + "restic snapshots --json | jq -r '.[] | select(.time < \"2021\").id'"
    machine.shell(f"{environment} restic forget --quiet --prune $({ids})")


def test_a_wrong_password_is_told(machine: Machine) -> None:
    good = machine.result("last")["lastSuccess"]
    machine.shell(f"cp -p {ENVIRONMENT} /root/good; sed -i 's/PASSWORD=.*/PASSWORD=wrong/' {ENVIRONMENT}")
    try:
        result = machine.save()
    finally:
        machine.shell(f"mv /root/good {ENVIRONMENT}")
    assert result["ok"] is False
    assert (
        result["error"]
        == f"the password does not open the backups at {STORE}: they were made with another one"
    )
    assert result["lastSuccess"] == good


def test_a_wrong_password_opens_no_backup(machine: Machine, file: str) -> None:
    ran = machine.deployed.on_machine(
        "bash", "-c", f"set -a; . {ENVIRONMENT}; RESTIC_PASSWORD=wrong restic ls latest"
    )
    assert ran.status != 0
    assert "wrong password or no key found" in ran.output


def test_no_file_of_the_backups_can_be_read_without_the_password(machine: Machine, file: str) -> None:
    def holding(text: bytes, folder: str) -> str:
        return machine.shell(f"grep -raFl '{text.decode()}' {folder} || (($? == 1))")

    assert holding(UPLOADED, "/mnt/data/docker/volumes/sandbox-mattermost-data")
    assert machine.shell(f"find {STORE} -type f -path '*/data/*'")
    for text in (POSTED.encode(), UPLOADED, b"mattermost", b"CREATE TABLE", b"PRIVATE KEY"):
        assert holding(text, STORE) == ""


def test_a_store_that_is_gone_is_told_and_not_made_anew(machine: Machine) -> None:
    machine.shell(f"mv {STORE} {STORE}.away")
    try:
        result = machine.save()
    finally:
        ran = machine.deployed.on_machine("sh", "-c", f"test ! -e {STORE} && mv {STORE}.away {STORE}")
    assert ran.status == 0
    assert result["ok"] is False
    assert str(result["error"]).startswith(f"the backups are gone: {STORE} held some and holds none now.")


def test_a_full_data_disk_is_told_and_nothing_is_left_there(machine: Machine) -> None:
    # Only noted as taken, which costs the computer nothing; what little is left is written.
    machine.shell(
        "free=$(df --output=avail -B1 /mnt/data | tail -n 1);"
        " fallocate -l $((free - 16777216)) /mnt/data/filler;"
        " dd if=/dev/zero of=/mnt/data/filler2 bs=64k count=1024 2>/dev/null || true"
    )
    try:
        result = machine.save()
    finally:
        machine.shell("rm -f /mnt/data/filler /mnt/data/filler2")
    assert result["ok"] is False
    assert "the data disk is full" in str(result["error"])
    assert machine.leftovers() == []
    assert machine.save()["ok"] is True


@pytest.mark.parametrize(
    "marker",
    [
        f"{WORK}/stage/manifest.json",
        pytest.param("/run/homeport/backup/summary", marks=pytest.mark.long),
    ],
)
def test_a_backup_that_lost_its_power_is_made_up_for(machine: Machine, marker: str) -> None:
    machine.shell(f"rm -f {marker}; systemctl start --no-block homeport-backup")
    machine.shell(f"for i in $(seq 600); do [ -e {marker} ] && break; sleep 0.05; done; [ -e {marker} ]")
    machine.restart()
    result = machine.save()
    assert (result["ok"], result["error"]) == (True, None)
    assert machine.leftovers() == []


def test_a_file_whose_content_was_lost_is_found_by_the_verification(machine: Machine) -> None:
    machine.shell(
        f"cp -a {STORE}/data /root/data; find {STORE}/data -type f | while read -r pack;"
        " do printf damage | dd of=$pack bs=1 seek=64 conv=notrunc 2>/dev/null; done"
    )
    try:
        verified = machine.verify()
    finally:
        machine.shell(f"rm -r {STORE}/data; mv /root/data {STORE}/data")
    assert verified["ok"] is False
    assert verified["lastSuccess"] is not None
    # Nor has anything before, a loss of power in a backup among it, left one that cannot be restored.
    assert machine.verify()["ok"] is True


def test_what_differs_from_the_manifest_is_named(machine: Machine, file: str) -> None:
    """The snapshot says that it has more than it has: rows, and a file."""
    stack = machine.deployed.engine.project.stack
    lie = f"""
        set -a; . {ENVIRONMENT}; set +a
        restic restore --quiet latest --tag stack={stack} --target /root/lie
        cd /root/lie{TREE}
        list=mattermost/lists/data
        sed -i '1{{p; s/[^\\t]*$/not-there.bin/}}' $list
        sum=$(sha256sum <$list | cut -d ' ' -f 1)
        jq --arg sum $sum --arg list $list '.files[$list] = $sum
            | .apps.mattermost.databases[0].tables["public.posts"] += 1' manifest.json >new
        mv new manifest.json
        mkdir -p {TREE}; mount --bind . {TREE}
        # Later than what its folder was changed at.
        sleep 1; jq '.time = (now | todate)' manifest.json >new; mv new manifest.json
        restic backup --quiet --host homeport --tag homeport,stack={stack} {TREE}
        umount {TREE}; cd /; rm -rf /root/lie
    """
    machine.shell(lie)
    try:
        error = str(machine.verify()["error"])
    finally:
        machine.shell(f"set -a; . {ENVIRONMENT}; restic forget --quiet --prune $(restic snapshots --json"
                      " | jq -r 'max_by(.time).id')")  # fmt: skip
    assert "2 differences" in error
    assert "in data, a file is missing: not-there.bin" in error
    assert "mattermost: in mattermost, public.posts: rows restored: " in error


def test_a_restore_into_a_stack_with_data_is_refused(
    deployed: Deployed, machine: Machine, chat: Chat
) -> None:
    password = backup_password(deployed)
    engine = deployed.with_changes(with_backups(password="supplied", restoreFrom="latest"))
    engine.set_secret("homeport:backupPassword", password)
    try:
        with pytest.raises(CommandError, match="has data, and a restore never overwrites any"):
            engine.up()
        assert POSTED in chat.messages()
    finally:
        engine.remove_config("homeport:backupPassword")
        deployed.up(with_backups())


def backup_password(deployed: Deployed) -> str:
    """What opens the backups, from the stack's outputs."""
    output = deployed.engine.outputs()["backup"]
    assert isinstance(output, dict)
    return str(output["password"])


_CUTS = {
    "restic": """#!/bin/bash
case " $* " in *" restore "*volumes/data*) touch /root/cut-restic; kill -9 $PPID; exit ;; esac
exec /usr/bin/restic "$@"
""",
    "chown": """#!/bin/bash
case "$*" in *restore*volumes/data*) touch /root/cut-chown; kill -9 $PPID; exit ;; esac
exec /usr/bin/chown "$@"
""",
    "docker": """#!/bin/bash
app() { /usr/bin/docker inspect --format '{{index .Config.Labels "homeport.app"}}' "$1"; }
case " $* " in *" pg_restore "*)
    if [ "$(app "$3")" = mattermost ]; then
        touch /root/cut-docker
        /usr/bin/docker "$@" | head -c 3000
        kill -9 $(ps -o ppid= $PPID) $PPID
        exit
    fi ;;
esac
exec /usr/bin/docker "$@"
""",
}
"""Programs that kill the script that calls them: before a volume's files are fetched, when they are in the
volume and not yet said to be whole, and in the middle of Mattermost's database."""


def cut(machine: Machine, program: str) -> None:
    """Update to a stack that is restored, whose restore such a program kills."""
    wrapper = f"/usr/local/bin/{program}"
    machine.shell(f"cat >{wrapper} <<'EOF'\n{_CUTS[program]}EOF\nchmod 755 {wrapper}")
    with pytest.raises(CommandError, match="mattermost-restore-") as failed:
        machine.deployed.engine.up()
    # What else may have failed says the update.
    assert machine.deployed.on_machine("test", "-e", f"/root/cut-{program}").status == 0, str(failed.value)
    machine.shell(f"rm {wrapper}")


@pytest.fixture(scope="module")
def migrations(deployed: Deployed, machine: Machine, file: str) -> list[int]:
    """How many the reader's database had before and after an update to its newest version."""
    before = reader.schema(deployed)
    deployed.up(with_backups(reader.NEWER, store={"kind": "gcs"}))
    return [before, reader.schema(deployed)]


def test_the_version_after_the_update_is_the_readmes() -> None:
    assert reader.of_version(reader.NEWER) == reader.example()


def test_a_new_version_of_the_readmes_application_migrates_its_data_and_keeps_it(
    deployed: Deployed, migrations: list[int]
) -> None:
    before, after = migrations
    assert after == before + 3
    person = Reader.log_in(deployed)
    assert CATEGORY in person.categories()
    assert reader.NEWER in person.about()


def test_the_readmes_application_has_no_rights_and_writes_nowhere(
    deployed: Deployed, migrations: list[int]
) -> None:
    found = deployed.docker("ps", "--quiet", "--filter", "name=sandbox-reader-web")
    assert confined(deployed, found) == expected(65534)


@pytest.fixture(scope="module")
def new(deployed: Deployed, machine: Machine, migrations: list[int]) -> Machine:
    """Backups in a bucket; all else lost, the state too; a new stack whose restore found none yet."""
    assert machine.save()["ok"] is True
    bucket = bucket_of(deployed.engine)
    objects = ObjectStore.google(deployed.box).folder / bucket
    password = backup_password(deployed)
    deployed.engine.forget("gcp:storage/")
    deployed.engine.destroy()
    store = {"kind": "gcs", "bucket": bucket}
    settings = with_backups(reader.NEWER, store=store, password="supplied", restoreFrom="latest")
    shipped = project(deployed.box, deployed.description, settings)
    deployed.engine = Engine(deployed.box.directory, Project(NEW_STACK, shipped.program, shipped.config))
    deployed.engine.set_secrets({"homeport:backupPassword": password, reader.SECRET: reader.PASSWORD})
    away = objects.rename(objects.with_suffix(".away"))
    objects.mkdir()
    with pytest.raises(CommandError, match=f"there are no backups at gs:{bucket}:/"):
        deployed.engine.up()
    objects.rmdir()
    away.rename(objects)
    return Machine(deployed)


@pytest.fixture(scope="module")
def killed_among_files(new: Machine) -> None:
    """The restore was killed before and after a volume's files came."""
    for program in ("restic", "chown"):
        cut(new, program)


@pytest.fixture(scope="module")
def again(new: Machine) -> Machine:
    """The restore was killed in the middle of a database, and then restored."""
    cut(new, "docker")
    new.deployed.engine.up()
    return new


@pytest.mark.long
@pytest.mark.usefixtures("killed_among_files")
def test_a_restore_that_was_killed_among_files_is_finished_by_the_next(
    deployed: Deployed, again: Machine, file: str
) -> None:
    assert Chat.log_in(deployed).download(file) == UPLOADED
    assert again.leftovers() == []


def test_a_new_stack_shows_the_same_posts_and_files(deployed: Deployed, again: Machine, file: str) -> None:
    chat = Chat.log_in(deployed)
    assert POSTED in chat.messages()
    assert chat.download(file) == UPLOADED


def test_a_new_stack_of_the_readmes_application_has_what_somebody_added(
    deployed: Deployed, again: Machine
) -> None:
    assert CATEGORY in Reader.log_in(deployed).categories()


def test_nothing_of_the_killed_restore_is_left(again: Machine) -> None:
    assert again.leftovers() == []


def test_a_restored_stack_is_left_alone_by_the_next_update(deployed: Deployed, again: Machine) -> None:
    changes = deployed.engine.up().summary.resource_changes or {}
    assert set(changes) == {"same"}


def test_a_restored_stack_makes_backups_of_its_own(again: Machine) -> None:
    assert again.save()["ok"] is True
    verified = again.verify()
    assert (verified["ok"], verified["error"]) == (True, None)
