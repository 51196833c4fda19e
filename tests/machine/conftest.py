"""A machine of its own for the tests of the bootstrap."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.box import Box
from sandbox.deployment import sandbox_folder
from tests.machine.bare_machine import BareMachine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.sandbox)
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def bootstrap_box() -> Iterator[Box]:
    """A box for machines without an engine, one for each process of a run."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    box = Box(sandbox_folder(f"bootstrap-{process}" if process else "bootstrap"))
    box.stop()
    try:
        yield box
    finally:
        box.stop()


@pytest.fixture(scope="module")
def machine(bootstrap_box: Box) -> Iterator[BareMachine]:
    """A machine at its first boot, with a blank data disk."""
    booted = BareMachine(bootstrap_box, bootstrap_box.start(), "first")
    booted.boot()
    yield booted
    booted.delete()


@pytest.fixture
def second_machine(bootstrap_box: Box) -> Iterator[BareMachine]:
    """Another one, to be booted by the test with a disk of its choice."""
    found = BareMachine(bootstrap_box, bootstrap_box.start(), "second", number=11)
    yield found
    found.delete()
