"""In which order test files are begun: at the end of a run nobody should wait for one of the long ones."""

from __future__ import annotations

from pathlib import Path

FOLDERS = ("e2e", "machine", "engine", "unit")
LONGEST_FIRST = (
    "test_rolling.py",
    "test_postgres_upgrade.py",
    "test_web_app.py",
    "test_metrics.py",
    "test_updates.py",
    "test_status.py",
    "test_import.py",
    "test_drift.py",
    "test_mastodon_data.py",
)
"""Files of the sandbox, by how long they take."""
LAST = (
    "test_several_apps.py",
    "test_backup.py",
    "test_host_changes.py",
)
"""Files that leave another stack: hardly anybody needs one after them."""


def position(path: Path) -> tuple[int, int]:
    """What files are sorted by; `path` is relative to the repository."""
    folder, name = path.parts[1], path.name
    if name in LONGEST_FIRST:
        rank = LONGEST_FIRST.index(name) - len(LONGEST_FIRST)
    else:
        rank = LAST.index(name) + 1 if name in LAST else 0
    return FOLDERS.index(folder), rank if folder == "e2e" else 0
