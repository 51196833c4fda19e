"""Homeport as a user runs it: the plain `pulumi` command in a copy of the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.engine.plain_project import PlainProject

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


@pytest.fixture
def project(tmp_path: Path) -> PlainProject:
    return PlainProject(tmp_path)


def _mistakes(said: str) -> dict[str, str]:
    """What is listed as wrong under "Diagnostics": the place, and what was found there."""
    diagnostics = said.partition("Diagnostics:")[2]
    listed = re.findall(r"^ +(\S+)\n +found: +(.+)\n +allowed: +\S", diagnostics, re.MULTILINE)
    return dict(listed)


def test_a_stack_file_full_of_mistakes_is_told_all_of_them_and_creates_nothing(project: PlainProject) -> None:
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


def test_the_file_for_this_computer_previews_everything_it_would_create(project: PlainProject) -> None:
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


def test_the_policy_pack_runs_beside_a_plain_preview(project: PlainProject) -> None:
    assert project.pulumi("stack", "init", "local").returncode == 0

    result = project.pulumi("preview", "-s", "local", "--policy-pack", "policies/run")

    assert result.returncode == 0, result.stdout
    assert "✅ homeport@v" in result.stdout
