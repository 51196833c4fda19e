"""What a machine tells Cloud Monitoring of its backups, and what the sandbox's Cloud Monitoring takes."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import components.host.timer
from components.backup.report import FAILED, OVERDUE, report_script
from components.host.shell import with_variables
from sandbox.box import Box
from sandbox.cloud import PROJECT, Cloud, account_email
from sandbox.metrics import Metrics, Point
from tests.machine.bare_machine import BareMachine

MACHINE = "reporter"
INSTANCE = "4711471147114711"
EMAIL = account_email("report-machine")
ALL = "https://www.googleapis.com/auth/cloud-platform"
READ = "https://www.googleapis.com/auth/monitoring.read"
WRITER = "roles/monitoring.metricWriter"
API = f"https://monitoring.googleapis.com/v3/projects/{PROJECT}"
RESULTS = "/var/lib/homeport/backup"
TIMER = Path(components.host.timer.__file__).with_name("timer.sh")
TOKEN = (
    "$(curl -s -H 'Metadata-Flavor: Google' http://metadata.google.internal"
    "/computeMetadata/v1/instance/service-accounts/default/token | jq -r .access_token)"
)


@dataclass(frozen=True)
class Reporter:
    """A machine that may write metrics. Each test has a stack, and so a series, of its own."""

    box: Box
    machine: BareMachine

    def report(self, stack: str, *, known: bool = False) -> tuple[int, str]:
        """Run the script; a refusal counts at once."""
        return self.machine.sh(report_script(stack, 0, known=known))

    def values(self, stack: str) -> tuple[list[int | float | bool], list[int | float | bool]]:
        """What was reported of a stack: failures, and whether it was overdue."""
        failed, overdue = ([p.value for p in self.points(metric, stack)] for metric in (FAILED, OVERDUE))
        return failed, overdue

    def points(self, metric: str, stack: str) -> list[Point]:
        """The points of a stack."""
        points = Metrics(self.box.directory).points(metric)
        return [point for point in points if point.labels["stack"] == stack]

    def leave(self, name: str, content: object) -> None:
        """The result of a run, as its script leaves it."""
        text = content if isinstance(content, str) else json.dumps(content)
        self.machine.read(f"mkdir -p {RESULTS}; printf %s {shlex.quote(text)} >{RESULTS}/{name}.json")

    def may(self, role: str | None = WRITER, scope: str = ALL, *, disabled: bool = False) -> None:
        """Its account, the role of that, and its scopes."""
        with Cloud(self.box.directory).changing() as kinds:
            record = kinds["instance"][MACHINE]
            record.update(serviceAccount=EMAIL, scopes=[scope], instanceId=INSTANCE)
            kinds["serviceAccount"] = {
                "report-machine": {"accountId": "report-machine", "disabled": disabled}
            }
            member = {"project": PROJECT, "role": role, "member": f"serviceAccount:{EMAIL}"}
            kinds["iamMember"] = {"one": {**member}} if role else {}

    def ask(self, request: str, body: object = None) -> tuple[int, str]:
        """Status and text of an answer of Cloud Monitoring to the machine."""
        data = f"-H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}" if body else ""
        said = self.machine.read(
            f'curl -s -w "\\n%{{http_code}}" -H "Authorization: Bearer {TOKEN}" {data} {request}'
        )
        text, _, status = said.rpartition("\n")
        return int(status), text


@pytest.fixture(scope="module")
def booted(bootstrap_box: Box) -> Iterator[Reporter]:
    """A machine with what `install.sh` of the backups puts on it, as far as reports need it."""
    machine = BareMachine(bootstrap_box, bootstrap_box.start(), MACHINE, number=13, prepared=True)
    machine.boot()
    yield Reporter(bootstrap_box, machine)
    machine.delete()


@pytest.fixture
def reporter(booted: Reporter) -> Iterator[Reporter]:
    """No backup has run yet, and no timer is there."""
    booted.may()
    yield booted
    booted.machine.read(
        f"rm -rf {RESULTS} /etc/systemd/system/homeport-backup.timer; systemctl daemon-reload"
    )


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(hours: float, *, ok: bool, success: float | None = None) -> dict[str, object]:
    """The result of a run so many hours ago; `success`, of the last good one."""
    time = ago(success) if success is not None else None
    return {"time": ago(hours), "ok": ok, "lastSuccess": {"time": time, "snapshot": "1"} if time else None}


def test_before_the_first_backup_nothing_is_wrong(reporter: Reporter) -> None:
    assert reporter.report("new", known=True) == (0, "reported: failed 0, overdue 0\n")
    (point,) = reporter.points(OVERDUE, "new")
    assert point.resource == {"project_id": PROJECT, "instance_id": INSTANCE, "zone": "us-west1-b"}
    assert abs((datetime.now(UTC) - point.time).total_seconds()) < 60
    assert reporter.values("new") == ([0], [0])


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("last", run(1, ok=False, success=25)),
        ("verified", run(1, ok=False, success=25)),
        ("last", '{"ok": tr'),
        ("last", ""),
        ("verified", ""),
    ],
    ids=["a backup", "a restore on trial", "half a file", "an empty file", "another empty file"],
)
def test_a_failure_is_a_one(
    reporter: Reporter, name: str, left: object, request: pytest.FixtureRequest
) -> None:
    stack = request.node.callspec.id.replace(" ", "-")
    reporter.machine.read(f"mkdir -p {RESULTS}; echo {ago(100)} >{RESULTS}/since")
    reporter.leave("last", run(2, ok=True, success=2))
    reporter.leave(name, left)
    assert reporter.report(stack) == (0, "reported: failed 1, overdue 0\n")
    assert reporter.values(stack) == ([1], [0])


def test_a_backup_is_overdue_after_two_days_where_no_timer_tells(reporter: Reporter) -> None:
    reporter.leave("last", run(47.9, ok=True, success=47.9))
    reporter.report("in-time")
    reporter.leave("last", run(1, ok=False, success=48.1))
    reporter.report("late")
    assert reporter.values("in-time") == ([0], [0])
    assert reporter.values("late") == ([1], [1])


def test_a_weekly_backup_is_overdue_after_two_weeks(reporter: Reporter) -> None:
    weekly = {"unit": "homeport-backup", "calendar": "Sun *-*-* 03:00", "task": "true"}
    status, said = reporter.machine.sh(with_variables(TIMER.read_text(), weekly))
    assert status == 0, said
    for stack, days in (("in-a-week", 13.9), ("after-weeks", 14.1)):
        reporter.leave("last", run(24 * days, ok=True, success=24 * days))
        reporter.report(stack)
    assert reporter.values("in-a-week") == ([0], [0])
    assert reporter.values("after-weeks") == ([0], [1])


def test_backups_that_never_began_are_overdue_two_days_after_the_first_report(reporter: Reporter) -> None:
    reporter.report("set-up")
    reporter.machine.read(f"test -s {RESULTS}/since; echo {ago(48.1)} >{RESULTS}/since")
    reporter.report("never")
    assert reporter.values("never") == ([0], [1])


def test_a_report_that_follows_at_once_is_repeated_until_it_is_taken(reporter: Reporter) -> None:
    assert reporter.report("twice")[0] == 0
    # In another second: the same would be out of order.
    reporter.machine.read("sleep 1.1")
    status, said = reporter.report("twice")
    assert (status, "more frequently than the maximum sampling period" in said) == (1, True), said
    assert reporter.machine.sh(report_script("twice", 20)) == (0, "reported: failed 0, overdue 0\n")
    assert reporter.values("twice") == ([0, 0], [0, 0])


@pytest.mark.parametrize(
    ("role", "scope", "disabled", "said"),
    [
        (None, ALL, False, "Permission monitoring.timeSeries.create denied"),
        ("roles/monitoring.viewer", ALL, False, "Permission monitoring.timeSeries.create denied"),
        ("roles/logging.logWriter", ALL, False, "Permission monitoring.timeSeries.create denied"),
        (WRITER, READ, False, "Request had insufficient authentication scopes."),
        (WRITER, ALL, True, "Request had invalid authentication credentials."),
    ],
    ids=["no role", "a role to read", "another role", "a scope to read", "a disabled account"],
)
def test_without_the_right_the_report_fails_and_says_why(
    reporter: Reporter, role: str | None, scope: str, disabled: bool, said: str
) -> None:
    reporter.may(role, scope, disabled=disabled)
    status, output = reporter.report("refused")
    assert status == 1
    assert "Cloud Monitoring does not take what this machine reports of its backups. It says:" in output
    assert said in output
    assert reporter.values("refused") == ([], [])


def series(**other: object) -> dict[str, object]:
    """A series as the API wants it, with some fields another way."""
    labels = {"project_id": PROJECT, "instance_id": INSTANCE, "zone": "us-west1-b"}
    return {
        "metric": {"type": "custom.googleapis.com/sandbox/test", "labels": {"stack": "right"}},
        "resource": {"type": "gce_instance", "labels": labels},
        "points": [{"interval": {"endTime": ago(0)}, "value": {"int64Value": "1"}}],
        **other,
    }


def point(value: object, hours: float = 0, **interval: str) -> dict[str, object]:
    return {"points": [{"interval": {"endTime": ago(hours), **interval}, "value": value}]}


@pytest.mark.parametrize(
    ("other", "status", "said"),
    [
        (point({"doubleValue": 1.5}), 400, "must be INT64, but is DOUBLE"),
        (point({"int64Value": "much"}), 400, "Invalid value 'much'"),
        (point({"int64Value": "1"}, hours=26), 400, "that far in the past"),
        (point({"int64Value": "1"}, hours=-1), 400, "or the future"),
        (point({"int64Value": "1"}, startTime=ago(1)), 501, "the field startTime"),
        (point({"stringValue": "one"}), 501, "the value stringValue"),
        ({"points": []}, 400, "exactly one point"),
        ({"valueType": "BOOL"}, 400, "The value type BOOL is not that of the point"),
        ({"metricKind": "CUMULATIVE"}, 501, "metrics of the kind CUMULATIVE"),
        ({"metric": {"type": "custom.googleapis.com/a-b"}}, 400, "is not valid"),
        ({"metric": {"type": "compute.googleapis.com/instance/uptime"}}, 501, "the metric compute"),
        ({"metric": {"type": "custom.googleapis.com/x", "labels": {"Stack": "x"}}}, 400, "The label Stack"),
        ({"metric": {"type": "custom.googleapis.com/sandbox/test"}}, 501, "other labels of"),
        ({"resource": {"type": "global", "labels": {}}}, 501, "the monitored resource global"),
        ({"resource": {"type": "gce_instance", "labels": {"zone": "us-west1-b"}}}, 400, "has the labels"),
        (
            {
                "resource": {
                    "type": "gce_instance",
                    "labels": {"project_id": PROJECT, "instance_id": "1", "zone": "us-west1-b"},
                }
            },
            400,
            "There is no machine 1",
        ),
    ],
)
def test_a_point_that_google_would_not_take_is_refused(
    reporter: Reporter, other: dict[str, object], status: int, said: str
) -> None:
    reporter.ask(f"{API}/timeSeries", {"timeSeries": [series()]})
    found, text = reporter.ask(f"{API}/timeSeries", {"timeSeries": [series(**other)]})
    assert (found, said in text) == (status, True), text


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (f"{API}/metricDescriptors/custom.googleapis.com/not/made", 404),
        (
            "https://monitoring.googleapis.com/v3/projects/other/metricDescriptors/custom.googleapis.com/x",
            403,
        ),
        (f"{API}/timeSeries?filter=x", 501),
        (f"{API}/alertPolicies", 501),
        (f"-X DELETE {API}/metricDescriptors/custom.googleapis.com/x", 501),
        (f"-X POST -d '{{}}' {API}/timeSeries", 400),
    ],
)
def test_other_requests_are_answered_so(reporter: Reporter, request_: str, status: int) -> None:
    assert reporter.ask(request_)[0] == status


def test_a_metric_is_there_with_its_first_point(reporter: Reporter) -> None:
    metric = "custom.googleapis.com/sandbox/new"
    new = series(metric={"type": metric, "labels": {"stack": "x"}})
    assert reporter.ask(f"{API}/metricDescriptors/{metric}")[0] == 404
    assert reporter.ask(f"{API}/timeSeries", {"timeSeries": [new]}) == (200, "{}")
    status, text = reporter.ask(f"{API}/metricDescriptors/{metric}")
    assert status == 200
    known = json.loads(text)
    assert (known["metricKind"], known["valueType"]) == ("GAUGE", "INT64")
    assert known["labels"] == [{"key": "stack"}]


@pytest.mark.parametrize("token", ["", "-H 'Authorization: Bearer ya29.forged'"], ids=["none", "forged"])
def test_a_token_that_was_not_issued_here_is_refused(reporter: Reporter, token: str) -> None:
    answer = json.loads(reporter.machine.read(f"curl -s {token} -X POST -d '{{}}' {API}/timeSeries"))
    assert (answer["error"]["code"], answer["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_the_metadata_server_tells_the_machines_number(reporter: Reporter) -> None:
    url = "http://metadata.google.internal/computeMetadata/v1/instance/id"
    assert reporter.machine.read(f"curl -s -H 'Metadata-Flavor: Google' {url}") == INSTANCE
