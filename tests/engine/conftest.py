"""Small programs under the real engine, against the stand-in providers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.trial import Trial

_NUMBERS = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One PULUMI_HOME and one backend for every stack of this folder."""
    return tmp_path_factory.mktemp("engine")


@pytest.fixture
def trial(home: Path, tmp_path: Path) -> Iterator[Trial]:
    """A stack without resources. What a test leaves in Docker is destroyed; all else is files of its own."""
    found = Trial(home, f"trial-{next(_NUMBERS)}", tmp_path)
    yield found
    if any(resource.type.startswith("docker:") for resource in found.engine.saved.resources()):
        found.destroy()
