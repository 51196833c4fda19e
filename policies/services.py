"""What keeps a service running, and its neighbours with it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.container import is_service
from policies.kinds import CONTAINER
from policies.rule import Resource, Rule

_RESTARTS = ("always", "unless-stopped")
_SIGNALLED = "com.github.nginx-proxy."
"""How the labels begin by which docker-gen and acme-companion find the containers that they send SIGHUP."""


def _stays_down(container: Resource) -> Iterator[str]:
    policy = container.properties.text("restart")
    if is_service(container) and policy not in _RESTARTS:
        yield f"has the restart policy {policy or 'no'}"


def _taken_for_stopped(container: Resource) -> Iterator[str]:
    labels = [label.known_text("label") for label in container.properties.parts("labels")]
    if any(label.startswith(_SIGNALLED) for label in labels) and not container.properties.has("stopSignal"):
        yield "is sent SIGHUP and has no stop signal"


def _unwatched(container: Resource) -> Iterator[str]:
    properties = container.properties
    if not is_service(container):
        return
    check = properties.part("healthcheck")
    if not properties.has("healthcheck"):
        # With `wait` the update fails where the image has no check of its own.
        if not properties.flag("wait"):
            yield "has no health check"
    elif check.has("tests") and check.texts("tests")[:1] in ([], ["NONE"]):
        yield "has a health check that checks nothing"


def _unlimited(container: Resource) -> Iterator[str]:
    if not container.properties.number("memory"):
        yield "has no memory limit"


RULES = (
    Rule(
        name="restart-policy",
        level="mandatory",
        what="A service restarts by itself. Jobs, which have `rm`, `attach` or `mustRun: false`, do not.",
        why="After a crash or the machine's next start it would stay down until somebody looks.",
        fix=f"Set `restart` to `{_RESTARTS[0]}`.",
        kinds=(CONTAINER,),
        find=_stays_down,
    ),
    Rule(
        name="stop-signal",
        level="mandatory",
        what=f"A container with a label `{_SIGNALLED}*`, which is sent SIGHUP, has a stop signal.",
        why="Without one Docker takes any signal for a stop by hand, and does not restart what then dies.",
        fix="Set `stopSignal` to what stops the image: `SIGQUIT` for nginx, `SIGTERM` for docker-gen.",
        kinds=(CONTAINER,),
        find=_taken_for_stopped,
    ),
    Rule(
        name="health-check",
        level="mandatory",
        what="A service has a health check: its own, or that of its image, for which `wait` is set.",
        why="An update would take a version that cannot serve for a good one, and delete the old.",
        fix="Set `healthcheck` to a command that exits 0 when the service can do its work.",
        kinds=(CONTAINER,),
        find=_unwatched,
    ),
    Rule(
        name="memory-limited",
        level="advisory",
        what="A container has a memory limit.",
        why="One that leaks takes the memory of all others, and the kernel chooses who dies.",
        fix="Set `memory`, in MiB.",
        kinds=(CONTAINER,),
        find=_unlimited,
    ),
)
