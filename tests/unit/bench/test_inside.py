from __future__ import annotations

import pytest

from bench.inside import Memory, memory


def test_files_that_the_kernel_drops_first_are_not_in_use_under_cgroup_version_1() -> None:
    # Version 1 has both: those without "total" leave out the groups below.
    details = {"total_inactive_file": 300, "inactive_file": 1, "total_rss": 200, "rss": 2}
    assert memory({"usage": 1000, "stats": details}) == Memory(in_use=700, resident=200, with_cache=1000)


def test_files_that_the_kernel_drops_first_are_not_in_use_under_cgroup_version_2() -> None:
    details = {"inactive_file": 300, "anon": 200}
    assert memory({"usage": 1000, "stats": details}) == Memory(in_use=700, resident=200, with_cache=1000)


def test_statistics_of_a_stopped_container_are_an_error() -> None:
    with pytest.raises(KeyError, match="usage"):
        memory({})
