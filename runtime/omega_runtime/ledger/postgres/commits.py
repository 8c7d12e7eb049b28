"""Group commit: operations that threads bring at the same time share one transaction, one round trip and one flush.

A thread that is alone does its operation itself; else a thread of the ledger's does what all have brought.

The transaction commits asynchronously, which frees the locks of the accounts at once; a tiny synchronous one behind
it, in the same round trip, waits until both are on the disk. Where nobody else is there to wait for the locks, a single
synchronous one does. Nothing is told to the program before that. An operation
carries a key by which the server knows it again, so one whose outcome got lost is simply done again.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections import deque
from contextlib import suppress
from threading import Condition, Thread

import psycopg

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres import messages
from omega_runtime.ledger.postgres.connection import Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar
    from uuid import UUID

    from omega_runtime.ledger.postgres.connection import Connection, Database

    T = TypeVar("T")

# So many operations share a transaction at most: larger ones hold the locks for longer and win little.
MOST_JOBS = 64

# With more than so many that wait, another thread begins.
MANY_JOBS = 4

# Functions on the books rely on each statement seeing what was committed before it.
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_EARLY = "set_config('synchronous_commit', 'off', true), "
_AT_ONCE = "set_config('transaction_isolation', 'read committed', true), set_config('synchronous_commit', 'on', true), "
_FLUSH = "SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'omegac', '')"
_LOCK = f"SELECT {_EARLY}omega.lock_batch(%s::bigint[], %s::uuid[], %s::bigint[])"
_NUMBERED_LOCK = messages.call_of("lock_batch", 3, _EARLY, is_numbered=True)


class Operation:
    """A function of the books with its arguments.

    One with `accounts`, which it locks, shares a transaction with others; it locks the calls of these `keys`, too, and
    has the lease of a `process` last. It gives a text, and takes what `messages` can write.
    """

    __slots__ = ("accounts", "arguments", "error", "is_done", "keys", "name", "process", "result")

    def __init__(
        self,
        name: str,
        *arguments: Any,
        keys: tuple[UUID, ...] = (),
        accounts: tuple[int, ...] = (),
        process: int | None = None,
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.keys = keys
        self.accounts = accounts
        self.process = process
        # For whoever waits for another thread: a lock that is free when there is a result or an error.
        self.is_done = allocate_lock()
        self.result: Any = None
        self.error: LedgerFileError | None = None


class Commits:
    """Does operations: that of a thread which is alone in this one, others in threads that take what has been brought.

    Each of those has a connection. The second begins when the first is busy and many wait: while one waits for the
    disk, the other goes on. Its connection is also that of threads which are alone, as an operation may come while
    another is under way in the same thread, from a handler of a signal.
    """

    __slots__ = (
        "_changed",
        "_connections",
        "_idle",
        "_is_closed",
        "_is_lonely",
        "_jobs",
        "_lock",
        "_threads",
        "is_shared",
    )

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        # Whether other processes may wait for what this one locks.
        self.is_shared = True
        self.forget()

    def forget(self) -> None:
        """Begin without jobs and threads, also in a forked child, where those are the parent's."""
        # Taken itself: an interrupt may come when the `with` of a condition has taken it, and before it is given back.
        self._lock = allocate_lock()
        self._changed = Condition(self._lock)
        self._jobs: deque[Operation] = deque()
        self._threads: list[Thread] = []
        self._idle = 0
        self._is_closed = False
        # Whether nobody else came during the operation before.
        self._is_lonely = True

    def run(self, job: Operation) -> Any:
        """The result of an operation, once it is on the disk.

        Raises LedgerFileError when the server can't be reached or refuses; whether it was done isn't known then.
        """
        if self._is_lonely and not self._jobs and not self._connections[-1].lock.locked():
            self._do_here(job)
        else:
            job.is_done.acquire()
            self._bring(job)
            job.is_done.acquire()
        if job.error is not None:
            raise type(job.error)(*job.error.args)
        return job.result

    def _do_here(self, job: Operation) -> None:
        connection = self._connections[-1]
        try:
            with connection.lock:
                _do(connection, [job], is_alone=not self.is_shared)
        except BaseException:
            # An interrupt: a thread does it, once more if need be, so that none comes in between.
            self._bring(job)
            raise
        self._is_lonely = not self._jobs

    def _bring(self, job: Operation) -> None:
        with self._lock:
            self._jobs.append(job)
            if not self._idle and len(self._threads) < len(self._connections) and self._is_busy():
                self._start()
            self._changed.notify()

    def _is_busy(self) -> bool:
        return not self._threads or len(self._jobs) > MANY_JOBS

    def _start(self) -> None:
        connection = self._connections[len(self._threads)]
        thread = Thread(target=self._work, args=(connection,), name="ledger commits", daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """End the threads once they have done everything, and close their connections."""
        with self._lock:
            self._is_closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        for connection in self._connections:
            connection.close()

    def _work(self, connection: Connection) -> None:
        while self._has_more():
            with connection.lock:
                jobs = self._take()
                _do(connection, jobs)
            self._is_lonely = len(jobs) < 2 and not self._jobs
            for job in jobs:
                if job.is_done.locked():
                    job.is_done.release()

    def _has_more(self) -> bool:
        """Wait for something to do; false at the end."""
        with self._lock:
            self._idle += 1
            while not self._jobs and not self._is_closed:
                self._changed.wait()
            self._idle -= 1
            return bool(self._jobs)

    def _take(self) -> list[Operation]:
        """What is to be done together next; nothing when another thread was faster."""
        with self._lock:
            if not self._jobs:
                return []
            if not self._jobs[0].accounts:
                return [self._jobs.popleft()]
            jobs = [job for job in self._jobs if job.accounts][:MOST_JOBS]
            for job in jobs:
                self._jobs.remove(job)
            return jobs


def _do(connection: Connection, jobs: Sequence[Operation], *, is_alone: bool = False) -> None:
    """Do operations together, with the connection's lock; where one is at fault, that one alone has an error."""
    try:
        results = _results(connection, jobs, is_alone)
    except Unreachable as error:
        for job in jobs:
            job.error = error
    except LedgerFileError as error:
        if len(jobs) == 1:
            jobs[0].error = error
        else:
            for job in jobs:
                _do(connection, [job])
    except Exception as error:
        # A fault in the driver or here, say; nobody may wait for ever.
        for job in jobs:
            job.error = job.error or LedgerFileError(f"the ledger could not be written: {error!r}")
    else:
        for job, result in zip(jobs, results, strict=True):
            job.result = result


def _results(connection: Connection, jobs: Sequence[Operation], is_alone: bool) -> list[Any]:
    if not jobs:
        return []
    if jobs[0].accounts:
        with suppress(messages.Unusual):
            return connection.run_locked(lambda db: _by_messages(db, jobs, is_alone))
    return connection.run_locked(lambda db: _by_cursors(db, jobs))


def transact(connection: Connection, work: Callable[[Database], T]) -> T:
    """What `work` gives, in a transaction of its own that is on the disk then; it may be done several times.

    Raises LedgerFileError as `Commits.run`, and what `work` raises, with nothing done.
    """

    def whole(db: Database) -> T:
        with db.pipeline():
            db.execute(BEGIN)
            db.execute(f"SELECT {_EARLY}true".encode())
        try:
            result = work(db)
        except psycopg.Error:
            raise
        except Exception:
            db.execute("ROLLBACK")
            raise
        with db.pipeline():
            db.execute("COMMIT")
            db.execute(_FLUSH)
        return result

    return connection.run(whole)


def _locked_by(jobs: Sequence[Operation]) -> tuple[list[int], list[UUID], list[int]]:
    """What a batch locks, in everybody's order, so that batches can't wait for each other in a circle."""
    processes = {job.process for job in jobs if job.process is not None}
    keys = [key for job in jobs for key in job.keys]
    accounts = {account for job in jobs for account in job.accounts}
    return list(processes), keys, list(accounts)


def _by_messages(db: Database, jobs: Sequence[Operation], is_alone: bool) -> list[Any]:
    """Do these operations in one transaction, and one round trip; a single one at once where nobody else is there."""
    if is_alone:
        return [messages.value(db, _call(jobs[0], _AT_ONCE))]
    statements: list[messages.Statement] = [(BEGIN.encode(), ())]
    if len(jobs) > 1:
        statements.append((_NUMBERED_LOCK, _locked_by(jobs)))
    first = len(statements)
    statements += [_call(job, _EARLY) for job in jobs]
    statements += [(b"COMMIT", ()), (_FLUSH.encode(), ())]
    return messages.values(db, statements)[first:-2]


def _call(job: Operation, before: str) -> messages.Statement:
    return messages.call_of(job.name, len(job.arguments), before, is_numbered=True), job.arguments


def _by_cursors(db: Database, jobs: Sequence[Operation]) -> list[Any]:
    """The same for all types, and with the errors of the server: psycopg would wait at a sync in between."""
    with db.pipeline():
        db.execute(BEGIN)
        if len(jobs) > 1:
            db.execute(_LOCK.encode(), _locked_by(jobs))
        cursors = [db.execute(messages.call_of(job.name, len(job.arguments), _EARLY), job.arguments) for job in jobs]
        db.execute("COMMIT")
        db.execute(_FLUSH)
    return [_value(cursor) for cursor in cursors]


def _value(cursor: psycopg.Cursor[tuple[Any, ...]]) -> Any:
    row = cursor.fetchone()
    assert row is not None
    return row[-1]
