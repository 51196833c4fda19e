"""Homeport as a user runs it: the plain `pulumi` command in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sandbox.plugins import install
from tools.engine import find_engine

_REPOSITORY = Path(__file__).parent.parent.parent
_WRONG = {
    "homeport:host": {
        "kind": "gce",
        "zone": "nowhere",
        "machineType": "e2-micro",
        "swap": -1,
        "ssh": {"allowFrom": ["everywhere"]},
    },
    "homeport:dns": {"kind": "carrier-pigeon"},
    "homeport:edge": {
        "certificate": {"kind": "acme", "email": "admin", "server": "staging", "colour": "red"}
    },
    "homeport:apps": [
        {
            "kind": "mattermost",
            "hostname": "Not a name",
            "version": "latest",
            "administrator": {"email": "admin@example.com"},
        }
    ],
    "homeport:aps": "a typing error",
}
_MISTAKES = {
    "homeport:host.zone": '"nowhere"',
    "homeport:host.swap": "-1",
    "homeport:host.ssh.allowFrom[0]": '"everywhere"',
    "homeport:dns.kind": '"carrier-pigeon"',
    "homeport:edge.certificate.email": '"admin"',
    "homeport:edge.certificate.colour": 'the key "colour"',
    "homeport:apps[0].hostname": '"Not a name"',
    "homeport:apps[0].version": '"latest"',
    "homeport:aps": 'the key "aps"',
    "gcp:project": "nothing",
}
"""Place in `_WRONG` -> what is found there."""


class Project:
    """A copy of the project, with an engine, a backend and a home that are nobody else's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        for name in ("Pulumi.yaml", "Pulumi.README.md", "__main__.py"):
            shutil.copy(_REPOSITORY / name, self.folder)
        for name in ("components", "policies", "stacks"):
            shutil.copytree(
                _REPOSITORY / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        # Pulumi.yaml says that the environment is here; an engine that was built by hand asks PATH instead.
        (self.folder / ".venv").symlink_to(sys.prefix)
        for name in ("home", "state", "world"):
            (folder / name).mkdir()
        install(folder / "home")
        path = [Path(sys.prefix, "bin"), find_engine().parent, *os.environ["PATH"].split(":")]
        self._environment = {
            "PATH": ":".join(map(str, path)),
            "HOME": str(folder / "home"),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "of a test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "HOMEPORT_SANDBOX": str(folder / "world"),
            # A preview needs no Docker engine; with this it finds none.
            "DOCKER_HOST": f"unix://{folder}/docker.sock",
        }

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the engine; all that it prints is in `stdout`."""
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
            check=False,
        )

    def resources(self, stack: str) -> list[str]:
        """Types of what is in the state of a stack, but for the stack itself."""
        exported = self.pulumi("stack", "export", "-s", stack)
        found = json.loads(exported.stdout)["deployment"].get("resources") or []
        return [resource["type"] for resource in found if resource["type"] != "pulumi:pulumi:Stack"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def _mistakes(said: str) -> dict[str, str]:
    """What is listed as wrong under "Diagnostics": the place, and what was found there."""
    diagnostics = said.partition("Diagnostics:")[2]
    listed = re.findall(r"^ +(\S+)\n +found: +(.+)\n +allowed: +\S", diagnostics, re.MULTILINE)
    return dict(listed)


def test_a_stack_file_full_of_mistakes_is_told_all_of_them_and_creates_nothing(project: Project) -> None:
    assert project.pulumi("stack", "init", "chat").returncode == 0
    path = project.folder / "stacks" / "Pulumi.chat.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "config": _WRONG}))

    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        result = project.pulumi(*command, "-s", "chat")

        assert result.returncode != 0
        assert _mistakes(result.stdout) == _MISTAKES
        assert f"stacks/Pulumi.chat.yaml has {len(_MISTAKES)} mistakes. Nothing was changed." in result.stdout
        assert "Traceback" not in result.stdout
        assert project.resources("chat") == []


def test_the_file_for_this_computer_previews_everything_it_would_create(project: Project) -> None:
    assert project.pulumi("stack", "init", "local").returncode == 0

    result = project.pulumi("preview", "-s", "local")

    assert result.returncode == 0, result.stdout
    for line in (
        "docker:index:Container mattermost-postgres-17 create",
        "docker:index:Container nginx create",
    ):
        assert f"+  {line}" in result.stdout
    assert re.search(r"^ +\+ \d\d to create$", result.stdout, re.MULTILINE)
    assert 'url          : "http://chat.localhost:8080"' in result.stdout
    assert project.resources("local") == []


def test_the_policy_pack_runs_beside_a_plain_preview(project: Project) -> None:
    assert project.pulumi("stack", "init", "local").returncode == 0

    result = project.pulumi("preview", "-s", "local", "--policy-pack", "policies/run")

    assert result.returncode == 0, result.stdout
    assert "✅ homeport@v" in result.stdout
