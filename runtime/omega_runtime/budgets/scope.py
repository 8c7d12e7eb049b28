"""`budget(...)`: code run with an account of its own."""

from __future__ import annotations

from math import floor, isinf, isnan

from omega_runtime.effects.context import Context, current
from omega_runtime.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from omega_runtime.ledger.account import Account
    from omega_runtime.values import Value


class Scope:
    """The context manager that `budget` returns; entering it gives the new `Account`."""

    __slots__ = ("_account", "_before", "_limit", "_name")

    def __init__(self, limit: int | None, name: str) -> None:
        self._limit = limit
        self._name = name
        self._account: Account | None = None

    def __enter__(self) -> Account:
        if self._account is not None:
            raise OmegaError("budget: a budget can be entered once only; make a new one with budget(tokens=...)")
        before = self._before = current.get()
        account = before.account.ledger.open_account(self._name, self._limit, before.account)
        self._account = account
        current.set(Context(account, before.trackers, before.handlers))
        return account

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        current.set(self._before)
        if self._account is not None:
            self._account.ledger.close_account(self._account)


def budget(tokens: float | None = None, name: str | None = None) -> Scope:
    """`with budget(tokens=10_000) as b:` limits what the calls inside may cost; `b.spent`, `b.remaining`.

    Budgets nest: a call counts on every budget around it. Fractions of a token are dropped; None or infinity
    is no limit, so that the account only counts. Raises OmegaError for a limit that is no number >= 0.
    """
    if name is not None and not isinstance(name, str):
        raise OmegaError(f"budget: name must be a string, but got {name!r}")
    return Scope(None if tokens is None else token_limit("budget", tokens), name or "budget")


def token_limit(procedure: str, tokens: Value) -> int | None:
    """A limit as whole tokens, None for infinity; raises OmegaError in the name of the procedure."""
    if type(tokens) not in (int, float) or isnan(tokens) or tokens < 0:
        from omega_runtime.errors import wrong_type

        raise wrong_type(procedure, 1, "a number of tokens >= 0", tokens)
    return None if isinf(tokens) else floor(tokens)
