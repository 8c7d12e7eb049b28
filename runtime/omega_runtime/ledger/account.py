"""Accounts: a limit in tokens, US dollars or both, what was spent and what is held."""

from __future__ import annotations

from math import inf
from sys import maxsize

from omega_runtime.ledger.errors import LedgerMisuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from decimal import Decimal
    from types import TracebackType
    from typing import Any, NoReturn, Protocol, Self

    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.ledger import Ledger
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.memory import MemoryLedger
    from omega_runtime.ledger.periods import Period
    from omega_runtime.ledger.queue import Ticket

    class Figures(Protocol):
        """The state of one account in tokens and picodollars; what is committed is spent or held.

        Those of the current period where the limit is one per period, which ends at `stop` (seconds since 1970).
        """

        @property
        def limit_tokens(self) -> int | None: ...
        @property
        def spent_tokens(self) -> int: ...
        @property
        def committed_tokens(self) -> int: ...
        @property
        def overrun_tokens(self) -> int: ...
        @property
        def limit_picodollars(self) -> int | None: ...
        @property
        def spent_picodollars(self) -> int: ...
        @property
        def committed_picodollars(self) -> int: ...
        @property
        def overrun_picodollars(self) -> int: ...
        @property
        def is_priced(self) -> bool: ...
        @property
        def stop(self) -> int | None: ...
        @property
        def dollar_stop(self) -> int | None: ...

    class Standing(Figures, Protocol):
        """The figures of a moment, which know the holds in them."""

        def have(self, hold: Hold[Any]) -> tuple[bool, bool]:
            """Whether a hold on the account is in these tokens, and in these dollars: not those of an ended period."""


# Answers that an account keeps; a service that runs for months must not keep them all.
MOST_ANSWERS = 10_000


def _no_entrance(account: Account, *_: object) -> None:
    raise LedgerMisuse(f'"{account.name}" can be entered by programs that make calls only')


_enter: Callable[[Account], None] = _no_entrance
_leave: Callable[[Account, bool], None] = _no_entrance


def use_entrance(enter: Callable[[Account], None], leave: Callable[[Account, bool], None]) -> None:
    """Say what `with account:` does at its beginning and, told whether there is an error, at its end.

    The ledger knows nothing of the contexts in which calls are made; who makes them sets this once.
    """
    global _enter, _leave
    _enter, _leave = enter, leave


class Account:
    """An account of a ledger; `limit` is tokens, None means no limit, and `dollars` has the same figures in money.

    Always `spent + held <= limit + overrun`, where `overrun` is what providers billed beyond their holds. With a limit
    per period all figures are those of the current one, and a hold belongs to the period in which it began. What is
    shared by all ledgers is here; `figures` is where a ledger keeps the numbers.
    """

    __slots__ = (
        "__weakref__",
        "answers",
        "chain",
        "is_open",
        "ledger",
        "limit_picodollars",
        "limit_tokens",
        "name",
        "parent",
        "periods",
        "waiters",
    )

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        limit_tokens: int | None,
        limit_picodollars: int | None,
        parent: Account | None,
        periods: Periods | None = None,
    ) -> None:
        self.ledger = ledger
        self.name = name
        self.limit_tokens = limit_tokens
        self.limit_picodollars = limit_picodollars
        self.parent = parent
        self.periods = periods
        # Until its scope ends; calls that still pay from it then go on.
        self.is_open = True
        # Calls that wait for room here, oldest first.
        self.waiters: list[Ticket] = []
        # From this account outwards; the root, which only counts, is on no other account's chain.
        self.chain: tuple[Account, ...] = (self,)
        if parent is not None and parent.parent is not None:
            self.chain = (self, *parent.chain)
        # The latest answers that were paid for here, for `partial`; without a limit those of the budget around.
        self.answers: deque[str] | None = parent.answers if parent else None
        if self.is_limited or (parent is not None and self.answers is None):
            from collections import deque

            self.answers = deque(maxlen=MOST_ANSWERS)

    @property
    def limit(self) -> int | None:
        """The limit in tokens."""
        return self.limit_tokens

    @property
    def is_limited(self) -> bool:
        """Whether this account itself has a limit."""
        return self.limit_tokens is not None or self.limit_picodollars is not None

    @property
    def figures(self) -> Figures:
        """The numbers as they are now."""
        raise NotImplementedError

    @property
    def period(self) -> str | None:
        """Over what the tokens are counted, such as "hour"; None for all time."""
        return self.periods.tokens if self.periods else None

    @property
    def period_end(self) -> datetime | None:
        """When the current period of the tokens ends, on the clocks of its time zone; None without a period."""
        return _moment(self.periods, self.figures.stop)

    @property
    def spent(self) -> int:
        """Tokens that calls have cost."""
        return self.figures.spent_tokens

    @property
    def held(self) -> int:
        """Tokens set aside for calls under way."""
        figures = self.figures
        return figures.committed_tokens - figures.spent_tokens

    @property
    def overrun(self) -> int:
        """Tokens that providers billed beyond what was held."""
        return self.figures.overrun_tokens

    @property
    def free(self) -> int | float:
        """`limit - spent - held` of this account alone, at least 0; `inf` without a limit."""
        figures = self.figures
        return inf if figures.limit_tokens is None else max(0, figures.limit_tokens - figures.committed_tokens)

    @property
    def remaining(self) -> int | float:
        """Tokens that could still be spent here: the least `free` over this account and its ancestors."""
        return min(account.free for account in self.chain)

    @property
    def credit(self) -> tuple[int, int]:
        """Tokens and picodollars that count as spent here but not yet for the resumed program."""
        return 0, 0

    @property
    def all_time(self) -> Figures:
        """The numbers of all periods together."""
        raise NotImplementedError

    @property
    def all_credit(self) -> tuple[int, int]:
        """The same as `credit`, of all periods together."""
        return 0, 0

    @property
    def journal_counts(self) -> tuple[int, int]:
        """How many calls of the run around were replayed, and how many were paid for, in this process."""
        return 0, 0

    @property
    def outlook(self) -> int | float:
        """What the program is told: `remaining`, and what answers have cost that a resumed run will get again."""
        return min(account.free + account.credit[0] for account in self.chain)

    def spending(self) -> list[tuple[int, int, int | None]]:
        """For each limit, in tokens and picodollars: what the program is told is spent, and the limit.

        And the end of the period that both are of, None for all time.
        """
        figures = self.figures
        credit, dollar_credit = self.credit
        kinds = (
            (figures.spent_tokens - credit, figures.limit_tokens, figures.stop),
            (figures.spent_picodollars - dollar_credit, figures.limit_picodollars, figures.dollar_stop),
        )
        return [(spent, limit, stop) for spent, limit, stop in kinds if limit is not None]

    def is_within(self, other: Account) -> bool:
        """Whether calls that pay from this account count on the other one as well."""
        return other.parent is None or any(each.is_same(other) for each in self.chain)

    def is_same(self, other: Account) -> bool:
        """Whether both stand for one account."""
        return self is other

    def __enter__(self) -> Self:
        """`with account:` lets code of any thread, task or context pay from a budget that is open, as often as wanted.

        In a budget inside of this one that one stays. Raises OmegaError when this one has ended, and in a budget that
        is not around this one.
        """
        _enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _leave(self, error is not None)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f'the budget "{self.name}" cannot be copied, or sent to another process, where it would be spent twice; '
            "keep it in a ledger file and open that there: budget(ledger=FILE, name=NAME)"
        )

    def hand_on(self, answers: Iterable[str]) -> None:
        """Leave answers to the budgets around, up to the first one whose scope has not ended."""
        account = self
        while not account.is_open and account.parent is not None:
            outer = account.parent
            if outer.answers is not None and outer.answers is not account.answers:
                outer.answers += answers
            account = outer

    @property
    def dollars(self) -> Dollars:
        """The same figures in US dollars."""
        return Dollars(self)

    def __repr__(self) -> str:
        limit = "no limit" if self.limit is None else f"limit {self.limit}{_per(self.period)}"
        return f"<account {self.name}: {self.spent} spent, {self.held} held, {limit}>"


class Dollars:
    """An account's figures in US dollars, as `Decimal`.

    `spent` and `held` are None when a model's price is not known (never 0), `limit`, `free` and `remaining` when
    there is no limit in dollars.
    """

    __slots__ = ("_account",)

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def limit(self) -> Decimal | None:
        """The limit."""
        return _dollars(self._account.limit_picodollars)

    @property
    def period(self) -> str | None:
        """Over what dollars are counted, such as "day"; None for all time."""
        return self._account.periods.dollars if self._account.periods else None

    @property
    def period_end(self) -> datetime | None:
        """When the current period of the dollars ends, on the clocks of its time zone; None without a period."""
        return _moment(self._account.periods, self._account.figures.dollar_stop)

    @property
    def spent(self) -> Decimal | None:
        """What calls have cost."""
        figures = self._account.figures
        return _dollars(figures.spent_picodollars if figures.is_priced else None)

    @property
    def held(self) -> Decimal | None:
        """What is set aside for calls under way."""
        figures = self._account.figures
        return _dollars(figures.committed_picodollars - figures.spent_picodollars if figures.is_priced else None)

    @property
    def overrun(self) -> Decimal | None:
        """What providers billed beyond what was held."""
        return _dollars(self._account.figures.overrun_picodollars)

    @property
    def free(self) -> Decimal | None:
        """`limit - spent - held` of this account alone, at least 0."""
        return _dollars(_free_picodollars(self._account))

    @property
    def remaining(self) -> Decimal | None:
        """The least `free` over this account and its ancestors."""
        known = [free for free in map(_free_picodollars, self._account.chain) if free is not None]
        return _dollars(min(known, default=None))

    @property
    def outlook(self) -> Decimal | None:
        """What the program is told; see `Account.outlook`."""
        known = [(_free_picodollars(each), each.credit[1]) for each in self._account.chain]
        return _dollars(min((free + credit for free, credit in known if free is not None), default=None))

    def __repr__(self) -> str:
        limit = f"limit {self.limit}{_per(self.period)}"
        return f"<dollars of {self._account.name}: {self.spent} spent, {self.held} held, {limit}>"


def _per(period: str | None) -> str:
    return f"/{period}" if period else ""


def _free_picodollars(account: Account) -> int | None:
    figures = account.figures
    limit = figures.limit_picodollars
    return None if limit is None else max(0, limit - figures.committed_picodollars)


def _moment(periods: Periods | None, stop: int | None) -> datetime | None:
    if periods is None or stop is None:
        return None
    from omega_runtime.ledger.calendar import moment

    return moment(stop, periods.timezone)


def _dollars(picodollars: int | None) -> Decimal | None:
    if picodollars is None:
        return None
    from omega_runtime.money import dollars

    return dollars(picodollars)


class MemoryAccount(Account):
    """An account in memory: its own figures, written only by its ledger and under the ledger's lock.

    Spent and held are kept as their sum, `committed_tokens`, as reserving needs only that; `ceiling` is the most that
    it may reach without a closer look, below any figure when dollars are limited, the limit is per period or the
    account is closed. The numbers here are those of all time; `latest_periods` has those of the periods.
    """

    __slots__ = (
        "ceiling",
        "committed_picodollars",
        "committed_tokens",
        "is_priced",
        "latest_periods",
        "overrun_picodollars",
        "overrun_tokens",
        "spent_picodollars",
        "spent_tokens",
    )

    ledger: MemoryLedger
    parent: MemoryAccount | None
    chain: tuple[MemoryAccount, ...]
    stop: int | None = None
    dollar_stop: int | None = None

    def __init__(
        self,
        ledger: MemoryLedger,
        name: str,
        limit_tokens: int | None,
        limit_picodollars: int | None,
        parent: MemoryAccount | None,
        periods: Periods | None = None,
    ) -> None:
        super().__init__(ledger, name, limit_tokens, limit_picodollars, parent, periods)
        self.ceiling = -1 if limit_picodollars is not None else maxsize if limit_tokens is None else limit_tokens
        if periods is not None:
            self.ceiling = -1
            # The latest period of each unit in which a call was held.
            self.latest_periods: dict[str, Period] = {}
        self.spent_tokens = 0
        self.committed_tokens = 0
        self.overrun_tokens = 0
        self.spent_picodollars = 0
        self.committed_picodollars = 0
        self.overrun_picodollars = 0
        self.is_priced = True

    @property
    def figures(self) -> Figures:
        """The account itself, if it counts over all time."""
        return self if self.periods is None else self.figures_at(self.ledger.clock.time())

    @property
    def all_time(self) -> Figures:
        """The account itself."""
        return self

    def have(self, hold: Hold[Any]) -> tuple[bool, bool]:  # noqa: ARG002
        """Over all time every hold is in the figures."""
        return True, True

    def figures_at(self, now: float) -> Standing:
        """The numbers of the periods around a moment, in seconds since 1970."""
        if self.periods is None:
            return self
        from omega_runtime.ledger.periods import PeriodFigures

        return PeriodFigures(self, self.periods, now)
