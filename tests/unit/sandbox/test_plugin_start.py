from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sandbox.engine import REPOSITORY

LATER = {"asyncio", "cryptography", "docker", "requests"}
"""What takes long to import, and no plugin needs that only compares settings with the state."""


@pytest.mark.parametrize("name", ["aws", "command", "docker", "gcp", "random", "tls"])
def test_a_plugin_starts_without_what_only_changes_need(name: str) -> None:
    """Each preview starts five of them, one after the other."""
    plugin = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "sandbox.providers", name, "1.0.0"],
        cwd=REPOSITORY,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert plugin.stdout
    assert plugin.stdout.readline().strip().isdigit()
    plugin.terminate()
    _, imported = plugin.communicate(timeout=30)
    modules = {line.rpartition("|")[2].strip() for line in imported.splitlines()}
    assert "sandbox.providers.checks" in modules
    assert modules & LATER == set()
