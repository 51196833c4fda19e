"""How the machine is asked: one command, a script on its standard input."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.status_place import Place, UnreachableError
from tests.unit.operations.looked_at import RECORDED


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command `ssh` that writes down how it was called and prints what a machine printed once."""
    program = tmp_path / "ssh"
    program.write_text(
        f'#!/bin/bash\nprintf "%s\\n" "$@" >{tmp_path}/arguments; cat >{tmp_path}/stdin\n'
        f"cat {RECORDED}/machine_well.json\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def answer(ssh: Path, program: str) -> None:
    (ssh / "ssh").write_text(f"#!/bin/bash\n{program}\n")


PLACE = Place("chat", "ssh -i '/a folder/id' -o UserKnownHostsFile=/k homeport@203.0.113.10")


def test_the_machine_is_asked_once_without_questions_and_as_root(ssh: Path) -> None:
    assert PLACE.report("abc").up == 270000
    arguments = (ssh / "arguments").read_text().splitlines()
    assert "BatchMode=yes" in arguments
    assert arguments[-4:] == ["-o", "UserKnownHostsFile=/k", "homeport@203.0.113.10", "sudo bash -s"]
    assert "/a folder/id" in arguments


def test_the_script_knows_the_deployment_and_where_the_data_is(ssh: Path) -> None:
    PLACE.report("abc")
    lines = (ssh / "stdin").read_text().splitlines()
    assert lines[1:3] == ["readonly DEPLOYMENT=abc", "readonly DATA=/mnt/data"]


def test_what_ssh_says_is_why_the_machine_cannot_be_asked(ssh: Path) -> None:
    answer(ssh, "echo 'Connection refused' >&2; exit 255")
    with pytest.raises(UnreachableError, match=r"^Connection refused$"):
        PLACE.report("abc")


def test_an_answer_that_is_no_report_is_none(ssh: Path) -> None:
    answer(ssh, "echo This account is not available.")
    with pytest.raises(UnreachableError, match="its report makes no sense"):
        PLACE.report("abc")


def test_a_computer_without_ssh_is_unreachable_in_words(ssh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(ssh / "nothing"))
    with pytest.raises(UnreachableError, match="ssh"):
        PLACE.report("abc")


def test_the_settings_file_of_a_long_stack_name_has_its_last_part() -> None:
    assert Place("ada/homeport/chat", "").settings_file == "stacks/Pulumi.chat.yaml"
