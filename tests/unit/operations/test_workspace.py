"""How a command about a stack reaches it: by the operator's shell, or as the stack's workspace says."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from operations import backup, drift, import_app, mail_check, status
from operations.workspace import PROJECT, Workspace, WorkspaceError

PRINTS = '#!/bin/sh\nprintf \'%s %s %s\' "$PWD" "$PULUMI_BACKEND_URL" "$*"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a `pulumi` of its own, in the folder `bin`, that prints what it was given."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: homeport\nstackConfigDir: stacks\n")
    _command(tmp_path / "bin" / "pulumi", PRINTS)
    return tmp_path


def _command(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def write(folder: Path, **content: object) -> None:
    """The workspace of the stack `chat`."""
    (folder / "stacks" / "chat.workspace.yaml").write_text(yaml.safe_dump(content))


def test_a_stack_without_a_workspace_is_that_of_the_shell(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{project / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file://shell")
    workspace = Workspace.of("chat", project)
    assert workspace.is_of_shell
    assert workspace.run()(["about"]) == f"{project} file://shell about --non-interactive"


def test_its_environment_wins_over_the_shells(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file://shell")
    write(project, environment={"PULUMI_BACKEND_URL": "file://own"}, path=["bin"])
    workspace = Workspace.of("chat", project)
    assert not workspace.is_of_shell
    assert workspace.run()(["about"]) == f"{project} file://own about --non-interactive"


def test_pulumi_runs_in_the_project_that_it_names(project: Path) -> None:
    other = project / "other"
    other.mkdir()
    (other / "Pulumi.yaml").write_text("name: homeport\n")
    write(project, project="other", path=["bin"])
    workspace = Workspace.of("chat", project)
    assert workspace.run()(["about"]).startswith(f"{other} ")
    assert workspace.stack_folder == other


def test_the_settings_are_where_the_project_has_them(project: Path) -> None:
    assert Workspace.of("chat", project).stack_folder == project / "stacks"


def test_paths_are_relative_to_the_project_or_in_the_home_directory(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    write(project, root="ca.pem", environment={"PULUMI_CONFIG_PASSPHRASE_FILE": "~/chat", "A": "a~/b"})
    workspace = Workspace.of("chat", project)
    assert workspace.root == project / "ca.pem"
    assert workspace.environment == {"PULUMI_CONFIG_PASSPHRASE_FILE": "/home/ada/chat", "A": "a~/b"}


def test_a_long_name_finds_the_file_by_its_last_part(project: Path) -> None:
    write(project, resolver="10.0.0.53")
    assert Workspace.of("acme/homeport/chat", project).resolver == "10.0.0.53"


def test_another_file_says_the_rest(project: Path) -> None:
    (project / "made.yaml").write_text("resolver: 172.31.0.2\nupdate: make chat\n")
    write(project, file="made.yaml", writtenBy="make chat")
    workspace = Workspace.of("chat", project)
    assert (workspace.resolver, workspace.update) == ("172.31.0.2", "make chat")


def test_a_project_that_is_gone_is_told_with_the_file_that_names_it(project: Path) -> None:
    (project / "stacks" / "chat.workspace.yaml").write_text("project: away\nupdate: make chat\n")
    with pytest.raises(WorkspaceError, match=r"no Pulumi\.yaml in .*/away, .*\.yaml .*: .* make chat again"):
        Workspace.of("chat", project)


def test_a_key_that_nobody_knows_is_refused_with_the_file(project: Path) -> None:
    write(project, resolvers="10.0.0.53")
    with pytest.raises(WorkspaceError, match=r"stacks/chat\.workspace\.yaml is no workspace.*\n?.*resolvers"):
        Workspace.of("chat", project)


@pytest.fixture
def without_demo(project: Path) -> Path:
    """The sandbox's workspace as it is shipped, where no demo was made."""
    shutil.copy(PROJECT / "stacks" / "sandbox.workspace.yaml", project / "stacks")
    return project


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], Sequence[str]]] = {
    "backup": (backup.main, ("backup",)),
    "backup-verify": (backup.main, ("verify",)),
    "drift": (drift.main, ()),
    "import": (import_app.main, ("--app", "mattermost", "--database", "dump.sql")),
    "mail-check": (mail_check.main, ()),
    "status": (status.main, ()),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_demo_each_command_says_how_to_make_one(
    command: str, without_demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main, arguments = COMMANDS[command]
    told = main([*arguments, "--stack", "sandbox", "--project", str(without_demo)])
    shown = capsys.readouterr()
    assert told == 2
    assert "the stack sandbox is not deployed from this computer" in shown.out + shown.err
    assert "make demo first" in shown.out + shown.err
