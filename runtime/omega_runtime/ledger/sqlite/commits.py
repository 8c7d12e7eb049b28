"""Group commit: operations that threads bring at the same time share one transaction, and so one write to the disk.

Threads stand in a queue. The first runs what all have brought, and what still comes meanwhile; the others sleep until
theirs is done or they are first.
"""

from __future__ import annotations

import sqlite3
from _thread import allocate_lock
from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.busy import begin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from omega_runtime.ledger.sqlite.connection import Connection

    Work = Callable[[sqlite3.Connection], "T"]

T = TypeVar("T")

# So many operations share a transaction at most, as other processes wait for its end.
MOST_JOBS = 64

# Seconds until a thread looks by itself: a second interrupt may keep the first in the queue from waking the next.
PATIENCE = 1.0


class Job(Generic[T]):
    """One operation on its way: `result` or `error` are there once `is_done`.

    `turn` is a lock that is free when the operation is done, or the first in the queue.
    """

    __slots__ = ("error", "is_done", "result", "turn", "work")

    result: T

    def __init__(self, work: Work[T]) -> None:
        self.work = work
        self.is_done = False
        self.error: Exception | None = None
        self.turn = allocate_lock()
        self.turn.acquire()

    @property
    def is_committed(self) -> bool:
        """Whether the file has it."""
        return self.is_done and self.error is None

    def wake(self) -> None:
        """Let the thread that brought it look."""
        if self.turn.locked():
            self.turn.release()


class Commits:
    """Runs operations on a connection in transactions; whoever is first runs what the others have brought."""

    __slots__ = ("_committing", "_jobs", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # Jobs stay here until they are done, so that an interrupted commit leaves them to the next one.
        self._jobs: deque[Job[Any]] = deque()
        self._committing: list[Job[Any]] = []

    def run(self, work: Work[T]) -> T:
        """`work(connection)` within a transaction, committed to the disk when this returns its result.

        What `work` raises undoes what it did, and comes out of here. Raises LedgerFileError when the file cannot be
        written; then nothing was. `work` must change the file only, as it may be run again after an interrupt.
        """
        job = Job(work)
        self.do(job)
        if job.error is not None:
            raise job.error
        return job.result

    def do(self, job: Job[Any]) -> None:
        """Get a job done. Raises nothing but interrupts, after which the job is done, or never will be."""
        try:
            self._jobs.append(job)
            while not job.is_done:
                if job in tuple(self._jobs)[1:]:
                    job.turn.acquire(timeout=PATIENCE)
                if not job.is_done:
                    with self.connection.lock:
                        self._recover()
                        if not job.is_done:
                            self._commit()
        except BaseException:
            with self.connection.lock:
                with suppress(ValueError):
                    self._jobs.remove(job)
                self._recover()
            raise

    def forget(self) -> None:
        """Drop jobs of threads that a forked child does not have."""
        self._jobs.clear()

    def _commit(self) -> None:
        jobs: list[Job[Any]] = []
        waiting = tuple(self._jobs)
        try:
            database = self.connection.database
            begin(database, self.connection.path)
            self.connection.place.check()
            while len(jobs) < min(len(self._jobs), MOST_JOBS):
                jobs.append(self._jobs[len(jobs)])
                self._run(database, jobs[-1])
            self._committing = jobs
            database.execute("COMMIT")
        except (sqlite3.Error, LedgerFileError) as error:
            self._committing = []
            self._undo()
            for job in jobs or waiting:
                job.error = _file_error(self.connection.path, error)
                job.is_done = True
        self._recover()

    def _run(self, database: sqlite3.Connection, job: Job[Any]) -> None:
        """One job; when it fails, it alone is undone."""
        job.error = None
        database.execute("SAVEPOINT job")
        try:
            job.result = job.work(database)
        except Exception as error:
            # A full disk may have ended the transaction, and nothing more is written to a damaged file.
            if not database.in_transaction or type(error) is sqlite3.DatabaseError:
                raise
            database.execute("ROLLBACK TO job")
            job.error = _file_error(self.connection.path, error) if isinstance(error, sqlite3.Error) else error
        database.execute("RELEASE job")

    def _recover(self) -> None:
        """Finish what was committed, and undo what was not; an interrupted commit may have left either.

        Wakes those whose job is done, and the first of the others.
        """
        if self._committing and not self.connection.in_transaction:
            for job in self._committing:
                job.is_done = True
        self._committing = []
        self._undo()
        while self._jobs and self._jobs[0].is_done:
            self._jobs[0].wake()
            self._jobs.popleft()
        if self._jobs:
            self._jobs[0].wake()

    def _undo(self) -> None:
        if self.connection.in_transaction:
            self.connection.database.execute("ROLLBACK")


def _file_error(path: str, error: Exception) -> LedgerFileError:
    if isinstance(error, LedgerFileError):
        return LedgerFileError(*error.args)
    return LedgerFileError(f'the ledger file "{path}" could not be written: {error}')
