"""One connection to a ledger file, which threads take in turns."""

from __future__ import annotations

import sqlite3
from threading import Lock

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.file.opening import connect, identity


class Link:
    """A connection for whoever holds `turn`.

    SQLite demands that no connection is open while a process forks: its locks would not hold in the child. So `pause`
    closes the connection before, and the first use after it opens another.
    """

    __slots__ = ("_database", "identity", "is_closed", "path", "turn")

    def __init__(self, path: str, database: sqlite3.Connection | None = None) -> None:
        self.path = path
        self.identity = identity(path)
        self.turn = Lock()
        self._database = database
        self.is_closed = False

    @property
    def database(self) -> sqlite3.Connection:
        """The open connection. Raises LedgerFileError when there cannot be one, or sqlite3.Error."""
        if self._database is None:
            if self.is_closed:
                raise LedgerFileError(f'the ledger file "{self.path}" was closed by this process')
            self.check_place()
            self._database = connect(self.path)
        return self._database

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._database is not None and self._database.in_transaction

    def check_place(self) -> None:
        """Raise LedgerFileError when the path no longer leads to the file that was opened."""
        if self.identity is None or identity(self.path) != self.identity:
            raise LedgerFileError(
                f'the ledger file "{self.path}" was moved, deleted or replaced while it was in use; bring it back, or '
                "start again with the file that is there now"
            )

    def pause(self) -> None:
        """Close the connection and keep the turn; the process is about to fork."""
        self.turn.acquire()
        self._drop()

    def resume(self) -> None:
        """Give the turn back after a fork, in the parent or in the child."""
        self.turn.release()

    def close(self) -> None:
        """Close the connection for good, once its turn has come."""
        with self.turn:
            self.is_closed = True
            self._drop()

    def _drop(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
