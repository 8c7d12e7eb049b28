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

    limit_tokens: int | None = None
    limit_picodollars: int | None = None
    stop: int | None = None
    dollar_stop: int | None = None

    def __init__(self) -> None:
        self.spent_tokens = self.committed_tokens = self.overrun_tokens = 0
        self.spent_picodollars = self.committed_picodollars = self.overrun_picodollars = 0
        self.is_priced = True

    def add(self, figures: Figures) -> None:
        """Add the figures of one account."""
        self.spent_tokens += figures.spent_tokens
        self.committed_tokens += figures.committed_tokens
        self.overrun_tokens += figures.overrun_tokens
        self.spent_picodollars += figures.spent_picodollars
        self.committed_picodollars += figures.committed_picodollars
        self.overrun_picodollars += figures.overrun_picodollars
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
        self.spent_tokens += times * account.spent_tokens
        self.committed_tokens += times * account.spent_tokens
        self.overrun_tokens += times * account.overrun_tokens
        self.spent_picodollars += times * account.spent_picodollars
        self.committed_picodollars += times * account.spent_picodollars
        self.overrun_picodollars += times * account.overrun_picodollars
        self.is_priced = self.is_priced and account.is_priced


class Finished:
    """Ended accounts of one name: how many scopes, and the sums of their limits and of what they spent."""

    __slots__ = (
        "limit_picodollars",
        "limit_tokens",
        "scopes",
        "sum",
        "without_limit_picodollars",
        "without_limit_tokens",
    )

    def __init__(self) -> None:
        self.scopes = 0
        self.limit_tokens = self.without_limit_tokens = 0
        self.limit_picodollars = self.without_limit_picodollars = 0
        self.sum = [0, 0, 0, 0, 0]

    def add(self, account: Figures, periods: Periods | None, times: int = 1) -> None:
        """Count an account by its figures of all time; with `times` -1 take it out again.

        A limit per period is none on what the account has spent in all of its time.
        """
        limit_tokens = None if periods and periods.tokens else account.limit_tokens
        limit_picodollars = None if periods and periods.dollars else account.limit_picodollars
        self.scopes += times
        self.without_limit_tokens += times * (limit_tokens is None)
        self.limit_tokens += times * (limit_tokens or 0)
        self.without_limit_picodollars += times * (limit_picodollars is None)
        self.limit_picodollars += times * (limit_picodollars or 0)
        figures = (
            account.spent_tokens,
            account.overrun_tokens,
            account.spent_picodollars,
            account.overrun_picodollars,
            int(not account.is_priced),
        )
        self.sum = [old + times * new for old, new in zip(self.sum, figures, strict=True)]

    def line(self, name: str) -> AccountLine:
        """One line of a report."""
        spent_tokens, overrun_tokens, spent_picodollars, overrun_picodollars, unpriced = self.sum
        return {
            "name": name,
            "limit": None if self.without_limit_tokens else self.limit_tokens,
            "spent": spent_tokens,
            "held": 0,
            "overrun": overrun_tokens,
            "dollar_limit": None if self.without_limit_picodollars else dollars_or_none(self.limit_picodollars, 0),
            "dollars_spent": dollars_or_none(spent_picodollars, unpriced),
            "dollars_held": dollars_or_none(0, unpriced),
            "dollars_overrun": dollars_or_none(overrun_picodollars, 0),
            "scopes": self.scopes,
            "open": False,
            **_period_columns(None, None, None),
        }


def line_of(name: str, figures: Figures, periods: Periods | None = None) -> AccountLine:
    """One line of a report for an account that is open, or still has calls under way."""
    held = figures.committed_picodollars - figures.spent_picodollars
    return {
        "name": name,
        "limit": figures.limit_tokens,
        "spent": figures.spent_tokens,
        "held": figures.committed_tokens - figures.spent_tokens,
        "overrun": figures.overrun_tokens,
        "dollar_limit": None if figures.limit_picodollars is None else dollars_or_none(figures.limit_picodollars, 0),
        "dollars_spent": dollars_or_none(figures.spent_picodollars, not figures.is_priced),
        "dollars_held": dollars_or_none(held, not figures.is_priced),
        "dollars_overrun": dollars_or_none(figures.overrun_picodollars, 0),
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
