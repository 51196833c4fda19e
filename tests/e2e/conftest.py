"""A box with the stack deployed in it, for the tests of this folder.

The files of this folder depend on no order: each finds the stack as it is shipped, in any process. A file
that leaves another stack than it found, or none, says so with `LEAVES_ANOTHER_STACK = True`.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, box_for_tests
from tests.e2e.shared_stack import SharedStack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.sandbox)
            item.add_marker(pytest.mark.timeout(600))


_STACK = pytest.StashKey[SharedStack]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, None]:
    """Stop the box once this process goes on elsewhere: one that idles takes a tenth of a processor."""
    yield
    stack = item.config.stash.get(_STACK, None)
    if stack and (nextitem is None or Path(__file__).parent not in nextitem.path.parents):
        stack.discard()


@pytest.fixture(scope="session")
def shared_stack(request: pytest.FixtureRequest) -> Iterator[SharedStack]:
    """The stack of this process."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    box = box_for_tests(f"test-{process}" if process else "test")
    stack = SharedStack(box)
    request.config.stash[_STACK] = stack
    try:
        yield stack
    finally:
        box.stop()


@pytest.fixture(scope="module")
def deployed(request: pytest.FixtureRequest, shared_stack: SharedStack) -> Iterator[Deployed]:
    """The stack as it is shipped."""
    yield shared_stack.get()
    if getattr(request.module, "LEAVES_ANOTHER_STACK", False):
        shared_stack.discard()


@pytest.fixture(scope="module")
def chat(deployed: Deployed) -> Chat:
    """The administrator, logged in."""
    return Chat.log_in(deployed)
