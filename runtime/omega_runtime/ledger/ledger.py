"""What every ledger does the same way: wait for room, and say why there is none."""

from __future__ import annotations

from math import inf

from omega_runtime.clock import SystemClock
from omega_runtime.ledger.claim import COUNT, GRANTED, REFUSED, UNPRICED, Claim
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout
from omega_runtime.ledger.explanations import MOST, Explanation, Waits
from omega_runtime.ledger.generic import A, Generic
from omega_runtime.ledger.keeping import MOST_WAIT, kept_here
from omega_runtime.ledger.nesting import check_not_nested
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections import deque
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any, TypeVar

    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.claim import Beside, Decision
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.queue import Ticket
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.ledger.tasks import TaskRecord
    from omega_runtime.ledger.wish import Bill, Wish
    from omega_runtime.places import Site

    H = TypeVar("H", bound=Hold)
    Elsewhere = Callable[..., Awaitable[Any]]

# Waiters look up this often (seconds) for holds that were lost without being settled.
LOST_HOLDS_EVERY = 0.5


class Ledger(Generic[A]):
    """Keeps accounts and holds. A backend offers the operations that raise NotImplementedError here.

    Each of them checks everything first and then commits in a way that nothing can leave half done. Nothing waits
    without an end while it holds room, so waiting cannot deadlock: mostly nothing reserves while it holds, and who
    does says so (`beside`).
    """

    __slots__ = ("clock", "downgrades", "explanations", "lock", "lost", "root", "substitutions", "tickets")

    root: A
    lock: LockType
    is_shared: bool = False
    """Whether other processes may pay from the same accounts."""

    def __init__(self, clock: SystemClock | None) -> None:
        self.clock = clock or SystemClock()
        # Of the claims that wait, in this process, by number.
        self.tickets: dict[int, Ticket] = {}
        # How often a call went to another model: by its site, the model that was asked for, and the one that was used.
        self.downgrades: dict[tuple[Site, str, str], int] = {}
        # Which model answered for a name that is not available.
        self.substitutions: dict[str, str] = {}
        # Of the last claims in this process that waited, got less than they wished for, or were refused.
        self.explanations: deque[Explanation] | tuple[Explanation, ...] = ()
        # Holds that nobody has any more and that were not settled.
        self.lost: list[Hold[A]] = []

    # What a backend offers

    def open_account(
        self,
        name: str,
        limit_tokens: int | None,
        parent: A,
        limit_picodollars: int | None = None,
        periods: Periods | None = None,
    ) -> A:
        """A new account under `parent`, which must be of this ledger.

        Limits are tokens and picodollars, for each period where `periods` says over which.
        """
        raise NotImplementedError

    def close_account(self, account: A) -> None:
        """The end of the account's scope; calls that still pay from it go on."""
        raise NotImplementedError

    def attempt(self, claim: Claim[A]) -> Decision[A]:
        """Try to hold a claim's worst case on all its accounts, as one step.

        GRANTED fills in the claim's hold and opens it, with less output than wished for perhaps; WAIT leaves the claim
        in the queue of the account that it waits for.
        """
        raise NotImplementedError

    def withdraw(self, claim: Claim[A]) -> None:
        """Take a claim out of its queue; may be repeated when an interrupt came before the end of it."""
        raise NotImplementedError

    def confirm(self, hold: Hold[A]) -> bool:  # noqa: ARG002
        """Whether a hold still stands, right before its call is sent; only one in a file can have ended by itself."""
        return True

    def settle(self, hold: Hold[A], bill: Bill, picodollars: int = 0) -> str:
        """Book what the call really cost, release the rest and wake who waits: SETTLED, OVERRUN or CLOSED.

        `picodollars` are what it cost in money, 0 when the request has no price.
        """
        raise NotImplementedError

    def mark_unknown(self, hold: Hold[A]) -> str:
        """Book the whole hold of a call that failed but may have been billed: UNKNOWN or CLOSED."""
        raise NotImplementedError

    def void(self, hold: Hold[A]) -> str:
        """Release the whole hold of a call that was not billed: VOIDED or CLOSED."""
        raise NotImplementedError

    def reclaim(self) -> None:
        """Close holds that were lost without being settled: voided if never sent, otherwise unknown."""
        raise NotImplementedError

    def note(self, request: Wish, counter: str) -> None:
        """Count something that costs nothing: a counter of `Statistics` goes up by one."""
        raise NotImplementedError

    def note_downgrade(self, request: Wish, asked: str) -> None:
        """Record that a call goes to a lower model than the one that was asked for."""
        self.note(request, "downgraded")
        key = (request.site, asked, request.model)
        with self.lock:
            self.downgrades[key] = self.downgrades.get(key, 0) + 1

    def note_substitution(self, asked: str, used: str) -> None:
        """Record that another model answers for a name that is not available."""
        with self.lock:
            self.substitutions[asked] = used

    def entries(self) -> Iterable[Entry]:
        """What was counted for each site and model."""
        raise NotImplementedError

    def account_lines(self) -> list[AccountLine]:
        """The figures of all accounts, the root first: those of open ones, and closed ones summed by name."""
        raise NotImplementedError

    # The history of tasks

    def record_task(self, task: TaskRecord) -> None:
        """Keep what a task has cost."""
        raise NotImplementedError

    def tasks(self) -> list[TaskRecord]:
        """All that was recorded, oldest first."""
        raise NotImplementedError

    # Reserving

    def reserve(self, hold: H, prompt: int, floor: int, max_wait: float | None, beside: Beside[A] | None = None) -> H:
        """Hold `prompt` tokens, those of the answer, and their price on the hold's account and all its ancestors.

        `prompt` is a sure bound of the input tokens; the hold's own count is asked for when that does not fit. Waits
        for room at most `max_wait` seconds (None: for ever), and never for long where the code keeps room itself. The
        answer gets what the request wishes, or less where it may be clamped, down to `floor`. Gives the hold, opened;
        what is held `beside` is cut down in the same step. Raises BudgetExceeded when the call can no longer fit,
        BudgetTimeout when the wait was in vain, and OmegaError when a limit in dollars cannot be enforced.
        """
        claim, max_wait = self._claim(hold, prompt, floor, max_wait, beside)
        deadline: float | None = None
        waits: Waits | None = None
        try:
            while True:
                decision = self.attempt(claim)
                if decision.outcome == GRANTED:
                    if hold.output < claim.request.wanted:
                        self._explain(claim, decision)
                    return hold
                if decision.outcome == COUNT:
                    claim.count()  # without a lock: others go on meanwhile
                    continue
                self._raise_refusal(claim, decision)
                if deadline is None:
                    check_not_nested()
                    waits = Waits(self._explain(claim, decision), claim, self.clock)
                    deadline = inf if max_wait is None else self.clock.now() + max_wait
                    hold.waits()
                self._wait(claim, decision.account, deadline, max_wait)
        finally:
            if claim.ticket is not None:
                try:
                    self.withdraw(claim)
                except BaseException:
                    # An interrupt: a place in the queue that nobody has would block all behind it.
                    self.withdraw(claim)
                    raise
            if waits is not None:
                waits.end()

    async def reserve_async(self, hold: H, prompt: int, floor: int, max_wait: float | None, elsewhere: Elsewhere) -> H:
        """As `reserve`, without blocking the event loop: `elsewhere` runs in another thread what may take time."""
        from omega_runtime.ledger.queue import Bell

        claim, max_wait = self._claim(hold, prompt, floor, max_wait)
        deadline: float | None = None
        waits: Waits | None = None
        bell = Bell()
        try:
            while True:
                decision = await elsewhere(self.attempt, claim) if self.is_shared else self.attempt(claim)
                if decision.outcome == GRANTED:
                    if hold.output < claim.request.wanted:
                        self._explain(claim, decision)
                    return hold
                if decision.outcome == COUNT:
                    await elsewhere(claim.count)
                    continue
                self._raise_refusal(claim, decision)
                if deadline is None:
                    waits = Waits(self._explain(claim, decision), claim, self.clock)
                    deadline = inf if max_wait is None else self.clock.now() + max_wait
                left = self._time_left(claim, decision.account, deadline, max_wait)
                assert claim.ticket is not None
                with self.lock:
                    is_called = claim.ticket.rings(bell)
                if not is_called:
                    await bell.wait(min(left, LOST_HOLDS_EVERY))
        finally:
            if claim.ticket is not None:
                self.withdraw(claim)
            if waits is not None:
                waits.end()

    def _claim(
        self, hold: Hold[A], prompt: int, floor: int, max_wait: float | None, beside: Beside[A] | None = None
    ) -> tuple[Claim[A], float | None]:
        """A claim, and how long it may wait: not for ever while its owner keeps room for which others wait."""
        own = beside and beside.hold
        kept = tuple(each for each in kept_here() if each is not own and each.account.ledger is self)
        if kept or own is not None:
            max_wait = MOST_WAIT if max_wait is None else min(MOST_WAIT, max_wait)
        return Claim(hold, prompt, floor, beside, kept), max_wait

    def _explain(self, claim: Claim[A], decision: Decision[A]) -> Explanation:
        """Note what becomes of a claim."""
        from collections import deque

        explanation = Explanation(claim, decision)
        with self.lock:
            if not isinstance(self.explanations, deque):
                self.explanations = deque(maxlen=MOST)
            self.explanations.append(explanation)
        return explanation

    def _raise_refusal(self, claim: Claim[A], decision: Decision[A]) -> None:
        """Raise what keeps the claim from ever being granted, if it is that; a refusal is noted."""
        if decision.outcome == REFUSED:
            self._explain(claim, decision)
        _raise_refusal(claim, decision)

    def _time_left(self, claim: Claim[A], account: A, deadline: float, max_wait: float | None) -> float:
        """Seconds until the deadline; raises BudgetTimeout after it."""
        left = deadline - self.clock.now()
        if left <= 0:
            needed = claim.prompt + claim.request.wanted
            raise BudgetTimeout(claim.request.site, needed, account.name, max_wait or 0)
        return left

    def _wait(self, claim: Claim[A], account: A, deadline: float, max_wait: float | None) -> None:
        """Wait until something may have changed; raises BudgetTimeout after the deadline."""
        left = self._time_left(claim, account, deadline, max_wait)
        ticket = claim.ticket
        assert ticket is not None  # WAIT has put it in a queue
        with self.lock:
            ticket.wait(self.clock, min(left, LOST_HOLDS_EVERY))


def _raise_refusal(claim: Claim, decision: Decision) -> None:
    """Raise what keeps the claim from ever being granted, if it is that."""
    account, request = decision.account, claim.request
    if decision.outcome == UNPRICED:
        raise OmegaError(
            f'the price of model "{request.model}" is not known, so the limit in dollars of '
            f'"{account.name}" cannot be enforced; limit tokens instead, or give its price with '
            "configure(prices=…) or in omegac.toml"
        )
    if decision.outcome != REFUSED:
        return
    if decision.in_dollars:
        from omega_runtime.money import dollars

        needed = dollars(claim.picodollars(decision.output))
        error = BudgetExceeded(request.site, needed, dollars(decision.left), account.name)
        error.limit, error.spent, error.held = map(dollars, (decision.limit, decision.spent, decision.held))
    else:
        error = BudgetExceeded(request.site, claim.prompt + decision.output, decision.left, account.name)
        error.limit, error.spent, error.held = decision.limit, decision.spent, decision.held
    error.output = decision.output
    if account.periods is not None:
        error.period = account.periods.dollars if decision.in_dollars else account.periods.tokens
    if decision.next_period is not None and account.periods is not None:
        from omega_runtime.ledger.calendar import moment, moment_text

        error.next_period = moment(decision.next_period, account.periods.timezone)
        error.add_note(f'the limit of "{account.name}" is whole again at {moment_text(error.next_period)}')
    error.partial = tuple(answers_within(claim.account, account))
    try:
        raise error
    finally:
        del error  # or it would keep itself alive, and with its frames the holds that are in them


def answers_within(account: Account | None, outermost: Account) -> list[str]:
    """Answers that were paid for from `account` up to `outermost`, and are kept there."""
    answers: list[str] = []
    lists: list[deque[str]] = []
    while account is not None:
        # An account that has ended has handed its answers on.
        is_here = account.is_open or account is outermost
        if is_here and account.answers is not None and not any(account.answers is each for each in lists):
            lists.append(account.answers)
        if account is outermost:
            break
        account = account.parent
    for each in reversed(lists):
        answers += each
    return answers
