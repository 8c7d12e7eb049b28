"""The periods of accounts in memory; imported when there is a limit per period."""

from __future__ import annotations

from omega_runtime.ledger.calendar import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from omega_runtime.ledger.account import MemoryAccount
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.limits import Periods


class Period:
    """One period of an account: the figures of the calls that were held in it, written like those of an account."""

    __slots__ = (
        "committed_picodollars",
        "committed_tokens",
        "is_priced",
        "overrun_picodollars",
        "overrun_tokens",
        "spent_picodollars",
        "spent_tokens",
        "stop",
    )

    def __init__(self, stop: int) -> None:
        self.stop = stop
        self.spent_tokens = self.committed_tokens = self.overrun_tokens = 0
        self.spent_picodollars = self.committed_picodollars = self.overrun_picodollars = 0
        self.is_priced = True


class PeriodFigures:
    """What an account's figures are at a moment: those of the current periods. To look changes nothing."""

    __slots__ = (
        "_dollars",
        "_tokens",
        "committed_picodollars",
        "committed_tokens",
        "dollar_stop",
        "is_priced",
        "limit_picodollars",
        "limit_tokens",
        "overrun_picodollars",
        "overrun_tokens",
        "spent_picodollars",
        "spent_tokens",
        "stop",
    )

    def __init__(self, account: MemoryAccount, periods: Periods, now: float) -> None:
        self.limit_tokens = account.limit_tokens
        self.limit_picodollars = account.limit_picodollars
        tokens = account if periods.tokens is None else _current(account, periods.tokens, periods.timezone, now)
        self.stop = tokens.stop
        self.spent_tokens = tokens.spent_tokens
        self.committed_tokens = tokens.committed_tokens
        self.overrun_tokens = tokens.overrun_tokens
        dollars = account if periods.dollars is None else _current(account, periods.dollars, periods.timezone, now)
        self.dollar_stop = dollars.stop
        self.spent_picodollars = dollars.spent_picodollars
        self.committed_picodollars = dollars.committed_picodollars
        self.overrun_picodollars = dollars.overrun_picodollars
        self.is_priced = dollars.is_priced
        self._tokens, self._dollars = tokens, dollars

    def have(self, hold: Hold[Any]) -> tuple[bool, bool]:
        """Whether a hold on the account is in these tokens, and in these dollars."""
        return self._has(self._tokens, hold), self._has(self._dollars, hold)

    def _has(self, figures: MemoryAccount | Period, hold: Hold[Any]) -> bool:
        return not isinstance(figures, Period) or any(each is figures for each in hold.periods)


def _current(account: MemoryAccount, unit: str, timezone: str, now: float) -> Period:
    """The current period of a unit. Periods only move forward: clocks that are put back don't give a limit twice."""
    period = account.latest_periods.get(unit)
    return period if period is not None and now < period.stop else Period(span(unit, timezone, now)[1])


def enter(accounts: Iterable[MemoryAccount], now: float) -> tuple[Period, ...]:
    """The current periods of these accounts, to which what is held now belongs."""
    found = []
    for account in accounts:
        if account.periods is not None:
            for unit in account.periods.units:
                period = account.latest_periods[unit] = _current(account, unit, account.periods.timezone, now)
                found.append(period)
    return tuple(found)
