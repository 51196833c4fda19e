"""`make status` as one screen of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from operations.screen_text import WIDTH, coloured, wrapped
from operations.status_facts import (
    BackupFact,
    CertificateFact,
    Judged,
    MachineFact,
    NameFact,
    RunFact,
    ServiceFact,
    SpaceFact,
    StatusFacts,
)

_MIB = 2**20
_GIB = 2**30
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def screen(facts: StatusFacts, *, colour: bool) -> str:
    """All lines. What needs attention has `!` in front, and is repeated at the end with what to do."""
    lines = (coloured(line, "is well") if colour else line for line in _lines(facts))
    return "\n".join(lines) + "\n"


def _lines(facts: StatusFacts) -> Iterator[str]:
    yield _title(facts)
    if facts.services:
        yield from _section("Services", _services(facts.services))
    if facts.machine:
        yield from _section("Machine", _machine(facts.machine))
        yield from _section("Backups", _backup(facts))
    if facts.certificates:
        yield from _section("Certificates", (_certificate(fact) for fact in facts.certificates))
    if facts.names:
        yield from _section("Names", (_name(fact) for fact in facts.names))
    if facts.machine or facts.drift.checked or facts.update.attention:
        yield from _section("Drift", _drift(facts))
    yield ""
    if not facts.attention:
        yield f"{facts.stack} is well"
        return
    yield "Needs attention"
    for number, attention in enumerate(facts.attention, start=1):
        yield from wrapped(f"! {number:>2}. ", attention.what)
        yield from wrapped("       ", f"do: {attention.do}", more="           ")
    if facts.shell:
        yield f"To get onto the machine: {facts.shell}"


def _title(facts: StatusFacts) -> str:
    count = len(facts.attention)
    if facts.could_not_look:
        said = "could not look"
    elif count:
        said = f"{count} {'things need' if count > 1 else 'thing needs'} attention"
    else:
        said = "well"
    where = f" at {facts.address}" if facts.address else ""
    return f"{facts.stack}{where}, {facts.time:%Y-%m-%d %H:%M} UTC: {said}"


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from lines


def _services(services: Sequence[ServiceFact]) -> Iterator[str]:
    rows = [("", "", "state", "version", "memory", "restarts", "up")]
    for fact in services:
        memory = "" if fact.limit is None else f"{_mib(fact.memory)} of {_mib(fact.limit)} MiB"
        restarts = "" if fact.restarts is None else str(fact.restarts)
        version = _version(fact.image or "")
        name = f"{fact.app}/{fact.service}"
        rows.append(
            (_mark(fact), _cut(name, 32), fact.state, _cut(version, 18), memory, restarts, duration(fact.up))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            # Numbers stand under each other's last digit.
            cell.rjust(width) if column in {4, 5, 6} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row[1:], widths[1:], strict=True), start=1)
        ]
        yield _cut(f"{row[0] or ' '} {'  '.join(cells)}".rstrip(), WIDTH)


def _machine(machine: MachineFact) -> Iterator[str]:
    docker = f"Docker {machine.docker}" if machine.docker else "Docker does not answer"
    yield _row(machine.docker is None, "up", f"{duration(machine.up)}, {docker}")
    for space in machine.spaces:
        yield _row(bool(space.attention), space.name, _space(space))
    units = ", ".join(machine.failed_units)
    yield from _rows(bool(units), "units", f"failed: {units}" if units else "none of homeport-* has failed")
    yield from _rows(False, "updates", _updates(machine.restart_packages))


def _space(space: SpaceFact) -> str:
    if not space.total:
        return "none"
    used, total = space.used / _GIB, space.total / _GIB
    return f"{used:.1f} of {total:.1f} GiB in use ({space.used * 100 // space.total} %)"


def _updates(packages: Sequence[str] | None) -> str:
    if packages is None:
        return "none waits for a restart of the machine"
    named = f": {', '.join(packages)}" if packages else ""
    return f"some wait for a restart of the machine (sudo reboot){named}"


def _backup(facts: StatusFacts) -> Iterator[str]:
    backup = facts.backup
    if backup is None:
        yield "  no backups configured"
        return
    yield from _rows(_is_bad(backup, backup.last), "last", _run(backup.last, facts))
    if backup.last and not backup.last.ok:
        success = backup.last.success
        good = f"{_when(success.time, facts)}{_snapshot(success.snapshot)}" if success else "never"
        yield from _rows(False, "last good", good)
    failed = backup.verified is not None and not backup.verified.ok
    yield from _rows(failed, "restored on trial", _run(backup.verified, facts))


def _is_bad(backup: BackupFact, last: RunFact | None) -> bool:
    restore = backup.verified is not None and not backup.verified.ok
    return len(backup.attention) > int(restore) or (last is not None and not last.ok)


def _run(run: RunFact | None, facts: StatusFacts) -> str:
    if run is None:
        return "never"
    if not run.ok:
        return f"{_when(run.time, facts)}: failed: {run.error or 'no reason given'}"
    size = f", {run.bytes / _MIB:.0f} MiB" if run.bytes is not None else ""
    return f"{_when(run.time, facts)}{size}{_snapshot(run.snapshot)}"


def _when(time: datetime, facts: StatusFacts) -> str:
    # A machine's clock may be ahead of this computer's.
    ago = max(0, int((facts.time - time).total_seconds()))
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {duration(ago)} ago"


def _snapshot(snapshot: str | None) -> str:
    return f", snapshot {snapshot[:8]}" if snapshot else ""


def _certificate(fact: CertificateFact) -> str:
    if fact.expires is None or fact.days is None:
        return _cut(f"{_mark(fact) or ' '} {fact.hostname}  none", WIDTH)
    trust = {
        True: "",
        False: ", not trusted",
        None: ", root not checked",
    }[fact.trusted]
    until = f"{fact.days} days left, {fact.expires:%Y-%m-%d}, by {fact.issuer}{trust}"
    return _cut(f"{_mark(fact) or ' '} {fact.hostname}  {until}", WIDTH)


def _name(fact: NameFact) -> str:
    found = "no answer" if fact.found is None else ", ".join(fact.found) or "nothing"
    wanted = "" if not fact.attention or not fact.expected else f", not {', '.join(fact.expected)}"
    return _cut(f"{_mark(fact) or ' '} {fact.name}  {fact.type} {found}{wanted}", WIDTH)


def _drift(facts: StatusFacts) -> Iterator[str]:
    drift = facts.drift
    for attention in facts.update.attention:
        yield from wrapped("! ", attention.what)
    if not drift.checked:
        yield "  skipped, since it takes a minute or more: DRIFT=1 compares state and world"
    elif drift.changes:
        for change in drift.changes:
            properties = f": {', '.join(change.properties)}" if change.properties else ""
            yield from wrapped("! ", f"{change.operation} {change.resource}{properties}")
    elif drift.attention:
        yield "! the comparison failed"
    else:
        yield "  none: everything is as the state says"


def duration(seconds: int | None) -> str:
    """The two largest units would be one too many: `3 d`, `5 h`, `12 min`, `40 s`."""
    if seconds is None:
        return ""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _version(image: str) -> str:
    """The tag; the start of the id where an image has none."""
    if image.startswith("sha256:"):
        return image[7:19]
    tail = image.rpartition("/")[2]
    return tail.partition(":")[2] or tail


def _mib(size: int | None) -> str:
    return "-" if size is None else str(round(size / _MIB))


def _mark(fact: Judged) -> str:
    return "!" if fact.attention else ""


def _row(bad: bool, title: str, text: str) -> str:
    return _cut(f"{'!' if bad else ' '} {title:<17} {text}", WIDTH)


def _rows(bad: bool, title: str, text: str) -> Iterator[str]:
    yield from wrapped(f"{'!' if bad else ' '} {title:<17} ", text, more=" " * 20)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
