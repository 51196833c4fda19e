"""The measurements, in the order in which one deployment after the other allows them."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.command_line import CommandLine
from bench.compose import find_compose
from bench.copies import Copies, Inspected, compose_file
from bench.database_upgrade import database_upgrade_figures
from bench.figure import Figure, alternate
from bench.inside import Inside
from bench.recovery import recovery_figures
from bench.rolling import CHANGED, rolling_figures
from bench.timeline import Stages, Timeline, stages
from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.deployment import deployment, publish_images
from sandbox.engine import Engine
from sandbox.https import get
from tools.progress import SetupError, say, step

RUNS = 5
"""Of what takes seconds."""
DEPLOYMENTS = 3
"""From nothing; each takes about a minute."""

PREVIEW_LIMIT = 2.5
UPDATE_LIMIT = 2.0
HTTPS_SECONDS = 60.0


def measure(box: Box, folder: Path) -> Iterator[Figure]:
    """Measure everything; each figure as soon as it is known. The box is left as the last one needed it."""
    box.stop()
    engine = deployment(box, box.start())
    # Deployments are measured as they are when the images have been built.
    publish_images(box, engine)
    yield preview_figure(engine, folder, "nothing deployed")
    runs = []
    for number in range(DEPLOYMENTS):
        if number:
            with step(f"Sandbox: remove, for run {number + 1}"):
                box.stop()
            engine = deployment(box, box.start())
        runs.append(deploy(box, engine, number + 1))
    yield from deployment_figures(runs)
    inside = Inside.of(box)
    yield preview_figure(engine, folder, "all deployed", "--expect-no-changes")
    yield from update_figures(engine, inside, folder)
    yield from interruption_figures(box, engine, inside, folder)
    yield from database_upgrade_figures(box)
    yield from recovery_figures(box)


def preview_figure(engine: Engine, folder: Path, state: str, *options: str) -> Figure:
    """A preview of the whole stack beside one of an empty program."""
    homeport = CommandLine.of_homeport(folder / "homeport", engine)
    empty = CommandLine.of_nothing(folder / "empty", engine)
    try:
        with step(f"Preview, {state}", expect=f"{RUNS} runs each"):
            empty.preview()
            homeport.preview(*options)
            value, baseline = alternate(RUNS, lambda: homeport.preview(*options), empty.preview)
    finally:
        empty.run("stack", "rm", "--yes", empty.stack)
    name = f"pulumi preview, {state}; baseline: an empty program (target: {PREVIEW_LIMIT} times)"
    return Figure(name, value, "s", baseline)


def deploy(box: Box, engine: Engine, number: int) -> Stages:
    """Deploy into an empty box until the app answers from outside, and divide the time."""
    timeline = Timeline()
    with step(f"Deploy from nothing, run {number} of {DEPLOYMENTS}", expect="about a minute"):
        started = time.time()
        engine.up(timeline)
        outputs = engine.outputs()
        app = outputs["mattermost"]
        if not isinstance(app, dict):
            raise TypeError("the app has no outputs")
        answer = get(str(app["url"]).removeprefix("https://"), str(outputs["address"]), box.acme_root)
        answered = time.time()
    if answer.status != 200:
        raise RuntimeError(f"{app['url']} answers {answer.status}")
    log = Inside.of(box).read("cat", "/var/log/homeport-bootstrap.log")
    return stages(started, answered, timeline.spans, log)


def deployment_figures(runs: list[Stages]) -> Iterator[Figure]:
    """The whole time of the median run beside its target, and its stages beside the whole."""
    run = sorted(runs, key=lambda stages: stages.whole)[len(runs) // 2]
    yield Figure(
        f"up to HTTPS 200; baseline: the target of {HTTPS_SECONDS:.0f} s", run.whole, "s", HTTPS_SECONDS
    )
    for title, seconds in (
        ("engine, program, network, disk, DNS", run.before),
        ("boot of the machine", run.boot),
        ("bootstrap without Docker", run.bootstrap),
        ("Docker's installation", run.docker),
        ("images and containers", run.containers),
        ("certificate", run.certificate),
    ):
        yield Figure(f"of it {title}; baseline: the whole", seconds, "s", run.whole)


def interruption_figures(box: Box, engine: Engine, inside: Inside, folder: Path) -> Iterator[Figure]:
    """What users notice of an update; nothing where there is no Compose."""
    try:
        command = find_compose()
    except SetupError as problem:
        say(f"{problem}\nNo Docker Compose: the figures of a rolling update are left out")
        return
    apps = engine.project.config["homeport:apps"]
    if not isinstance(apps, list):
        raise TypeError("the stack has no apps")
    changes: dict[str, object] = {"homeport:apps": [{**apps[0], "environment": {CHANGED: "true"}}]}
    changed = deployment(box, Description.read(box.directory), changes)
    yield from rolling_figures(box, engine, changed, inside, folder, command)


def update_figures(engine: Engine, inside: Inside, folder: Path) -> Iterator[Figure]:
    """An update with nothing to do, beside an empty program's and, where there is Compose, beside Compose."""
    homeport = CommandLine.of_homeport(folder / "homeport", engine)
    empty = CommandLine.of_nothing(folder / "empty", engine)
    copies = _copies(engine, inside, folder)
    seconds: dict[str, list[float]] = {"homeport": [], "empty": [], "compose": []}
    try:
        with step("Update with nothing to do", expect=f"{RUNS} runs each"):
            # The first of the empty program makes its stack.
            empty.update()
            for number in range(RUNS + 1):
                taken = {
                    "empty": empty.update("--expect-no-changes"),
                    "homeport": homeport.update("--expect-no-changes"),
                }
                if copies:
                    taken["compose"] = copies.up_without_change()
                # The first of each fills the caches.
                if number:
                    for name, value in taken.items():
                        seconds[name].append(value)
    finally:
        empty.run("stack", "rm", "--yes", "--force", empty.stack)
    value, baseline = (statistics.median(seconds[name]) for name in ("homeport", "empty"))
    name = f"pulumi up, nothing to do; baseline: an empty program's (target: {UPDATE_LIMIT:.0f} times)"
    yield Figure(name, value, "s", baseline)
    if copies:
        compose = statistics.median(seconds["compose"])
        yield Figure("pulumi up, nothing to do; baseline: docker compose up -d", value, "s", compose)


def _copies(engine: Engine, inside: Inside, folder: Path) -> Copies | None:
    """The stack's containers once more, deployed by Compose; None where there is no Compose."""
    try:
        command = find_compose()
    except SetupError as problem:
        say(f"{problem}\nNo Docker Compose: it is not compared with")
        return None
    names = inside.containers()
    containers: list[Inspected] = json.loads(inside.read("docker", "inspect", *names))
    ids = [container["Config"]["Image"] for container in containers]
    found = json.loads(inside.read("docker", "image", "inspect", *ids))
    images = {name: image["RepoTags"][0] for name, image in zip(ids, found, strict=True)}
    awake = {image for image, name in zip(ids, names, strict=True) if not inside.can(name, "sleep", "0")}
    file = compose_file(containers, images, awake)
    return Copies.start(command, folder / "copies", file, str(engine.outputs()["ssh"]), inside)
