"""Google Cloud's eyes on the apps: uptime checks from outside, and the mails that they cause.

Filters and aggregations are those that Google's documentation has for uptime checks ("Create alerting
policies for uptime checks"); `time_until_ssl_cert_expires` is in days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi_gcp as gcp
from pulumi import ComponentResource, Output, Resource, ResourceOptions

from components.backup.alarm import backup_alarm
from components.edge.renewal import OVERDUE
from components.monitoring_settings import MonitoringSettings
from components.workload import App

_METRIC = "monitoring.googleapis.com/uptime_check"
_WINDOW = "1200s"
"""Longer than the longest period, so that each place has an answer in it."""
_DOCUMENTATION = """\
{url} was asked for by Google Cloud's uptime check. On the machine (`pulumi stack output ssh` is the way to
it), `docker ps --all` shows each container's health, and `docker logs <container>` what it said. A
certificate that runs out was not renewed: `docker logs {stack}-acme-companion` says why.
"""


@dataclass(frozen=True)
class MonitoringArgs:
    """What is watched, and how closely."""

    settings: MonitoringSettings
    apps: Sequence[App]
    stack: str
    """Starts the names that people see in the mails and in Google's console."""
    certificate_lifetime: float
    """Days that certificates are valid at least."""
    api: Sequence[Resource] = ()
    """What must exist before Cloud Monitoring is asked."""
    backup_reports: Resource | None = None
    """Exists once the machine reports its backups; None where it does not."""


class Monitoring(ComponentResource):
    """One uptime check and one alert policy for each app, one policy for the backups, and a mail address."""

    def __init__(self, name: str, args: MonitoringArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:monitoring:Monitoring", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self, depends_on=args.api)
        channel = gcp.monitoring.NotificationChannel(
            f"{name}-mail",
            type="email",
            display_name=f"Homeport {args.stack}",
            labels={"email_address": args.settings.email},
            opts=self._child,
        )
        for app in args.apps:
            self._policy(app, self._check(app), channel)
        if args.backup_reports:
            backup_alarm(f"{name}-backup", args.stack, channel, args.backup_reports, self)
        self.register_outputs({})

    def _check(self, app: App) -> gcp.monitoring.UptimeCheckConfig:
        content = self._args.settings.content.get(app.name)
        return gcp.monitoring.UptimeCheckConfig(
            f"{self._name}-{app.name}",
            display_name=f"Homeport {self._args.stack} {app.name}",
            timeout="10s",
            period=f"{self._args.settings.period}s",
            http_check=gcp.monitoring.UptimeCheckConfigHttpCheckArgs(
                path="/", port=443, use_ssl=True, validate_ssl=True
            ),
            content_matchers=[
                gcp.monitoring.UptimeCheckConfigContentMatcherArgs(content=content, matcher="CONTAINS_STRING")
            ]
            if content
            else None,
            monitored_resource=gcp.monitoring.UptimeCheckConfigMonitoredResourceArgs(
                type="uptime_url", labels={"host": urlsplit(app.url).hostname or ""}
            ),
            opts=self._child,
        )

    def _policy(
        self,
        app: App,
        check: gcp.monitoring.UptimeCheckConfig,
        channel: gcp.monitoring.NotificationChannel,
    ) -> None:
        settings = self._args.settings
        days = settings.certificate_days or self._args.certificate_lifetime * OVERDUE
        gcp.monitoring.AlertPolicy(
            f"{self._name}-{app.name}",
            display_name=f"Homeport {self._args.stack} {app.name}",
            combiner="OR",
            conditions=[
                _condition(
                    f"{app.url} does not answer",
                    _filter("check_passed", check),
                    # Answers that failed, over all places: more than one place, for two rounds.
                    reducer="REDUCE_COUNT_FALSE",
                    comparison="COMPARISON_GT",
                    threshold=1,
                    duration=settings.period,
                ),
                _condition(
                    f"The certificate of {app.url} runs out in less than {days:g} days",
                    _filter("time_until_ssl_cert_expires", check),
                    reducer="REDUCE_MEAN",
                    comparison="COMPARISON_LT",
                    threshold=days,
                    duration=600,
                ),
            ],
            notification_channels=[channel.name],
            documentation=gcp.monitoring.AlertPolicyDocumentationArgs(
                content=_DOCUMENTATION.format(url=app.url, stack=self._args.stack), mime_type="text/markdown"
            ),
            opts=self._child,
        )


def _filter(metric: str, check: gcp.monitoring.UptimeCheckConfig) -> Output[str]:
    return Output.concat(
        f'metric.type="{_METRIC}/{metric}" AND metric.label.check_id="',
        check.uptime_check_id,
        '" AND resource.type="uptime_url"',
    )


def _condition(
    name: str, chosen: Output[str], *, reducer: str, comparison: str, threshold: float, duration: int
) -> gcp.monitoring.AlertPolicyConditionArgs:
    """`duration`: seconds, a multiple of 60, that it must hold."""
    return gcp.monitoring.AlertPolicyConditionArgs(
        display_name=name,
        condition_threshold=gcp.monitoring.AlertPolicyConditionConditionThresholdArgs(
            filter=chosen,
            comparison=comparison,
            threshold_value=threshold,
            duration=f"{duration}s",
            aggregations=[
                gcp.monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                    alignment_period=_WINDOW,
                    per_series_aligner="ALIGN_NEXT_OLDER",
                    cross_series_reducer=reducer,
                    group_by_fields=["resource.label.host"],
                )
            ],
            trigger=gcp.monitoring.AlertPolicyConditionConditionThresholdTriggerArgs(count=1),
        ),
    )
