"""When periods begin and end, on the clocks of a time zone; imported when there is a limit per period."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from omega_runtime.ledger.limits import DEFAULT_ZONE
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

_SECONDS = {"minute": 60, "hour": 3600}


def zone(name: str) -> tzinfo:
    """A time zone by its name, such as Europe/Berlin. Raises OmegaError for one that this machine doesn't know."""
    if name == DEFAULT_ZONE:
        return UTC  # also where there is no data on zones
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise OmegaError(
            f'there is no time zone "{name}" on this machine; names are such as "Europe/Berlin" or "UTC", and '
            "where none is known, pip install tzdata brings them"
        ) from None


def span(unit: str, timezone: str, now: float) -> tuple[int, int]:
    """Start and end, in seconds since 1970, of the unit around `now`: the end belongs to the next one.

    A day lasts from midnight to midnight, however many hours that are; a week begins on Monday.
    """
    local = datetime.fromtimestamp(now, zone(timezone))
    if unit in _SECONDS:
        offset = int((local.utcoffset() or timedelta()).total_seconds())
        length = _SECONDS[unit]
        start = int((now + offset) // length) * length - offset
        return start, start + length
    first = _first_day(unit, local.date())
    following = _first_day(unit, first + _MORE[unit])
    if _begin(following, local) <= now:
        # Clocks were put back over midnight: the date was begun before, and stays begun.
        first, following = following, _first_day(unit, following + _MORE[unit])
    return _begin(first, local), _begin(following, local)


# From the first day of a unit into the next.
_MORE = {"day": timedelta(1), "week": timedelta(7), "month": timedelta(31), "year": timedelta(366)}


def _first_day(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _begin(day: date, local: datetime) -> int:
    """The first moment of a day: midnight or, where clocks skip that, when they do."""
    return int(datetime.combine(day, time(), local.tzinfo).timestamp())


def moment(seconds: int, timezone: str) -> datetime:
    """Seconds since 1970 on the clocks of a zone."""
    return datetime.fromtimestamp(seconds, zone(timezone))


def moment_text(when: datetime) -> str:
    """Such as 2026-03-29 00:00 CET."""
    return f"{when:%Y-%m-%d %H:%M %Z}"
