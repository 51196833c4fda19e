"""The stack with backups and Google's monitoring: what its machine reports, and what alarms on it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from components.backup.report import FAILED, OVERDUE
from sandbox.cloud import Cloud
from sandbox.metrics import Metrics, Point
from tests.e2e.backups import BACKUP, ENVIRONMENT, RESULTS, STORE, WORK, Machine
from tests.e2e.deployed import Deployed, changed

ON: dict[str, object] = {"homeport:backup": BACKUP, "homeport:monitoring": {"email": "ops@example.net"}}
UNIT = "homeport-backup-report"
PROGRAM = f"/usr/local/lib/homeport/{UNIT}"
ROLE = "roles/monitoring.metricWriter"
PATIENCE_SECONDS = 45
"""A report at once, or ten seconds after one that was refused for coming too soon."""
_FILTER = re.compile(
    r'metric\.type="(?P<metric>[^"]+)" AND metric\.label\.(?P<label>\w+)="(?P<value>[^"]+)"'
    r' AND resource\.type="(?P<resource>[^"]+)"'
)


@pytest.fixture(scope="module")
def machine(deployed: Deployed) -> Iterator[Machine]:
    """The stack as it alarms, and a good backup; as it was in the end.

    The update would fail if the policy did not wait for the machine's first report.
    """
    deployed.up(ON)
    machine = Machine(deployed)
    try:
        assert machine.save()["ok"] is True
        yield machine
    finally:
        deployed.engine.command("state", "unprotect", "--all", "--yes")
        deployed.up()
        machine.shell(f"rm -rf {RESULTS} {STORE} {WORK}; systemctl reset-failed 'homeport-*'")


def points(deployed: Deployed, metric: str) -> list[Point]:
    return Metrics(deployed.box.directory).points(metric)


def await_value(deployed: Deployed, metric: str, value: int) -> None:
    """Until the newest point has the value."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := points(deployed, metric)[-1].value) != value:
        assert time.monotonic() < deadline, f"{metric} stays {found}"
        time.sleep(0.5)


def test_the_policy_looks_at_exactly_what_the_machine_reports(deployed: Deployed, machine: Machine) -> None:
    (policy,) = (
        policy
        for policy in Cloud(deployed.box.directory).all("alertPolicy").values()
        if policy["displayName"] == "Homeport sandbox backup"
    )
    found = [match.groups() for match in _FILTER.finditer(str(policy["conditions"]))]
    reported = {
        metric: [
            (metric, label, value, "gce_instance")
            for label, value in points(deployed, metric)[-1].labels.items()
        ]
        for metric in (FAILED, OVERDUE)
    }
    assert found == [*reported[FAILED], *reported[OVERDUE], *reported[OVERDUE]]


def test_the_report_is_of_this_machine(deployed: Deployed, machine: Machine) -> None:
    (instance,) = Cloud(deployed.box.directory).all("instance").values()
    assert points(deployed, OVERDUE)[-1].resource == {
        "project_id": "homeport-sandbox",
        "instance_id": instance["instanceId"],
        "zone": instance["zone"],
    }


def test_a_failed_backup_is_reported_at_once_and_a_good_one_takes_it_back(
    deployed: Deployed, machine: Machine
) -> None:
    await_value(deployed, FAILED, 0)
    machine.shell(f"cp -p {ENVIRONMENT} /root/good; sed -i 's/PASSWORD=.*/PASSWORD=wrong/' {ENVIRONMENT}")
    try:
        assert machine.save()["ok"] is False
    finally:
        machine.shell(f"mv /root/good {ENVIRONMENT}")
    await_value(deployed, FAILED, 1)
    assert points(deployed, OVERDUE)[-1].value == 0
    assert machine.save()["ok"] is True
    await_value(deployed, FAILED, 0)


def test_a_backup_that_is_too_old_is_reported_by_the_timer(deployed: Deployed, machine: Machine) -> None:
    last = f"{RESULTS}/last.json"
    old = "(now - 49 * 3600 | todate) as $old | .time = $old | .lastSuccess.time = $old"
    machine.shell(f"cp -p {last} /root/last; jq '{old}' /root/last >{last}")
    try:
        machine.shell(f"systemctl start {UNIT}")
    finally:
        machine.shell(f"mv /root/last {last}")
    assert (points(deployed, FAILED)[-1].value, points(deployed, OVERDUE)[-1].value) == (0, 1)
    assert f"{UNIT}.timer" in machine.shell("systemctl list-timers --no-legend")


def test_a_report_that_google_refuses_fails_its_unit_and_the_journal_says_why(
    deployed: Deployed, machine: Machine
) -> None:
    cloud = Cloud(deployed.box.directory)
    (name,) = (name for name, member in cloud.all("iamMember").items() if member["role"] == ROLE)
    role = cloud.all("iamMember")[name]
    machine.shell(
        f"cp -p {PROGRAM} /root/program; sed -i 's/^readonly PATIENCE=.*/readonly PATIENCE=0/' {PROGRAM}"
    )
    cloud.remove("iamMember", name)
    try:
        ran = deployed.on_machine("systemctl", "start", UNIT)
    finally:
        cloud.put("iamMember", name, role)
        machine.shell(f"mv /root/program {PROGRAM}")
    assert ran.status != 0
    said = machine.shell(f"journalctl -n 10 --unit {UNIT} --output cat")
    assert "Cloud Monitoring does not take what this machine reports of its backups. It says:" in said
    assert "Permission monitoring.timeSeries.create denied" in said


def test_an_update_without_changes_does_nothing(deployed: Deployed, machine: Machine) -> None:
    assert changed(deployed.up(ON)) == {}


def test_without_the_sections_nothing_of_it_is_left(deployed: Deployed, machine: Machine) -> None:
    deployed.engine.command("state", "unprotect", "--all", "--yes")
    deployed.up()
    cloud = Cloud(deployed.box.directory)
    assert [member["role"] for member in cloud.all("iamMember").values()] == []
    assert [dict(cloud.all(kind)) for kind in ("alertPolicy", "notificationChannel")] == [{}, {}]
    assert UNIT not in machine.shell("systemctl list-timers --all --no-legend; ls /usr/local/lib/homeport")
