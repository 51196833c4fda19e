"""What `make backup` and `make backup-verify` say of what the machine answered."""

from __future__ import annotations

import json
from collections.abc import Mapping

from operations.backup import OnMachine, Task, run_now

SAVED: Mapping[str, object] = {
    "time": "2026-11-21T03:00:10Z",
    "ok": True,
    "snapshot": "204175be",
    "bytes": 3 * 1024**2,
    "seconds": 8,
    "error": None,
    "lastSuccess": {"time": "2026-11-21T03:00:10Z", "snapshot": "204175be"},
}
FAILED: Mapping[str, object] = {
    **SAVED,
    "ok": False,
    "snapshot": None,
    "error": "the store /mnt/nas cannot be reached",
}
COUNTS: Mapping[str, object] = {"databases": 1, "tables": 5, "rows": 30, "files": 7, "changed": 2}


def machine(result: Mapping[str, object] | None, started: tuple[int, str] = (0, "")) -> OnMachine:
    def on_machine(command: str) -> tuple[int, str]:
        if "systemctl start" in command:
            return started
        return (0, json.dumps(result)) if result else (1, "No such file or directory")

    return on_machine


def lines(task: Task, on_machine: OnMachine) -> list[str]:
    return [str(finding) for finding in run_now(task, on_machine)]


def test_a_backup_is_told_with_its_snapshot_and_size() -> None:
    assert lines("backup", machine(SAVED)) == ["ok    saved as 204175be: 3.0 MiB in 8 s"]


def test_a_verification_tells_what_was_compared_and_what_was_not() -> None:
    assert lines("verify", machine({**SAVED, **COUNTS}))[1:] == [
        "ok    restored and compared: 1 databases, 5 tables, 30 rows, 7 files",
        "note  2 files changed while they were saved, and were not compared",
    ]


def test_a_failure_is_told_with_the_last_success() -> None:
    assert lines("backup", machine(FAILED, (1, "Job failed"))) == [
        "WRONG the store /mnt/nas cannot be reached",
        "note  the last one that went well: 204175be of 2026-11-21T03:00:10Z",
    ]


def test_a_failure_that_no_success_preceded_says_so() -> None:
    told = lines("backup", machine({**FAILED, "lastSuccess": None}, (1, "Job failed")))
    assert told[1] == "note  none went well so far"


def test_an_old_result_does_not_hide_that_the_unit_failed() -> None:
    told = lines("backup", machine(SAVED, (1, "Job failed")))
    assert told[-1] == "WRONG the unit failed after its result was written: Job failed"


def test_a_machine_that_is_not_reached_is_told() -> None:
    assert lines("backup", machine(None, (255, "timed out"))) == [
        "WRONG the machine cannot be reached: timed out"
    ]


def test_a_machine_without_the_unit_is_told() -> None:
    (told,) = lines("backup", machine(None, (5, "Unit homeport-backup.service not found.")))
    assert told.endswith("set homeport:backup and run pulumi up")
