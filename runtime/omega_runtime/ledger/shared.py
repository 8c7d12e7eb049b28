"""Ledgers that processes share: what those have in common, wherever the accounts are stored."""

from __future__ import annotations

import os
from _thread import allocate_lock
from contextlib import suppress

from omega_runtime.ledger.account import Account
from omega_runtime.ledger.claim import GRANTED, WAIT
from omega_runtime.ledger.errors import LedgerFileError, LedgerMisuse
from omega_runtime.ledger.hold import ENDED, HELD, SENT
from omega_runtime.ledger.journal import inner_accounts, open_journal
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.outcomes import CLOSED, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.queue import Ticket, wake
from omega_runtime.ledger.statistics import Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omega_runtime.clock import SystemClock
    from omega_runtime.ledger.account import Figures
    from omega_runtime.ledger.claim import Beside, Claim, Decision
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.journal import Journal, JournalEntry, Recorded, Runs
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.ledger.stored import AccountRow
    from omega_runtime.ledger.wish import Bill, Wish
    from omega_runtime.places import Site


LEASE = 60.0
"""Seconds that a hold outlasts its process, unless it is said otherwise."""


class SharedAccount(Account):
    """An account of a shared ledger; `id` is its row. Reading a figure reads the ledger."""

    __slots__ = ("id", "is_named", "journal", "pid")

    ledger: SharedLedger
    parent: SharedAccount | None
    chain: tuple[SharedAccount, ...]

    def __init__(self, ledger: SharedLedger, row: AccountRow, parent: SharedAccount | None) -> None:
        super().__init__(ledger, row.name, row.limit_tokens, row.limit_picodollars, parent, row.periods)
        self.id = row.id
        self.is_named = row.is_named
        self.pid = os.getpid()
        # The journal of the run, if answers are kept; accounts inside have the same.
        self.journal: Journal | None = None if parent is None else parent.journal

    def is_same(self, other: Account) -> bool:
        """Whether both stand for one stored account, which each scope opens for itself."""
        return self is other or (
            isinstance(other, SharedAccount) and other.ledger is self.ledger and other.id == self.id
        )

    def around_inherited(self, name: str) -> SharedAccount:
        """Where the account of a name is to be opened here: this one, but around the very account in a forked child.

        The child has inherited it with its parent's context, and opens it for itself.
        """
        is_inherited = self.is_named and self.name == name and self.pid != os.getpid()
        return self.parent if is_inherited and self.parent is not None else self

    @property
    def figures(self) -> Figures:
        """The numbers as they are stored now."""
        return self._row

    @property
    def all_time(self) -> Figures:
        """The numbers of all periods together."""
        return self.ledger.stored_row(self.id)

    @property
    def _row(self) -> AccountRow:
        row = self.ledger.current_row(self.id)
        self.limit_tokens, self.limit_picodollars, self.periods = row.limit_tokens, row.limit_picodollars, row.periods
        return row

    def keep_answers(self, program: str, source_hash: str, resume: bool) -> Journal | None:
        """Keep the answers that are paid for here, and by accounts inside, in a journal; see `open_journal`."""
        self.journal = open_journal(self.ledger.runs, self, program, source_hash, resume)
        return self.journal

    @property
    def journal_counts(self) -> tuple[int, int]:
        """How many calls of the run around were replayed, and how many were paid for, in this process."""
        journal = self.journal
        return (0, 0) if journal is None else (journal.replayed, journal.performed)

    @property
    def credit(self) -> tuple[int, int]:
        """What answers that wait to be replayed have cost here, before this execution, in the current periods."""
        journal = self.journal
        if journal is None or self.periods is None or self.all_credit == (0, 0):
            return self.all_credit
        row = self._row
        return journal.credit_since(row.first_call)[0], journal.credit_since(row.dollar_first_call)[1]

    @property
    def all_credit(self) -> tuple[int, int]:
        """The same, over all time."""
        journal = self.journal
        if journal is None or self not in journal.account.chain:
            return 0, 0
        return journal.credit_since(0)


class SharedLedger(Ledger[SharedAccount]):
    """Keeps accounts for all processes that have it open; a hold outlasts its process by the length of a lease.

    A backend offers, besides what `Ledger` asks for, the operations that raise NotImplementedError here. Those on
    holds only change what is stored and may be repeated; what they say is told to the program afterwards.
    """

    __slots__ = ("_free", "_late", "_names", "helpers", "runs")

    root: SharedAccount
    runs: Runs
    is_shared = True

    def __init__(self, clock: SystemClock | None) -> None:
        super().__init__(clock)
        self.lock = allocate_lock()
        self._names: dict[SharedAccount, None] = {}
        # Ended holds that could not be booked, and what books them.
        self._late: list[tuple[Hold[SharedAccount], Callable[[], str]]] = []
        # The numbers of processes that make calls for this one.
        self.helpers: set[int] = set()
        # What is counted for nothing, such as answers from the cache: of this process only.
        self._free: dict[tuple[Site, str], Statistics] = {}

    # What a backend offers besides

    def open_named(
        self,
        name: str,
        limit_tokens: int | None,
        limit_picodollars: int | None,
        parent: SharedAccount,
        raise_limit: bool,
        periods: Periods | None = None,
    ) -> SharedAccount:
        """The account of this name, made when there is none; its limits are stored and cover all runs.

        No limits mean the stored ones, no time zone the stored one. Raises OmegaError for others than the stored ones,
        unless `raise_limit` replaces them, and for another parent.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what is stored. Holds that are open stay held until their leases end."""
        raise NotImplementedError

    def stored_row(self, account: int) -> AccountRow:
        """An account with its figures of all time."""
        raise NotImplementedError

    def current_row(self, account: int) -> AccountRow:
        """An account with the figures of its current periods."""
        raise NotImplementedError

    def stored_entries(self) -> Iterable[Entry]:
        """What calls of this process, and of its helpers, were counted as, for each site and model."""
        raise NotImplementedError

    @property
    def where(self) -> str:
        """The path or the URL by which other processes open the same ledger."""
        raise NotImplementedError

    @property
    def number(self) -> int:
        """By which number the ledger knows this process, whatever leases it had."""
        raise NotImplementedError

    def is_held(self, hold: Hold[SharedAccount]) -> bool:
        """Whether a hold of this process is not booked yet."""
        raise NotImplementedError

    def forget_hold(self, hold: Hold[SharedAccount]) -> None:
        """A hold was booked."""
        raise NotImplementedError

    def _close_stored(self, account: SharedAccount) -> None:
        """Note the end of an account's scope, unless it is named."""
        raise NotImplementedError

    def _leave_stored(self, number: int) -> None:
        """Take a ticket out of its queue."""
        raise NotImplementedError

    def _book_replay(self, inner: list[int], found: Recorded) -> None:
        """Count a replayed answer in the budgets that were opened within the run; the others have it already."""
        raise NotImplementedError

    def _settle_stored(
        self, hold: Hold[SharedAccount], bill: Bill, picodollars: int, entry: JournalEntry | None
    ) -> Callable[[], str]:
        """What books an answer, with what the journal keeps of it."""
        raise NotImplementedError

    def _mark_unknown_stored(self, hold: Hold[SharedAccount]) -> Callable[[], str]:
        """What books a whole hold."""
        raise NotImplementedError

    def _void_stored(self, hold: Hold[SharedAccount]) -> Callable[[], str]:
        """What releases a whole hold."""
        raise NotImplementedError

    # Accounts

    def _check_parent(self, parent: SharedAccount) -> None:
        if parent.ledger is not self:
            raise LedgerMisuse("the parent account is of another ledger")

    def _opened(self, row: AccountRow, parent: SharedAccount) -> SharedAccount:
        account = SharedAccount(self, row, parent)
        with self.lock:
            self._names[account] = None
        return account

    def attached(self, account: int) -> SharedAccount:
        """An account that another process has opened, for calls that this one makes for it."""
        rows: list[AccountRow] = []
        while account != self.root.id:
            rows.append(self.stored_row(account))
            account = rows[-1].parent or self.root.id
        found = self.root
        for row in reversed(rows):
            found = SharedAccount(self, row, found)
        return found

    def note_answers(self, account: SharedAccount, answers: Iterable[str]) -> None:
        """Keep answers that another process has paid for from this account."""
        for each in answers:
            self._keep_answer(account, each)

    def close_account(self, account: SharedAccount) -> None:
        """The end of the account's scope; calls that still pay from it go on."""
        with self.lock:
            self._names.pop(account, None)
            if account.is_open:
                account.is_open = False
                account.hand_on(account.answers or ())
        self.reclaim()
        self._close_stored(account)

    # Waiting

    def _stand(self, claim: Claim[SharedAccount], account: SharedAccount, number: int) -> None:
        """Stand in the queue in this process as well; under the lock."""
        if claim.ticket is None or claim.ticket.number != number:
            self._leave(claim)
            ticket = Ticket(number, self.lock)
            claim.ticket = self.tickets[number] = ticket
        claim.ticket.stand_at(account)

    def _leave(self, claim: Claim[SharedAccount]) -> None:
        """Leave the queue in this process, also when an interrupt came before the end of this; under the lock."""
        ticket = claim.ticket
        if ticket is not None:
            ticket.leave()
            self.tickets.pop(ticket.number, None)
            claim.ticket = None

    def withdraw(self, claim: Claim[SharedAccount]) -> None:
        """Take a claim out of its queue."""
        ticket = claim.ticket
        if ticket is None:
            return
        try:
            with self.lock:
                self._leave(claim)
        except BaseException:
            with self.lock:
                self._leave(claim)
            raise
        # Where that fails, the end of the ticket's lease does it.
        with suppress(LedgerFileError):
            self._leave_stored(ticket.number)

    def wake_all(self) -> None:
        """Let the first waiting call of each account look again."""
        if not self.tickets:
            return
        with self.lock:
            for account in {ticket.account for ticket in self.tickets.values() if ticket.account is not None}:
                wake(account)

    # Ending a hold

    def replay(self, account: SharedAccount, request: Wish, found: Recorded) -> None:
        """Count an answer that the journal has given again, for nothing."""
        # An answer that was paid for within this execution counts already, unless budgets were opened since.
        inner = inner_accounts(account) if found.within != account.id else []
        if inner:
            self._book_replay(inner, found)
        self.note(request, "replayed")
        self._keep_answer(account, found.text)

    def settle(
        self, hold: Hold[SharedAccount], bill: Bill, picodollars: int = 0, entry: JournalEntry | None = None
    ) -> str:
        """As `Ledger.settle`; `entry` is what the journal keeps of the answer, in the same transaction."""
        outcome = self._end(hold, self._settle_stored(hold, bill, picodollars, entry), SETTLED)
        journal = hold.account.journal
        if journal is not None and outcome != CLOSED:
            journal.note_performed()
        if outcome != CLOSED:
            self._keep_answer(hold.account, bill.text)
        return outcome

    def _take_up(self, claim: Claim[SharedAccount], decision: Decision[SharedAccount], call: int, ticket: int) -> None:
        """Give a claim what is stored for it, unless it has that already: its hold, or its place in a queue."""
        if decision.outcome == GRANTED and not claim.is_granted:
            hold = claim.fill(decision.output, call)
            hold.open = HELD
            claim.is_granted = True
            if claim.beside is not None:
                self._cut_down(claim.beside)
        with self.lock:
            if decision.outcome == GRANTED:
                self._leave(claim)
            elif decision.outcome == WAIT:
                self._stand(claim, decision.account, ticket)

    def _cut_down(self, beside: Beside[SharedAccount]) -> None:
        """Note what was released of a hold beside a claim, once that is stored."""
        hold = beside.hold
        hold.tokens, hold.picodollars = beside.tokens, beside.picodollars
        if not hold.tokens:
            hold.open = ENDED
            self.forget_hold(hold)
        self.wake_all()

    def _keep_answer(self, account: SharedAccount, answer: str) -> None:
        with self.lock:
            if account.answers is not None:
                account.answers.append(answer)
                if not account.is_open:
                    account.hand_on((answer,))

    def mark_unknown(self, hold: Hold[SharedAccount]) -> str:
        """Book the whole hold of a call that failed but may have been billed: UNKNOWN or CLOSED."""
        return self._end(hold, self._mark_unknown_stored(hold), UNKNOWN)

    def void(self, hold: Hold[SharedAccount]) -> str:
        """Release the whole hold of a call that was not billed: VOIDED or CLOSED."""
        return self._end(hold, self._void_stored(hold), VOIDED)

    def _end(self, hold: Hold[SharedAccount], work: Callable[[], str], expected: str) -> str:
        """Book a hold. When that is not possible now, the call stays held, and `reclaim` books it later.

        The answer was paid for and must not be lost with an error here; the next call gets that.
        """
        if not hold.open or not self.is_held(hold):
            return CLOSED
        try:
            outcome = self._book(hold, work)
        except LedgerFileError:
            self._late.append((hold, work))
            outcome = expected
        hold.open = ENDED
        return outcome

    def _book(self, hold: Hold[SharedAccount], work: Callable[[], str]) -> str:
        outcome = work()
        self.forget_hold(hold)
        self.wake_all()
        return outcome

    def reclaim(self) -> None:
        """Book what could not be booked before, and close holds that were lost without being settled.

        Those are voided if never sent, otherwise unknown. Each leaves its list only once it is booked; to book twice
        does nothing. Raises LedgerFileError when that still fails.
        """
        for hold in list(self.lost):
            (self.mark_unknown if hold.open == SENT else self.void)(hold)
            with suppress(ValueError):  # another thread was faster
                self.lost.remove(hold)
        for late in list(self._late):
            self._book(*late)
            with suppress(ValueError):
                self._late.remove(late)

    def forked(self) -> None:
        """Called in a forked child: holds, waiting calls and threads are the parent's."""
        for ticket in self.tickets.values():
            if ticket.account is not None:
                ticket.account.waiters.clear()
        self.lock = allocate_lock()
        self.runs.forked()
        self.lost.clear()
        self._late.clear()
        self.tickets.clear()
        self.helpers.clear()

    # Looking

    def entries(self) -> Iterable[Entry]:
        """What this process's calls were counted as, for each site and model."""
        with self.lock:
            free = [(site, model, each) for (site, model), each in self._free.items()]
        return [*self.stored_entries(), *free]

    def note(self, request: Wish, counter: str) -> None:
        """Count something that costs nothing: a counter of `Statistics` goes up by one."""
        with self.lock:
            counters = self._free.setdefault((request.site, request.model), Statistics())
            setattr(counters, counter, getattr(counters, counter) + 1)
