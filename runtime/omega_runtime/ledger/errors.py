"""The errors of budgets."""

from __future__ import annotations

from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from omega_runtime.places import Site
    from omega_runtime.values import Value


class BudgetExceeded(OmegaError):
    """A call can no longer fit its budget; nothing was sent.

    The message is exactly "Budget exceeded"; the irritants are the site as "file:line:column", what is `needed`,
    what is `available` and the name of the `account` that refused. Both figures are tokens, or US dollars
    (`Decimal`, as texts such as "$0.05" among the irritants). `partial` holds the answers that were paid for
    before, in order. `limit`, `spent` and `held` are the account's figures when it refused, in the same unit, and
    `output` is the answer's part of what is needed, in tokens; None where an error was made by hand. `period` is
    over what the limit is, such as "hour", and `next_period` when it is whole again and the call would fit it.
    """

    limit: int | Decimal | None = None
    spent: int | Decimal | None = None
    held: int | Decimal | None = None
    output: int | None = None
    period: str | None = None
    next_period: datetime | None = None

    def __init__(self, site: Site, needed: int | Decimal, available: int | Decimal, account: str) -> None:
        super().__init__("Budget exceeded", str(site), _irritant(needed), _irritant(available), account)
        self.site = site
        self.needed = needed
        self.available = available
        self.account = account

    def __reduce__(self) -> tuple[Value, ...]:
        state = {name: getattr(self, name) for name in _DETAILS}
        if hasattr(self, "__notes__"):
            state["__notes__"] = self.__notes__
        return type(self), (self.site, self.needed, self.available, self.account), state


_DETAILS = ("partial", "limit", "spent", "held", "output", "period", "next_period")


def _irritant(amount: int | Decimal) -> Value:
    if isinstance(amount, int):
        return amount
    from omega_runtime.money import dollar_text

    return dollar_text(amount)


class BudgetTimeout(OmegaError):
    """A call waited `max_wait` seconds for room in its budget in vain; nothing was sent."""

    def __init__(self, site: Site, needed: int, account: str, seconds: float) -> None:
        super().__init__(f"No room in the budget after {seconds:g} s of waiting", str(site), needed, account)
        self.site = site
        self.needed = needed
        self.account = account
        self.seconds = seconds

    def __reduce__(self) -> tuple[Value, ...]:
        return type(self), (self.site, self.needed, self.account, self.seconds), {"partial": self.partial}


class LedgerFileError(OmegaError):
    """A ledger file cannot be used: it is damaged, of another program, or cannot be read or written."""


class HoldEnded(Exception):
    """A hold ended before its call was sent, as this process was suspended for longer than a lease."""


class Deferred(BaseException):
    """A call was put into the batch of its run, and is answered later: the run ends here. No program catches it."""


class LedgerMisuse(RuntimeError):
    """The ledger was used against its contract: a fault in the code around it, never in a program's budget."""
