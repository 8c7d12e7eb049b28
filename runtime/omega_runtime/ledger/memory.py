"""The ledger in memory: one lock, and every operation all or nothing on a whole chain of accounts."""

from __future__ import annotations

from _thread import allocate_lock

from omega_runtime.acceleration import accelerated, introduce
from omega_runtime.ledger.account import MemoryAccount
from omega_runtime.ledger.claim import GRANTED, WAIT, decide
from omega_runtime.ledger.errors import LedgerMisuse
from omega_runtime.ledger.forks import watch
from omega_runtime.ledger.hold import ENDED, HELD, SENT, Hold
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.locks import guard
from omega_runtime.ledger.outcomes import CLOSED, OVERRUN, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.queue import Ticket, is_queued_before, wake
from omega_runtime.ledger.statistics import Statistics
from omega_runtime.ledger.totals import Finished, RootAccount, line_of
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    from omega_runtime.clock import SystemClock
    from omega_runtime.ledger.claim import Beside, Claim, Decision
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.periods import Period
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.ledger.tasks import TaskRecord
    from omega_runtime.ledger.wish import Bill, Wish
    from omega_runtime.places import Site

    H = TypeVar("H", bound=Hold)


class MemoryLedger(Ledger[MemoryAccount]):
    """Keeps accounts in this process."""

    __slots__ = ("__weakref__", "accounts", "finished", "guard", "inherited", "numbers", "statistics", "task_list")

    root: RootAccount

    def __init__(self, clock: SystemClock | None = None) -> None:
        super().__init__(clock)
        self._make_lock()
        self.numbers = 0
        # Accounts of the parent process, in a forked child.
        self.inherited: frozenset[MemoryAccount] = frozenset()
        self.statistics: dict[Site, dict[str, Statistics]] = {}
        # Accounts that are open, or still have calls under way.
        self.accounts: dict[MemoryAccount, None] = {}
        self.finished: dict[str, Finished] = {}
        self.task_list: list[TaskRecord] = []
        self.root = RootAccount(self)
        watch(self)

    def _make_lock(self) -> None:
        self.lock = allocate_lock()
        # The same lock, for what each call does.
        self.guard = guard(self.lock)

    # Accounts

    def open_account(
        self,
        name: str,
        limit_tokens: int | None,
        parent: MemoryAccount,
        limit_picodollars: int | None = None,
        periods: Periods | None = None,
    ) -> MemoryAccount:
        """A new account under `parent`, which must be of this ledger; see `Ledger.open_account`."""
        if parent.ledger is not self:
            raise LedgerMisuse("the parent account is of another ledger")
        account = MemoryAccount(self, name, limit_tokens, limit_picodollars, parent, periods)
        with self.lock:
            self.accounts[account] = None
        return account

    def close_account(self, account: MemoryAccount) -> None:
        """The end of the account's scope; its figures go into `finished` once no call is under way."""
        with self.lock:
            self._reclaim()
            if account.is_open:
                account.is_open = False
                # Calls that still come take the slow way, on which the account is listed again.
                account.ceiling = -1
                account.hand_on(account.answers or ())
            self._retire()

    def _retire(self) -> None:
        """Take closed accounts without calls under way off the list."""
        closed = [each for each in self.accounts if not each.is_open]
        for account in [each for each in closed if each.committed_tokens == each.spent_tokens]:
            del self.accounts[account]
            self.finished.setdefault(account.name, Finished()).add(account, account.periods)
            if account.parent is self.root:
                self.root.take_over(account)

    def _list_again(self, account: MemoryAccount) -> None:
        """A call pays from an account whose scope has ended, such as one of a thread that goes on."""
        if account not in self.accounts and account is not self.root:
            self.finished[account.name].add(account, account.periods, -1)
            if account.parent is self.root:
                self.root.take_over(account, -1)
            self.accounts[account] = None

    # Reserving

    @accelerated
    def reserve(
        self,
        hold: H,
        prompt: int,
        floor: int,
        max_wait: float | None,
        beside: Beside[MemoryAccount] | None = None,
    ) -> H:
        """As `Ledger.reserve`; a call without a price that fits at once is held here, without more ado."""
        request = hold.request
        if request.price is None and beside is None:
            hold.output = wanted = request.wanted
            hold.tokens = tokens = prompt + wanted
            hold.picodollars = hold.call = 0
            hold.periods = ()
            with self.guard:
                if not self.tickets:
                    chain: tuple[MemoryAccount, ...] = hold.account.chain
                    # An interrupt can only come between two accounts; then what was done is undone.
                    try:
                        for account in chain:
                            committed_tokens = account.committed_tokens + tokens
                            if committed_tokens > account.ceiling:
                                break
                            account.committed_tokens = committed_tokens
                        else:
                            hold.open = HELD
                            return hold
                    except BaseException:
                        _commit(chain[: chain.index(account) + 1], -tokens, 0)
                        raise
                    _commit(chain[: chain.index(account)], -tokens, 0)
        return super().reserve(hold, prompt, floor, max_wait, beside)

    def attempt(self, claim: Claim[MemoryAccount]) -> Decision[MemoryAccount]:
        """Try to hold a claim's worst case on all its accounts, as one step; see `Ledger.attempt`."""
        ticket = claim.ticket
        chain = claim.account.chain
        with self.lock:
            self._check_not_forked(chain)
            self._reclaim()
            now = self.clock.time()
            decision = decide(
                claim,
                [(each, each.figures_at(now)) for each in chain],
                lambda each: is_queued_before(each, ticket),
            )
            if decision.outcome == GRANTED:
                self._grant(claim, decision.output, now)
            elif decision.outcome == WAIT:
                if claim.ticket is None:
                    self.numbers += 1
                    claim.ticket = self.tickets[self.numbers] = Ticket(self.numbers, self.lock)
                claim.ticket.stand_at(decision.account)
        return decision

    def _grant(self, claim: Claim[MemoryAccount], output: int, now: float) -> None:
        request = claim.request
        chain = claim.account.chain
        hold = claim.fill(output, periods=_enter_periods(chain, now))
        figures = _booked_on(hold)
        tokens, picodollars = hold.tokens, hold.picodollars
        if output < request.wanted:
            self.statistics_of(request).clamped += 1
        for each in chain:
            if not each.is_open:
                self._list_again(each)
        # No call from here to the loop: an interrupt must find nothing done, or all of it and the hold open.
        hold.open = HELD
        try:
            for booked in figures:
                booked.committed_tokens += tokens
                booked.committed_picodollars += picodollars
        except BaseException:
            _commit(figures[figures.index(booked) + 1 :], tokens, picodollars)
            raise
        claim.is_granted = True
        if claim.beside is not None:
            _cut_down(claim.beside)
            self._wake()

    def withdraw(self, claim: Claim[MemoryAccount]) -> None:
        """Take a claim out of its queue."""
        with self.lock:
            ticket = claim.ticket
            if ticket is not None:
                ticket.leave()
                self.tickets.pop(ticket.number, None)
                claim.ticket = None

    # Ending a hold

    @accelerated
    def settle(self, hold: Hold[MemoryAccount], bill: Bill, picodollars: int = 0) -> str:
        """As `Ledger.settle`."""
        request = hold.request
        input_tokens = bill.input_tokens
        output_tokens = bill.output_tokens
        tokens = input_tokens + output_tokens
        account = hold.account
        with self.guard:
            if not hold.open:
                return CLOSED
            try:
                counters = self.statistics[request.site][request.model]
            except KeyError:
                counters = self.statistics_of(request)
            rest_tokens = tokens - hold.tokens
            outcome = SETTLED
            if rest_tokens > 0 or account.is_priced or hold.periods or request.price is not None:
                outcome = self._book_unusually(hold, bill, picodollars, counters)
            else:
                # `_book` without money, spelled out, as most calls come this way; an interrupt can't come before it.
                chain = account.chain
                counters.calls += 1
                counters.input_tokens += input_tokens
                counters.output_tokens += output_tokens
                hold.open = ENDED
                try:
                    for each in chain:
                        each.committed_tokens += rest_tokens
                        each.spent_tokens += tokens
                except BaseException:
                    _end(chain[chain.index(each) + 1 :], rest_tokens, tokens, 0, 0)
                    raise
            if bill.stop_reason is not None and bill.stop_reason == "max_tokens":
                counters.truncated += 1
                counters.truncated_by_budget += hold.output < request.wanted
            answers = account.answers
            if answers is not None:
                answers.append(bill.text)
                if not account.is_open:
                    account.hand_on((bill.text,))
            if self.tickets:
                self._wake()
            return outcome

    def _book_unusually(self, hold: Hold[MemoryAccount], bill: Bill, picodollars: int, counters: Statistics) -> str:
        """Book a call that has a price or more cost than was held, or that is the first of an account without one."""
        tokens = bill.input_tokens + bill.output_tokens
        over_tokens, over_picodollars = max(0, tokens - hold.tokens), max(0, picodollars - hold.picodollars)
        is_over = over_tokens > 0 or over_picodollars > 0
        if is_over:
            # Before the booking, so that an interrupt between the two leaves the figures in balance.
            counters.overruns += 1
            _record_overrun(_booked_on(hold), over_tokens, over_picodollars)
        if hold.request.price is None:
            _mark_unpriced(hold)
            picodollars = 0
        try:
            _book(hold, tokens, picodollars)
        finally:
            # Also when it was interrupted, after all was booked.
            if not hold.open:
                counters.calls += 1
                counters.input_tokens += bill.input_tokens
                counters.output_tokens += bill.output_tokens
                counters.picodollars += picodollars
                counters.priced += hold.request.price is not None
        return OVERRUN if is_over else SETTLED

    def mark_unknown(self, hold: Hold[MemoryAccount]) -> str:
        """Book the whole hold of a call that failed but may have been billed: UNKNOWN or CLOSED."""
        with self.lock:
            return self._mark_unknown(hold) if hold.open else CLOSED

    def void(self, hold: Hold[MemoryAccount]) -> str:
        """Release the whole hold of a call that was not billed: VOIDED or CLOSED."""
        with self.lock:
            return self._void(hold) if hold.open else CLOSED

    def reclaim(self) -> None:
        """Close holds that were lost without being settled: voided if never sent, otherwise unknown."""
        with self.lock:
            self._reclaim()
            self._retire()

    def note(self, request: Wish, counter: str) -> None:
        """Count something that costs nothing: a counter of `Statistics` goes up by one."""
        with self.lock:
            counters = self.statistics_of(request)
            setattr(counters, counter, getattr(counters, counter) + 1)

    # Looking

    def entries(self) -> Iterable[Entry]:
        """What was counted for each site and model."""
        with self.lock:
            return [(site, model, each) for site, models in self.statistics.items() for model, each in models.items()]

    def account_lines(self) -> list[AccountLine]:
        """The figures of all accounts, the root first: those of open ones, and closed ones summed by name."""
        with self.lock:
            now = self.clock.time()
            lines = [line_of(each.name, each.figures_at(now), each.periods) for each in self.accounts]
            ended = [each.line(name) for name, each in self.finished.items()]
            return [line_of(self.root.name, self.root.total()), *lines, *ended]

    # The history of tasks

    def record_task(self, task: TaskRecord) -> None:
        """Keep what a task has cost, as long as this process runs."""
        self.task_list.append(task)

    def tasks(self) -> list[TaskRecord]:
        """All that was recorded, oldest first."""
        return list(self.task_list)

    # Inside the lock

    def statistics_of(self, request: Wish) -> Statistics:
        """The counters of a request's site and model; to be called under the lock."""
        return self.statistics.setdefault(request.site, {}).setdefault(request.model, Statistics())

    def _mark_unknown(self, hold: Hold[MemoryAccount]) -> str:
        counters = self.statistics_of(hold.request)
        if hold.request.price is None:
            _mark_unpriced(hold)
        try:
            _book(hold, hold.tokens, hold.picodollars)
        finally:
            if not hold.open:
                counters.unknown += 1
                counters.unknown_tokens += hold.tokens
                counters.picodollars += hold.picodollars
                counters.priced += hold.request.price is not None
        self._wake()
        return UNKNOWN

    def _void(self, hold: Hold[MemoryAccount]) -> str:
        _book(hold, 0, 0)
        if hold.attempt:
            self.statistics_of(hold.request).voided += 1
        self._wake()
        return VOIDED

    def _wake(self) -> None:
        """Let the first call in every queue look again, as what is spent further out may let it do with less."""
        if self.tickets:
            for each in self.accounts:
                wake(each)

    def _reclaim(self) -> None:
        while self.lost:
            # Off the list only once it is booked, for an interrupt in between; new ones come at the end.
            hold = self.lost[0]
            if hold.open:
                (self._mark_unknown if hold.open == SENT else self._void)(hold)
            del self.lost[0]

    def forked(self) -> None:
        """Called in a child process: budgets that were open at the fork belong to the parent."""
        self._make_lock()
        self.inherited = frozenset(self.accounts)
        # The calls that wait are the parent's, too.
        self.tickets.clear()
        for account in self.accounts:
            account.waiters.clear()
            # Its calls take the slow way, on which `inherited` is looked at.
            account.ceiling = -1

    def _check_not_forked(self, chain: tuple[MemoryAccount, ...]) -> None:
        if self.inherited and any(each.is_limited and each in self.inherited for each in chain):
            raise OmegaError(
                "this process was forked while a budget was open, and a budget in memory cannot be shared with "
                "another process; give the budget a ledger file: budget(..., ledger=FILE, name=NAME)"
            )


def _enter_periods(chain: tuple[MemoryAccount, ...], now: float) -> tuple[Period, ...]:
    if all(each.periods is None for each in chain):
        return ()
    from omega_runtime.ledger.periods import enter

    return enter(chain, now)


def _booked_on(hold: Hold[MemoryAccount]) -> tuple[MemoryAccount | Period, ...]:
    """Where a hold is booked: on its accounts, and in the periods in which it began."""
    return (*hold.account.chain, *hold.periods)


def _commit(accounts: tuple[MemoryAccount | Period, ...], tokens: int, picodollars: int) -> None:
    for account in accounts:
        account.committed_tokens += tokens
        account.committed_picodollars += picodollars


def _cut_down(beside: Beside[MemoryAccount]) -> None:
    """Release a part of a hold, or all of it; an interrupt does not stop it half way."""
    hold = beside.hold
    tokens, picodollars = beside.freed
    figures = _booked_on(hold)
    # No call from here to the loop: an interrupt must not find more released than the hold has lost.
    hold.tokens -= tokens
    hold.picodollars -= picodollars
    if not hold.tokens:
        hold.open = ENDED
    try:
        for account in figures:
            account.committed_tokens -= tokens
            account.committed_picodollars -= picodollars
    except BaseException:
        _commit(figures[figures.index(account) + 1 :], -tokens, -picodollars)
        raise


def _book(hold: Hold[MemoryAccount], tokens: int, picodollars: int) -> None:
    """Turn what is held into what is spent, on every account; an interrupt does not stop it half way."""
    rest_tokens = tokens - hold.tokens
    rest_picodollars = picodollars - hold.picodollars
    figures = _booked_on(hold)
    # No call from here to the loop: an interrupt must not find the hold closed and nothing booked.
    hold.open = ENDED
    try:
        for account in figures:
            account.committed_tokens += rest_tokens
            account.spent_tokens += tokens
            account.committed_picodollars += rest_picodollars
            account.spent_picodollars += picodollars
    except BaseException:
        _end(figures[figures.index(account) + 1 :], rest_tokens, tokens, rest_picodollars, picodollars)
        raise


def _end(
    accounts: tuple[MemoryAccount | Period, ...],
    rest_tokens: int,
    tokens: int,
    rest_picodollars: int,
    picodollars: int,
) -> None:
    for account in accounts:
        account.committed_tokens += rest_tokens
        account.spent_tokens += tokens
        account.committed_picodollars += rest_picodollars
        account.spent_picodollars += picodollars


def _record_overrun(accounts: tuple[MemoryAccount | Period, ...], tokens: int, picodollars: int) -> None:
    for account in accounts:
        account.overrun_tokens += tokens
        account.overrun_picodollars += picodollars


def _mark_unpriced(hold: Hold[MemoryAccount]) -> None:
    """From now on the accounts and periods of the hold cannot say what they cost in dollars."""
    for each in _booked_on(hold):
        each.is_priced = False


introduce("Lock", type(allocate_lock()))
introduce("Hold", Hold)
introduce("Statistics", Statistics)
introduce("MemoryAccount", MemoryAccount)
introduce("SETTLED", SETTLED)
introduce("MemoryLedger", MemoryLedger)  # last, as what C knows of the ledger is complete then
