"""Backups: failed, overdue, never, verified."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from operations.status_backup import backup_fact
from operations.status_machine_report import BackupFiles
from tests.unit.operations.looked_at import NOW, PLACE

DAY = 24 * 3600
LONG_AGO = NOW - timedelta(days=90)


def run(hours: float, *, ok: bool = True, **more: object) -> str:
    return json.dumps({"time": (NOW - timedelta(hours=hours)).isoformat(), "ok": ok, **more})


def said(
    last: str | None,
    verified: str | None = None,
    *,
    pause: int | None = DAY,
    since: datetime | None = LONG_AGO,
) -> list[str]:
    files = BackupFiles(last=last, verified=verified, pause=pause)
    return [attention.what for attention in backup_fact(files, since, PLACE, NOW).attention]


def test_a_fresh_backup_is_well() -> None:
    assert said(run(5), run(100)) == []


def test_a_backup_is_overdue_after_twice_the_pause_of_its_timer() -> None:
    assert said(run(47.9)) == []
    assert said(run(48.1)) == ["the backup is overdue: the last good one was 2026-11-19 10:08 UTC"]
    assert said(run(48.1), pause=7 * DAY) == []


def test_without_a_timer_a_backup_is_overdue_after_48_hours() -> None:
    assert said(run(47.9), pause=None) == []
    assert len(said(run(48.1), pause=None)) == 1


def test_a_failed_backup_needs_attention_before_it_is_overdue() -> None:
    good = json.loads(run(29))
    assert said(run(5, ok=False, error="no room", lastSuccess=good)) == ["the last backup failed: no room"]


def test_a_failed_backup_whose_last_success_is_old_is_overdue_too() -> None:
    found = said(run(5, ok=False, error="no room", lastSuccess=json.loads(run(72))))
    assert [text.partition(":")[0] for text in found] == ["the last backup failed", "the backup is overdue"]


def test_backups_that_never_succeeded_are_overdue() -> None:
    assert said(run(5, ok=False, error="no room"))[1] == "the backup is overdue: there was none"


def test_a_new_stack_is_given_time_for_its_first_backup() -> None:
    assert said(None, since=NOW - timedelta(hours=3)) == []


def test_an_old_stack_that_never_had_a_backup_needs_attention() -> None:
    assert said(None) == ["the backup is overdue: there was none"]


def test_what_cannot_be_read_needs_attention() -> None:
    assert said("{half") == ["what the last backup left cannot be read"]


def test_a_time_without_its_zone_cannot_be_read() -> None:
    assert said('{"time": "2026-11-21T03:00:00", "ok": true}') == ["what the last backup left cannot be read"]


def test_a_restore_that_failed_on_trial_needs_attention() -> None:
    assert said(run(5), run(9, ok=False, error="wrong checksum")) == [
        "the last restore on trial failed: wrong checksum"
    ]


def test_the_last_success_is_a_time_and_a_snapshot_alone() -> None:
    success = {"time": (NOW - timedelta(hours=29)).isoformat(), "snapshot": "5f1c2a90"}
    assert said(run(5, ok=False, error="no room", lastSuccess=success)) == ["the last backup failed: no room"]


def test_the_last_success_of_a_failed_run_is_kept() -> None:
    files = BackupFiles(
        last=run(5, ok=False, lastSuccess=json.loads(run(29, snapshot="abc"))), verified=None, pause=DAY
    )
    last = backup_fact(files, LONG_AGO, PLACE, NOW).last
    assert last is not None
    assert last.success is not None
    assert last.success.snapshot == "abc"
