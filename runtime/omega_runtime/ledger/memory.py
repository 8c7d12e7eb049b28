"""The ledger in memory: one lock, and every operation all or nothing on a whole chain of accounts."""

from __future__ import annotations

from _thread import allocate_lock

from omega_runtime.errors import OmegaError
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.clock import SystemClock
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout, LedgerMisuse
from omega_runtime.ledger.hold import Hold
from omega_runtime.ledger.outcomes import (
    CLOSED,
    COUNT,
    GRANTED,
    OVERRUN,
    REFUSED,
    SETTLED,
    UNKNOWN,
    VOIDED,
    WAIT,
)
from omega_runtime.ledger.queue import Ticket, is_queued_before, wake
from omega_runtime.ledger.statistics import Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.budgets.settings import Settings
    from omega_runtime.effects.context import Context
    from omega_runtime.effects.site import Site
    from omega_runtime.models.request import Request

# Waiters look up this often (seconds) for holds that were lost without being settled.
LOST_HOLDS_EVERY = 0.5


class MemoryLedger:
    """Keeps accounts in this process. `reserve`, `settle`, `mark_unknown` and `void` are what a backend must offer.

    Each operation checks everything first and then commits in a way that an interrupt cannot leave half done.
    Holds are leaves: nothing reserves while it holds, so waiting cannot deadlock.
    """

    __slots__ = (
        "accounts",
        "clock",
        "finished",
        "lock",
        "lost",
        "numbers",
        "root",
        "statistics",
        "waiting",
    )

    def __init__(self, clock: SystemClock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.lock = allocate_lock()
        self.waiting = 0
        self.numbers = 0
        self.statistics: dict[Site, dict[str, Statistics]] = {}
        # Holds that nobody has any more and that were not settled.
        self.lost: list[Hold] = []
        self.accounts: dict[Account, None] = {}
        # Closed accounts, summed by name: scopes, limit (None: without), spent, overrun.
        self.finished: dict[str, tuple[int, int | None, int, int]] = {}
        self.root = Account("all calls", None, None)
        self.root.ledger = self

    # Accounts

    def open_account(self, name: str, limit: int | None, parent: Account) -> Account:
        """A new account under `parent`, which must be of this ledger."""
        if parent.ledger is not self:
            raise LedgerMisuse("the parent account is of another ledger")
        account = Account(name, limit, parent)
        account.ledger = self
        with self.lock:
            self.accounts[account] = None
        return account

    def close_account(self, account: Account) -> None:
        """Take the account off the list of open ones; its figures go into `finished`."""
        with self.lock:
            self._reclaim()
            if account in self.accounts:
                del self.accounts[account]
                scopes, limit, spent, overrun = self.finished.get(account.name, (0, 0, 0, 0))
                both = None if limit is None or account.limit is None else limit + account.limit
                self.finished[account.name] = (
                    scopes + 1,
                    both,
                    spent + account.spent,
                    overrun + account.overrun,
                )

    # Reserving

    def reserve(self, context: Context, request: Request, prompt: int, settings: Settings, attempt: int = 1) -> Hold:
        """Hold `prompt + request.max_tokens` tokens on the context's account and all its ancestors.

        `prompt` is a sure bound of the input tokens. Waits for room at most `settings.max_wait` seconds; may lower
        request.max_tokens, not below `settings.floor`. Raises BudgetExceeded when the call can no longer fit and
        BudgetTimeout when the wait was in vain.
        """
        hold = Hold()
        hold.open = False
        hold.sent = False
        hold.context = context
        hold.request = request
        hold.attempt = attempt
        hold.amount = amount = prompt + request.max_tokens
        with self.lock:
            if not self.waiting and _take(hold, context.account.chain, amount):
                return hold
        hold.prompt = prompt
        hold.counted = False
        self._reserve_slowly(hold, settings)
        return hold

    def _reserve_slowly(self, hold: Hold, settings: Settings) -> None:
        """Reserve what does not fit at once, or arrives while others wait."""
        request = hold.request
        ticket: Ticket | None = None
        deadline = None
        try:
            while True:
                with self.lock:
                    self._reclaim()
                    outcome, account, tokens = _examine(hold, settings.floor, ticket)
                    if outcome == GRANTED:
                        self._grant(hold, tokens)
                        return
                    if outcome == REFUSED:
                        available = max(0, account.limit - account.spent)  # type: ignore[operator]
                        raise BudgetExceeded(request.site, tokens, available, account.name)
                    if outcome == WAIT:
                        if ticket is None:
                            ticket = self._ticket(hold)
                            if settings.max_wait is not None:
                                deadline = self.clock.now() + settings.max_wait
                        ticket.stand_at(account)
                        self._wait(ticket, hold, deadline, settings)
                        continue
                # The provider is asked without the lock: others go on meanwhile.
                counted = request.provider.count(request)
                hold.prompt = hold.prompt if counted is None else counted
                hold.counted = True
        finally:
            if ticket is not None:
                with self.lock:
                    self.waiting -= 1
                    ticket.leave()

    def _ticket(self, hold: Hold) -> Ticket:
        _check_not_nested(hold)
        self.numbers += 1
        self.waiting += 1
        return Ticket(self.numbers, self.lock)

    def _wait(self, ticket: Ticket, hold: Hold, deadline: float | None, settings: Settings) -> None:
        """Wait until something changed; raises BudgetTimeout after the deadline."""
        left = LOST_HOLDS_EVERY if deadline is None else deadline - self.clock.now()
        if left <= 0:
            waited_for = ticket.account or hold.account
            raise BudgetTimeout(hold.request.site, hold.amount, waited_for.name, settings.max_wait or 0)
        self.clock.wait(ticket.changed, min(left, LOST_HOLDS_EVERY))

    def _grant(self, hold: Hold, amount: int) -> None:
        hold.amount = amount
        hold.request.max_tokens = amount - hold.prompt
        if hold.request.max_tokens < hold.request.wanted:
            self.statistics_of(hold.request).clamped += 1
        _take(hold, hold.account.chain, amount)

    # Ending a hold

    def settle(self, hold: Hold, input_tokens: int, output_tokens: int, truncated: bool = False) -> str:
        """Book what the call really cost, release the rest and wake who waits: SETTLED, OVERRUN or CLOSED."""
        actual = input_tokens + output_tokens
        request = hold.request
        with self.lock:
            if not hold.open:
                return CLOSED
            over = actual - hold.amount
            try:
                counters = self.statistics[request.site][request.model]
            except KeyError:
                counters = self.statistics_of(request)
            if over > 0:
                # Before the booking, so that an interrupt between the two leaves the figures in balance.
                counters.overruns += 1
                for account in hold.account.chain:
                    account.overrun += over
            _book(hold, actual)
            counters.calls += 1
            counters.input_tokens += input_tokens
            counters.output_tokens += output_tokens
            if truncated:
                counters.truncated += 1
            if self.waiting:
                self._wake(hold.account)
            return OVERRUN if over > 0 else SETTLED

    def mark_unknown(self, hold: Hold) -> str:
        """Book the whole hold of a call that failed but may have been billed: UNKNOWN or CLOSED."""
        with self.lock:
            return self._mark_unknown(hold) if hold.open else CLOSED

    def void(self, hold: Hold) -> str:
        """Release the whole hold of a call that was not billed: VOIDED or CLOSED."""
        with self.lock:
            return self._void(hold) if hold.open else CLOSED

    def reclaim(self) -> None:
        """Close holds that were lost without being settled: voided if never sent, otherwise unknown."""
        with self.lock:
            self._reclaim()

    # Inside the lock

    def statistics_of(self, request: Request) -> Statistics:
        """The counters of a request's site and model; to be called under the lock."""
        return self.statistics.setdefault(request.site, {}).setdefault(request.model, Statistics())

    def _mark_unknown(self, hold: Hold) -> str:
        _book(hold, hold.amount)
        counters = self.statistics_of(hold.request)
        counters.unknown += 1
        counters.unknown_tokens += hold.amount
        self._wake(hold.account)
        return UNKNOWN

    def _void(self, hold: Hold) -> str:
        _book(hold, 0)
        self.statistics_of(hold.request).voided += 1
        self._wake(hold.account)
        return VOIDED

    def _wake(self, account: Account) -> None:
        for each in account.chain:
            wake(each)

    def _reclaim(self) -> None:
        while self.lost:
            # Off the list only once it is booked, for an interrupt in between; new ones come at the end.
            hold = self.lost[0]
            if hold.open:
                (self._mark_unknown if hold.sent else self._void)(hold)
            del self.lost[0]


def _examine(hold: Hold, floor: int, ticket: Ticket | None) -> tuple[str, Account, int]:
    """What would become of a reservation now: an outcome, the account behind it, and a number of tokens.

    REFUSED comes with the tokens needed, GRANTED with the tokens to hold.
    """
    account = hold.account
    wanted = hold.request.wanted
    want = hold.prompt + wanted
    if not hold.counted and any(_room(each) < want for each in account.limited):
        return COUNT, account, 0
    least = want if not hold.request.clamp else hold.prompt + min(floor, wanted)
    ceiling = want
    for each in account.limited:
        left = each.limit - each.spent  # type: ignore[operator]
        if left < least:
            return REFUSED, min(account.limited, key=_left), least
        ceiling = min(ceiling, left)
    for each in account.chain:
        if is_queued_before(each, ticket):
            return WAIT, each, 0
        # An account that clamps has room for all that is left only once nothing else is held there.
        if each.limit is not None and _room(each) < ceiling:
            return WAIT, each, 0
    return GRANTED, account, ceiling


def _left(account: Account) -> int:
    """limit - spent of an account that has a limit."""
    return account.limit - account.spent  # type: ignore[operator]


def _room(account: Account) -> int:
    """limit - spent - held of an account that has a limit."""
    return account.limit - account.committed  # type: ignore[operator]


def _take(hold: Hold, chain: tuple[Account, ...], amount: int) -> bool:
    """Commit the amount on every account and open the hold, or change nothing when one has no room.

    An interrupt, which can only come between two accounts, undoes what was done.
    """
    done = 0
    try:
        for account in chain:
            committed = account.committed + amount
            if committed > account.ceiling:
                break
            account.committed = committed
            done += 1
        else:
            hold.open = True
            return True
    except BaseException:
        _give_back(chain[:done], amount)
        raise
    _give_back(chain[:done], amount)
    return False


def _give_back(accounts: tuple[Account, ...], amount: int) -> None:
    for account in accounts:
        account.committed -= amount


def _book(hold: Hold, actual: int) -> None:
    """Turn what is held into what is spent, on every account; an interrupt does not stop it half way."""
    rest = actual - hold.amount
    chain = hold.context.account.chain
    # No call from here to the loop: an interrupt must not find the hold closed and nothing booked.
    hold.open = False
    done = 0
    try:
        for account in chain:
            account.committed += rest
            account.spent += actual
            done += 1
    except BaseException:
        for account in chain[done:]:
            account.committed += rest
            account.spent += actual
        raise


# Code objects of the functions that call a provider while their local variable `hold` is open.
PERFORMERS: set[object] = set()


def _check_not_nested(hold: Hold) -> None:
    """Raise OmegaError if this thread waits for room that it holds itself, which would last for ever."""
    from sys import _getframe

    frame = _getframe(1)
    while frame is not None:
        if frame.f_code in PERFORMERS:
            outer = frame.f_locals["hold"]
            if outer.open and outer.account.ledger is hold.account.ledger:
                raise OmegaError(
                    f"{hold.request.site}: a model function calls a model, and there is no room for both calls; "
                    "give the inner call its own room, or call the model from the program instead"
                )
        frame = frame.f_back  # type: ignore[assignment]
