"""What all tests share: the table of how long each part of a run took."""

from __future__ import annotations

import pytest

from tests.durations import Durations


def pytest_configure(config: pytest.Config) -> None:
    """Measure this run."""
    config.pluginmanager.register(Durations(), "durations")
