"""The periods of accounts in memory; imported when there is a limit per period."""

from __future__ import annotations

from omega_runtime.ledger.calendar import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.ledger.account import MemoryAccount
    from omega_runtime.ledger.limits import Periods


class Turn:
    """One period of an account: the figures of the calls that were held in it, written like those of an account."""

    __slots__ = (
        "committed",
        "dollars_committed",
        "dollars_overrun",
        "dollars_used",
        "is_priced",
        "stop",
        "tokens_overrun",
        "used",
    )

    def __init__(self, stop: int) -> None:
        self.stop = stop
        self.used = self.committed = self.tokens_overrun = 0
        self.dollars_used = self.dollars_committed = self.dollars_overrun = 0
        self.is_priced = True


class PeriodFigures:
    """What an account's figures are at a moment: those of the current periods. To look changes nothing."""

    __slots__ = (
        "committed",
        "dollar_limit",
        "dollar_stop",
        "dollars_committed",
        "dollars_overrun",
        "dollars_used",
        "is_priced",
        "limit",
        "stop",
        "tokens_overrun",
        "used",
    )

    def __init__(self, account: MemoryAccount, periods: Periods, now: float) -> None:
        self.limit = account.limit
        self.dollar_limit = account.dollar_limit
        tokens = account if periods.tokens is None else _current(account, periods.tokens, periods.timezone, now)
        self.stop = tokens.stop
        self.used = tokens.used
        self.committed = tokens.committed
        self.tokens_overrun = tokens.tokens_overrun
        dollars = account if periods.dollars is None else _current(account, periods.dollars, periods.timezone, now)
        self.dollar_stop = dollars.stop
        self.dollars_used = dollars.dollars_used
        self.dollars_committed = dollars.dollars_committed
        self.dollars_overrun = dollars.dollars_overrun
        self.is_priced = dollars.is_priced


def _current(account: MemoryAccount, unit: str, timezone: str, now: float) -> Turn:
    """The current period of a unit. Periods only move forward: clocks that are put back don't give a limit twice."""
    turn = account.turns.get(unit)
    return turn if turn is not None and now < turn.stop else Turn(span(unit, timezone, now)[1])


def enter(accounts: Iterable[MemoryAccount], now: float) -> tuple[Turn, ...]:
    """The current periods of these accounts, to which what is held now belongs."""
    found = []
    for account in accounts:
        if account.periods is not None:
            for unit in account.periods.units:
                turn = account.turns[unit] = _current(account, unit, account.periods.timezone, now)
                found.append(turn)
    return tuple(found)
