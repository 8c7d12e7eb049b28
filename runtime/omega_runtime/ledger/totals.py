"""Sums over accounts: the root, which stands for all calls, and accounts whose scopes have ended."""

from __future__ import annotations

from omega_runtime.ledger.account import MemoryAccount
from omega_runtime.ledger.statistics import dollars_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.account import Figures
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.memory import MemoryLedger
    from omega_runtime.ledger.report_types import AccountLine, PeriodColumns


class Sum:
    """The figures of several accounts together; without a limit."""

    limit: int | None = None
    dollar_limit: int | None = None
    stop: int | None = None
    dollar_stop: int | None = None

    def __init__(self) -> None:
        self.used = self.committed = self.tokens_overrun = 0
        self.dollars_used = self.dollars_committed = self.dollars_overrun = 0
        self.is_priced = True

    def add(self, figures: Figures) -> None:
        """Add the figures of one account."""
        self.used += figures.used
        self.committed += figures.committed
        self.tokens_overrun += figures.tokens_overrun
        self.dollars_used += figures.dollars_used
        self.dollars_committed += figures.dollars_committed
        self.dollars_overrun += figures.dollars_overrun
        self.is_priced = self.is_priced and figures.is_priced


class RootAccount(MemoryAccount):
    """The account of all calls. Its own figures are those of calls outside every budget, and of ended budgets."""

    __slots__ = ()

    def __init__(self, ledger: MemoryLedger) -> None:
        super().__init__(ledger, "all calls", None, None, None)

    @property
    def figures(self) -> Figures:
        """The figures of all calls, in budgets or not."""
        with self.ledger.lock:
            return self.total()

    @property
    def all_time(self) -> Figures:
        """The same."""
        return self.figures

    def total(self) -> Sum:
        """The same, to be called under the ledger's lock."""
        total = Sum()
        total.add(self)
        for account in self.ledger.accounts:
            if account.parent is self:
                total.add(account)
        return total

    def take_over(self, account: MemoryAccount, times: int = 1) -> None:
        """Add an ended account's figures; with `times` -1 give them back."""
        self.used += times * account.used
        self.committed += times * account.used
        self.tokens_overrun += times * account.tokens_overrun
        self.dollars_used += times * account.dollars_used
        self.dollars_committed += times * account.dollars_used
        self.dollars_overrun += times * account.dollars_overrun
        self.is_priced = self.is_priced and account.is_priced


class Finished:
    """Ended accounts of one name: how many scopes, and the sums of their limits and of what they spent."""

    __slots__ = ("dollar_limit", "limit", "scopes", "sum", "without_dollar_limit", "without_limit")

    def __init__(self) -> None:
        self.scopes = 0
        self.limit = self.without_limit = 0
        self.dollar_limit = self.without_dollar_limit = 0
        self.sum = [0, 0, 0, 0, 0]

    def add(self, account: Figures, periods: Periods | None, times: int = 1) -> None:
        """Count an account by its figures of all time; with `times` -1 take it out again.

        A limit per period is none on what the account has spent in all of its time.
        """
        limit = None if periods and periods.tokens else account.limit
        dollar_limit = None if periods and periods.dollars else account.dollar_limit
        self.scopes += times
        self.without_limit += times * (limit is None)
        self.limit += times * (limit or 0)
        self.without_dollar_limit += times * (dollar_limit is None)
        self.dollar_limit += times * (dollar_limit or 0)
        figures = (
            account.used,
            account.tokens_overrun,
            account.dollars_used,
            account.dollars_overrun,
            int(not account.is_priced),
        )
        self.sum = [old + times * new for old, new in zip(self.sum, figures, strict=True)]

    def line(self, name: str) -> AccountLine:
        """One line of a report."""
        spent, overrun, dollars_used, dollars_overrun, unpriced = self.sum
        return {
            "name": name,
            "limit": None if self.without_limit else self.limit,
            "spent": spent,
            "held": 0,
            "overrun": overrun,
            "dollar_limit": None if self.without_dollar_limit else dollars_or_none(self.dollar_limit, 0),
            "dollars_spent": dollars_or_none(dollars_used, unpriced),
            "dollars_held": dollars_or_none(0, unpriced),
            "dollars_overrun": dollars_or_none(dollars_overrun, 0),
            "scopes": self.scopes,
            "open": False,
            **_period_columns(None, None, None),
        }


def line_of(name: str, figures: Figures, periods: Periods | None = None) -> AccountLine:
    """One line of a report for an account that is open, or still has calls under way."""
    held = figures.dollars_committed - figures.dollars_used
    return {
        "name": name,
        "limit": figures.limit,
        "spent": figures.used,
        "held": figures.committed - figures.used,
        "overrun": figures.tokens_overrun,
        "dollar_limit": None if figures.dollar_limit is None else dollars_or_none(figures.dollar_limit, 0),
        "dollars_spent": dollars_or_none(figures.dollars_used, not figures.is_priced),
        "dollars_held": dollars_or_none(held, not figures.is_priced),
        "dollars_overrun": dollars_or_none(figures.dollars_overrun, 0),
        "scopes": 1,
        "open": True,
        **_period_columns(periods, figures.stop, figures.dollar_stop),
    }


def _period_columns(periods: Periods | None, stop: int | None, dollar_stop: int | None) -> PeriodColumns:
    return {
        "period": periods and periods.tokens,
        "period_end": _end(periods, stop),
        "dollar_period": periods and periods.dollars,
        "dollar_period_end": _end(periods, dollar_stop),
        "timezone": periods and periods.timezone,
    }


def _end(periods: Periods | None, stop: int | None) -> str | None:
    if periods is None or stop is None:
        return None
    from omega_runtime.ledger.calendar import moment

    return moment(stop, periods.timezone).isoformat()
