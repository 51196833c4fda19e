"""What `make import` takes, refuses and sends."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from operations.import_app import folders, import_data, variables
from operations.import_database import Dump
from operations.import_error import DumpError
from operations.import_files import send, size
from operations.import_kinds import ImportRefusedError, refuse_unknown_volumes, target
from operations.import_machine import ImportMachine, MachineError
from tests.unit.operations.archives import DUMPS, chat_archive, folder, mastodon
from tests.unit.operations.test_import_dump import PLAIN, TAIL, written
from tests.unit.stacks.configuration import chat, shipped

MATTERMOST_DUMP = PLAIN.replace(TAIL, "CREATE TABLE public.systems (\n);\n" + TAIL)
NO_SSH = "sh -c 'cat >/dev/null; echo no route >&2; exit 255' --"


def test_folders_are_told_by_their_volumes(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    assert folders(f"data={tmp_path}/files  client-plugins={tmp_path}") == {
        "data": tmp_path / "files",
        "client-plugins": tmp_path,
    }


def test_no_folders_are_none() -> None:
    assert folders("") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("./data", 'FILES is a list such as "data=./data plugins=./plugins", not ./data'),
        ("data=", 'FILES is a list such as "data=./data plugins=./plugins", not data='),
        ("data=. data=.", "FILES names the volume data twice"),
        ("data=/nowhere/at/all", "FILES: /nowhere/at/all is no folder"),
    ],
)
def test_what_is_no_list_of_folders_is_refused(text: str, said: str) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        folders(text)
    assert str(refused.value) == said


def test_a_volume_that_the_app_has_not_is_refused_with_those_it_has() -> None:
    wanted = target(chat().load(), "mattermost")
    with pytest.raises(ImportRefusedError, match="has no volume postgres-17 for files; it has config, data,"):
        refuse_unknown_volumes(wanted, ["data", "postgres-17"])


def test_an_app_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ImportRefusedError, match="the stack has no app chat; it has mattermost"):
        target(chat().load(), "chat")


def test_a_mastodon_with_keys_of_its_own_is_refused_with_the_secrets_to_set() -> None:
    with pytest.raises(ImportRefusedError) as refused:
        target(shipped("social").load(), "mastodon")
    assert str(refused.value).endswith(
        "mastodonSecretKeyBase, mastodonPrimaryKey, mastodonDeterministicKey, mastodonKeyDerivationSalt,"
        " mastodonVapidPrivateKey, mastodonVapidPublicKey"
    )


def test_the_administrator_of_the_deployment_is_not_one_of_the_people() -> None:
    settings = chat().set("homeport:apps[0].administrator.username", "boss").load()
    assert "username <> 'boss'" in target(settings, "mattermost").counts


def test_the_machine_is_told_what_to_stop_and_where_the_files_belong(tmp_path: Path) -> None:
    wanted = target(chat().load(), "mattermost")
    dump = Dump.read(written(tmp_path, MATTERMOST_DUMP), wanted)
    told = variables(wanted, dump, {"data": tmp_path}, 7, replace=False)
    assert (told["services"], told["server"], told["major"]) == ("mattermost", "postgres", "17")
    assert (told["format"], told["extensions"], told["dump_major"]) == ("plain", "uuid-ossp", "16")
    assert "data mattermost /mattermost/data" in told["volumes"].splitlines()


def test_a_mastodon_gets_an_empty_redis_and_a_mattermost_has_none(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(chat_archive())
    queues = []
    for wanted, path in (
        (mastodon(), DUMPS / "social.dump"),
        (target(chat().load(), "mattermost"), tmp_path / "dump"),
    ):
        told = variables(wanted, Dump.read(path, wanted), {}, 7, replace=False)
        queues.append(told["queue"])
    assert queues == ["redis", ""]


def test_a_custom_dump_counts_as_one_of_its_newer_tool(tmp_path: Path) -> None:
    (tmp_path / "chat.dump").write_bytes(chat_archive())
    dump = Dump.read(tmp_path / "chat.dump", target(chat().load(), "mattermost"))
    assert (dump.is_custom, dump.major) == (True, 17)


def test_files_and_folders_are_sent_and_links_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "sub" / "empty").mkdir(parents=True)
    (tmp_path / "sub" / "a").write_bytes(b"12345")
    os.link(tmp_path / "sub" / "a", tmp_path / "b")
    (tmp_path / "out").symlink_to("/etc")
    stream = io.BytesIO()
    sent = send(tmp_path, stream)
    assert (sent.files, sent.size, sent.left_out) == (2, 10, ["out"])
    assert size(tmp_path) == 10
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        members = {member.name: (member.isreg(), member.size, member.uname) for member in tar}
    assert members == {
        "b": (True, 5, "root"),
        "sub": (False, 0, "root"),
        "sub/a": (True, 5, "root"),
        "sub/empty": (False, 0, "root"),
    }


def test_a_machine_out_of_reach_is_told() -> None:
    with pytest.raises(MachineError, match="no route"):
        ImportMachine(NO_SSH, {}, print).begin()


def test_a_machine_that_ends_while_it_is_sent_to_says_why() -> None:
    machine = ImportMachine("sh -c 'echo full >&2; exit 1' --", {}, print)
    with pytest.raises(MachineError, match="full"):
        machine.send_dump(b"x" * (1 << 20) for _ in range(64))


def test_a_dump_that_arrives_otherwise_is_told() -> None:
    with pytest.raises(MachineError, match="did not arrive whole"):
        ImportMachine("sh -c 'cat >/dev/null; echo 0123' --", {}, print).send_dump([b"x"])


def test_what_the_machine_says_is_told_as_it_says_it() -> None:
    told: list[str] = []
    ImportMachine("sh -c 'cat >/dev/null; echo one; echo two' --", {}, told.append).begin()
    assert told == ["one", "two"]


def machine(place: Path, *lacking: str) -> str:
    """A command instead of SSH: it writes down its tasks, and has no such extensions."""
    script = place / "machine"
    names = "".join(f"    lacking) echo '{name}' ;;\n" for name in lacking)
    script.write_text(
        "#!/bin/sh\n"
        'task=$(sed -n "s/^readonly TASK=//p" | head -n 1)\n'
        f'echo "$task" >>{place}/tasks\n'
        f'case "$task" in\n{names}    dump) exit 1 ;;\nesac\n'
    )
    script.chmod(0o755)
    return f"sh {script}"


@pytest.mark.parametrize(
    ("use", "error", "tasks"),
    [
        ("CREATE TABLE public.e (\n    v public.vector(3)\n);\n", DumpError, ["begin", "lacking"]),
        ("", MachineError, ["begin", "lacking", "dump"]),
    ],
)
def test_a_dump_is_sent_only_where_nothing_uses_what_the_server_lacks(
    tmp_path: Path, use: str, error: type[Exception], tasks: list[str]
) -> None:
    made = "CREATE EXTENSION vector WITH SCHEMA public;\n" + use
    wanted = target(chat().load(), "mattermost")
    dump = Dump.read(written(tmp_path, MATTERMOST_DUMP.replace(TAIL, made + TAIL)), wanted)
    found = import_data(machine(tmp_path, "vector"), wanted, dump, {}, replace=False, backs_up=False)
    with pytest.raises(error):
        list(found)
    assert (tmp_path / "tasks").read_text().split() == tasks


def test_the_machine_is_told_where_the_tables_are_and_how_new_the_data_is(tmp_path: Path) -> None:
    dump = Dump.read(DUMPS / "social.dump", mastodon())
    told = variables(mastodon(), dump, {}, 7, replace=False)
    assert (told["schema"], told["migrations"], told["migration"]) == (
        "public",
        "schema_migrations",
        "20250520192024",
    )


def test_a_folder_needs_room_for_all_its_files(tmp_path: Path) -> None:
    dump = Dump.read(folder(tmp_path / "d"), mastodon())
    assert dump.size == sum(path.stat().st_size for path in (tmp_path / "d").iterdir())
