"""What is said of settings that are valid and may surprise."""

from __future__ import annotations

from stacks.notices import notices
from tests.unit.stacks.configuration import Configuration, Value, chat

EDITION = "homeport:apps[0].edition"


def told(configuration: Configuration) -> list[str]:
    return list(notices(configuration.load()))


def enterprise(**changes: Value) -> Configuration:
    configuration = chat().set(EDITION, "enterprise")
    for key, value in changes.items():
        configuration.set(f"homeport:apps[0].{key}", value)
    return configuration


def test_an_enterprise_edition_without_a_licence_hides_old_messages() -> None:
    (notice,) = told(enterprise())
    assert notice.startswith(f"{EDITION}: ")
    assert "10,000 messages" in notice


def test_one_with_a_licence_does_not() -> None:
    assert told(enterprise(license=True).secret("mattermostLicense")) == []


def test_one_before_version_11_does_not() -> None:
    assert told(enterprise(version="10.12.0")) == []


def test_a_shipped_stack_has_nothing_that_surprises() -> None:
    assert told(chat()) == []
