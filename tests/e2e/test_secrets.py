"""Secrets on the computer that deploys, and a log-in key that is no longer one's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.deployed import Deployed, changed, run
from tests.e2e.secret_search import found_in, secrets, state_files

GENERATED = {"random:index/randomPassword:RandomPassword", "tls:index/privateKey:PrivateKey"}


def test_all_that_is_generated_is_looked_for(deployed: Deployed) -> None:
    exported = deployed.engine.command("stack", "export", "--show-secrets")
    types = {resource["type"] for resource in json.loads(exported)["deployment"]["resources"]}
    assert types >= GENERATED
    known = secrets(deployed)
    # A private key is at least two lines in each of its forms.
    assert len(known) >= 2 + 2 * 3
    assert deployed.password in known
    assert found_in(exported.replace("\\n", "\n"), known) == known


def test_no_file_of_the_state_holds_a_secret_in_plain_text(deployed: Deployed) -> None:
    files, known = state_files(deployed), secrets(deployed)
    for kind in (
        ".pulumi/stacks/",
        ".pulumi/backups/",
        ".checkpoint.json",
        ".history.json",
        "Pulumi.sandbox.yaml",
    ):
        assert any(kind in path for path in files), f"nothing was searched of {kind}"
    assert {path: found for path, text in files.items() if (found := found_in(text, known))} == {}


def test_nothing_that_an_update_says_holds_a_secret(deployed: Deployed) -> None:
    # The first update creates everything.
    assert any("RandomPassword" in said for said in deployed.said)
    assert found_in("\n".join(deployed.said), secrets(deployed)) == set()


@pytest.fixture(scope="module")
def stolen(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder with the log-in key, after which the stack has another one."""
    folder = tmp_path_factory.mktemp("stolen") / "ssh"
    shutil.copytree(deployed.box.directory / "ssh" / "sandbox", folder)
    (key,) = (one.urn for one in deployed.engine.saved.resources() if one.urn.endswith("-key-login"))
    deployed.engine.command("state", "taint", key, "--yes")
    deployed.up()
    return folder


def _log_in(deployed: Deployed, folder: Path) -> int:
    options = (
        "-o",
        "BatchMode=yes",
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        f"UserKnownHostsFile={folder}/known_hosts",
    )
    return run("ssh", *options, "-i", f"{folder}/id_ed25519", f"homeport@{deployed.address}", "true").status


def test_a_replaced_login_key_opens_the_machine_and_the_stolen_one_does_not(
    deployed: Deployed, stolen: Path
) -> None:
    assert _log_in(deployed, deployed.box.directory / "ssh" / "sandbox") == 0
    assert _log_in(deployed, stolen) == 255


def test_after_the_login_key_was_replaced_there_is_nothing_to_do(deployed: Deployed, stolen: Path) -> None:
    assert changed(deployed.up()) == {}
