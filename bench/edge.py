"""The edge under load and at rest: its memory, what comes through it, and how many stay connected."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bench.figure import Figure
from bench.inside import MIB, Inside, Memory
from bench.sockets import websocket_figures
from bench.throughput import throughput_figures
from sandbox.box import Box
from sandbox.deployment import deployment
from tools.progress import step

SAMPLES = 5
SAMPLE_SECONDS = 3.0
IDLE_SECONDS = 30.0
"""After the deployment, before its memory is read."""
EDGE_MIB = 50.0
HOSTNAME = "chat.homeport.test"


def edge_figures(box: Box) -> Iterator[Figure]:
    """One deployment; memory first, while nobody has asked it for anything."""
    with step("Deploy a stack", expect="about a minute"):
        box.stop()
        engine = deployment(box, box.start())
        engine.up()
    inside = Inside.of(box)
    yield from memory_figures(idle_samples(inside))
    yield from throughput_figures(box, engine, inside, HOSTNAME)
    yield from websocket_figures(box, engine, inside, HOSTNAME)


def idle_samples(inside: Inside) -> list[list[Memory]]:
    """What each of the three containers holds, several times, a while after the deployment."""
    with step("Memory of the edge", expect=f"{IDLE_SECONDS + SAMPLES * SAMPLE_SECONDS:.0f} s"):
        time.sleep(IDLE_SECONDS)
        samples = []
        for _ in range(SAMPLES):
            samples.append([inside.memory(container) for container in inside.edge()])
            time.sleep(SAMPLE_SECONDS)
    return samples


def memory_figures(samples: list[list[Memory]]) -> Iterator[Figure]:
    """The medians of the sums over the containers, in the three ways that memory is counted."""

    def median(sums: list[int]) -> float:
        return statistics.median(sums) / MIB

    name = "idle memory of nginx, docker-gen and acme-companion"
    in_use = median([sum(memory.in_use for memory in sample) for sample in samples])
    yield Figure(f"{name}; baseline: the limit of {EDGE_MIB:.0f} MiB", in_use, "MiB", EDGE_MIB)
    resident = median([sum(memory.resident for memory in sample) for sample in samples])
    yield Figure(f"{name}, resident", resident, "MiB")
    with_cache = median([sum(memory.with_cache for memory in sample) for sample in samples])
    yield Figure(f"{name}, with page cache", with_cache, "MiB")
