"""Whether the backups are made: what the last run and the last verified restore left on the machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import ValidationError

from components.backup.overdue import PAUSES, UNKNOWN_PAUSE
from operations.status_facts import Attention, BackupFact, RunFact
from operations.status_machine_report import BackupFiles
from operations.status_place import Place


def backup_fact(files: BackupFiles, since: datetime | None, place: Place, now: datetime) -> BackupFact:
    """The backups of a stack that was deployed `since`, judged at `now`."""
    limit = PAUSES * (files.pause or UNKNOWN_PAUSE)
    last, unreadable = _parsed(files.last)
    verified, verified_unreadable = _parsed(files.verified)
    again = place.command("sudo systemctl start homeport-backup.service")
    log = place.command("sudo journalctl -n 50 -u homeport-backup.service")

    def attention() -> Iterator[Attention]:
        if unreadable:
            yield Attention(what="what the last backup left cannot be read", do=f"make one, {again}")
        elif last and not last.ok:
            yield Attention(
                what=f"the last backup failed: {last.error or 'no reason given'}", do=f"read why, {log}"
            )
        success = last.success if last else None
        if not unreadable and _is_overdue(success.time if success else since, limit, now):
            when = (
                f"the last good one was {success.time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
                if success
                else "there was none"
            )
            yield Attention(what=f"the backup is overdue: {when}", do=f"make one, {again}; its log, {log}")
        if verified_unreadable or (verified and not verified.ok):
            why = (verified and verified.error) or "what it left cannot be read"
            yield Attention(
                what=f"the last restore on trial failed: {why}",
                do="do not rely on the backups before one could be restored",
            )

    return BackupFact(last=last, verified=verified, overdue_after=limit, attention=tuple(attention()))


def _is_overdue(time: datetime | None, limit: int, now: datetime) -> bool:
    return time is not None and (now - time).total_seconds() > limit


def _parsed(text: str | None) -> tuple[RunFact | None, bool]:
    """A run, and whether there is something that is none."""
    if text is None:
        return None, False
    try:
        return RunFact.model_validate_json(text), False
    except ValidationError:
        return None, True
