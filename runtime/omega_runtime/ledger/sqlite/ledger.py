"""The ledger in a SQLite file: every operation is one transaction, on the disk before the request leaves."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress

from omega_runtime.ledger.claim import GRANTED, WAIT, decide
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.hold import ENDED
from omega_runtime.ledger.limits import Limits
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.ledger.shared import LEASE, SharedAccount, SharedLedger
from omega_runtime.ledger.sqlite import history, operations, queries
from omega_runtime.ledger.sqlite.commits import Commits, Job
from omega_runtime.ledger.sqlite.connection import Connection
from omega_runtime.ledger.sqlite.journal import FileRuns, book_replay, record
from omega_runtime.ledger.sqlite.lease_renewer import LeaseRenewer
from omega_runtime.ledger.sqlite.opening import open_ledger_file
from omega_runtime.ledger.sqlite.periods import figures_at
from omega_runtime.ledger.stored import ROOT, check_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from omega_runtime.clock import SystemClock
    from omega_runtime.ledger.claim import Claim, Decision
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.journal import JournalEntry, Recorded
    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.ledger.stored import AccountRow
    from omega_runtime.ledger.tasks import TaskRecord
    from omega_runtime.ledger.wish import Bill

    T = TypeVar("T")


class FileLedger(SharedLedger):
    """Keeps accounts in a file, for all processes that have it open.

    A hold belongs to a process and has a lease, which a background thread renews (`keep=False`: nobody does, and
    `renew` is called by hand). When the lease ends because the process is gone, the hold counts as spent.
    """

    __slots__ = ("_commits", "_process", "_reading", "_renewer", "holds", "path")

    def __init__(self, path: str, clock: SystemClock | None = None, *, lease: float = LEASE, keep: bool = True):
        super().__init__(clock)
        self.path = path
        # Holds of this process, by the id of their call, until they are booked, with the ends of their leases by both
        # clocks: others go by the date, which may be set back.
        self.holds: dict[int, tuple[float, float]] = {}
        self.runs = FileRuns(self)
        self._renewer = LeaseRenewer(self, lease, keep)
        self._commits = Commits(Connection(path, open_ledger_file(path)))
        self._reading = Connection(path, known=self._commits.connection.place.identity)
        # This process's number in the file; 0 in a forked child that has none yet.
        self._process = 0
        try:
            self._process = self._enter_process()
            self.root = SharedAccount(self, self.read(lambda db: queries.account_row(db, ROOT)), None)
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
        super().forked()
        self.holds.clear()
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
        parent: SharedAccount,
        limit_picodollars: int | None = None,
        periods: Periods | None = None,
    ) -> SharedAccount:
        """A new account for one scope; see `Ledger.open_account`."""
        self._check_parent(parent)
        check_size(limit_tokens)
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
        parent: SharedAccount,
        raise_limit: bool,
        periods: Periods | None = None,
    ) -> SharedAccount:
        """As `SharedLedger.open_named`."""
        check_size(limit_tokens)
        now = self.clock.time()
        wanted = Limits(limit_tokens, limit_picodollars, periods)
        row = self._commits.run(lambda db: operations.open_named(db, name, wanted, parent.id, raise_limit, now))
        return self._opened(row, parent)

    def _close_stored(self, account: SharedAccount) -> None:
        self._commits.run(
            lambda db: db.execute("UPDATE accounts SET is_open = 0 WHERE id = ? AND NOT is_named", (account.id,))
        )

    # Reserving

    def attempt(self, claim: Claim[SharedAccount]) -> Decision[SharedAccount]:
        """Try to hold a claim's worst case on all its accounts, as one transaction; see `Ledger.attempt`."""
        self.reclaim()
        accounts = claim.account.chain
        number = claim.ticket.number if claim.ticket else None
        process = self.process
        now = self.clock.time()
        lease, ticket_lease = now + self._renewer.lease, now + self._renewer.ticket_lease
        ends = self.clock.now() + self._renewer.lease, lease

        def work(db: sqlite3.Connection) -> tuple[Decision[SharedAccount], int]:
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
            self._take_up_job(claim, job, ends)
        except BaseException:
            # An interrupt: who raises it gives back what the file has for the claim.
            self._take_up_job(claim, job, ends)
            raise
        if job.error is not None:
            raise job.error
        self._renewer.start()
        return job.result[0]

    def _take_up_job(
        self, claim: Claim[SharedAccount], job: Job[tuple[Decision[SharedAccount], int]], ends: tuple[float, float]
    ) -> None:
        """Give the claim what a job got for it, unless it has that already."""
        if not job.is_committed:
            return
        decision, number = job.result
        if decision.outcome == GRANTED and not claim.is_granted:
            self.holds[number] = ends
        self._take_up(claim, decision, number, number)

    def _leave_stored(self, number: int) -> None:
        self._commits.run(lambda db: operations.leave(db, number))

    # Ending a hold

    def confirm(self, hold: Hold[SharedAccount]) -> bool:
        """As `Ledger.confirm`; a lease that may be over, and that nobody has ended yet, is renewed."""
        if hold.call not in self.holds:
            return False
        until, date = self.holds[hold.call]
        if self.clock.now() < until and self.clock.time() < date:
            return True
        return bool(self._renew([hold.call], []))

    def hand_over(self, hold: Hold[SharedAccount], work: Callable[[sqlite3.Connection], None]) -> None:
        """Leave a hold to what `work` writes: it stays in the file, and this process has it no more."""
        self._commits.run(work)
        self.holds.pop(hold.call, None)
        hold.open = ENDED

    def is_held(self, hold: Hold[SharedAccount]) -> bool:
        """As `SharedLedger.is_held`."""
        return hold.call in self.holds

    def forget_hold(self, hold: Hold[SharedAccount]) -> None:
        """As `SharedLedger.forget_hold`."""
        self.holds.pop(hold.call, None)

    def _settle_stored(
        self, hold: Hold[SharedAccount], bill: Bill, picodollars: int, entry: JournalEntry | None
    ) -> Callable[[], str]:
        now = self.clock.time()
        journal = hold.account.journal

        def work(db: sqlite3.Connection) -> str:
            outcome = operations.settle(db, hold, bill, picodollars, now)
            if journal is not None and entry is not None and outcome != CLOSED:
                record(db, journal.run, hold.call, entry)
            return outcome

        return lambda: self._commits.run(work)

    def _mark_unknown_stored(self, hold: Hold[SharedAccount]) -> Callable[[], str]:
        now = self.clock.time()
        return lambda: self._commits.run(lambda db: operations.mark_unknown(db, hold, now))

    def _void_stored(self, hold: Hold[SharedAccount]) -> Callable[[], str]:
        now = self.clock.time()
        return lambda: self._commits.run(lambda db: operations.void(db, hold, now))

    def _book_replay(self, inner: list[int], found: Recorded) -> None:
        process, now = self.process, self.clock.time()
        self._commits.run(lambda db: book_replay(db, process, inner, found, now))

    # Looking

    def stored_row(self, account: int) -> AccountRow:
        """As `SharedLedger.stored_row`."""
        return self.read(lambda db: queries.account_row(db, account))

    def current_row(self, account: int) -> AccountRow:
        """As `SharedLedger.current_row`."""
        now = self.clock.time()
        return self.read(lambda db: figures_at(db, queries.account_row(db, account), now))

    def stored_entries(self) -> Iterable[Entry]:
        """As `SharedLedger.stored_entries`."""
        processes = {self._process, *self.helpers}
        return self.read(lambda db: [entry for each in processes for entry in queries.entries(db, each)])

    @property
    def where(self) -> str:
        """As `SharedLedger.where`."""
        return self.path

    @property
    def number(self) -> int:
        """As `SharedLedger.number`."""
        return self.process

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

    def version(self) -> int:
        """A number that changes when somebody else commits."""
        return self._reading.inspect(lambda db: int(db.execute("PRAGMA data_version").fetchone()[0]))
