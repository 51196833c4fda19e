from __future__ import annotations

import pytest

from bench.inside import memory_in_use


def test_files_that_the_kernel_can_drop_are_not_in_use_under_cgroup_version_1() -> None:
    # Version 1 has both: the one without "total" leaves out the groups below.
    statistics = {"usage": 1000, "stats": {"total_inactive_file": 300, "inactive_file": 1}}
    assert memory_in_use(statistics) == 700


def test_files_that_the_kernel_can_drop_are_not_in_use_under_cgroup_version_2() -> None:
    assert memory_in_use({"usage": 1000, "stats": {"inactive_file": 300}}) == 700


def test_statistics_of_a_stopped_container_are_an_error() -> None:
    with pytest.raises(KeyError, match="usage"):
        memory_in_use({})
