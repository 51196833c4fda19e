"""When a timer of systemd runs: what the form `OnCalendar=` takes, checked without systemd. Pure.

The rules are those of systemd.time(7), "Calendar Events", and of `calendar_spec_from_string` in systemd's
src/shared/calendarspec.c (version 252 to 257): the computer that deploys may have no `systemd-analyze`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import available_timezones

from components.cron import as_calendar, is_cron

EXAMPLES = "daily, *-*-* 03:00:00 or Sun *-*-* 05:00:00"

_SHORTHANDS = frozenset(
    (
        *("minutely", "hourly", "daily", "monthly", "weekly", "yearly", "annually", "anually", "quarterly"),
        *("biannually", "bi-annually", "semiannually", "semi-annually"),
    )
)
_WEEKDAY = re.compile(
    r"(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)",
    re.IGNORECASE,
)
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_DATE = re.compile(r"(?:(?P<year>[^-~: ]+)-)?(?P<month>[^-~: ]+)(?P<last>[-~])(?P<day>[^-~: ]+)")
_ITEM = re.compile(r"(?P<start>\d+(?:\.\d+)?)(?:\.\.(?P<stop>\d+(?:\.\d+)?))?(?:/(?P<every>\d+(?:\.\d+)?))?")
_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
"""The most that a month can have, where that is not 31."""


@dataclass(frozen=True)
class _Part:
    """One part of a date or a time, and the numbers that it may hold."""

    name: str
    lowest: int
    highest: int


_YEAR, _MONTH, _DAY = _Part("year", 1970, 2199), _Part("month", 1, 12), _Part("day", 1, 31)
_DAY_FROM_THE_END = _Part("day from the end of a month", 1, 28)
_HOUR, _MINUTE, _SECOND = _Part("hour", 0, 23), _Part("minute", 0, 59), _Part("second", 0, 59)


def problem_of_calendar(text: str) -> str | None:
    """What is right instead, as the end of "allowed:"; None where systemd takes the text."""
    form = f"a time in the form of systemd's OnCalendar (systemd.time(7)), such as {EXAMPLES}"
    if is_cron(text):
        written = as_calendar(text)
        return f"{form}; not cron's form{f', write: {written}' if written else ''}"
    try:
        _check(text)
    except ValueError as error:
        return f"{form}: {error}"
    return None


def _check(text: str) -> None:
    """Raise `ValueError` with what is wrong where systemd would refuse the text, or never elapse."""
    if not text or not text.isascii() or not text.isprintable() or text != text.strip(" "):
        raise ValueError("it is empty, or begins or ends with a blank, or has letters that no time has")
    text = _without_timezone(text)
    if text.lower() in _SHORTHANDS:
        return
    words = text.split()
    if _WEEKDAY.match(words[0]):
        _check_weekdays(words.pop(0))
    if words and ":" not in words[0]:
        _check_date(words.pop(0))
    if words:
        _check_time(words.pop(0))
    if words:
        raise ValueError(f"{words[0]} is one part too many after weekdays, date and time")


def _without_timezone(text: str) -> str:
    before, _, last = text.rpartition(" ")
    if not before or not _TIMEZONE.fullmatch(last) or _WEEKDAY.fullmatch(last):
        return text
    known = available_timezones()
    if last != "UTC" and known and last not in known:
        raise ValueError(f"{last} is no time zone, such as UTC or Europe/Berlin")
    return before.rstrip(" ")


def _check_weekdays(word: str) -> None:
    for item in word.removesuffix(",").split(","):
        ends = re.split(r"\.\.|-", item)
        if len(ends) > 2 or not all(_WEEKDAY.fullmatch(end) for end in ends):
            raise ValueError(f"{item} are no weekdays, such as Mon or Mon..Fri")
        if len(ends) == 2 and _number(ends[0]) > _number(ends[1]):
            raise ValueError(f"{item} runs backwards: the week begins with Mon")


def _number(weekday: str) -> int:
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(weekday[:3].lower())


def _check_date(word: str) -> None:
    if word.startswith("@"):
        if not re.fullmatch(r"@\d{1,18}", word):
            raise ValueError(f"{word} is no number of seconds since 1970")
        return
    date = _DATE.fullmatch(word)
    if not date:
        raise ValueError(f"{word} is no date, such as *-*-* or *-*-01, and no time, such as 03:00")
    if date["year"]:
        _numbers(date["year"], _YEAR)
    day = _DAY_FROM_THE_END if date["last"] == "~" else _DAY
    months, days = _numbers(date["month"], _MONTH), _numbers(date["day"], day)
    if date["last"] == "-" and not any(day <= _DAYS.get(month, 31) for month in months for day in days):
        raise ValueError(f"{word} is a day that no such month has")


def _full_year(year: float) -> float:
    """A year of two digits in full: 70 to 99 are of the last century; -1, for none, stays."""
    return year if year < 0 or year > 99 else year + (2000 if year < 70 else 1900)


def _check_time(word: str) -> None:
    parts = word.split(":")
    if not 2 <= len(parts) <= 3:
        raise ValueError(f"{word} is no time, such as 03:00 or 03:00:00")
    for part, which in zip(parts, (_HOUR, _MINUTE, _SECOND), strict=False):
        _numbers(part, which)


def _numbers(text: str, part: _Part) -> list[int]:
    """Every number that one part stands for, whole ones only."""
    if text == "*":
        return list(range(part.lowest, part.highest + 1))
    found: list[int] = []
    for item in text.split(","):
        numbers = _ITEM.fullmatch(item)
        if not numbers or ("." in item.replace("..", "") and part is not _SECOND):
            raise ValueError(f"{item} is no {part.name}, such as *, 5, 1..5 or 0/15")
        start, stop, every = (float(numbers[key] or -1) for key in ("start", "stop", "every"))
        if part is _YEAR:
            start, stop = _full_year(start), _full_year(stop)
        if 0 <= stop < start:
            raise ValueError(f"{item} runs backwards")
        if every > 0 and stop >= 0:
            # The last one that the repetition reaches.
            stop = start + (stop - start) // every * every
        if not (part.lowest <= start and max(start, stop) < part.highest + 1):
            raise ValueError(f"the {part.name} is {part.lowest} to {part.highest}, not {item}")
        # Days from the end are counted back.
        room = start - part.lowest if part is _DAY_FROM_THE_END else part.highest - start
        if every == 0 or (stop < 0 and every >= room + 1):
            raise ValueError(f"{item} repeats by {numbers['every']}, with which no {part.name} is left")
        if part is _SECOND and start == stop and every < 0:
            raise ValueError(f"{item} is no range, write {numbers['start']}")
        last = stop if stop >= 0 else part.highest if every > 0 else start
        found += range(int(start), int(last) + 1, max(1, int(every)))
    return found
