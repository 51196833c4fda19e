"""gcp:monitoring: uptime checks, alert policies, and where they write to.

Records only: no URL is asked for, no mail is sent. As in Google's API, it makes up the names, a channel or a
check that a policy uses cannot be deleted, and a policy cannot name a custom metric that has no point yet.
"""

from __future__ import annotations

import re
import secrets
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from sandbox.cloud import PROJECT
from sandbox.metrics import Metrics
from sandbox.providers.gcp_network import REPLACES
from sandbox.providers.recorded import Recorded, cloud, entry, sandbox_directory
from sandbox.providers.resource import Created, Failure, Properties, Property, ProviderError, Value

_PERIODS = ("60s", "300s", "600s", "900s")
_SECONDS = re.compile(r"(\d+)s")
_AGGREGATION = {
    name: Property()
    for name in ("alignmentPeriod", "perSeriesAligner", "crossSeriesReducer", "groupByFields")
}
_TRIGGER = {"count": Property(), "percent": Property()}
_CUSTOM = re.compile(r'metric\.type="(custom\.googleapis\.com/[^"]+)"')
_LONGEST_ABSENCE = 23.5 * 3600
_SHORTEST_ABSENCE = 60


class _NamedByGoogle(Recorded):
    """A record whose id the API makes up when it is created."""

    collection: ClassVar[str]

    @abstractmethod
    def new_id(self, inputs: Properties) -> str:
        """The last part of its name."""

    def create(self, inputs: Properties) -> Created:
        identifier = f"projects/{PROJECT}/{self.collection}/{self.new_id(inputs)}"
        return self.update(identifier, {}, inputs)

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, identifier)
        if found is None:
            return None
        return Created(identifier, {**found, **self.computed(identifier)})

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        cloud().put(self.kind, identifier, entry(inputs))
        return Created(identifier, {**inputs, **self.computed(identifier)})

    def delete(self, identifier: str, state: Properties) -> None:
        for name, policy in cloud().all(AlertPolicy.kind).items():
            if identifier in _mentioned(policy):
                raise ProviderError(
                    f"Error 400: Cannot delete '{identifier}': the policy '{name}' refers to it"
                )
        cloud().remove(self.kind, identifier)

    def computed(self, identifier: str) -> Properties:
        """What Google adds to the inputs."""
        return {"name": identifier}

    def outputs(self, inputs: Properties) -> Properties:
        return {}


class NotificationChannel(_NamedByGoogle):
    """Where alerts are sent to: mail only."""

    token = "gcp:monitoring/notificationChannel:NotificationChannel"  # noqa: S105
    kind = "notificationChannel"
    collection = "notificationChannels"
    properties = {
        "type": Property(required=True),
        "displayName": Property(),
        "description": Property(),
        "labels": Property(),
        "enabled": Property(default=True),
        "forceDelete": Property(default=False),
        "userLabels": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        labels = inputs.get("labels")
        if inputs["type"] != "email":
            return [Failure("type", f"{inputs['type']!r}: the sandbox knows email only")]
        if not isinstance(labels, Mapping) or list(labels) != ["email_address"]:
            return [Failure("labels", "a channel of type email has the label email_address and no other")]
        return []

    def new_id(self, inputs: Properties) -> str:
        return _number()

    def computed(self, identifier: str) -> Properties:
        return {"name": identifier, "verificationStatus": ""}


class UptimeCheckConfig(_NamedByGoogle):
    """A URL that Google asks for from several places."""

    token = "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig"  # noqa: S105
    kind = "uptimeCheckConfig"
    collection = "uptimeCheckConfigs"
    properties = {
        "displayName": Property(required=True),
        "timeout": Property(required=True),
        "period": Property(default="300s"),
        "httpCheck": Property(
            fields={name: Property() for name in ("path", "port", "useSsl", "validateSsl", "requestMethod")}
        ),
        "contentMatchers": Property(fields={"content": Property(required=True), "matcher": Property()}),
        "monitoredResource": Property(
            required=True,
            replaces=True,
            fields={"type": Property(required=True), "labels": Property(required=True)},
        ),
        "selectedRegions": Property(),
        "checkerType": REPLACES,
        "userLabels": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        wrong = []
        if inputs["period"] not in _PERIODS:
            wrong.append(Failure("period", f"{inputs['period']!r} must be one of {', '.join(_PERIODS)}"))
        if not 1 <= _seconds(inputs["timeout"]) <= 60:
            wrong.append(Failure("timeout", f"{inputs['timeout']!r} must be from 1s to 60s"))
        resource = inputs["monitoredResource"]
        labels = resource.get("labels") if isinstance(resource, Mapping) else None
        if not isinstance(labels, Mapping) or not labels.get("host"):
            wrong.append(Failure("monitoredResource", "an uptime_url needs the label host"))
        return wrong

    def new_id(self, inputs: Properties) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", str(inputs["displayName"]).lower())
        return f"{slug}-{secrets.token_hex(5)}"

    def computed(self, identifier: str) -> Properties:
        return {"name": identifier, "uptimeCheckId": identifier.rsplit("/", 1)[-1]}


class AlertPolicy(_NamedByGoogle):
    """Conditions on metrics, and the channels that are told."""

    token = "gcp:monitoring/alertPolicy:AlertPolicy"  # noqa: S105
    kind = "alertPolicy"
    collection = "alertPolicies"
    properties = {
        "displayName": Property(required=True),
        "combiner": Property(required=True),
        "conditions": Property(
            required=True,
            fields={
                "displayName": Property(required=True),
                "conditionThreshold": Property(
                    fields={
                        "filter": Property(required=True),
                        "comparison": Property(required=True),
                        "thresholdValue": Property(),
                        "duration": Property(required=True),
                        "aggregations": Property(fields=_AGGREGATION),
                        "trigger": Property(fields=_TRIGGER),
                    },
                ),
                "conditionAbsent": Property(
                    fields={
                        "filter": Property(required=True),
                        "duration": Property(required=True),
                        "aggregations": Property(fields=_AGGREGATION),
                        "trigger": Property(fields=_TRIGGER),
                    },
                ),
            },
        ),
        "notificationChannels": Property(),
        "documentation": Property(
            fields={name: Property() for name in ("content", "mimeType", "subject")},
        ),
        "enabled": Property(default=True),
        "severity": Property(),
        "userLabels": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        return [Failure("conditions", said) for said in _wrong_conditions(inputs)]

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        known = cloud().all(NotificationChannel.kind)
        channels = inputs.get("notificationChannels")
        for channel in channels if isinstance(channels, list) else []:
            if channel not in known:
                raise ProviderError(f"Error 404: Could not find notification channel '{channel}'")
        there = Metrics(sandbox_directory()).types
        for _, condition in _conditions(inputs):
            for metric in _CUSTOM.findall(str(condition.get("filter"))):
                if metric not in there:
                    raise ProviderError(
                        f'Error 404: Cannot find metric(s) that match type = "{metric}". If a metric was'
                        " created recently, it could take up to 10 minutes to become available."
                    )
        return super().update(identifier, state, inputs)

    def delete(self, identifier: str, state: Properties) -> None:
        cloud().remove(self.kind, identifier)

    def new_id(self, inputs: Properties) -> str:
        return _number()


def _conditions(policy: Mapping[str, Value]) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Each kind of condition, and what it says."""
    conditions = policy.get("conditions")
    for condition in conditions if isinstance(conditions, list) else []:
        for kind in ("conditionThreshold", "conditionAbsent"):
            found = condition.get(kind) if isinstance(condition, Mapping) else None
            if isinstance(found, Mapping):
                yield kind, found


def _wrong_conditions(policy: Mapping[str, Value]) -> Iterator[str]:
    conditions = policy.get("conditions")
    for condition in conditions if isinstance(conditions, list) else []:
        if len(list(_conditions({"conditions": [condition]}))) != 1:
            yield "a condition has either conditionThreshold or conditionAbsent"
    for kind, condition in _conditions(policy):
        chosen, duration = str(condition.get("filter")), _seconds(condition.get("duration"))
        if "metric.type=" not in chosen or "resource.type=" not in chosen:
            yield f"the filter {chosen!r} must name a metric and a resource type"
        if duration % 60:
            yield f"duration {condition.get('duration')!r}: no whole minutes"
        if kind == "conditionAbsent" and not _SHORTEST_ABSENCE <= duration <= _LONGEST_ABSENCE:
            yield f"duration {condition.get('duration')!r}: absence is of 1 minute to 23.5 hours"


def _mentioned(policy: Mapping[str, Value]) -> Iterator[str]:
    """Names of the channels and checks that a policy refers to."""
    channels = policy.get("notificationChannels")
    yield from (str(channel) for channel in (channels if isinstance(channels, list) else []))
    for _, condition in _conditions(policy):
        for check in re.findall(r'metric\.label\.check_id="([^"]+)"', str(condition.get("filter"))):
            yield f"projects/{PROJECT}/{UptimeCheckConfig.collection}/{check}"


def _number() -> str:
    return str(secrets.randbelow(9 * 10**18) + 10**18)


def _seconds(text: Value) -> int:
    found = _SECONDS.fullmatch(str(text))
    return int(found[1]) if found else -1
