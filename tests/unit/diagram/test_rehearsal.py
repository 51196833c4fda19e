from __future__ import annotations

from pathlib import Path

import pytest
from pulumi import RunError

from diagram.rehearsal import REPOSITORY, Record, rehearse
from stacks.stack_file import NoSuchStackError
from tests.unit.deployment.recorder import STACKS, deployed
from tests.unit.diagram.drawing import rehearsed

MAIL = """config:
  homeport:mailPassword: {secure: v1:AAAA:BBBB}
  homeport:mail: {host: smtp.example.com, user: chat, fromAddress: chat@example.com}
"""


def stack_file(folder: Path, stack: str, *, replaced: tuple[str, str]) -> Path:
    """A copy of a shipped stack file with one text replaced."""
    text = (REPOSITORY / "stacks" / f"Pulumi.{stack}.yaml").read_text()
    old, new = replaced
    assert old in text
    (folder / f"Pulumi.{stack}.yaml").write_text(text.replace(old, new))
    return folder


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for element in value.values() for text in strings(element)]
    if isinstance(value, list):
        return [text for element in value for text in strings(element)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("stack", STACKS)
def test_a_rehearsal_has_exactly_the_resources_of_the_deployment(stack: str) -> None:
    found = sorted((one.type, one.name) for one in rehearsed(stack))
    assert found == sorted((one.type, one.name) for one in deployed(stack).resources)


def test_an_unknown_stack_is_told_with_those_that_are_there() -> None:
    with pytest.raises(NoSuchStackError, match="chat, local, sandbox, social"):
        rehearse("nowhere")


def test_mistakes_in_the_settings_are_told_as_by_the_program(tmp_path: Path) -> None:
    folder = stack_file(tmp_path, "chat", replaced=("machineType: e2-micro", "machineType: e2-tiny"))
    with pytest.raises(RunError, match="e2-tiny"):
        rehearse("chat", folder)


def test_an_encrypted_secret_is_replaced_by_a_placeholder(tmp_path: Path) -> None:
    records = rehearse("chat", stack_file(tmp_path, "chat", replaced=("config:\n", MAIL)))
    (app,) = [one for one in records if one.name.startswith("mattermost-mattermost-") and _is_container(one)]
    assert "MM_EMAILSETTINGS_SMTPPASSWORD=placeholder" in strings(app.inputs["envs"])
    assert not [text for one in records for text in strings(dict(one.inputs)) if "BBBB" in text]


def test_a_zone_of_the_settings_counts_as_there(tmp_path: Path) -> None:
    text = (REPOSITORY / "stacks" / "Pulumi.chat.yaml").read_text().replace("example.com", "example.org")
    (tmp_path / "Pulumi.chat.yaml").write_text(text)
    records = rehearse("chat", tmp_path)
    zones = {one.inputs["managedZone"] for one in records if one.type == "gcp:dns/recordSet:RecordSet"}
    assert zones == {"example-org"}


def _is_container(one: Record) -> bool:
    return one.type == "docker:index/container:Container"
