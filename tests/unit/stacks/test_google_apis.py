"""Which APIs of Google Cloud a stack's settings need."""

from __future__ import annotations

import pytest

from stacks.google_apis import needed_apis
from tests.unit.stacks.configuration import Configuration, Value, chat, local

ALWAYS = ("cloudresourcemanager.googleapis.com", "compute.googleapis.com", "iam.googleapis.com")


def needed(configuration: Configuration) -> tuple[str, ...]:
    return needed_apis(configuration.load())


def test_the_shipped_stack_needs_five() -> None:
    assert needed(chat()) == (*ALWAYS, "dns.googleapis.com", "storage.googleapis.com")


@pytest.mark.parametrize(
    ("section", "value", "name"),
    [
        ("backup", {"store": {"kind": "gcs"}}, "storage.googleapis.com"),
        ("monitoring", {"email": "ops@example.net"}, "monitoring.googleapis.com"),
        ("logs", {"kind": "gcplogs"}, "logging.googleapis.com"),
    ],
)
def test_a_section_adds_the_api_that_it_uses(section: str, value: Value, name: str) -> None:
    without = chat().remove("homeport:backup")
    assert name not in needed(without)
    assert name in needed(without.set(f"homeport:{section}", value))


def test_records_elsewhere_need_no_cloud_dns() -> None:
    assert "dns.googleapis.com" not in needed(chat().set("homeport:dns", {"kind": "none"}))


def test_a_computer_of_ones_own_needs_none() -> None:
    assert needed(local()) == ()
