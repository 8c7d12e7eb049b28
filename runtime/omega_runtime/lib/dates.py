"""Dates: moments with a time zone. They are Python's `datetime`s."""

from __future__ import annotations

from omega_runtime.lib.arguments import number, string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_range, wrong_type
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo
    from typing import TypeVar

    from omega_runtime.values import Value

    Result = TypeVar("Result")

_SECOND = Symbol("second")
# Units of a fixed length, in seconds.
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MONTHS = {"month": 1, "year": 12}
_FIELDS: dict[str, Callable[[datetime], Value]] = {
    "year": lambda date: date.year,
    "month": lambda date: date.month,
    "day": lambda date: date.day,
    "hour": lambda date: date.hour,
    "minute": lambda date: date.minute,
    "second": lambda date: date.second + date.microsecond / 1e6 if date.microsecond else date.second,
    "weekday": lambda date: date.isoweekday(),
    "yearday": lambda date: date.timetuple().tm_yday,
    "zone": lambda date: str(date.tzinfo),
}


@primitive("date?")
def is_date(value: Value) -> bool:
    """Whether a value is a date."""
    from datetime import datetime

    return isinstance(value, datetime) and value.tzinfo is not None


@primitive("current-date", row="io")
def current_date(zone: Value = "UTC") -> datetime:
    """Now, on the clocks of a time zone such as Europe/Berlin."""
    from datetime import datetime

    return datetime.now(_zone("current-date", 1, zone))


@primitive("make-date")
def make_date(
    year: Value, month: Value, day: Value, hour: Value = 0, minute: Value = 0, second: Value = 0, zone: Value = "UTC"
) -> datetime:
    """The date of these figures, on the clocks of a time zone. Raises OmegaError when there is none."""
    from datetime import datetime, timedelta

    figures = (year, month, day, hour, minute)
    for i, each in enumerate(figures):
        if type(each) is not int:
            raise wrong_type("make-date", i + 1, "an exact integer", each)
    seconds = number("make-date", 6, second)
    if not 0 <= seconds < 60:
        raise wrong_range("make-date", 6, "a number from 0 to below 60", second)
    where = _zone("make-date", 7, zone)
    return _there("make-date", lambda: datetime(*figures, tzinfo=where) + timedelta(seconds=seconds))


@primitive("date-ref")
def date_ref(date: Value, field: Value) -> Value:
    """A part of a date: year month day hour minute second weekday (1 for Monday) yearday zone."""
    moment = _date("date-ref", 1, date)
    name = field.name if isinstance(field, Symbol) else field
    if name not in _FIELDS:
        raise wrong_type("date-ref", 2, f"one of {' '.join(_FIELDS)}", field)
    return _FIELDS[name](moment)


@primitive("date-in-zone")
def date_in_zone(date: Value, zone: Value) -> datetime:
    """The same moment on the clocks of another time zone."""
    moment, where = _date("date-in-zone", 1, date), _zone("date-in-zone", 2, zone)
    return _there("date-in-zone", lambda: moment.astimezone(where))


@primitive("date-add")
def date_add(date: Value, amount: Value, unit: Value) -> datetime:
    """The date so many seconds, minutes, hours, days, weeks, months or years later; earlier for a negative amount.

    From days on the clock shows the same time, whatever summer time does, and a month that has no such day its last.
    """
    moment, by = _date("date-add", 1, date), number("date-add", 2, amount)
    name = _unit("date-add", 3, unit, (*_SECONDS, *_MONTHS))
    if name not in ("second", "minute", "hour") and type(by) is not int:
        raise wrong_type("date-add", 2, f"an exact integer for the unit {name}", amount)
    if name in _MONTHS:
        return _there("date-add", lambda: _months_later(moment, int(by) * _MONTHS[name]))
    return _there("date-add", lambda: _later(moment, by * _SECONDS[name], is_clock=name in ("day", "week")))


def _later(date: datetime, seconds: float, is_clock: bool) -> datetime:
    from datetime import UTC, timedelta

    if is_clock:
        return _real(date + timedelta(seconds=seconds))
    return (date.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(date.tzinfo)


def _months_later(date: datetime, months: int) -> datetime:
    from calendar import monthrange

    years, month = divmod(date.month - 1 + months, 12)
    year = date.year + years
    day = min(date.day, monthrange(year, month + 1)[1])
    return _real(date.replace(year=year, month=month + 1, day=day))


def _real(date: datetime) -> datetime:
    """The date as clocks show it, for a time that they leave out in spring."""
    from datetime import UTC

    return date.astimezone(UTC).astimezone(date.tzinfo)


@primitive("date-difference")
def date_difference(later: Value, earlier: Value, unit: Value = _SECOND) -> int | float:
    """How many seconds, minutes, hours, days (of 24 hours) or weeks lie between two dates."""
    from datetime import UTC

    ends = [_date("date-difference", i, each).astimezone(UTC) for i, each in enumerate((later, earlier), 1)]
    name = _unit("date-difference", 3, unit, tuple(_SECONDS))
    found = (ends[0] - ends[1]).total_seconds() / _SECONDS[name]
    return int(found) if found.is_integer() else found


@primitive("date=?")
def dates_equal(first: Value, *rest: Value) -> bool:
    """Whether all the dates are the same moment."""
    return len({_date("date=?", i, each).timestamp() for i, each in enumerate((first, *rest), 1)}) == 1


@primitive("date<?")
def date_less(first: Value, *rest: Value) -> bool:
    """Whether each date comes before the next."""
    moments = [_date("date<?", i, each).timestamp() for i, each in enumerate((first, *rest), 1)]
    return all(moments[i - 1] < moments[i] for i in range(1, len(moments)))


@primitive("date->seconds")
def date_to_seconds(date: Value) -> int | float:
    """The seconds from the start of 1970, UTC, to a date."""
    found = _date("date->seconds", 1, date).timestamp()
    return int(found) if found.is_integer() else found


@primitive("seconds->date")
def seconds_to_date(seconds: Value, zone: Value = "UTC") -> datetime:
    """The date so many seconds after the start of 1970, UTC, on the clocks of a time zone."""
    from datetime import datetime

    since, where = number("seconds->date", 1, seconds), _zone("seconds->date", 2, zone)
    return _there("seconds->date", lambda: datetime.fromtimestamp(since, where))


@primitive("date->string")
def date_to_string(date: Value, template: Value = False) -> str:
    """A date as ISO 8601 writes it, or by a template of Python's `strftime`, such as "%d.%m.%Y %H:%M"."""
    moment = _date("date->string", 1, date)
    if template is False:
        return moment.isoformat()
    return _there("date->string", lambda: moment.strftime(string("date->string", 2, template)))


@primitive("string->date")
def string_to_date(text: Value, template: Value = False, zone: Value = "UTC") -> datetime:
    """The date that a text in ISO 8601 says, or one by a template of Python's `strptime`.

    `zone` is that of a text without one. Raises OmegaError for a text that says none.
    """
    from datetime import datetime

    said, where = string("string->date", 1, text), _zone("string->date", 3, zone)
    try:
        if template is False:
            found = datetime.fromisoformat(said)
        else:
            found = datetime.strptime(said, string("string->date", 2, template))
    except (ValueError, OverflowError):
        form = "as in 2026-11-28 or 2026-11-28T13:58:57+01:00" if template is False else f"like {template}"
        raise OmegaError(f"string->date: this says no date {form}", text) from None
    return found.replace(tzinfo=where) if found.tzinfo is None else found


def _date(procedure: str, position: int, value: Value) -> datetime:
    if not is_date(value):
        raise wrong_type(procedure, position, "a date", value)
    return value  # type: ignore[no-any-return]


def _zone(procedure: str, position: int, name: Value) -> tzinfo:
    from datetime import UTC

    if name == "UTC":
        return UTC  # also where there is no data on zones
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(string(procedure, position, name))
    except (KeyError, ValueError, OSError):
        raise wrong_range(procedure, position, 'a time zone of this machine, such as "Europe/Berlin"', name) from None


def _unit(procedure: str, position: int, unit: Value, known: tuple[str, ...]) -> str:
    name = unit.name if isinstance(unit, Symbol) else unit
    if name not in known:
        raise wrong_type(procedure, position, f"one of {' '.join(known)}", unit)
    return str(name)


def _there(procedure: str, make: Callable[[], Result]) -> Result:
    """What `make` gives, which fails for dates that the calendar hasn't."""
    try:
        return make()
    except (ValueError, OverflowError, OSError) as error:
        if isinstance(error, OmegaError):
            raise
        raise OmegaError(f"{procedure}: there is no such date: {error}") from None
