"""When each resource of an update began and ended, and what the time of a whole deployment went into."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pulumi.automation import EngineEvent, OpType

Span = tuple[float, float]
"""Seconds since the epoch: begin and end."""


@dataclass
class Timeline:
    """Listens to an update of the engine."""

    spans: dict[str, Span] = field(default_factory=dict)
    """By type token and name, `docker:index/container:Container nginx`."""
    _begun: dict[str, float] = field(default_factory=dict)

    def __call__(self, event: EngineEvent) -> None:
        """Take one event of the engine."""
        if event.resource_pre_event and event.resource_pre_event.metadata.op is not OpType.SAME:
            self._begun[_key(event.resource_pre_event.metadata.urn)] = time.time()
        elif event.res_outputs_event:
            key = _key(event.res_outputs_event.metadata.urn)
            if key in self._begun:
                self.spans[key] = (self._begun.pop(key), time.time())


@dataclass(frozen=True)
class Stages:
    """Seconds of a deployment, one stage after the other; together they are the whole."""

    before: float
    """The engine, the program, keys, networks, disk and DNS records."""
    boot: float
    """From the machine's creation to the first line of its bootstrap."""
    bootstrap: float
    """Everything of the bootstrap but Docker."""
    docker: float
    """Docker's installation and start."""
    containers: float
    """Images, volumes and containers, until the last one is healthy."""
    certificate: float
    """Until the app answers over HTTPS with a certificate of its own."""

    @property
    def whole(self) -> float:
        """From the start of the update to the answer."""
        return self.before + self.boot + self.bootstrap + self.docker + self.containers + self.certificate


def stages(started: float, answered: float, spans: Mapping[str, Span], log: str) -> Stages:
    """Divide the time between two moments by the resources' spans and the machine's bootstrap log.

    The log tells whole seconds, so the stages that it bounds are right to one second.
    """
    created = min(begin for key, (begin, _) in spans.items() if key.startswith("gcp:compute/instance:"))
    healthy = max(end for key, (_, end) in spans.items() if key.startswith("docker:index/container:"))
    steps = bootstrap_steps(log)
    first, ready = steps["login: start"], steps["ready"]
    docker = steps["docker: done"] - steps["docker: start"]
    return Stages(
        before=created - started,
        boot=first - created,
        bootstrap=ready - first - docker,
        docker=docker,
        containers=healthy - ready,
        certificate=answered - healthy,
    )


def bootstrap_steps(log: str) -> dict[str, float]:
    """When each step of the first run in a bootstrap log began and ended, in seconds since the epoch."""
    steps: dict[str, float] = {}
    for line in log.splitlines():
        stamp, _, said = line.partition(" ")
        if not stamp.endswith("Z"):
            continue  # what a step printed is indented
        at = datetime.fromisoformat(stamp).timestamp()
        steps.setdefault("ready" if said.startswith("ready: ") else said, at)
        if "ready" in steps:
            break
    return steps


def _key(urn: str) -> str:
    kind, name = urn.split("::")[2:4]
    return f"{kind.rsplit('$', 1)[-1]} {name}"
