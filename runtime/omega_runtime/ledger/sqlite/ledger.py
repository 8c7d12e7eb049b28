"""The ledger in a SQLite file: every operation is one transaction, on the disk before the request leaves."""

from __future__ import annotations

import os
import sqlite3
from _thread import allocate_lock
from contextlib import suppress

from omega_runtime.ledger.claim import GRANTED, WAIT, decide
from omega_runtime.ledger.errors import LedgerFileError, LedgerMisuse
from omega_runtime.ledger.hold import ENDED, HELD, SENT
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.limits import Limits
from omega_runtime.ledger.outcomes import CLOSED, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.queue import Ticket, wake
from omega_runtime.ledger.sqlite import history, operations, queries
from omega_runtime.ledger.sqlite.account import FileAccount
from omega_runtime.ledger.sqlite.commits import Commits, Job
from omega_runtime.ledger.sqlite.connection import Connection
from omega_runtime.ledger.sqlite.journal import inner_accounts
from omega_runtime.ledger.sqlite.lease_renewer import LeaseRenewer
from omega_runtime.ledger.sqlite.opening import open_ledger_file
from omega_runtime.ledger.sqlite.periods import figures_at
from omega_runtime.ledger.sqlite.schema import ROOT
from omega_runtime.ledger.statistics import Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from omega_runtime.clock import SystemClock
    from omega_runtime.ledger.claim import Beside, Claim, Decision
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.sqlite.journal import Journal, JournalEntry, Recorded
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.ledger.tasks import TaskRecord
    from omega_runtime.ledger.wish import Bill, Wish
    from omega_runtime.places import Site

    T = TypeVar("T")


LEASE = 60.0
"""Seconds that a hold outlasts its process, unless it is said otherwise."""


class FileLedger(Ledger[FileAccount]):
    """Keeps accounts in a file, for all processes that have it open.

    A hold belongs to a process and has a lease, which a background thread renews (`keep=False`: nobody does, and
    `renew` is called by hand). When the lease ends because the process is gone, the hold counts as spent.
    """

    __slots__ = (
        "_commits",
        "_free",
        "_late",
        "_names",
        "_process",
        "_reading",
        "_renewer",
        "holds",
        "opening_run",
        "path",
        "runs",
    )

    root: FileAccount
    is_shared = True

    def __init__(self, path: str, clock: SystemClock | None = None, *, lease: float = LEASE, keep: bool = True):
        super().__init__(clock)
        self.path = path
        self.lock = allocate_lock()
        # Holds of this process, by the id of their call, until they are booked, with the ends of their leases by both
        # clocks: others go by the date, which may be set back.
        self.holds: dict[int, tuple[float, float]] = {}
        self._names: dict[FileAccount, None] = {}
        # Ended holds that could not be booked, and what books them.
        self._late: list[tuple[Hold[FileAccount], Callable[[sqlite3.Connection], str]]] = []
        # What is counted for nothing, such as answers from the cache: of this process only.
        self._free: dict[tuple[Site, str], Statistics] = {}
        # Runs whose scopes this process has open, and what only one thread at a time may do with them.
        self.runs: set[int] = set()
        self.opening_run = allocate_lock()
        self._renewer = LeaseRenewer(self, lease, keep)
        self._commits = Commits(Connection(path, open_ledger_file(path)))
        self._reading = Connection(path, known=self._commits.connection.place.identity)
        # This process's number in the file; 0 in a forked child that has none yet.
        self._process = 0
        try:
            self._process = self._enter_process()
            self.root = FileAccount(self, self.read(lambda db: queries.account_row(db, ROOT)), None)
        except BaseException:
            self.close()
            raise

    @property
    def process(self) -> int:
        """This process's number in the file; not to be asked for first within a transaction."""
        if not self._process:
            self._process = self._enter_process()
        return self._process

    def _enter_process(self) -> int:
        now = self.clock.time()
        return self._commits.run(lambda db: operations.enter_process(db, os.getpid(), now))

    @property
    def identity(self) -> tuple[int, int] | None:
        """What tells the file from others."""
        return self._reading.place.identity

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._reading.is_closed

    def pause(self) -> None:
        """Called before the process forks, and `resume` in both processes after it."""
        self._commits.connection.pause()
        self._reading.pause()

    def resume(self) -> None:
        """Go on after a fork."""
        self._reading.resume()
        self._commits.connection.resume()

    def forked(self) -> None:
        """Called in a forked child, before `resume`: holds, waiting calls and threads are the parent's."""
        for ticket in self.tickets.values():
            if ticket.account is not None:
                ticket.account.waiters.clear()
        self.lock = allocate_lock()
        self.holds.clear()
        self.runs.clear()
        self.opening_run = allocate_lock()
        self.lost.clear()
        self._late.clear()
        self.tickets.clear()
        self._commits.forget()
        self._process = 0
        self._renewer = LeaseRenewer(self, self._renewer.lease, self._renewer.keep)

    def close(self) -> None:
        """Stop renewing and close the file. Holds that are open stay held until their leases end."""
        self._renewer.stop()
        with suppress(LedgerFileError):
            self.reclaim()
        self._reading.close()
        self._commits.connection.close()

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` reads from the file as it is now. Raises LedgerFileError when that fails."""
        return self._reading.read(work)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` gives, within a transaction; see `Commits.run`."""
        return self._commits.run(work)

    # Accounts

    def open_account(
        self,
        name: str,
        limit_tokens: int | None,
        parent: FileAccount,
        limit_picodollars: int | None = None,
        periods: Periods | None = None,
    ) -> FileAccount:
        """A new account for one scope; see `Ledger.open_account`."""
        if parent.ledger is not self:
            raise LedgerMisuse("the parent account is of another ledger")
        operations.check_size(limit_tokens)
        now = self.clock.time()
        row = self._commits.run(
            lambda db: queries.account_row(
                db, queries.insert_account(db, name, limit_tokens, limit_picodollars, parent.id, False, now, periods)
            )
        )
        return self._opened(row, parent)

    def open_named(
        self,
        name: str,
        limit_tokens: int | None,
        limit_picodollars: int | None,
        parent: FileAccount,
        raise_limit: bool,
        periods: Periods | None = None,
    ) -> FileAccount:
        """The account of this name, made when there is none; its limits are stored and cover all runs.

        No limits mean the stored ones, no time zone the stored one. Raises OmegaError for others than the stored ones,
        unless `raise_limit` replaces them, and for another parent.
        """
        operations.check_size(limit_tokens)
        now = self.clock.time()
        wanted = Limits(limit_tokens, limit_picodollars, periods)
        row = self._commits.run(lambda db: operations.open_named(db, name, wanted, parent.id, raise_limit, now))
        return self._opened(row, parent)

    def _opened(self, row: queries.AccountRow, parent: FileAccount) -> FileAccount:
        account = FileAccount(self, row, parent)
        with self.lock:
            self._names[account] = None
        return account

    def close_account(self, account: FileAccount) -> None:
        """The end of the account's scope; calls that still pay from it go on."""
        with self.lock:
            self._names.pop(account, None)
            if account.is_open:
                account.is_open = False
                account.hand_on(account.answers or ())
        self.reclaim()
        self._commits.run(
            lambda db: db.execute("UPDATE accounts SET is_open = 0 WHERE id = ? AND NOT is_named", (account.id,))
        )

    # Reserving

    def replay(self, account: FileAccount, request: Wish, journal: Journal, found: Recorded) -> None:
        """Count an answer that the journal has given again, for nothing."""
        inner = inner_accounts(account)
        if inner:
            process = self.process
            self.write(lambda db: journal.book(db, process, inner, found))
        self.note(request, "replayed")
        self._keep_answer(account, found.text)

    def attempt(self, claim: Claim[FileAccount]) -> Decision[FileAccount]:
        """Try to hold a claim's worst case on all its accounts, as one transaction; see `Ledger.attempt`."""
        self.reclaim()
        accounts = claim.account.chain
        number = claim.ticket.number if claim.ticket else None
        process = self.process
        now = self.clock.time()
        lease, ticket_lease = now + self._renewer.lease, now + self._renewer.ticket_lease
        ends = self.clock.now() + self._renewer.lease, lease

        def work(db: sqlite3.Connection) -> tuple[Decision[FileAccount], int]:
            queries.expire(db, now)
            rows = [queries.account_row(db, each.id) for each in accounts]
            figures = [(each, figures_at(db, row, now)) for each, row in zip(accounts, rows, strict=True)]
            if claim.beside is not None and not operations.is_held(db, claim.beside.hold.call):
                claim.beside = None  # its lease has ended, and all of it counts as spent
            decision = decide(claim, figures, lambda each: operations.is_queued_before(db, each.id, number))
            if decision.outcome == GRANTED:
                operations.leave(db, number)
                call = operations.grant(db, claim, decision.output, rows, process, now, lease)
                if claim.beside is not None:
                    operations.cut_down(db, claim.beside, now)
                return decision, call
            if decision.outcome == WAIT:
                return decision, operations.queue(db, decision.account.id, number, process, ticket_lease)
            return decision, 0

        job = Job(work)
        try:
            self._commits.do(job)
            self._take_up(claim, job, ends)
        except BaseException:
            # An interrupt: who raises it gives back what the file has for the claim.
            self._take_up(claim, job, ends)
            raise
        if job.error is not None:
            raise job.error
        self._renewer.start()
        return job.result[0]

    def _take_up(
        self, claim: Claim[FileAccount], job: Job[tuple[Decision[FileAccount], int]], ends: tuple[float, float]
    ) -> None:
        """Give the claim what a job got for it, unless it has that already."""
        if not job.is_committed:
            return
        decision, number = job.result
        if decision.outcome == GRANTED and not claim.is_granted:
            hold = claim.fill(decision.output, number)
            self.holds[number] = ends
            hold.open = HELD
            claim.is_granted = True
            if claim.beside is not None:
                self._cut_down(claim.beside)
        with self.lock:
            if decision.outcome == GRANTED:
                self._leave(claim)
            elif decision.outcome == WAIT:
                self._stand(claim, decision.account, number)

    def _cut_down(self, beside: Beside[FileAccount]) -> None:
        """Note what the file has released of a hold."""
        hold = beside.hold
        hold.tokens, hold.picodollars = beside.tokens, beside.picodollars
        if not hold.tokens:
            hold.open = ENDED
            self.holds.pop(hold.call, None)
        self.wake_all()

    def _stand(self, claim: Claim[FileAccount], account: FileAccount, number: int) -> None:
        if claim.ticket is None or claim.ticket.number != number:
            self._leave(claim)
            ticket = Ticket(number, self.lock)
            claim.ticket = self.tickets[number] = ticket
        claim.ticket.stand_at(account)

    def _leave(self, claim: Claim[FileAccount]) -> None:
        """Leave the queue in this process, also when an interrupt came before the end of this."""
        ticket = claim.ticket
        if ticket is not None:
            ticket.leave()
            self.tickets.pop(ticket.number, None)
            claim.ticket = None

    def withdraw(self, claim: Claim[FileAccount]) -> None:
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
            self._commits.run(lambda db: operations.leave(db, ticket.number))

    # Ending a hold

    def confirm(self, hold: Hold[FileAccount]) -> bool:
        """As `Ledger.confirm`; a lease that may be over, and that nobody has ended yet, is renewed."""
        if hold.call not in self.holds:
            return False
        until, date = self.holds[hold.call]
        if self.clock.now() < until and self.clock.time() < date:
            return True
        return bool(self._renew([hold.call], []))

    def hand_over(self, hold: Hold[FileAccount], work: Callable[[sqlite3.Connection], None]) -> None:
        """Leave a hold to what `work` writes: it stays in the file, and this process has it no more."""
        self._commits.run(work)
        self.holds.pop(hold.call, None)
        hold.open = ENDED

    def settle(
        self, hold: Hold[FileAccount], bill: Bill, picodollars: int = 0, entry: JournalEntry | None = None
    ) -> str:
        """As `Ledger.settle`; `entry` is what the journal keeps of the answer, in the same transaction."""
        now = self.clock.time()
        journal = hold.account.journal

        def work(db: sqlite3.Connection) -> str:
            outcome = operations.settle(db, hold, bill, picodollars, now)
            if journal is not None and entry is not None and outcome != CLOSED:
                journal.record(db, hold.call, entry)
            return outcome

        outcome = self._end(hold, work, SETTLED)
        if journal is not None and outcome != CLOSED:
            journal.note_performed()
        if outcome != CLOSED:
            self._keep_answer(hold.account, bill.text)
        return outcome

    def _keep_answer(self, account: FileAccount, answer: str) -> None:
        with self.lock:
            if account.answers is not None:
                account.answers.append(answer)
                if not account.is_open:
                    account.hand_on((answer,))

    def mark_unknown(self, hold: Hold[FileAccount]) -> str:
        """Book the whole hold of a call that failed but may have been billed: UNKNOWN or CLOSED."""
        now = self.clock.time()
        return self._end(hold, lambda db: operations.mark_unknown(db, hold, now), UNKNOWN)

    def void(self, hold: Hold[FileAccount]) -> str:
        """Release the whole hold of a call that was not billed: VOIDED or CLOSED."""
        now = self.clock.time()
        return self._end(hold, lambda db: operations.void(db, hold, now), VOIDED)

    def _end(self, hold: Hold[FileAccount], work: Callable[[sqlite3.Connection], str], expected: str) -> str:
        """Book a hold. When the file cannot be written, the call stays held, and `reclaim` books it later.

        The answer was paid for and must not be lost with an error here; the next call gets that.
        """
        if not hold.open or hold.call not in self.holds:
            return CLOSED
        try:
            outcome = self._book(hold, work)
        except LedgerFileError:
            self._late.append((hold, work))
            outcome = expected
        hold.open = ENDED
        return outcome

    def _book(self, hold: Hold[FileAccount], work: Callable[[sqlite3.Connection], str]) -> str:
        outcome = self._commits.run(work)
        self.holds.pop(hold.call, None)
        self.wake_all()
        return outcome

    def reclaim(self) -> None:
        """Book what could not be booked before, and close holds that were lost without being settled.

        Those are voided if never sent, otherwise unknown. Each leaves its list only once it is booked; to book twice
        does nothing. Raises LedgerFileError when the file still cannot be written.
        """
        for hold in list(self.lost):
            (self.mark_unknown if hold.open == SENT else self.void)(hold)
            with suppress(ValueError):  # another thread was faster
                self.lost.remove(hold)
        for late in list(self._late):
            self._book(*late)
            with suppress(ValueError):
                self._late.remove(late)

    # Looking

    def entries(self) -> Iterable[Entry]:
        """What this process's calls were counted as, for each site and model."""
        with self.lock:
            free = [(site, model, each) for (site, model), each in self._free.items()]
        return self.read(lambda db: queries.entries(db, self._process)) + free

    def note(self, request: Wish, counter: str) -> None:
        """Count something that costs nothing: a counter of `Statistics` goes up by one."""
        with self.lock:
            counters = self._free.setdefault((request.site, request.model), Statistics())
            setattr(counters, counter, getattr(counters, counter) + 1)

    def account_lines(self) -> list[AccountLine]:
        """The figures of all accounts, the root first: those of open ones, and closed ones summed by name."""
        now = self.clock.time()
        return self.read(lambda db: operations.summary(db, now))

    # The history of tasks

    def record_task(self, task: TaskRecord) -> None:
        """Keep what a task has cost, for all processes."""
        self._commits.run(lambda db: history.insert(db, task))

    def tasks(self) -> list[TaskRecord]:
        """All that was recorded, by any process, oldest first."""
        return self.read(history.tasks)

    # For the lease renewer

    def renew(self) -> None:
        """Put off the end of all leases of this process, other than those of lost holds."""
        self.reclaim()
        calls, tickets = list(self.holds), list(self.tickets)
        if calls or tickets:
            self._renew(calls, tickets)

    def _renew(self, calls: list[int], tickets: list[int]) -> list[int]:
        """Put off the end of these leases; the calls that are still held."""
        lease = self._renewer.lease
        until, now = self.clock.now() + lease, self.clock.time()
        ends = now + lease, now + self._renewer.ticket_lease
        held = self._commits.run(lambda db: operations.renew(db, calls, tickets, *ends))
        for each in held:
            if each in self.holds:  # not booked meanwhile
                self.holds[each] = until, ends[0]
        return held

    def wake_all(self) -> None:
        """Let the first waiting call of each account look again."""
        if not self.tickets:
            return
        with self.lock:
            for account in {ticket.account for ticket in self.tickets.values() if ticket.account is not None}:
                wake(account)

    def version(self) -> int:
        """A number that changes when somebody else commits."""
        return self._reading.inspect(lambda db: int(db.execute("PRAGMA data_version").fetchone()[0]))
