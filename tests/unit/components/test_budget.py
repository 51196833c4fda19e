"""Memory as a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from components.budget import budget
from components.confinement import Confinement
from components.workload import App, Memory, PublishedImage, PublishedPort, Service

EDGE = 128 + 32 + 96
CONFINEMENT = Confinement(user="1000:1000")
SYSTEM = 192


def app(name: str, limits: Sequence[int]) -> App:
    services = tuple(
        Service(f"s{index}", PublishedImage("image:1.0"), Memory(limit, swap=9999), CONFINEMENT)
        for index, limit in enumerate(limits)
    )
    return App(name, "mattermost", "1.0", "https://chat.example.com", services)


def test_an_empty_stack_needs_what_the_edge_needs() -> None:
    assert budget([], 1024, 0).needed == EDGE


def test_what_is_needed_is_the_edge_and_every_service_of_every_app() -> None:
    assert budget([app("a", [100, 200]), app("b", [300])], 1024, 0).steady == EDGE + 600


def test_an_update_needs_the_services_of_one_app_that_roll_twice() -> None:
    assert budget([app("a", [100, 150]), app("b", [300])], 1024, 0).needed == EDGE + 550 + 300
    assert budget([app("a", [200, 150]), app("b", [300])], 1024, 0).needed == EDGE + 650 + 350


def test_an_app_that_is_stopped_first_needs_no_more_during_an_update() -> None:
    stopped = replace(app("a", [100, 200]), rollout="recreate")
    assert budget([stopped], 1024, 0).needed == EDGE + 300


@pytest.mark.parametrize("held", [{"stateful": True}, {"ports": (PublishedPort(8443, "udp"),)}])
def test_a_service_of_which_there_are_never_two_counts_once(held: dict[str, Any]) -> None:
    (service,) = app("a", [100]).services
    single = replace(app("a", [100]), services=(replace(service, **held),))
    assert budget([single], 1024, 0).needed == EDGE + 100


def test_what_is_available_is_ram_and_swap_without_what_the_system_keeps() -> None:
    assert budget([], 1024, 2048).available == 1024 + 2048 - SYSTEM


def test_it_fits_to_the_last_mebibyte() -> None:
    assert budget([app("a", [288])], 1024, 0).fits


def test_one_mebibyte_more_does_not_fit() -> None:
    assert not budget([app("a", [289])], 1024, 0).fits


def test_it_reads_as_a_sum() -> None:
    assert str(budget([app("a", [100, 200])], 1024, 512)) == (
        "nginx 128 + docker-gen 32 + acme-companion 96 + a/s0 100 + a/s1 200 = 556 MiB;"
        " with a second a/s0 + a/s1 during an update = 856 MiB;"
        " available are 1024 RAM + 512 swap - 192 for the system = 1344 MiB"
    )
