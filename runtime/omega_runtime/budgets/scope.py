"""`budget(...)`: code run with an account of its own."""

from __future__ import annotations

from omega_runtime.budgets.limits import dollar_limit, token_limit
from omega_runtime.effects.context import Context, current
from omega_runtime.errors import OmegaError
from omega_runtime.ledger.errors import BudgetExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType

    from omega_runtime.ledger.account import Account
    from omega_runtime.values import Value


class Scope:
    """The context manager that `budget` returns; entering it gives the new `Account`.

    With `async with`, an error leaves only when the calls of `run_async` inside have ended.
    """

    __slots__ = ("_account", "_before", "_dollar_limit", "_limit", "_name")

    def __init__(self, limit: int | None, dollar_limit: int | None, name: str) -> None:
        self._limit = limit
        self._dollar_limit = dollar_limit
        self._name = name
        self._account: Account | None = None

    def __enter__(self) -> Account:
        if self._account is not None:
            raise OmegaError("budget: a budget can be entered once only; make a new one with budget(tokens=...)")
        before = self._before = current.get()
        account = self._account = self._open(before.account)
        current.set(Context(account, before.trackers, before.handlers))
        return account

    def _open(self, parent: Account) -> Account:
        return parent.ledger.open_account(self._name, self._limit, parent, self._dollar_limit)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        current.set(self._before)
        account = self._account
        if account is not None:
            if error is not None and account.answers is not None:
                _set_partial(error, tuple(account.answers))
            account.ledger.close_account(account)

    async def __aenter__(self) -> Account:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and self._account is not None:
            # Calls of cancelled tasks are paid for all the same: their answers belong into `partial`.
            from omega_runtime.budgets.asynchronous import drain

            await drain(self._account)
        self.__exit__(kind, error, traceback)


def _set_partial(error: BaseException, answers: tuple[str, ...]) -> None:
    """Give the answers to a BudgetExceeded, or to all in a group of errors."""
    if isinstance(error, BudgetExceeded):
        error.partial = answers
    elif isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            _set_partial(each, answers)


class FileScope(Scope):
    """A scope whose account is in a ledger file, under its name."""

    __slots__ = ("_path", "_raise_limit")

    def __init__(
        self, limit: int | None, dollar_limit: int | None, name: str, path: str | PathLike[str], raise_limit: bool
    ) -> None:
        super().__init__(limit, dollar_limit, name)
        self._path = path
        self._raise_limit = raise_limit

    def _open(self, parent: Account) -> Account:
        from omega_runtime.ledger.file.ledger import file_ledger

        ledger = file_ledger(self._path)
        if parent.ledger is not ledger:
            if any(account.is_limited for account in parent.chain):
                raise OmegaError(
                    f'budget: the ledger file "{self._path}" cannot be opened inside the budget "{parent.name}", which '
                    "is not kept there; open the ledger file first, and the other budget inside"
                )
            parent = ledger.root
        return ledger.open_named(self._name, self._limit, self._dollar_limit, parent, self._raise_limit)


def budget(
    tokens: float | None = None,
    *,
    dollars: float | str | Decimal | None = None,
    name: str | None = None,
    ledger: str | PathLike[str] | None = None,
    raise_limit: bool = False,
) -> Scope:
    """`with budget(tokens=10_000) as b:` limits what the calls inside may cost; `b.spent`, `b.remaining`.

    Limits are tokens, US dollars (`dollars=0.5`, `b.dollars.spent`), or both. Budgets nest: a call counts on every
    budget around it. Fractions of a token are dropped; None or infinity is no limit, so that the account only
    counts. With `ledger`, a path, the account is kept in that file under `name` ("default"): its limits are stored
    and cover all runs and processes; other limits for the same name are an error, unless `raise_limit` replaces
    them. Raises OmegaError for a limit that is no number >= 0, and for a ledger file that cannot be used.
    """
    if name is not None and (not isinstance(name, str) or not name):
        raise OmegaError(f"budget: name must be a string, but got {name!r}")
    limit = None if tokens is None else token_limit("budget", tokens)
    money = None if dollars is None else dollar_limit("budget", dollars)
    if ledger is not None:
        return FileScope(limit, money, name or "default", ledger, raise_limit)
    if raise_limit:
        raise OmegaError("budget: raise_limit is for accounts in a ledger file; give ledger=FILE")
    return Scope(limit, money, name or "budget")


def parse_limits(procedure: str, limit: Value) -> tuple[int | None, int | None]:
    """A limit as Omega programs write it, as (tokens, trillionths of a dollar): a number of tokens, or "$0.50"."""
    if isinstance(limit, str) and limit.startswith("$"):
        return None, dollar_limit(procedure, limit)
    return token_limit(procedure, limit), None
