"""`with account:`: code of any thread, task or context pays from a budget that is open already."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from omega_runtime.calls.context import Context, current
from omega_runtime.savings.policy import Policy
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.account import Account


policies: WeakKeyDictionary[Account, Policy] = WeakKeyDictionary()
"""How the calls of each open budget are made, for those who enter it from elsewhere."""


class Entered(Context):
    """The context within `with account:`; `entered` is that account, `before` the context to come back to."""

    __slots__ = ("before", "entered")

    entered: Account
    before: Context


def enter(account: Account) -> None:
    """Let the calls from here on pay from an open account, and from all around it.

    Within the account already, or in a budget inside of it, they pay from the innermost one as before, so that no limit
    is left behind. Raises OmegaError for an account whose budget has ended, and in a budget that is not around it.
    """
    if not account.is_open:
        raise OmegaError(
            f'budget: "{account.name}" has ended, and nothing can begin to pay from it; open a budget anew'
        )
    here = current.get()
    payer, policy = here.account, here.policy
    if not payer.is_within(account):
        if not account.is_within(payer):
            raise OmegaError(
                f'budget: "{account.name}" cannot be entered inside "{payer.name}", whose limit would be left behind; '
                f'leave that one first, or open it inside "{account.name}"'
            )
        payer, policy = account, Policy(policies.get(account, policy))
    inside = Entered(payer, here.trackers, here.handlers, policy)
    inside.before, inside.entered = here, account
    current.set(inside)


def leave(account: Account, is_error: bool) -> None:
    """Come back from `enter`; raises OmegaError when something else was entered since, or in another thread or task."""
    here = current.get()
    if not isinstance(here, Entered) or here.entered is not account:
        raise OmegaError(
            f'budget: "{account.name}" cannot be left here, where it was not the last one entered; leave budgets in '
            "the opposite order of entering them, and in the same thread or task"
        )
    try:
        if here.policy is not here.before.policy and here.policy.completions:
            from omega_runtime.control.completions import run_completions

            run_completions(here.policy.completions, quiet=is_error)
    finally:
        current.set(here.before)
