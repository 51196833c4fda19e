"""How much nginx takes at the same time."""

from __future__ import annotations

import pytest

from components.budget import edge_memory
from components.edge.connections import Connections

MEASURED = 67
"""KiB that nginx held for each WebSocket over TLS."""


@pytest.mark.parametrize("machine", [1024, 2048, 4096, 8192, 16384])
def test_nginx_has_the_memory_for_as_many_as_it_lets_in(machine: int) -> None:
    memory = edge_memory(machine)["nginx"]
    assert 10 + Connections(memory).requests * MEASURED / 1024 < memory


def test_a_machine_of_one_gibibyte_takes_more_than_a_thousand_of_one_name() -> None:
    assert Connections(edge_memory(1024)["nginx"]).requests_of_a_name > 1000


def test_a_larger_machine_takes_more() -> None:
    machines = (1024, 2048, 4096, 8192, 15360)
    taken = [Connections(edge_memory(memory)["nginx"]).requests for memory in machines]
    assert sorted(set(taken)) == taken


def test_a_crowd_at_one_name_leaves_room_for_others() -> None:
    connections = Connections(128)
    assert connections.requests - connections.requests_of_a_name > connections.requests // 5


def test_one_worker_can_take_all_requests_alone() -> None:
    connections = Connections(128)
    assert connections.worker > 2 * connections.requests
    assert connections.files > connections.worker
