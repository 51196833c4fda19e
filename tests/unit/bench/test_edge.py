from __future__ import annotations

from bench.edge import memory_figures
from bench.inside import MIB, Memory


def sample(*mib: int) -> list[Memory]:
    """Containers that use so many MiB, half of it resident, and have twice as much with page cache."""
    return [Memory(each * MIB, each * MIB // 2, each * MIB * 2) for each in mib]


def test_memory_is_the_median_of_sums_over_the_containers_each_way() -> None:
    figures = memory_figures([sample(10, 2, 8), sample(100, 2, 8), sample(20, 2, 8)])
    assert [(figure.value, figure.baseline) for figure in figures] == [(30, 50), (15, None), (60, None)]
