"""Where the log of a container goes."""

from __future__ import annotations

from collections.abc import Iterator

from policies.kinds import CONTAINER
from policies.rule import Resource, Rule

ROTATING = ("local", "journald")
"""These rotate by themselves."""
LEAVING = ("gcplogs", "fluentd", "gelf", "syslog", "awslogs", "splunk")
"""These keep no log on the machine that could grow."""
_LIMITS = ("max-size", "max-file")


def _unbounded(container: Resource) -> Iterator[str]:
    driver = container.properties.text("logDriver")
    if not driver:
        yield "names no log driver, and Docker's own default never rotates"
    elif driver == "json-file":
        options = container.properties.part("logOpts")
        for limit in _LIMITS:
            if not options.has(limit):
                yield f"logs with json-file without {limit}"
    elif driver == "none":
        yield "throws its log away"
    elif driver not in (*ROTATING, *LEAVING):
        yield f"logs with {driver}, which is not known to rotate"


RULES = (
    Rule(
        name="logs-rotated",
        level="mandatory",
        what="A container logs to standard output, and the log driver bounds what it keeps.",
        why="A log without bounds fills the data disk, and every database on it stops.",
        fix=f"Set `logDriver` to `{ROTATING[0]}`, or give `json-file` both `max-size` and `max-file`.",
        kinds=(CONTAINER,),
        find=_unbounded,
    ),
)
