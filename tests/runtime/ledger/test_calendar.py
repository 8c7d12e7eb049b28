"""Where periods begin and end, on the clocks of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from omega_runtime.ledger.calendar import span, zone
from omega_runtime.ledger.limits import UNITS
from omega_runtime.values.errors import OmegaError

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)


def utc(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


# unit, zone, a moment (UTC) -> the beginning and the end (UTC)
SPANS: dict[str, tuple[Any, ...]] = {
    "minute": ("minute", "UTC", (2026, 7, 5, 9, 30, 59), (2026, 7, 5, 9, 30), (2026, 7, 5, 9, 31)),
    "hour": ("hour", "UTC", (2026, 7, 5, 9, 30), (2026, 7, 5, 9), (2026, 7, 5, 10)),
    "hour of a zone between": ("hour", "Asia/Kolkata", (2026, 7, 5, 9, 45), (2026, 7, 5, 9, 30), (2026, 7, 5, 10, 30)),
    "day": ("day", "UTC", (2026, 7, 5, 23, 59, 59), (2026, 7, 5), (2026, 7, 6)),
    "its first moment": ("day", "UTC", (2026, 7, 6), (2026, 7, 6), (2026, 7, 7)),
    "day in summer": ("day", "Europe/Berlin", (2026, 7, 5, 23), (2026, 7, 5, 22), (2026, 7, 6, 22)),
    "23 hours": ("day", "Europe/Berlin", (2026, 3, 29, 12), (2026, 3, 28, 23), (2026, 3, 29, 22)),
    "25 hours": ("day", "Europe/Berlin", (2026, 10, 25, 12), (2026, 10, 24, 22), (2026, 10, 25, 23)),
    "the hour that comes twice": (
        "hour",
        "Europe/Berlin",
        (2026, 10, 25, 1, 30),
        (2026, 10, 25, 1),
        (2026, 10, 25, 2),
    ),
    "no midnight": ("day", "America/Sao_Paulo", (2018, 11, 4, 12), (2018, 11, 4, 3), (2018, 11, 5, 2)),
    "clocks go back to yesterday": (
        "day",
        "America/St_Johns",
        (2010, 11, 7, 3),
        (2010, 11, 7, 2, 30),
        (2010, 11, 8, 3, 30),
    ),
    "a date that was left out": ("day", "Pacific/Apia", (2011, 12, 30, 9), (2011, 12, 29, 10), (2011, 12, 30, 10)),
    "leap day": ("day", "UTC", (2028, 2, 29, 12), (2028, 2, 29), (2028, 3, 1)),
    "February": ("month", "UTC", (2027, 2, 3), (2027, 2, 1), (2027, 3, 1)),
    "February of a leap year": ("month", "UTC", (2028, 2, 29, 23), (2028, 2, 1), (2028, 3, 1)),
    "December": ("month", "Europe/Berlin", (2026, 12, 31, 22), (2026, 11, 30, 23), (2026, 12, 31, 23)),
    "week": ("week", "UTC", (2026, 7, 5, 12), (2026, 6, 29), (2026, 7, 6)),
    "week over New Year": ("week", "UTC", (2027, 1, 1), (2026, 12, 28), (2027, 1, 4)),
    "week with 167 hours": ("week", "Europe/Berlin", (2026, 3, 25), (2026, 3, 22, 23), (2026, 3, 29, 22)),
    "year": ("year", "Europe/Berlin", (2026, 12, 31, 23), (2026, 12, 31, 23), (2027, 12, 31, 23)),
    "leap year": ("year", "UTC", (2028, 12, 31), (2028, 1, 1), (2029, 1, 1)),
}


@pytest.mark.parametrize(("unit", "timezone", "now", "start", "stop"), SPANS.values(), ids=SPANS)
def test_spans(unit: str, timezone: str, now: Any, start: Any, stop: Any) -> None:
    assert span(unit, timezone, utc(*now)) == (utc(*start), utc(*stop))


MOMENTS = st.integers(int(utc(1995, 1, 1)), int(utc(2037, 1, 1)))


@given(st.sampled_from(UNITS), st.sampled_from(ZONES), MOMENTS)
@example("day", "America/St_Johns", int(utc(2010, 11, 7, 2, 31)))
@example("hour", "Australia/Lord_Howe", int(utc(2026, 4, 4, 15, 15)))
def test_every_moment_is_in_one_period(unit: str, timezone: str, now: int) -> None:
    start, stop = span(unit, timezone, now)
    assert start <= now < stop
    assert span(unit, timezone, now + 0.5) == (start, stop)
    if unit not in ("minute", "hour"):
        # Seen from any of its moments it's the same one, and the next follows at once.
        assert span(unit, timezone, start) == span(unit, timezone, stop - 1) == (start, stop)
        assert span(unit, timezone, stop)[0] == stop
        assert span(unit, timezone, start - 1)[1] == start


@given(st.sampled_from(ZONES), MOMENTS)
def test_days_are_dates(timezone: str, now: int) -> None:
    start, stop = span("day", timezone, now)
    place = ZoneInfo(timezone)
    first, last = datetime.fromtimestamp(start, place), datetime.fromtimestamp(stop - 1, place)
    assert first.date() == last.date()
    assert timedelta(hours=22) < timedelta(seconds=stop - start) < timedelta(hours=26)


@given(st.sampled_from(ZONES), MOMENTS)
def test_weeks_are_those_of_iso(timezone: str, now: int) -> None:
    start, _ = span("week", timezone, now)
    first = datetime.fromtimestamp(start, ZoneInfo(timezone))
    assert first.isocalendar()[2] == 1


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../../etc/passwd", "/etc/passwd", "Europe", "a\0b", "\ud800"])
def test_zones_that_are_none(name: str) -> None:
    with pytest.raises(OmegaError, match="there is no time zone"):
        zone(name)
