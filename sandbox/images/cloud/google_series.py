"""Custom metrics and their points as files: `metrics.json`, and a line of `points.jsonl` for each point."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SAMPLING_SECONDS = 5
_OLDEST_SECONDS = 25 * 3600
_AHEAD_SECONDS = 5 * 60
_TYPE = re.compile(r"custom\.googleapis\.com/[A-Za-z0-9_]+(/[A-Za-z0-9_]+)*")
_LONGEST_TYPE = 200
_LABEL = re.compile(r"[a-z][a-z0-9_]{0,99}")
_NUMBER = re.compile(r"-?[0-9]{1,19}")
_VALUES = {"int64Value": "INT64", "doubleValue": "DOUBLE", "boolValue": "BOOL"}
_RESOURCE = ("gce_instance", {"project_id", "instance_id", "zone"})


class BadSeries(Exception):
    """Google would not write it; the text is the reason."""


class Unknown(Exception):
    """Google may write it; the sandbox does not know it."""


@dataclass(frozen=True)
class Point:
    """One series of a request with its one point."""

    metric: str
    labels: Mapping[str, str]
    resource: Mapping[str, str]
    value_type: str
    value: object
    time: datetime

    @property
    def series(self) -> str:
        """The same text for all points of a series."""
        return json.dumps([self.metric, dict(self.labels), dict(self.resource)], sort_keys=True)


def parsed(series: object, project: str, machines: Mapping[str, str]) -> Point:
    """A series of a request. `machines`: id -> zone. Raise `BadSeries` or `Unknown`."""
    about = _fields(series, {"metric", "resource", "points"}, {"metricKind", "valueType"})
    metric = _fields(about["metric"], {"type"}, {"labels"})
    kind = str(metric["type"])
    if not kind.startswith("custom.googleapis.com/"):
        raise Unknown(f"the metric {kind}")
    if not _TYPE.fullmatch(kind) or len(kind) > _LONGEST_TYPE:
        raise BadSeries(f"The metric type {kind} is not valid.")
    labels = _labels(metric.get("labels") or {})
    if about.get("metricKind", "GAUGE") != "GAUGE":
        raise Unknown(f"metrics of the kind {about['metricKind']}")
    points = about["points"]
    if not isinstance(points, list) or len(points) != 1:
        raise BadSeries("A series must have exactly one point.")
    point = _fields(points[0], {"interval", "value"})
    value_type, value = _value(point["value"])
    if about.get("valueType", value_type) != value_type:
        raise BadSeries(f"The value type {about['valueType']} is not that of the point, {value_type}.")
    time = _time(_fields(point["interval"], {"endTime"})["endTime"])
    return Point(kind, labels, _resource(about["resource"], project, machines), value_type, value, time)


def _fields(value: object, required: Set[str], optional: Set[str] = frozenset()) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadSeries(f"Not an object: {value!r}")
    if missing := required - value.keys():
        raise BadSeries(f"Missing: {', '.join(sorted(missing))}.")
    if left := value.keys() - required - optional:
        raise Unknown(f"the field {', '.join(sorted(left))}")
    return value


def _labels(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadSeries("Labels are texts by name.")
    if wrong := [name for name in value if not _LABEL.fullmatch(name)]:
        raise BadSeries(f"The label {wrong[0]} is not valid.")
    return value


def _resource(value: object, project: str, machines: Mapping[str, str]) -> dict[str, str]:
    about = _fields(value, {"type", "labels"})
    kind, names = _RESOURCE
    if about["type"] != kind:
        raise Unknown(f"the monitored resource {about['type']}")
    labels = _labels(about["labels"])
    if labels.keys() != names:
        raise BadSeries(
            f"A {kind} has the labels {', '.join(sorted(names))}, not {', '.join(sorted(labels))}."
        )
    if labels["project_id"] != project or machines.get(labels["instance_id"]) != labels["zone"]:
        # Google does not look; a program that says so is wrong all the same.
        raise BadSeries(f"There is no machine {labels['instance_id']} in {labels['zone']} of {project}.")
    return labels


def _value(value: object) -> tuple[str, object]:
    if not isinstance(value, dict) or len(value) != 1:
        raise BadSeries("A point has one value.")
    ((field, found),) = value.items()
    if field not in _VALUES:
        raise Unknown(f"the value {field}")
    # In JSON an int64 is a text, and a number is taken, too.
    right = {
        "int64Value": isinstance(found, (str, int)) and _NUMBER.fullmatch(str(found)) is not None,
        "doubleValue": isinstance(found, (int, float)) and not isinstance(found, bool),
        "boolValue": isinstance(found, bool),
    }
    if not right[field]:
        raise BadSeries(f"Invalid value {found!r} for {field}.")
    return _VALUES[field], int(str(found)) if field == "int64Value" else found


def _time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadSeries(f"Invalid time {value!r}.") from None
    if time.tzinfo is None:
        raise BadSeries(f"The time {value!r} has no zone.")
    ahead = (time - datetime.now(UTC)).total_seconds()
    if ahead > _AHEAD_SECONDS or ahead < -_OLDEST_SECONDS:
        raise BadSeries("Data points cannot be written that far in the past or the future.")
    return time


class Series:
    """All that was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(exist_ok=True)

    def metric(self, kind: str) -> dict[str, object] | None:
        """What is known of a metric: its kind, type of value and labels."""
        return self._metrics().get(kind)

    def write(self, point: Point) -> None:
        """Keep a point; the first one makes the metric. Raise `BadSeries` or `Unknown`."""
        with self._lock:
            metrics = self._metrics()
            labels = sorted(point.labels)
            made = {"metricKind": "GAUGE", "valueType": point.value_type, "labels": labels}
            known = metrics.get(point.metric)
            if known and known["valueType"] != point.value_type:
                raise BadSeries(
                    f"Value type for metric {point.metric} must be {known['valueType']},"
                    f" but is {point.value_type}."
                )
            if known and known["labels"] != labels:
                raise Unknown(f"other labels of {point.metric} than {known['labels']}")
            self._check_order(point)
            if not known:
                self._keep_metrics({**metrics, point.metric: made})
            with self._points.open("a") as file:
                file.write(self._line(point))

    @property
    def _points(self) -> Path:
        return self._folder / "points.jsonl"

    def _metrics(self) -> dict[str, dict[str, object]]:
        path = self._folder / "metrics.json"
        found: dict[str, dict[str, object]] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def _keep_metrics(self, metrics: Mapping[str, object]) -> None:
        path = self._folder / "metrics.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(metrics, indent=1))
        os.replace(new, path)

    def _check_order(self, point: Point) -> None:
        times = [
            datetime.fromisoformat(line["time"])
            for line in map(
                json.loads, self._points.read_text().splitlines() if self._points.exists() else []
            )
            if line["series"] == point.series
        ]
        since = (point.time - max(times)).total_seconds() if times else SAMPLING_SECONDS
        if since <= 0:
            raise BadSeries(
                "Points must be written in order. One or more of the points specified had an older start"
                " time than the most recent point."
            )
        if since < SAMPLING_SECONDS:
            raise BadSeries(
                "One or more points were written more frequently than the maximum sampling period"
                " configured for the metric."
            )

    def _line(self, point: Point) -> str:
        about = {
            "series": point.series,
            "metric": point.metric,
            "labels": point.labels,
            "resource": point.resource,
            "value": point.value,
            "time": point.time.isoformat(),
        }
        return json.dumps(about) + "\n"
