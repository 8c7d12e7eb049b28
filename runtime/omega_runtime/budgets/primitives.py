"""The budget procedures of Omega programs."""

from __future__ import annotations

from omega_runtime.budgets.scope import Scope, token_limit
from omega_runtime.effects.context import Context, current
from omega_runtime.errors import wrong_type
from omega_runtime.lib.registry import primitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Procedure, Value


@primitive("with-budget", calls=(1,))
def with_budget(tokens: int | float, thunk: Procedure) -> Value:
    """Run `(thunk)` so that its calls to models cost no more than so many tokens; gives its value."""
    limit = token_limit("with-budget", tokens)
    if not callable(thunk):
        raise wrong_type("with-budget", 2, "a procedure", thunk)
    with Scope(limit, "with-budget"):
        return thunk()


@primitive("with-tracking", calls=(0, 1))
def with_tracking(tracker: Procedure, thunk: Procedure) -> Value:
    """Run `(thunk)`; after each of its calls to models call `(tracker tokens)`. Gives the thunk's value."""
    for position, procedure in enumerate((tracker, thunk), 1):
        if not callable(procedure):
            raise wrong_type("with-tracking", position, "a procedure", procedure)
    before = current.get()
    current.set(Context(before.account, (tracker, *before.trackers), before.handlers))
    try:
        return thunk()
    finally:
        current.set(before)


@primitive("get-budget", "remaining-budget", row="state")
def get_budget() -> int | float:
    """Tokens that could still be spent here: the least remainder of the budgets around; +inf outside any."""
    return current.get().account.remaining
