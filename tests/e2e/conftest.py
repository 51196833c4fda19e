"""A box with the stack deployed in it, for the tests of this folder.

The files of this folder depend on no order: each finds the stack as it is shipped, in any process. A file
that leaves another stack than it found, or none, says so with `LEAVES_ANOTHER_STACK = True`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, box_for_tests
from tests.e2e.shared_stack import SharedStack

LONGEST_FIRST = (
    "test_postgres_upgrade.py",
    "test_mastodon_data.py",
    "test_several_apps.py",
    "test_rolling.py",
    "test_updates.py",
    "test_metrics.py",
    "test_status.py",
    "test_drift.py",
    "test_import.py",
)
"""Begun in this order, before all others: so that at the end nobody waits for one of them."""
LAST = ("test_backup.py", "test_host_changes.py", "test_data_disk.py", "test_destroy.py")
"""Files that leave another stack: at the end hardly anybody needs one after them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, keep each file in one process, and put the files in order."""
    here = [item for item in items if "e2e" in item.path.parts]
    for item in here:
        item.add_marker(pytest.mark.sandbox)
        item.add_marker(pytest.mark.xdist_group(item.path.name))
        item.add_marker(pytest.mark.timeout(600))
    rank = {name: position - len(LONGEST_FIRST) for position, name in enumerate(LONGEST_FIRST)}
    rank |= {name: position for position, name in enumerate(LAST, start=1)}
    items.sort(key=lambda item: rank.get(item.path.name, 0) if "e2e" in item.path.parts else 0)


@pytest.fixture(scope="session")
def shared_stack() -> Iterator[SharedStack]:
    """The stack of this process."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    box = box_for_tests(f"test-{process}" if process else "test")
    try:
        yield SharedStack(box)
    finally:
        box.stop()


@pytest.fixture(scope="module")
def deployed(request: pytest.FixtureRequest, shared_stack: SharedStack) -> Iterator[Deployed]:
    """The stack as it is shipped."""
    yield shared_stack.get()
    if getattr(request.module, "LEAVES_ANOTHER_STACK", False):
        shared_stack.discard()
    else:
        shared_stack.restore()


@pytest.fixture(scope="module")
def chat(deployed: Deployed) -> Chat:
    """The administrator, logged in."""
    return Chat.log_in(deployed)
