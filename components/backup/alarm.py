"""The mail about backups that failed, are overdue, or of which the machine says nothing any more.

Facts about Google's alert policies: a metric that a filter names must be there when the policy is made, or
it is refused ("Cannot find metric"). A metric is absent only after it was there ("Create metric-absence
alerting policies": at least one measurement; 23.5 hours at most). So both wait for the machine's first
report.

Each condition reduces the series of a stack to one: a machine that takes another one's place has a series
of its own, and the old one's silence must alarm nobody.
"""

from __future__ import annotations

import pulumi_gcp as gcp
from pulumi import Resource, ResourceOptions

from components.backup.report import EVERY_MINUTES, FAILED, OVERDUE, RESOURCE

_SILENT_HOURS = 3
"""Six reports: longer than an update, a restart of the machine or a bad hour of Google's API."""
_WINDOW = f"{2 * EVERY_MINUTES * 60}s"
"""Longer than the pause between two reports, so that the newest one is in it."""
_BY_STACK = ["metric.label.stack"]
_DOCUMENTATION = """\
The machine of the stack {stack} reports its backups each half hour, and after each run.

- `make status STACK={stack}` says what is wrong.
- The logs, on the machine (`pulumi stack output ssh` is the way to it): of the backups,
  `sudo journalctl -n 50 -u homeport-backup`; of the restores on trial, `-u homeport-backup-verify`; of the
  reports, `-u homeport-backup-report`.
- `make backup STACK={stack}` makes a backup now, `make backup-verify STACK={stack}` proves the newest one.
"""


def backup_alarm(
    name: str, stack: str, channel: gcp.monitoring.NotificationChannel, reports: Resource, parent: Resource
) -> gcp.monitoring.AlertPolicy:
    """The policy; `reports` exists once the machine has reported."""
    return gcp.monitoring.AlertPolicy(
        name,
        display_name=f"Homeport {stack} backup",
        combiner="OR",
        conditions=[
            _is_one(f"The last backup of {stack}, or the last restore on trial, failed", FAILED, stack),
            _is_one(f"The backup of {stack} is overdue", OVERDUE, stack),
            _absent(f"The machine of {stack} has not reported its backups for {_SILENT_HOURS} hours", stack),
        ],
        notification_channels=[channel.name],
        documentation=gcp.monitoring.AlertPolicyDocumentationArgs(
            content=_DOCUMENTATION.format(stack=stack), mime_type="text/markdown"
        ),
        opts=ResourceOptions(parent=parent, depends_on=[reports]),
    )


def _filter(metric: str, stack: str) -> str:
    return f'metric.type="{metric}" AND metric.label.stack="{stack}" AND resource.type="{RESOURCE}"'


def _is_one(name: str, metric: str, stack: str) -> gcp.monitoring.AlertPolicyConditionArgs:
    return gcp.monitoring.AlertPolicyConditionArgs(
        display_name=name,
        condition_threshold=gcp.monitoring.AlertPolicyConditionConditionThresholdArgs(
            filter=_filter(metric, stack),
            comparison="COMPARISON_GT",
            threshold_value=0,
            duration="0s",
            aggregations=[
                gcp.monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                    alignment_period=_WINDOW,
                    per_series_aligner="ALIGN_NEXT_OLDER",
                    cross_series_reducer="REDUCE_MAX",
                    group_by_fields=_BY_STACK,
                )
            ],
            trigger=gcp.monitoring.AlertPolicyConditionConditionThresholdTriggerArgs(count=1),
        ),
    )


def _absent(name: str, stack: str) -> gcp.monitoring.AlertPolicyConditionArgs:
    return gcp.monitoring.AlertPolicyConditionArgs(
        display_name=name,
        condition_absent=gcp.monitoring.AlertPolicyConditionConditionAbsentArgs(
            filter=_filter(OVERDUE, stack),
            duration=f"{_SILENT_HOURS * 3600}s",
            aggregations=[
                gcp.monitoring.AlertPolicyConditionConditionAbsentAggregationArgs(
                    alignment_period="60s",
                    per_series_aligner="ALIGN_MAX",
                    cross_series_reducer="REDUCE_MAX",
                    group_by_fields=_BY_STACK,
                )
            ],
            trigger=gcp.monitoring.AlertPolicyConditionConditionAbsentTriggerArgs(count=1),
        ),
    )
