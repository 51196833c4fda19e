"""The alarm about backups: what the machine reports, and what the policy makes of it."""

from __future__ import annotations

import pytest

from components.backup.report import FAILED, OVERDUE
from tests.unit.deployment.providers import channel
from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.recording import Recording
from tests.unit.deployment.script import told

COMMAND = "command:remote:Command"
MONITORING: Changes = {"homeport:monitoring": {"email": "ops@example.net"}}
BACKUP: Changes = {"homeport:backup": {"store": {"kind": "directory", "path": "/mnt/nas/chat"}}}
POLICY = ("gcp:monitoring:AlertPolicy", "monitoring-backup")


@pytest.fixture
def both() -> Recording:
    return deployed("chat", {**BACKUP, **MONITORING})


@pytest.mark.parametrize(
    "changes", [BACKUP, {**MONITORING, "homeport:backup": None}], ids=["backup", "monitoring"]
)
def test_one_section_alone_reports_nothing(changes: Changes) -> None:
    recording = deployed("chat", changes)
    assert recording.all("gcp:projects:IAMMember") == []
    assert [r.name for r in recording.resources if "report" in r.name or r.name == POLICY[1]] == []


def test_the_machine_may_write_metrics_and_nothing_else(both: Recording) -> None:
    assert both.one("gcp:projects:IAMMember").inputs == {
        "project": "project",
        "role": "roles/monitoring.metricWriter",
        "member": "serviceAccount:homeport-chat@project.iam",
    }


def test_it_reports_each_half_hour(both: Recording) -> None:
    variables = told(both.one(COMMAND, "backup-report-timer"))
    assert (variables["UNIT"], variables["CALENDAR"]) == ("homeport-backup-report", "*:0/30")


def test_each_run_of_a_backup_is_reported_when_it_ends(both: Recording) -> None:
    unit = told(both.one(COMMAND, "backup-report-timer"))["UNIT"]
    for name in ("backup-timer", "backup-verify-timer"):
        assert f"systemctl start --no-block {unit}.service" in told(both.one(COMMAND, name))["TASK"]


def test_the_policy_waits_for_the_first_report_and_that_for_the_role_and_the_timers(both: Recording) -> None:
    before = both.before(both.one(*POLICY))
    for name in ("backup-report-first", "backup-report-timer", "backup-report-writer", "backup-timer"):
        assert name in before


def test_the_policy_looks_at_what_this_stack_reports(both: Recording) -> None:
    policy = both.one(*POLICY)
    kinds = ("conditionThreshold", "conditionThreshold", "conditionAbsent")
    filters = [policy.text("conditions", index, kind, "filter") for index, kind in enumerate(kinds)]
    assert filters == [
        f'metric.type="{metric}" AND metric.label.stack="chat" AND resource.type="gce_instance"'
        for metric in (FAILED, OVERDUE, OVERDUE)
    ]


def test_a_mail_is_sent_at_once_for_a_one_and_for_silence_after_three_hours(both: Recording) -> None:
    policy = both.one(*POLICY)
    for index in (0, 1):
        condition = ("conditions", index, "conditionThreshold")
        assert policy.at(*condition, "comparison") == "COMPARISON_GT"
        assert policy.at(*condition, "thresholdValue") == 0
        assert policy.at(*condition, "duration") == "0s"
    assert policy.at("conditions", 2, "conditionAbsent", "duration") == "10800s"
    assert policy.at("combiner") == "OR"


def test_a_new_machine_does_not_make_the_old_one_a_silent_one(both: Recording) -> None:
    policy = both.one(*POLICY)
    for index, kind in enumerate(("conditionThreshold", "conditionThreshold", "conditionAbsent")):
        (aggregation,) = policy.rows("conditions", index, kind, "aggregations")
        assert aggregation["crossSeriesReducer"] == "REDUCE_MAX"
        assert aggregation["groupByFields"] == ["metric.label.stack"]


def test_the_mail_goes_where_the_stack_says_and_tells_what_to_do(both: Recording) -> None:
    policy = both.one(*POLICY)
    assert policy.texts("notificationChannels") == [channel("monitoring-mail")]
    text = policy.text("documentation", "content")
    for part in ("`make status STACK=chat`", "-u homeport-backup`", "`make backup STACK=chat`"):
        assert part in text
