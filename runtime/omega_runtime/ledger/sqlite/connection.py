"""One connection to a ledger file, which threads use one at a time."""

from __future__ import annotations

import sqlite3
from threading import Lock

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.busy import patiently
from omega_runtime.ledger.sqlite.opening import connect
from omega_runtime.ledger.sqlite.place import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from omega_runtime.ledger.sqlite.locks import Identity

    T = TypeVar("T")


class Connection:
    """SQLite's connection to a file, while there is one, for whoever holds `lock`.

    SQLite demands that no connection is open while a process forks: its locks would not hold in the child. So `pause`
    closes the connection before, and the first use after it opens another.
    """

    __slots__ = ("_database", "is_closed", "lock", "place")

    def __init__(self, path: str, database: sqlite3.Connection | None = None, known: Identity | None = None) -> None:
        self.place = Place(path, known)
        self.lock = Lock()
        self._database = database
        self.is_closed = False
        if database is not None:
            try:
                self.place.take_up()
            except BaseException:
                database.close()
                raise

    @property
    def path(self) -> str:
        """Where the file is."""
        return self.place.path

    @property
    def database(self) -> sqlite3.Connection:
        """The open connection. Raises LedgerFileError when there cannot be one, or sqlite3.Error."""
        if self._database is None:
            if self.is_closed:
                raise LedgerFileError(f'the ledger file "{self.path}" was closed by this process')
            self.place.check()
            database = connect(self.path)
            try:
                patiently(self.path, lambda: database.execute("SELECT count(*) FROM accounts").fetchone())
                self.place.take_up()
            except BaseException:
                database.close()
                raise
            self._database = database
        return self._database

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._database is not None and self._database.in_transaction

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` reads from the file, all as of one moment. Raises LedgerFileError when that fails."""
        return self.inspect(lambda db: _as_of_now(db, work))

    def inspect(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work`, which only looks, finds. Raises LedgerFileError when that fails."""
        with self.lock:
            try:
                return patiently(self.path, lambda: work(self.database))
            except sqlite3.Error as error:
                raise LedgerFileError(f'the ledger file "{self.path}" could not be read: {error}') from error

    def pause(self) -> None:
        """Close the connection and keep the lock; the process is about to fork."""
        self.lock.acquire()
        self._drop()

    def resume(self) -> None:
        """Release it after a fork, in the parent or in the child."""
        self.lock.release()

    def close(self) -> None:
        """Close the connection for good, once nobody uses it."""
        with self.lock:
            self.is_closed = True
            self._drop()

    def _drop(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
            self.place.let_go()


def _as_of_now(database: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    database.execute("BEGIN")
    try:
        return work(database)
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
