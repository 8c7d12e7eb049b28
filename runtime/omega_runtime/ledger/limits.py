"""Limits of an account as its ledger keeps them: how much of each kind, and over which periods."""

from __future__ import annotations

from typing import NamedTuple

UNITS = ("minute", "hour", "day", "week", "month", "year")

# The same everywhere, whatever machine a program runs on.
DEFAULT_ZONE = "UTC"


class Periods(NamedTuple):
    """Over which units an account counts its tokens and its dollars, None being all time, and in which time zone.

    A kind that has no limit of its own goes by the unit of the other. Without a time zone it's not decided yet.
    """

    tokens: str | None
    dollars: str | None
    timezone: str = ""

    @property
    def units(self) -> tuple[str, ...]:
        """The units in use, each once."""
        return tuple(dict.fromkeys(unit for unit in (self.tokens, self.dollars) if unit is not None))


class Limits(NamedTuple):
    """The limits of an account in tokens and picodollars, None meaning none; `periods` None is all time."""

    tokens: int | None
    picodollars: int | None
    periods: Periods | None

    def completed_by(self, stored: Limits) -> Limits:
        """These limits, and those of `stored` for what they leave out."""
        unit, dollar_unit, timezone = self.periods or Periods(None, None)
        stored_unit, stored_dollar_unit, stored_timezone = stored.periods or Periods(None, None)
        tokens, unit = (stored.tokens, stored_unit) if self.tokens is None else (self.tokens, unit)
        picodollars, dollar_unit = (
            (stored.picodollars, stored_dollar_unit) if self.picodollars is None else (self.picodollars, dollar_unit)
        )
        unit = dollar_unit if tokens is None else unit
        dollar_unit = unit if picodollars is None else dollar_unit
        if unit is None and dollar_unit is None:
            return Limits(tokens, picodollars, None)
        timezone = timezone or stored_timezone or DEFAULT_ZONE
        return Limits(tokens, picodollars, Periods(unit, dollar_unit, timezone))
