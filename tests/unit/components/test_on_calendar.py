"""What is taken for a time of systemd's timers; `systemd-analyze calendar` of version 252 says the same."""

from __future__ import annotations

import pytest

from components.cron import as_calendar
from components.on_calendar import problem_of_calendar


@pytest.mark.parametrize(
    "text",
    [
        "daily",
        "Weekly",
        "hourly UTC",
        "*-*-* 03:00",
        "*-*-* 03:00:00 Europe/Berlin",
        "Sun *-*-* 05:00",
        "Mon..Fri 03:00",
        "Mon-Fri *-*-* 3:00",
        "mon,wed *-*-* 00:00:00",
        "Sat,Sun",
        "*:0/15",
        "12,13:00",
        "*-*-1,15 3:00",
        "*-*-1..7 0..23/2:30",
        "2027-*-*",
        "27-1-1",
        "*-*~01",
        "Sun *-*~7/1",
        "*-02-29",
        "@1700000000",
        "*:*:0/0.5",
        "00:00:59.5",
    ],
)
def test_a_time_that_systemd_takes_is_taken(text: str) -> None:
    assert problem_of_calendar(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        (" daily", "begins or ends with a blank"),
        ("Sun\n04:00", "letters that no time has"),
        ("every day", "day is no time zone"),
        ("3", "3 is no date"),
        ("3am", "3am is no date"),
        ("25:00", "the hour is 0 to 23, not 25"),
        ("12:60", "the minute is 0 to 59, not 60"),
        ("0/60:00", "0/60 repeats by 60"),
        ("*/15:00", "*/15 is no hour"),
        ("*-13-01", "the month is 1 to 12, not 13"),
        ("*-02-30", "a day that no such month has"),
        ("*-*~31", "not 31"),
        ("5..1:00", "5..1 runs backwards"),
        ("Fri..Mon 3:00", "Fri..Mon runs backwards"),
        ("sundays 3:00", "sundays are no weekdays"),
        ("*-*-* 03:00 Mars/Base", "Mars/Base is no time zone"),
        ("*-*-*T03:00:00", "*-*-*T03 is no hour"),
        ("1:2:3:4", "1:2:3:4 is no time"),
        ("3:00 Mon", "Mon is one part too many"),
        ("$(reboot)", "is no date"),
        ("1969-01-01", "the year is 1970 to 2199"),
    ],
)
def test_a_time_that_systemd_refuses_is_refused_with_the_reason(text: str, reason: str) -> None:
    problem = problem_of_calendar(text)
    assert problem is not None
    assert problem.startswith("a time in the form of systemd's OnCalendar (systemd.time(7)), such as daily,")
    assert reason in problem


@pytest.mark.parametrize(
    ("cron", "calendar"),
    [
        ("0 3 * * *", "*-*-* 03:00:00"),
        ("*/15 * * * *", "*-*-* *:00/15:00"),
        ("30 2 * * 1-5", "Mon..Fri *-*-* 02:30:00"),
        ("0 3 * * 0", "Sun *-*-* 03:00:00"),
        ("0 3 * * 7", "Sun *-*-* 03:00:00"),
        ("0 3 * * 6-7", "Sat,Sun *-*-* 03:00:00"),
        ("0 3 * * MON,thu", "Mon,Thu *-*-* 03:00:00"),
        ("0 3 1,15 * *", "*-*-01,15 03:00:00"),
        ("0 4 * JAN-MAR sun", "Sun *-01..03-* 04:00:00"),
        ("23 0-20/2 * * *", "*-*-* 00..20/2:23:00"),
        ("30 0 3 * * *", "*-*-* 03:00:30"),
        ("@daily", "daily"),
        ("@weekly", "Sun *-*-* 00:00:00"),
    ],
)
def test_crons_form_is_refused_with_the_same_time_in_systemds(cron: str, calendar: str) -> None:
    problem = problem_of_calendar(cron)
    assert problem is not None
    assert problem.endswith(f"; not cron's form, write: {calendar}")
    assert problem_of_calendar(calendar) is None


@pytest.mark.parametrize(
    "cron", ["0 0 13 * 5", "0 3 * * L", "@reboot", "99 3 * * *", "5-1 3 * * *", "*/0 * * * *"]
)
def test_a_time_of_cron_that_systemd_has_not_is_refused_without_another(cron: str) -> None:
    assert as_calendar(cron) is None
    assert str(problem_of_calendar(cron)).endswith("; not cron's form")
