"""Patience with other processes that write to a ledger file, and saying which: nobody can take SQLite's lock away."""

from __future__ import annotations

import os
import sqlite3
import sys
from time import monotonic, sleep

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.locks import OPEN, WRITING, descriptors, holder, identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

# Seconds that SQLite waits by itself; between these, interrupts get through.
TRY_SECONDS = 0.5
# Seconds until people are told, and until it is an error.
NOTICE_SECONDS = 2.0
BUSY_SECONDS = 60.0


def patiently(path: str, step: Callable[[], T]) -> T:
    """`step()`, again and again while other processes keep the file at `path` busy.

    After 2 seconds stderr says who does. Raises LedgerFileError, which says it too, after 60 seconds in all.
    """
    waited, is_told = 0.0, False
    while True:
        start = monotonic()
        try:
            return step()
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            problem = error
        sleep(0.01)
        # A try during which this process was suspended counts as one.
        waited += min(monotonic() - start, 2 * TRY_SECONDS)
        if waited >= BUSY_SECONDS:
            raise LedgerFileError(
                f'the ledger file "{path}" was not free for {BUSY_SECONDS:g} s: {_blocker(path)}'
            ) from problem
        if waited >= NOTICE_SECONDS and not is_told:
            is_told = True
            print(f'omegac: waiting for the ledger file "{path}": {_blocker(path)}', file=sys.stderr)


def begin(database: sqlite3.Connection, path: str) -> None:
    """Begin a transaction that writes, once nobody else does; see `patiently`."""
    patiently(path, lambda: database.execute("BEGIN IMMEDIATE"))


def _blocker(path: str) -> str:
    """Who has the file, and what to do about it."""
    ours = descriptors() or {}
    real = os.path.realpath(path)
    process = None
    for end, lock in (("-shm", WRITING), ("", OPEN)):
        which = identity(real + end)
        process = process or (None if which is None else holder(ours.get(which), lock))
    if not process:
        return "another program is writing to it; find it (for example with fuser) and let it go on, or end it"
    import psutil

    try:
        is_stopped = psutil.Process(process).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        is_stopped = False
    if is_stopped:
        return f"process {process} is stopped while it writes to it; let it go on (kill -CONT {process}), or end it"
    return f"process {process} is writing to it; wait for it, or end it (kill {process})"
