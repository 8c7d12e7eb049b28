"""The ledger in a SQLite file: every operation is one transaction, on the disk before the request leaves."""

from __future__ import annotations

import atexit
import os
import sqlite3
from _thread import allocate_lock

from omega_runtime.errors import OmegaError
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.claim import GRANTED, WAIT, decide, new_hold
from omega_runtime.ledger.errors import LedgerFileError, LedgerMisuse
from omega_runtime.ledger.file import books, operations
from omega_runtime.ledger.file.commits import Commits
from omega_runtime.ledger.file.keeper import Keeper
from omega_runtime.ledger.file.opening import connect, open_ledger_file
from omega_runtime.ledger.file.schema import ROOT
from omega_runtime.ledger.hold import ENDED, HELD, SENT
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.outcomes import CLOSED
from omega_runtime.ledger.queue import Ticket, wake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from omega_runtime.ledger.account import Figures
    from omega_runtime.ledger.claim import Claim, Decision
    from omega_runtime.ledger.clock import SystemClock
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.statistics import Entry
    from omega_runtime.models.reply import Reply
    from omega_runtime.values import Value

    T = TypeVar("T")


class FileAccount(Account):
    """An account in a ledger file; `id` is its row. Reading a figure reads the file."""

    __slots__ = ("id",)

    ledger: FileLedger

    def __init__(self, ledger: FileLedger, row: books.Row, parent: Account | None) -> None:
        super().__init__(ledger, row.name, row.limit, row.dollar_limit, parent)
        self.id = row.id

    @property
    def figures(self) -> Figures:
        """The numbers as the file has them now."""
        return self.ledger.read(lambda db: books.account_row(db, self.id))


class FileLedger(Ledger):
    """Keeps accounts in a file, for all processes that have it open.

    A hold belongs to a process and has a lease, which a background thread renews (`keep=False`: nobody does, and
    `renew` is called by hand). When the lease ends because the process is gone, the hold counts as spent.
    """

    __slots__ = ("_commits", "_keeper", "_names", "_reader", "_reading", "_tickets", "holds", "path", "process")

    root: FileAccount
    is_shared = True

    def __init__(self, path: str, clock: SystemClock | None = None, *, lease: float | None = None, keep: bool = True):
        super().__init__(clock)
        self.path = path
        # Open holds of this process, by the id of their call; and the accounts that it has open.
        self.holds: dict[int, None] = {}
        self._names: dict[FileAccount, None] = {}
        # Waiting claims, by their number, so that others' commits can wake them.
        self._tickets: dict[int, Ticket] = {}
        self._open(lease, keep)
        self.root = FileAccount(self, self.read(lambda db: books.account_row(db, ROOT)), None)

    def _open(self, lease: float | None, keep: bool) -> None:
        from omega_runtime.budgets import settings

        self.lock = allocate_lock()
        self._commits = Commits(open_ledger_file(self.path), self.path)
        self._reader = connect(self.path)
        self._reading = allocate_lock()
        now = self.clock.time()
        self.process = self._commits.run(lambda db: operations.enter_process(db, os.getpid(), now))
        self._keeper = Keeper(self, settings.active.lease if lease is None else lease, keep)

    def forked(self) -> None:
        """Called in a child process, which needs connections of its own; the parent's must not be touched."""
        _parents.append((self._commits, self._reader))
        self.holds.clear()
        self._tickets.clear()
        self.lost.clear()
        self.waiting = 0
        self._open(self._keeper.lease, self._keeper.keep)

    def close(self) -> None:
        """Stop renewing and close the file. Holds that are open stay held until their leases end."""
        self._keeper.stop()
        with self._reading:
            self._reader.close()
        self._commits.close()

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` reads from the file as it is now. Raises LedgerFileError when that fails."""
        with self._reading:
            try:
                self._reader.execute("BEGIN")
                try:
                    return work(self._reader)
                finally:
                    self._reader.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise LedgerFileError(f'the ledger file "{self.path}" could not be read: {error}') from error

    # Accounts

    @property
    def has_open_accounts(self) -> bool:
        """Whether this process has an account open, besides the root."""
        return bool(self._names)

    def open_account(
        self, name: str, limit: int | None, parent: Account, dollar_limit: int | None = None
    ) -> FileAccount:
        """A new account for one scope; see `Ledger.open_account`."""
        if parent.ledger is not self:
            raise LedgerMisuse("the parent account is of another ledger")
        operations.check_size(limit)
        above: int = parent.id  # type: ignore[attr-defined]
        now = self.clock.time()
        row = self._commits.run(
            lambda db: books.account_row(
                db, books.insert_account(db, name, limit, dollar_limit, above, is_named=False, now=now)
            )
        )
        return self._opened(row, parent)

    def open_named(
        self,
        name: str,
        limit: int | None,
        dollar_limit: int | None,
        parent: Account,
        raise_limit: bool,
    ) -> FileAccount:
        """The account of this name, made when there is none; its limits are stored and cover all runs.

        No limits mean the stored ones. Raises OmegaError for limits other than the stored ones, unless
        `raise_limit` replaces them, and for another parent.
        """
        operations.check_size(limit)
        above: int = parent.id  # type: ignore[attr-defined]
        now = self.clock.time()

        def work(db: sqlite3.Connection) -> books.Row:
            row = books.find_named(db, name)
            if row is None:
                account = books.insert_account(db, name, limit, dollar_limit, above, is_named=True, now=now)
                return books.account_row(db, account)
            if row.parent != above:
                raise OmegaError(f'the account "{name}" of {self.path} is inside another account; open that one first')
            return operations.check_limits(db, row, limit, dollar_limit, raise_limit)

        return self._opened(self._commits.run(work), parent)

    def _opened(self, row: books.Row, parent: Account) -> FileAccount:
        account = FileAccount(self, row, parent)
        with self.lock:
            self._names[account] = None
        return account

    def close_account(self, account: Account) -> None:
        """The end of the account's scope; calls that still pay from it go on."""
        self.reclaim()
        with self.lock:
            self._names.pop(account, None)  # type: ignore[call-overload]
            if account.is_limited and account.answers and account.parent and account.parent.answers is not None:
                account.parent.answers += account.answers
        number: int = account.id  # type: ignore[attr-defined]
        self._commits.run(
            lambda db: db.execute("UPDATE accounts SET is_open = 0 WHERE id = ? AND NOT is_named", (number,))
        )

    # Reserving

    def attempt(self, claim: Claim, floor: int) -> Decision:
        """Try to hold a claim's worst case on all its accounts, as one transaction; see `Ledger.attempt`."""
        self.reclaim()
        accounts: tuple[FileAccount, ...] = claim.context.account.chain  # type: ignore[assignment]
        number = claim.ticket.number if claim.ticket else None
        now = self.clock.time()
        lease = now + self._keeper.lease

        def work(db: sqlite3.Connection) -> tuple[Decision, int]:
            books.expire(db, now)
            rows = [(each, books.account_row(db, each.id)) for each in accounts]
            decision = decide(claim, floor, rows, lambda each: operations.is_queued_before(db, each.id, number))  # type: ignore[attr-defined]
            if decision.outcome == GRANTED:
                return decision, operations.hold(db, claim, decision.output, self.process, now, lease)
            if decision.outcome == WAIT:
                return decision, operations.queue(db, decision.account.id, number, self.process, lease)  # type: ignore[attr-defined]
            return decision, 0

        decision, key = self._commits.run(work)
        if decision.outcome == GRANTED:
            self._grant(claim, decision.output, key)
        elif decision.outcome == WAIT:
            with self.lock:
                self._stand(claim, decision.account, key)
        return decision

    def _grant(self, claim: Claim, output: int, call: int) -> None:
        hold = new_hold(claim, output, call)
        self.holds[call] = None
        claim.request.max_tokens = output
        hold.open = HELD
        claim.hold = hold
        self._keeper.start()

    def _stand(self, claim: Claim, account: Account, number: int) -> None:
        if claim.ticket is None or claim.ticket.number != number:
            if claim.ticket is not None:
                claim.ticket.leave()
                self._tickets.pop(claim.ticket.number, None)
            else:
                self.waiting += 1
            claim.ticket = self._tickets[number] = Ticket(number, self.lock)
        claim.ticket.stand_at(account)
        self._keeper.start()

    def withdraw(self, claim: Claim) -> None:
        """Take a claim out of its queue."""
        ticket = claim.ticket
        if ticket is None:
            return
        with self.lock:
            self.waiting -= 1
            self._tickets.pop(ticket.number, None)
            ticket.leave()
            claim.ticket = None
        self._commits.run(lambda db: db.execute("DELETE FROM tickets WHERE number = ?", (ticket.number,)))

    # Ending a hold

    def settle(self, hold: Hold, reply: Reply) -> str:
        """Book what the call really cost, release the rest and wake who waits: SETTLED, OVERRUN or CLOSED."""
        price = hold.request.price
        cost = 0 if price is None else price.of(reply)
        now = self.clock.time()
        outcome = self._end(hold, lambda db: operations.settle(db, hold, reply, cost, now))
        if outcome != CLOSED and hold.account.answers is not None:
            hold.account.answers.append(reply.text)
        return outcome

    def mark_unknown(self, hold: Hold) -> str:
        """Book the whole hold of a call that failed but may have been billed: UNKNOWN or CLOSED."""
        now = self.clock.time()
        return self._end(hold, lambda db: operations.mark_unknown(db, hold, now))

    def void(self, hold: Hold) -> str:
        """Release the whole hold of a call that was not billed: VOIDED or CLOSED."""
        now = self.clock.time()
        return self._end(hold, lambda db: operations.void(db, hold, now))

    def _end(self, hold: Hold, work: Callable[[sqlite3.Connection], str]) -> str:
        if not hold.open:
            return CLOSED
        outcome = self._commits.run(work)
        hold.open = ENDED
        self.holds.pop(hold.call, None)
        with self.lock:
            for each in hold.account.chain:
                wake(each)
        return outcome

    def reclaim(self) -> None:
        """Close holds that were lost without being settled: voided if never sent, otherwise unknown."""
        while self.lost:
            try:
                hold = self.lost.pop()
            except IndexError:  # another thread was faster
                return
            (self.mark_unknown if hold.open == SENT else self.void)(hold)

    # Looking

    def entries(self) -> Iterable[Entry]:
        """What this process's calls were counted as, for each site and model."""
        return self.read(lambda db: books.entries(db, self.process))

    def account_rows(self) -> list[dict[str, Value]]:
        """The figures of all accounts, the root first: those of open ones, and closed ones summed by name."""
        return operations.summary(self.read(lambda db: [books.account_row(db, ROOT), *books.account_rows(db)]))

    # For the keeper

    def renew(self) -> None:
        """Put off the end of all leases of this process."""
        lease = self.clock.time() + self._keeper.lease
        calls, tickets = list(self.holds), list(self._tickets)
        if calls or tickets:
            self._commits.run(lambda db: operations.renew(db, calls, tickets, lease))

    def wake_all(self) -> None:
        """Let the first waiting call of each account look again."""
        with self.lock:
            for account in {ticket.account for ticket in self._tickets.values() if ticket.account is not None}:
                wake(account)

    def version(self) -> int:
        """A number that changes when somebody else commits."""
        with self._reading:
            try:
                return int(self._reader.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error as error:
                raise LedgerFileError(f'the ledger file "{self.path}" could not be read: {error}') from error


# Connections of a parent process: closing them here would drop the parent's locks, so they are kept for ever.
_parents: list[object] = []

_ledgers: dict[tuple[int, int], FileLedger] = {}
_opening = allocate_lock()


def file_ledger(path: str | os.PathLike[str]) -> FileLedger:
    """The ledger of a file, which is opened once in each process; made when there is no such file.

    Raises LedgerFileError for a file that cannot be used.
    """
    name = os.path.abspath(os.fspath(path))  # noqa: PTH100
    with _opening:
        try:
            known = _ledgers.get(_identity(name))
        except OSError:
            known = None
        if known is None:
            known = FileLedger(name)
            _ledgers[_identity(name)] = known
        return known


def _identity(path: str) -> tuple[int, int]:
    status = os.stat(path)  # noqa: PTH116
    return status.st_dev, status.st_ino


def _forked() -> None:
    global _opening
    _opening = allocate_lock()
    for ledger in _ledgers.values():
        ledger.forked()


def _close_all() -> None:
    for ledger in _ledgers.values():
        ledger.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
atexit.register(_close_all)
