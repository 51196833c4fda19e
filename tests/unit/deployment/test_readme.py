"""The page of the stack in Pulumi's console."""

from __future__ import annotations

import re

import pytest

from tests.unit.deployment.recorder import STACKS, Changes, deployed
from tests.unit.deployment.test_zone import second_app
from tests.unit.deployment.value import Value, at, revealed

_PLACEHOLDER = re.compile(r"\$\{outputs\.([^}]+)\}")
_BACKUP: Changes = {"homeport:backup": {"store": {"kind": "gcs"}}}


def readme(stack: str, changes: Changes | None = None) -> str:
    found = deployed(stack, changes).outputs["readme"]
    assert isinstance(found, str)
    return found


def placeholders(text: str) -> list[list[str | int]]:
    """The path of each placeholder through the outputs."""
    return [
        [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]
        for path in _PLACEHOLDER.findall(text)
    ]


def filled(stack: str, changes: Changes | None = None) -> str:
    """The page as the console shows it: every placeholder replaced by what the program exports."""
    outputs = deployed(stack, changes).outputs

    def value(match: re.Match[str]) -> str:
        (path,) = placeholders(match[0])
        found: Value = at(outputs, path)
        assert found == revealed(found), f"{match[0]} is a secret, and a page is none"
        return str(found)

    return _PLACEHOLDER.sub(value, readme(stack, changes))


@pytest.mark.parametrize("stack", STACKS)
def test_each_placeholder_names_an_output_that_the_program_exports(stack: str) -> None:
    assert placeholders(readme(stack))
    assert "${" not in filled(stack)


def test_the_page_shows_where_an_app_is_and_how_to_log_in_to_the_machine() -> None:
    page = filled("chat")
    assert "| mattermost | https://chat.example.com | 11.7.0 |" in page
    assert "- Log in to it: `ssh " in page


def test_the_page_shows_every_dns_record() -> None:
    records = deployed("chat").outputs["dnsRecords"]
    assert isinstance(records, list)
    assert "```\n" + "\n".join(map(str, records)) + "\n```" in filled("chat")


def test_a_stack_of_two_apps_has_a_line_for_each() -> None:
    page = filled("chat", second_app())
    assert "| chat | https://chat.example.com |" in page
    assert "| team | https://team.example.com |" in page


def test_backups_are_on_the_page_only_where_there_are_some() -> None:
    assert "backup" not in readme("chat", {"homeport:backup": None}).lower()
    assert "make backup-verify STACK=chat" in filled("chat", _BACKUP)


@pytest.mark.parametrize("changes", [{"homeport:backup": None}, _BACKUP, second_app()])
def test_steps_are_counted_without_a_gap(changes: Changes | None) -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", readme("chat", changes), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_page_names_its_own_stack() -> None:
    assert "make status STACK=social" in readme("social")
    assert "<" not in readme("social")
