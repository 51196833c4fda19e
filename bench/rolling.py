"""What users notice of an update: a rolling one, beside the same change by `docker compose up -d`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.command_line import timed
from bench.copies import Copies, Inspected, compose_file
from bench.figure import Figure
from bench.inside import Inside
from bench.load import Load, Target, load
from sandbox.box import Box
from sandbox.engine import Engine
from tools.progress import step
from tools.tls_contexts import strict_context

_BASELINE = "compose.homeport.test"
_PING = "/api/v4/system/ping"
CHANGED = "MM_SERVICESETTINGS_THREADAUTOFOLLOW"
SLOWEST_LIMIT = 0.5
QUIET_SECONDS = 15.0
_HEALTH_SECONDS = 60.0


def rolling_figures(
    box: Box, engine: Engine, changed: Engine, inside: Inside, folder: Path, compose: Sequence[str]
) -> Iterator[Figure]:
    """Failed requests and the slowest response while one variable of Mattermost's changes, both ways.

    `changed` is the engine of the same stack with that change.
    """
    address = str(engine.outputs()["address"])
    roots = strict_context(box.acme_root)
    ours = Target(address, "chat.homeport.test", _PING, roots)
    with step("Load without an update", expect=f"{QUIET_SECONDS:.0f} s"), load(ours) as quiet:
        time.sleep(QUIET_SECONDS)
    with step("Load during a rolling update"), load(ours) as rolling:
        changed.up()
    copy = _copy(engine, inside, folder / "rolling", compose)
    # Plain HTTP: it has no certificate, and needs none for this.
    theirs = replace(ours, hostname=_BASELINE, roots=None)
    _await(theirs)
    with step("Load during the same change by docker compose up -d"), load(theirs) as composed:
        _change(copy)
        time.sleep(5)
    timed([*copy.command, "down"], copy.environment, copy.folder)
    yield from figures(quiet, rolling, composed)


def figures(quiet: Load, rolling: Load, composed: Load) -> Iterator[Figure]:
    """The figures of three loads: without an update, with a rolling one, with Compose's."""
    yield Figure("slowest response without an update", quiet.slowest, "s")
    name = "during a rolling update; baseline: the same change by docker compose up -d"
    yield Figure(f"failed requests {name}", rolling.failed, "requests", composed.failed)
    yield Figure(f"requests {name}", len(rolling.seconds), "requests", len(composed.seconds))
    slowest = f"slowest response {name} (target: {SLOWEST_LIMIT} s)"
    yield Figure(slowest, rolling.slowest, "s", composed.slowest)


def _copy(engine: Engine, inside: Inside, folder: Path, compose: Sequence[str]) -> Copies:
    """Mattermost once more, as a service of Compose behind the same nginx and on the same database."""
    (server,) = inside.containers("homeport.service=mattermost")
    models: list[Inspected] = json.loads(inside.read("docker", "inspect", server))
    image = models[0]["Config"]["Image"]
    (found,) = json.loads(inside.read("docker", "image", "inspect", image))
    file = compose_file(models, {image: found["RepoTags"][0]}, {image})
    services = file["services"]
    if not isinstance(services, dict):
        raise TypeError("the Compose file has no services")
    (service,) = services.values()
    # It has the change already, as its model does.
    del service["environment"][CHANGED]
    # Seen by docker-gen, and checked as Homeport's is.
    service["environment"] |= {"VIRTUAL_HOST": _BASELINE, "VIRTUAL_PORT": "8065"}
    check = ["CMD", "/mattermost/bin/mmctl", "system", "status", "--local"]
    service["healthcheck"] = {"test": check, "interval": "5s"}
    service["stop_grace_period"] = "30s"
    return Copies.start(compose, folder, file, str(engine.outputs()["ssh"]), inside)


def _change(copy: Copies) -> None:
    path = copy.folder / "compose.yaml"
    text = path.read_text()
    marker = "    environment:\n"
    if marker not in text:
        raise RuntimeError("the Compose file has no environment to change")
    path.write_text(text.replace(marker, f"{marker}      {CHANGED}: 'true'\n", 1))
    before = copy.ids()
    copy.up()
    if copy.ids() == before:
        raise RuntimeError("docker compose up changed nothing: that is not the update to compare with")


def _await(target: Target) -> None:
    """Until it answers; the first answers of a copy that starts are not of the update."""
    deadline = time.monotonic() + _HEALTH_SECONDS
    while True:
        with load(target) as found:
            time.sleep(1)
        if not found.failed:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"{target.hostname} does not answer")
