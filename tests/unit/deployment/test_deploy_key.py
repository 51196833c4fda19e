from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from pulumi import RunError

from components.host.host_key import fingerprint, refuse_another
from tests.unit.deployment.providers import ADDRESS, private_key, public_key
from tests.unit.deployment.recorder import deployed
from tests.unit.deployment.recording import Invocation, Recording
from tests.unit.deployment.value import Secret, at

LOGIN = "homeport-chat-key-login"
HOST = "homeport-chat-key-host"
PINNED = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDjzz4D7dYEVPM+rs7M1vVjTvTUmybwCl7+hjNP+/WkZ"
ANOTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDjzz4D7dYEVPM+rs7M1vVjTvTUmybwCl7+hjNP+/Wka"


def in_directory(directory: str) -> Recording:
    return deployed("chat", {"homeport:host.ssh.directory": directory})


@pytest.fixture
def written() -> Invocation:
    return in_directory("/keys").call("command:local:run")


def test_both_keys_belong_to_the_deploy_key() -> None:
    chat = deployed("chat")
    keys = chat.all("tls:PrivateKey")
    assert [key.name for key in keys] == [HOST, LOGIN]
    assert {key.parent for key in keys} == {chat.one("homeport:host:DeployKey").urn}
    assert {key.text("algorithm") for key in keys} == {"ED25519"}


def test_the_provider_logs_in_with_this_key_only_and_to_the_pinned_host_only() -> None:
    provider = in_directory("/keys").one("pulumi:providers:docker")
    assert provider.text("host") == f"ssh://homeport@{ADDRESS}"
    options = provider.text("sshOpts")
    assert '"-i","/keys/chat/id_ed25519"' in options.replace(" ", "")
    for option in (
        "IdentitiesOnly=yes",
        "UserKnownHostsFile=/keys/chat/known_hosts",
        "StrictHostKeyChecking=yes",
    ):
        assert f'"{option}"' in options


def test_the_providers_options_are_shown_in_previews() -> None:
    assert not isinstance(in_directory("/keys").one("pulumi:providers:docker").at("sshOpts"), Secret)


def test_the_private_key_reaches_the_shell_by_its_environment_and_is_not_logged(written: Invocation) -> None:
    key = private_key(LOGIN)
    assert at(written.arguments, ("environment", "LOGIN_KEY")) == key
    assert key not in str(written.arguments["command"])
    assert written.arguments["logging"] == "none"


def test_the_files_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "with a blank"
    written = in_directory(str(folder)).call("command:local:run")
    programs = _scanner(tmp_path)
    for _ in range(2):
        _run(written, programs)
    files = {path.name: path for path in (folder / "chat").iterdir()}
    assert files["id_ed25519"].read_text() == private_key(LOGIN)
    assert files["known_hosts"].read_text() == f"{ADDRESS} {public_key(HOST)}\n"
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    assert (folder / "chat").stat().st_mode & 0o777 == 0o700
    assert len(files) == 2


def test_remote_commands_expect_the_pinned_host_key() -> None:
    commands = deployed("chat").all("command:remote:Command")
    assert commands
    for command in commands:
        assert command.text("connection", "hostKey") == public_key(HOST)
        assert command.at("connection", "privateKey") == Secret(private_key(LOGIN))
        assert command.text("connection", "host") == ADDRESS


def test_connecting_is_tried_for_minutes_while_the_machine_boots() -> None:
    command = deployed("chat").one("command:remote:Command", "homeport-chat-ready-b")
    assert command.at("connection", "dialErrorLimit") == Secret(60)


def test_the_output_ssh_is_a_command_line_with_these_files() -> None:
    assert in_directory("/keys").outputs["ssh"] == (
        f"ssh -i /keys/chat/id_ed25519 -o UserKnownHostsFile=/keys/chat/known_hosts homeport@{ADDRESS}"
    )


def test_another_host_key_is_told_after_some_tries(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    written = in_directory(str(keys)).call("command:local:run")
    assert _run(written, _scanner(tmp_path, "ssh-ed25519 AAAAother")) == "ssh-ed25519 AAAAother\n"
    assert (tmp_path / "asked").read_text().count("asked") == 6


def test_the_pinned_host_key_among_others_is_the_right_one(tmp_path: Path) -> None:
    written = in_directory(str(tmp_path / "keys")).call("command:local:run")
    assert _run(written, _scanner(tmp_path, "ssh-rsa AAAAother", public_key(HOST))) == ""


def test_a_machine_that_does_not_answer_is_no_other_one(tmp_path: Path) -> None:
    written = in_directory(str(tmp_path / "keys")).call("command:local:run")
    assert _run(written, _scanner(tmp_path)) == ""
    assert (tmp_path / "asked").read_text().count("asked") == 1


def test_another_host_key_is_refused_with_both_fingerprints() -> None:
    with pytest.raises(RunError) as error:
        refuse_another(ADDRESS, PINNED, ANOTHER)
    assert f"expected {fingerprint(PINNED)}\n  shown    {fingerprint(ANOTHER)}\n" in str(error.value)
    assert "docs/security.md, A changed host key" in str(error.value)


def test_no_key_and_one_that_cannot_be_read_are_told_apart() -> None:
    refuse_another(ADDRESS, PINNED, "")
    with pytest.raises(RunError, match=r"shown    \(no key that can be read\)"):
        refuse_another(ADDRESS, PINNED, "nonsense")


def test_a_fingerprint_is_what_ssh_keygen_shows(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(f"{PINNED}\n")
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(tmp_path / "key.pub")], check=True, capture_output=True, text=True
    )
    assert fingerprint(PINNED) in shown.stdout.split()


def _scanner(folder: Path, *shown: str) -> Path:
    """A folder for PATH with an `ssh-keyscan` that shows these keys, and a `sleep` that does not."""
    programs = folder / "bin"
    programs.mkdir()
    lines = "".join(f"echo '{ADDRESS} {key}'\n" for key in shown)
    (programs / "ssh-keyscan").write_text(f"#!/bin/sh\necho asked >>'{folder}/asked'\n{lines}")
    (programs / "sleep").write_text("#!/bin/sh\n")
    for program in programs.iterdir():
        program.chmod(0o755)
    return programs


def _run(invocation: Invocation, programs: Path) -> str:
    """What it prints, with these programs before those of this computer."""
    interpreter, environment = invocation.arguments["interpreter"], invocation.arguments["environment"]
    assert isinstance(interpreter, list)
    assert isinstance(environment, dict)
    return subprocess.run(
        [*(str(word) for word in interpreter), str(invocation.arguments["command"])],
        env={
            **os.environ,
            **{name: str(value) for name, value in environment.items()},
            "PATH": f"{programs}:{os.environ['PATH']}",
        },
        check=True,
        timeout=10,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
