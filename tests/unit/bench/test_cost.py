from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bench.cost import MIB, Cost, cost_of, median, resident

_PARENT = """
import subprocess, sys, time
held = bytearray(60 * 1024 * 1024)
child = "import time; held = bytearray(60 * 1024 * 1024); time.sleep(0.5)"
subprocess.run([sys.executable, "-c", child], check=True)
"""


def fake_process(proc: Path, pid: int, parent: int, pages: int, name: str = "x") -> None:
    (proc / str(pid)).mkdir()
    fields = ["S", str(parent), *(["0"] * 19), str(pages), *(["0"] * 5)]
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")


def test_memory_is_the_sum_over_a_process_and_all_that_descend_from_it(tmp_path: Path) -> None:
    fake_process(tmp_path, 10, 1, 100)
    fake_process(tmp_path, 11, 10, 20)
    fake_process(tmp_path, 12, 11, 3)
    fake_process(tmp_path, 99, 1, 5000)
    assert resident(10, tmp_path) == 123 * os.sysconf("SC_PAGE_SIZE")


def test_a_process_may_have_blanks_and_brackets_in_its_name(tmp_path: Path) -> None:
    fake_process(tmp_path, 10, 1, 7, name="a) b (c")
    assert resident(10, tmp_path) == 7 * os.sysconf("SC_PAGE_SIZE")


def test_a_process_that_ended_while_it_was_looked_at_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / "10").mkdir()
    assert resident(10, tmp_path) == 0


def test_this_process_holds_what_the_system_says() -> None:
    here = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert resident(os.getpid()) >= here * 0.8


def test_the_peak_has_a_childs_memory_in_it(tmp_path: Path) -> None:
    cost = cost_of([sys.executable, "-c", _PARENT], os.environ, tmp_path)
    assert cost.mib > 120
    assert cost.seconds > 0.5


def test_a_command_that_fails_is_told_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"status 3(.|\n)*out of order"):
        cost_of([sys.executable, "-c", "print('out of order'); raise SystemExit(3)"], os.environ, tmp_path)


def test_the_median_is_of_each_figure() -> None:
    costs = [Cost(1, 300), Cost(9, 100), Cost(2, 200)]
    assert median(costs) == Cost(2, 200)


def test_bytes_are_told_in_mib() -> None:
    assert MIB == 2**20
