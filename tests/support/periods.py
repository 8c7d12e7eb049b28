"""Ledgers with limits per period, on a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime

from omega_runtime.budgets.limits import limits_of
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.limits import Limits
from omega_runtime.ledger.shared import SharedLedger
from omega_runtime.testing import FakeClock

HOUR = 3600.0
DAY = 24 * HOUR


class Clock(FakeClock):
    """A clock whose time of day can be set."""

    __slots__ = ("shift",)

    def __init__(self, *when: int) -> None:
        super().__init__()
        self.shift = 0.0
        self.set(*when)

    def time(self) -> float:
        return super().time() + self.shift

    def set(self, *when: int) -> None:
        """Set the time of day (UTC)."""
        self.shift += datetime(*when, tzinfo=UTC).timestamp() - self.time()  # type: ignore[misc, arg-type]


def opened(
    ledger: Ledger,
    tokens: int | str | None = None,
    dollars: str | None = None,
    timezone: str | None = None,
    name: str = "job",
    parent: Account | None = None,
    raise_limit: bool = False,
) -> Account:
    """An account with limits as people write them; in a shared ledger a named one."""
    wanted = limits_of("budget", tokens, dollars, timezone)
    around = parent or ledger.root
    if isinstance(ledger, SharedLedger):
        return ledger.open_named(name, wanted.tokens, wanted.picodollars, around, raise_limit, wanted.periods)
    limits = wanted.completed_by(Limits(None, None, None))
    return ledger.open_account(name, limits.tokens, around, limits.picodollars, limits.periods)


def figures(account: Account) -> tuple[int, int]:
    """Tokens spent and held in the current period."""
    return account.spent, account.held
