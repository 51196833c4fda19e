"""One box with the stack deployed in it, for every test of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sandbox.box import Box
from sandbox.deployment import sandbox_folder
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed

LAST = (
    "test_import.py",
    "test_several_apps.py",
    "test_web_app.py",
    "test_loss.py",
    "test_data_disk.py",
    "test_backup_stores.py",
    "test_backup.py",
    "test_host_changes.py",
    "test_destroy.py",
)
"""Files whose tests leave the stack changed or gone: they come after all others, in this order."""
SECOND = (
    "test_mastodon_data.py",
    "test_rolling.py",
    "test_postgres_rotation.py",
    "test_postgres_upgrade.py",
    "test_backup_stores.py",
    "test_backup.py",
)
"""Files whose tests have a deployment of their own where there are several processes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and put those that break things last."""
    here = [item for item in items if "e2e" in item.path.parts]
    for item in here:
        item.add_marker(pytest.mark.sandbox)
        # Those that share a deployment stay in one process.
        group = "e2e-second" if item.path.name in SECOND else "e2e"
        item.add_marker(pytest.mark.xdist_group(group))
        item.add_marker(pytest.mark.timeout(600))
    rank = {name: position for position, name in enumerate(LAST, start=1)}
    items.sort(key=lambda item: rank.get(item.path.name, 0) if "e2e" in item.path.parts else 0)


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    """The stack, deployed from nothing; each process of a run has one."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    box = Box(sandbox_folder(f"test-{process}" if process else "test"))
    try:
        yield Deployed.deploy(box)
    finally:
        box.stop()


@pytest.fixture(scope="session")
def chat(deployed: Deployed) -> Chat:
    """The administrator, logged in."""
    return Chat.log_in(deployed)
