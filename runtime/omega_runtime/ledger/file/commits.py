"""Group commit: operations that threads bring at the same time share one transaction, and so one write to the disk."""

from __future__ import annotations

import sqlite3
from collections import deque
from contextlib import suppress
from threading import Lock

from omega_runtime.ledger.errors import LedgerFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")
    Work = Callable[[sqlite3.Connection], T]


class Job:
    """One operation on its way: `result` or `error` are there once `is_done`."""

    __slots__ = ("error", "is_done", "result", "work")

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.is_done = False
        self.result: Any = None
        self.error: Exception | None = None


class Commits:
    """Runs operations on a connection in transactions; whoever comes first runs what the others have brought."""

    __slots__ = ("_connection", "_jobs", "_path", "_turn")

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection = connection
        self._path = path
        self._turn = Lock()
        self._jobs: deque[Job] = deque()

    def run(self, work: Work[T]) -> T:
        """`work(connection)` within a transaction, committed to the disk when this returns its result.

        What `work` raises undoes what it did, and comes out of here. Raises LedgerFileError when the file cannot be
        written; then nothing was. `work` must change the file only, as it may be run again after an interrupt.
        """
        job = Job(work)
        self._jobs.append(job)
        try:
            with self._turn:
                if not job.is_done:
                    self._commit([self._jobs.popleft() for _ in range(len(self._jobs))])
        except BaseException:
            with suppress(ValueError):
                self._jobs.remove(job)
            raise
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close the connection, once running transactions have ended."""
        with self._turn:
            self._connection.close()

    def _commit(self, jobs: list[Job]) -> None:
        connection = self._connection
        is_committing = False
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._run(job)
            is_committing = True
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            for job in jobs:
                job.error = LedgerFileError(f'the ledger file "{self._path}" could not be written: {error}')
        except BaseException:
            # An interrupt: what others brought goes back, unless the commit was done already.
            if connection.in_transaction or not is_committing:
                self._undo()
                self._jobs.extendleft(reversed(jobs))
                raise
            _finish(jobs)
            raise
        _finish(jobs)

    def _run(self, job: Job) -> None:
        """One job; when it fails, it alone is undone."""
        job.error = None
        self._connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(self._connection)
        except sqlite3.Error:
            raise
        except Exception as error:
            self._connection.execute("ROLLBACK TO job")
            job.error = error
        self._connection.execute("RELEASE job")

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _finish(jobs: list[Job]) -> None:
    for job in jobs:
        job.is_done = True
