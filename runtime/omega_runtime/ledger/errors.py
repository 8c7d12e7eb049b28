"""The errors of budgets."""

from __future__ import annotations

from omega_runtime.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.effects.site import Site
    from omega_runtime.values import Value


class BudgetExceeded(OmegaError):
    """A call can no longer fit its budget; nothing was sent.

    The message is exactly "Budget exceeded"; the irritants are the site as "file:line:column", the tokens
    `needed`, the tokens `available` and the name of the `account` that refused. `partial` holds results that
    were already paid for.
    """

    def __init__(self, site: Site, needed: int, available: int, account: str) -> None:
        super().__init__("Budget exceeded", str(site), needed, available, account)
        self.site = site
        self.needed = needed
        self.available = available
        self.account = account
        self.partial: tuple[Value, ...] = ()

    def __reduce__(self) -> tuple[Value, ...]:
        return type(self), (self.site, self.needed, self.available, self.account), {"partial": self.partial}


class BudgetTimeout(OmegaError):
    """A call waited `max_wait` seconds for room in its budget in vain; nothing was sent."""

    def __init__(self, site: Site, needed: int, account: str, seconds: float) -> None:
        super().__init__(f"No room in the budget after {seconds:g} s of waiting", str(site), needed, account)
        self.site = site
        self.needed = needed
        self.account = account
        self.seconds = seconds

    def __reduce__(self) -> tuple[Value, ...]:
        return type(self), (self.site, self.needed, self.account, self.seconds)


class LedgerMisuse(RuntimeError):
    """The ledger was used against its contract: a fault in the code around it, never in a program's budget."""
