"""What a command costs: how long it takes, and how much memory it and all that it starts hold at most."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
SAMPLE_SECONDS = 0.05
"""Between two looks at the processes. Each look takes some milliseconds of one core."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cost:
    """One run, or the medians of several."""

    seconds: float
    mib: float
    """The largest sum of resident sets at one time. Pages that processes share count for each of them."""


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each."""
    return Cost(statistics.median(one.seconds for one in costs), statistics.median(one.mib for one in costs))


def cost_of(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a command. Raises `RuntimeError` with its output if it fails."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        peak = _Peak(process.pid)
        peak.start()
        status = process.wait()
        seconds = time.monotonic() - started
        peak.stop()
        if status:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed with status {status}:\n{output.read()}")
    return Cost(seconds, peak.bytes / MIB)


def resident(root: int, proc: Path = Path("/proc")) -> int:
    """Bytes that a process and all that descend from it hold now; processes that end meanwhile count as 0."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    pages: dict[int, int] = {}
    for folder in proc.iterdir():
        if folder.name.isdigit() and (found := _process(folder)):
            parent, pages[int(folder.name)] = found
            children[parent].append(int(folder.name))
    waiting, total = [root], 0
    while waiting:
        one = waiting.pop()
        total += pages.get(one, 0) * _PAGE
        waiting.extend(children[one])
    return total


def _process(folder: Path) -> tuple[int, int] | None:
    """Its parent and its resident pages; None where it is gone."""
    try:
        # The name, in brackets, may hold blanks and brackets; fields of proc(5) are counted behind it.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), int(fields[21])


class _Peak:
    """Looks again and again, in a thread of its own."""

    def __init__(self, root: int) -> None:
        self.bytes = 0
        self._root = root
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak of memory", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, with the last look done."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.bytes = max(self.bytes, resident(self._root))
