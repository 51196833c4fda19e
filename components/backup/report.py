"""What a machine tells Cloud Monitoring of its backups, with its own identity.

Two metrics of our own, each 0 or 1. Whether a backup is overdue is judged on the machine, by the pauses of
its timer and the script that `make status` uses; a policy with a threshold for an age would have to know
the pauses of a calendar that only systemd understands. The types of the metrics are the project's, and a
label has the stack, so that several stacks of a project have a series each.

Facts about Cloud Monitoring: the first point makes the metric, of the kind and with the labels and the type
of value that it has ("TimeSeries" of the API, `metricKind` and `points`). A point must be newer than all
others of its series ("timeSeries.create"), and some seconds later ("Quotas and limits"). A machine is the
resource `gce_instance`, with the labels `project_id`, `instance_id` and `zone` ("Monitored resource
types"). `roles/monitoring.metricWriter` may write points and read which metrics there are ("Cloud
Monitoring roles and permissions"). Two points of 8 bytes each half hour are 25 kB a month, of the 150 MiB
that are free ("Google Cloud Observability pricing").
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pulumi_gcp as gcp
from pulumi import Output, Resource, ResourceOptions

from components.backup.overdue import PAUSE_SCRIPT, PAUSES, UNKNOWN_PAUSE
from components.host.gce import GceHost
from components.host.shell import Command, Script, with_variables
from components.host.timer import timer

FAILED = "custom.googleapis.com/homeport/backup/failed"
"""1: the last backup, or the last restore on trial, failed."""
OVERDUE = "custom.googleapis.com/homeport/backup/overdue"
"""1: the last good backup is older than `PAUSES` pauses of the schedule."""
RESOURCE = "gce_instance"
"""What the metrics are of, as Google calls a machine."""
EVERY_MINUTES = 30
"""Between two reports; besides, each run of a backup or verification is reported when it ends."""

_SCRIPT = Path(__file__).with_name("report.sh")
_RETRY_SECONDS = 60
_FIRST_SECONDS = 600
"""A role takes minutes until it counts, and a new metric minutes until a policy may name it."""


def report_backups(
    name: str, stack: str, host: GceHost, after: Sequence[Resource], parent: Resource
) -> Command:
    """Have the machine report from now on. The result exists once Google has the first report.

    The unit is `homeport-<name>`.
    """
    role = gcp.projects.IAMMember(
        f"{name}-writer",
        project=host.project,
        role="roles/monitoring.metricWriter",
        member=Output.format("serviceAccount:{}", host.service_account),
        opts=ResourceOptions(parent=parent),
    )
    again = timer(
        name,
        host.shell,
        f"*:0/{EVERY_MINUTES}",
        report_script(stack, _RETRY_SECONDS),
        ResourceOptions(parent=parent, depends_on=[role, *after]),
        triggers=[host.incarnation],
    )
    return host.shell.run(
        f"{name}-first",
        Script(
            report_script(stack, _FIRST_SECONDS, known=True), triggers=[role.id, host.incarnation], root=True
        ),
        ResourceOptions(parent=parent, depends_on=[again]),
    )


def report_script(stack: str, patience: int, *, known: bool = False) -> str:
    """The script of one report. A refusal fails it after `patience` seconds.

    With `known` it ends only when the metrics can be named in a policy.
    """
    return with_variables(
        PAUSE_SCRIPT.read_text() + _SCRIPT.read_text(),
        {
            "stack": stack,
            "failed_metric": FAILED,
            "overdue_metric": OVERDUE,
            "pauses": str(PAUSES),
            "unknown_pause": str(UNKNOWN_PAUSE),
            "patience": str(patience),
            "known": "1" if known else "",
        },
    )
