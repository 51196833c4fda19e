"""Times in the form of cron, read to say the same in systemd's. Pure; the form is that of crontab(5)."""

from __future__ import annotations

import re

_NAMED = {
    "@yearly": "yearly",
    "@annually": "yearly",
    "@monthly": "monthly",
    "@weekly": "Sun *-*-* 00:00:00",
    "@daily": "daily",
    "@midnight": "daily",
    "@hourly": "hourly",
}
_FIELD = re.compile(r"[0-9A-Za-z*,/?L#W-]+")
_ITEM = re.compile(r"(?P<start>\*|\?|\w+)(?:-(?P<stop>\w+))?(?:/(?P<every>\d+))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def is_cron(text: str) -> bool:
    """Whether a text has the form of cron: five fields, six with seconds, or a name such as `@daily`."""
    fields = text.split()
    if len(fields) == 1:
        return fields[0].lower() in {*_NAMED, "@reboot"}
    return len(fields) in {5, 6} and all(_FIELD.fullmatch(field) for field in fields)


def as_calendar(text: str) -> str | None:
    """The same time as systemd's OnCalendar; None where it has no such time in one line."""
    fields = text.split()
    if len(fields) == 1:
        return _NAMED.get(fields[0].lower())
    seconds, (minute, hour, day, month, weekday) = "00", fields[-5:]
    try:
        if len(fields) == 6:
            seconds = _numbers(fields[0], 0, 59)
        days, weekdays = _numbers(day, 1, 31), _weekdays(weekday)
        months = _numbers(month, 1, 12, _MONTHS)
        hours, minutes = _numbers(hour, 0, 23), _numbers(minute, 0, 59)
    except ValueError:
        return None
    if days != "*" and weekdays and "*" not in day[:1] + weekday[:1]:
        # cron runs on either, systemd only on days that are both.
        return None
    return f"{weekdays} *-{months}-{days} {hours}:{minutes}:{seconds}".strip()


def _numbers(field: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> str:
    """One field in systemd's form. Raises `ValueError` where it is none of cron's."""
    return ",".join(_item(item, lowest, highest, names) for item in field.split(","))


def _item(item: str, lowest: int, highest: int, names: tuple[str, ...]) -> str:
    numbers = _ITEM.fullmatch(item)
    if not numbers:
        raise ValueError(item)
    every = int(numbers["every"] or 1)
    if numbers["start"] in {"*", "?"}:
        if numbers["stop"] or every < 1 or every > highest - lowest:
            raise ValueError(item)
        return "*" if every == 1 else f"{lowest:02}/{every}"
    start = _number(numbers["start"], lowest, highest, names)
    if numbers["stop"] is None:
        return f"{start:02}/{every}" if numbers["every"] else f"{start:02}"
    stop = _number(numbers["stop"], lowest, highest, names)
    if stop < start or every < 1:
        raise ValueError(item)
    return f"{start:02}..{stop:02}" + (f"/{every}" if every > 1 else "")


def _number(word: str, lowest: int, highest: int, names: tuple[str, ...]) -> int:
    number = names.index(word.lower()) + lowest if word.lower() in names else int(word)
    if not lowest <= number <= highest:
        raise ValueError(word)
    return number


def _weekdays(field: str) -> str:
    """The days of the week by name; empty for all of them."""
    days: set[int] = set()
    for item in field.split(","):
        numbers = _ITEM.fullmatch(item)
        if not numbers:
            raise ValueError(item)
        if numbers["start"] in {"*", "?"}:
            start, stop = 0, 6
        else:
            start = _number(numbers["start"], 0, 7, _WEEKDAYS)
            stop = _number(numbers["stop"], 0, 7, _WEEKDAYS) if numbers["stop"] else start
        if stop < start or int(numbers["every"] or 1) < 1:
            raise ValueError(item)
        days |= {(day - 1) % 7 for day in range(start, stop + 1, int(numbers["every"] or 1))}
    return "" if len(days) == 7 else ",".join(_spans(sorted(days)))


def _spans(days: list[int]) -> list[str]:
    """Monday is 0; days that follow each other as `Mon..Fri`."""
    spans: list[list[int]] = []
    for day in days:
        if spans and spans[-1][-1] == day - 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    return [
        f"{_WEEK[span[0]]}..{_WEEK[span[-1]]}" if len(span) > 2 else ",".join(_WEEK[day] for day in span)
        for span in spans
    ]
