"""The settings of this computer's kernel, as `sysctl -a` shows them."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

ROOT = Path("/proc/sys")
MOVING = {
    "kernel/ns_last_pid": "the number of the newest process",
    "kernel/perf_event_max_sample_rate": "the kernel lowers it by itself when it is busy",
    "kernel/tainted": "what the kernel notes about itself: warnings, modules",
}
"""What can be written and changes all the same by itself, and why."""


def kernel_settings(root: Path = ROOT) -> dict[str, str]:
    """Path below /proc/sys -> value, of everything that can be set and that this user can read.

    Counters cannot be set: their files have no permission to write.
    """
    found = {}
    # Folders of interfaces come and go while this reads: os.walk passes over them, Path.rglob fails.
    for folder, _, files in os.walk(root):
        for path in (Path(folder, file) for file in files):
            with contextlib.suppress(OSError):
                mode = path.lstat().st_mode
                name = str(path.relative_to(root))
                if stat.S_ISREG(mode) and mode & 0o444 and mode & 0o222 and name not in MOVING:
                    found[name] = path.read_text(errors="replace")
    return found


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The settings with another value than before. Those of interfaces and modules come and go with them."""
    return {
        name: (before[name], after[name])
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    }
