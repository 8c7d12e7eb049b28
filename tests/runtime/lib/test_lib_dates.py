"""Dates: making, reading, writing, and reckoning with them, also where clocks are put forward and back."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.lib.dates import date_add, date_difference, date_to_string, is_date, string_to_date
from omega_runtime.values.symbols import Symbol

from tests.support.omega import error_of, table, value_of

START = """
(define noon (make-date 2026 3 28 12 0 0 "Europe/Berlin"))
(define (text . arguments) (date->string (apply date-add arguments)))\n"""


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
noon                                                             ⇒ #<date 2026-03-28T12:00:00+01:00>
(make-date 2026 11 28)                                           ⇒ #<date 2026-11-28T00:00:00+00:00>
(make-date 2026 11 28 13 58 57.5)                                ⇒ #<date 2026-11-28T13:58:57.500000+00:00>
(date? noon)                                                     ⇒ #t
(date? "2026-11-28")                                             ⇒ #f
(date? (current-date))                                           ⇒ #t
(date-ref (current-date "Europe/Berlin") 'zone)                  ⇒ "Europe/Berlin"
(map (lambda (field) (date-ref noon field)) '(year month day hour minute second weekday yearday zone))  ⇒ (2026 3 28 12 0 0 6 87 "Europe/Berlin")
(date-ref (make-date 2026 1 1 0 0 1.5) "second")                 ⇒ 1.5
(date-in-zone noon "America/New_York")                           ⇒ #<date 2026-03-28T07:00:00-04:00>
(date->string noon)                                              ⇒ "2026-03-28T12:00:00+01:00"
(date->string noon "%d.%m.%Y %H:%M")                             ⇒ "28.03.2026 12:00"
(date->string (string->date "2026-11-28"))                       ⇒ "2026-11-28T00:00:00+00:00"
(date->string (string->date "2026-11-28T13:58:57+01:00"))        ⇒ "2026-11-28T13:58:57+01:00"
(date->string (string->date "2026-11-28T13:58" #f "Europe/Berlin"))  ⇒ "2026-11-28T13:58:00+01:00"
(date->string (string->date "28.11.2026" "%d.%m.%Y"))            ⇒ "2026-11-28T00:00:00+00:00"
(date->string (string->date "28.11.2026 +0200" "%d.%m.%Y %z"))   ⇒ "2026-11-28T00:00:00+02:00"
;; Seconds, minutes and hours pass; days, weeks, months and years are those of the calendar.
(text noon 90 'second)                                           ⇒ "2026-03-28T12:01:30+01:00"
(text noon 0.5 'minute)                                          ⇒ "2026-03-28T12:00:30+01:00"
(text noon 24 'hour)                                             ⇒ "2026-03-29T13:00:00+02:00"
(text noon 1 'day)                                               ⇒ "2026-03-29T12:00:00+02:00"
(text noon -1 'week)                                             ⇒ "2026-03-21T12:00:00+01:00"
(text (make-date 2026 1 31) 1 'month)                            ⇒ "2026-02-28T00:00:00+00:00"
(text (make-date 2026 1 31) -2 'month)                           ⇒ "2025-11-30T00:00:00+00:00"
(text (make-date 2024 2 29) 1 'year)                             ⇒ "2025-02-28T00:00:00+00:00"
(text (make-date 2026 12 15) 1 "month")                          ⇒ "2027-01-15T00:00:00+00:00"
;; Half past two doesn't exist on the day on which clocks are put forward.
(text (make-date 2026 3 28 2 30 0 "Europe/Berlin") 1 'day)       ⇒ "2026-03-29T03:30:00+02:00"
(date-difference (date-add noon 1 'day) noon)                    ⇒ 82800
(date-difference (date-add noon 1 'day) noon 'hour)              ⇒ 23
(date-difference noon (date-add noon 1 'week) 'day)              ⇒ -6.958333333333333
(date-difference (make-date 2026 1 2) (make-date 2026 1 1) 'day) ⇒ 1
(date=? noon (date-in-zone noon "UTC"))                          ⇒ #t
(date=? noon noon (date-add noon 1 'second))                     ⇒ #f
(date<? noon (date-add noon 1 'second) (date-add noon 1 'day))   ⇒ #t
(date<? noon noon)                                               ⇒ #f
(date<? noon)                                                    ⇒ #t
(map date->string (sort (list noon (make-date 2026 1 1)) date<?))  ⇒ ("2026-01-01T00:00:00+00:00" "2026-03-28T12:00:00+01:00")
(date->seconds (make-date 1970 1 2))                             ⇒ 86400
(seconds->date 0)                                                ⇒ #<date 1970-01-01T00:00:00+00:00>
(seconds->date 86400.5 "Europe/Berlin")                          ⇒ #<date 1970-01-02T01:00:00.500000+01:00>
(equal? (make-date 2026 1 1) (make-date 2026 1 1))               ⇒ #t
(hash-table-ref (hash-table (make-date 2026 1 1) 'found) (make-date 2026 1 1))  ⇒ found
"""),
)
def test_dates(program: str, value: str) -> None:
    assert value_of(START + program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(make-date 2026 2 30)                                            ⇒ make-date: there is no such date: day is out of range for month
(make-date 2026 2 3.5)                                           ⇒ make-date: argument 3 must be an exact integer, but got 3.5
(make-date 2026 2 3 0 0 60)                                      ⇒ make-date: argument 6 must be a number from 0 to below 60, but got 60
(make-date 2026 2 3 0 0 0 "Nowhere/Here")                        ⇒ make-date: argument 7 must be a time zone of this machine, such as "Europe/Berlin", but got "Nowhere/Here"
(current-date "../etc/passwd")                                   ⇒ current-date: argument 1 must be a time zone of this machine, such as "Europe/Berlin", but got "../etc/passwd"
(date-ref noon 'century)                                         ⇒ date-ref: argument 2 must be one of year month day hour minute second weekday yearday zone, but got century
(date-add noon 1 'decade)                                        ⇒ date-add: argument 3 must be one of second minute hour day week month year, but got decade
(date-add noon 1.5 'day)                                         ⇒ date-add: argument 2 must be an exact integer for the unit day, but got 1.5
(date-add noon 100000 'year)                                     ⇒ date-add: there is no such date: year 102026 is out of range
(date-difference noon noon 'month)                               ⇒ date-difference: argument 3 must be one of second minute hour day week, but got month
(date->string 5)                                                 ⇒ date->string: argument 1 must be a date, but got 5
(date<? noon 5)                                                  ⇒ date<?: argument 2 must be a date, but got 5
(string->date "tomorrow")                                        ⇒ string->date: this says no date as in 2026-11-28 or 2026-11-28T13:58:57+01:00 "tomorrow"
(string->date "2026" "%d.%m.%Y")                                 ⇒ string->date: this says no date like %d.%m.%Y "2026"
"""),
)
def test_errors(program: str, message: str) -> None:
    assert error_of(START + program) == message


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])


@given(st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1)), ZONES, st.integers(-(10**7), 10**7))
def test_seconds_add_up(moment: datetime, zone: str, seconds: int) -> None:
    date = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    later = date_add(date, seconds, Symbol("second"))
    assert date_difference(later, date) == seconds
    assert date_difference(date, later, Symbol("second")) == -seconds
    assert string_to_date(date_to_string(later)) == later


def test_a_date_of_python_without_a_zone_is_none() -> None:
    assert not is_date(datetime(2026, 1, 1))
    assert is_date(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1))
