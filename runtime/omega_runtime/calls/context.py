"""What surrounds running code: its account, its trackers and its effect handlers."""

from __future__ import annotations

from contextvars import ContextVar

from omega_runtime.ledger.account import use_entrance
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.savings.policy import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.handlers import Frame
    from omega_runtime.ledger.account import Account
    from omega_runtime.values import Procedure


class Context:
    """The surroundings of running code; never changed, replaced as a whole.

    `account` pays for calls, `trackers` hear of each call's tokens (innermost first), `handlers` is the
    innermost `handle` frame or None, `policy` says how calls are made. `is_plain` is whether a budget in memory is all
    there is around, but for the policy.
    """

    __slots__ = ("account", "handlers", "is_plain", "policy", "trackers")

    def __init__(
        self,
        account: Account,
        trackers: tuple[Procedure, ...],
        handlers: Frame | None,
        policy: Policy | None = None,
    ) -> None:
        self.account = account
        self.trackers = trackers
        self.handlers = handlers
        self.policy = policy or Policy()
        is_in_budget = account.parent is not None and not account.ledger.is_shared
        self.is_plain = is_in_budget and handlers is None and not trackers


OUTSIDE = Context(MemoryLedger().root, (), None)
"""The context of code outside everything: the process-wide ledger's root account."""

current: ContextVar[Context] = ContextVar("omega_context", default=OUTSIDE)

surroundings = current.get
"""The context here."""


def current_account() -> Account:
    """The account that pays for calls made here; outside every budget the ledger's root account."""
    return current.get().account


def _enter(account: Account) -> None:
    from omega_runtime.calls.entry import enter

    enter(account)


def _leave(account: Account, is_error: bool) -> None:
    from omega_runtime.calls.entry import leave

    leave(account, is_error)


use_entrance(_enter, _leave)
