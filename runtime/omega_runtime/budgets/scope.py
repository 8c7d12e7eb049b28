"""`budget(...)`: code run with an account of its own."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from omega_runtime import settings
from omega_runtime.budgets.limits import limits_of, token_limit
from omega_runtime.calls.context import Context, current
from omega_runtime.calls.elsewhere import announce, open_scopes, withdraw
from omega_runtime.calls.entry import Entered, policies
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.limits import Limits, Periods
from omega_runtime.savings.policy import Policy
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType

    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.journal import Journal
    from omega_runtime.values import Value


class Scope:
    """The context manager that `budget` returns; entering it gives the new `Account`.

    With `async with`, an error leaves only when the calls of `run_async` inside have ended, so that it has their
    answers; time-outs and cancellations leave at once, also while such an error waits.
    """

    __slots__ = (
        "__weakref__",
        "_account",
        "_before",
        "_limit_picodollars",
        "_limit_tokens",
        "_name",
        "_on_low",
        "_periods",
        "_policy",
    )

    def __init__(
        self,
        limit: int | None,
        limit_picodollars: int | None,
        name: str,
        on_low: str | None = None,
        periods: Periods | None = None,
    ) -> None:
        self._on_low = on_low
        self._limit_tokens = limit
        self._limit_picodollars = limit_picodollars
        self._periods = periods
        self._name = name
        self._account: Account | None = None

    def __enter__(self) -> Account:
        if self._account is not None:
            raise OmegaError("budget: a budget can be entered once only; make a new one with budget(tokens=...)")
        before = self._before = current.get()
        policy = self._policy = Policy(before.policy)
        account = self._account = self._open(before.account)
        try:
            policies[account] = policy
            if self._on_low == "degrade":
                policy.degrade_when_low()
            announce(self)
            current.set(Context(account, before.trackers, before.handlers, policy))
        except BaseException:
            # An interrupt, after which nobody calls `__exit__`.
            self._end(account, quiet=True)
            raise
        return account

    def _open(self, parent: Account) -> Account:
        periods = self._periods and _in_zone(parent, Limits(self._limit_tokens, self._limit_picodollars, self._periods))
        account: Account = parent.ledger.open_account(
            self._name, self._limit_tokens, parent, self._limit_picodollars, periods
        )
        return account

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        account = self._account
        if account is None:
            return
        try:
            self._leave(account, error)
        except BaseException as problem:
            set_partial(problem, account)
            if error is None or not isinstance(problem, LedgerFileError):
                raise
            error.add_note(str(problem))
        finally:
            if error is not None:
                set_partial(error, account)

    def _leave(self, account: Account, error: BaseException | None) -> None:
        is_misplaced = False
        try:
            is_misplaced = self._is_misplaced(account, error)
            if is_misplaced:
                raise OmegaError(
                    f'budget: "{account.name}" cannot be left here, where the budget around is '
                    f'"{current.get().account.name}"; leave budgets in the opposite order of entering them, and in the '
                    "same thread or task"
                )
        finally:
            # Whatever interrupts the question.
            if not is_misplaced:
                self._end(account, quiet=error is not None)

    def _is_misplaced(self, account: Account, error: BaseException | None) -> bool:
        """Whether another budget is the innermost one here, and not for an interrupt that came between two steps."""
        context = current.get()
        here = context.account
        if here is account and not isinstance(context, Entered):
            return False
        # An interrupt that came before `__exit__` could do anything has left the budgets inside to nobody.
        is_interrupt = isinstance(error, KeyboardInterrupt)
        is_lost = here.is_within(account) and _are_lost(here, account, is_interrupt)
        return not is_lost or (isinstance(context, Entered) and not is_interrupt)

    def _end(self, account: Account, quiet: bool) -> None:
        """End the scope, whatever goes wrong on the way; `quiet` when it ends with an error already."""
        try:
            if self._policy.completions:
                from omega_runtime.control.completions import run_completions

                run_completions(self._policy.completions, quiet=quiet)
        finally:
            current.set(self._before)
            withdraw(self)
            account.ledger.close_account(account)

    async def __aenter__(self) -> Account:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is not None and self._account is not None and _waits_for_calls(error):
                # Calls of cancelled tasks are paid for all the same: their answers belong into `partial`.
                from omega_runtime.budgets.asynchronous import drain

                await drain(self._account)
        finally:
            self.__exit__(kind, error, traceback)


def _are_lost(account: Account, outer: Account, is_interrupt: bool) -> bool:
    """Whether the budgets from an account on, inside of another one, have not ended, and are nobody's.

    An interrupt on its way may still have those whom it has interrupted.
    """
    opened = [scope._account for scope in [each() for each in tuple(open_scopes)] if isinstance(scope, Scope)]
    here: Account | None = account
    while here is not None and not here.is_same(outer):
        if not here.is_open or (here in opened and not is_interrupt):
            return False
        here = here.parent
    return True


def _in_zone(parent: Account, limits: Limits) -> Periods | None:
    """The periods of a new account: where it says no time zone, that of the nearest account around which has one."""
    around = next((each.periods.timezone for each in parent.chain if each.periods is not None), "")
    return limits.completed_by(Limits(None, None, Periods(None, None, around))).periods


def _waits_for_calls(error: BaseException) -> bool:
    """Whether an error, or one in a group, can wait: not what ends a wait (CancelledError is no Exception)."""
    if isinstance(error, ExceptionGroup):
        return any(map(_waits_for_calls, error.exceptions))
    return isinstance(error, Exception) and not isinstance(error, TimeoutError)


def set_partial(error: BaseException, account: Account) -> None:
    """Give an error that leaves a scope, and all in a group of errors, the answers that were paid for in it."""
    # Some classes have a `partial` of their own, which is no tuple, and some take no attributes.
    if isinstance(getattr(error, "partial", ()), tuple):
        with suppress(AttributeError):
            error.partial = tuple(account.answers or ())  # type: ignore[attr-defined]
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            set_partial(each, account)


class Run(NamedTuple):
    """Which run of which program keeps its answers: `resume` goes on with the latest one of this name."""

    program: str
    source_hash: str = ""
    resume: bool = False


class StoredScope(Scope):
    """A scope whose account is stored under its name; `journal` has the answers of its run, if they are kept."""

    __slots__ = ("_path", "_raise_limit", "_run", "journal")

    def __init__(
        self,
        limit: int | None,
        limit_picodollars: int | None,
        name: str,
        on_low: str | None,
        path: str | PathLike[str],
        raise_limit: bool,
        run: Run | None,
        periods: Periods | None = None,
    ) -> None:
        super().__init__(limit, limit_picodollars, name, on_low, periods)
        self._path = path
        self._raise_limit = raise_limit
        self._run = run
        self.journal: Journal | None = None

    def _open(self, parent: Account) -> Account:
        from omega_runtime.ledger.shared import SharedAccount
        from omega_runtime.ledger.stores import shared_ledger
        from omega_runtime.ledger.urls import shown

        ledger = shared_ledger(self._path, settings.active.lease)
        if isinstance(parent, SharedAccount) and parent.ledger is ledger:
            around = parent.around_inherited(self._name)
        elif parent.parent is None:
            around = ledger.root
        else:
            raise OmegaError(
                f'budget: the ledger file "{shown(self._path)}" cannot be opened inside the budget '
                f'"{parent.name}", which is not kept there; open the ledger file first, and the other budget inside'
            )
        account = ledger.open_named(
            self._name, self._limit_tokens, self._limit_picodollars, around, self._raise_limit, self._periods
        )
        if self._run is not None:
            try:
                self.journal = account.keep_answers(*self._run)
            except BaseException:
                ledger.close_account(account)
                raise
        return account

    def _end(self, account: Account, quiet: bool) -> None:
        try:
            super()._end(account, quiet)
        finally:
            if self.journal is not None:
                self.journal.finish()


def budget(
    tokens: float | str | None = None,
    *,
    dollars: float | str | Decimal | None = None,
    name: str | None = None,
    on_low: str | None = None,
    ledger: str | PathLike[str] | None = None,
    raise_limit: bool = False,
    run: str | Run | None = None,
    resume: bool = False,
    timezone: str | None = None,
) -> Scope:
    """`with budget(tokens=10_000) as b:` limits what the calls inside may cost; `b.spent`, `b.remaining`.

    Limits are tokens, US dollars (`dollars=0.5`, `b.dollars.spent`), or both. Budgets nest: a call counts on every
    budget around it. Fractions of a token are dropped; None or infinity is no limit, so that the account only
    counts. `on_low="degrade"` moves through the emergency modes as the budget falls.

    A limit may be one per minute, hour, day, week, month or year: `tokens="10000/hour"`, `dollars="5/day"`, on the
    clocks of `timezone`, a name such as "Europe/Berlin" (that of the budget around; UTC). Then all figures are those
    of the current period, and a call belongs to the period in which it was held, whenever it ends.

    With `ledger`, the path of a file or the URL of a PostgreSQL server, the account is kept there under `name`
    ("default"): its limits are stored and cover all runs and processes; other limits for the same name are an error,
    unless `raise_limit` replaces them. `run` names a run whose answers are kept there too, and `resume` goes on with
    the latest run of that name: what it has paid for is not asked again. Raises OmegaError for a limit that is no
    number >= 0, and for a ledger that cannot be used.
    """
    if name is not None and (not isinstance(name, str) or not name):
        raise OmegaError(f"budget: name must be a string that is not empty, but got {name!r}")
    if ledger is not None and not isinstance(ledger, (str, bytes)) and not hasattr(ledger, "__fspath__"):
        raise OmegaError(f"budget: ledger must be the path of a file or the URL of a server, but got {ledger!r}")
    if run is not None and not isinstance(run, (str, Run)):
        raise OmegaError(f"budget: run must be a name, but got {run!r}")
    if on_low not in (None, "degrade"):
        raise OmegaError(f'budget: on_low must be "degrade" or None, but got {on_low!r}')
    limit, money, periods = limits_of("budget", tokens, dollars, timezone)
    if periods and not periods.units and (ledger is None or (limit, money) != (None, None)):
        raise OmegaError('budget: timezone is for limits per period, such as tokens="10000/hour" or dollars="5/day"')
    if ledger is None:
        if raise_limit or run is not None or resume:
            raise OmegaError("budget: raise_limit, run and resume are for accounts in a ledger file; give ledger=FILE")
        return Scope(limit, money, name or "budget", on_low, periods)
    if resume and run is None:
        raise OmegaError("budget: resume needs the name of the run: run=NAME")
    named_run = Run(run, resume=resume) if isinstance(run, str) else run
    return StoredScope(limit, money, name or "default", on_low, ledger, raise_limit, named_run, periods)


def parse_limits(procedure: str, limit: Value) -> Limits:
    """A limit as Omega programs write it: a number of tokens, "10000/hour", "$0.50" or "$5/day"."""
    if isinstance(limit, str) and limit.startswith("$"):
        return limits_of(procedure, dollars=limit)
    if limit is None:
        token_limit(procedure, limit)
    return limits_of(procedure, limit)
