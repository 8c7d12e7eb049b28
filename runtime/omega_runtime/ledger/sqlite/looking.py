"""Looking into a ledger file without writing anything, neither to the file nor to its folder."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.sqlite.busy import patiently
from omega_runtime.ledger.sqlite.opening import check_kind, check_schema, connect, file_errors
from omega_runtime.ledger.sqlite.place import BESIDE, Place, check_trust
from omega_runtime.ledger.sqlite.schema import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

# Somebody may open the file just then, which is seen afterwards.
LOOKS = 20


def look(path: str, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` reads from a ledger file, all as of one moment.

    Raises LedgerFileError for a file that is no ledger, is of another version, that others may write to or that can't
    be read.
    """
    if not os.path.lexists(path):
        raise LedgerFileError(f'there is no ledger file "{path}"')
    with file_errors(path):
        for _ in range(LOOKS):
            check_trust(path)
            before = _state(path)
            if before[1]:
                return _looked(path, "mode=ro", work)
            # Nobody has it open. SQLite would leave files beside it, to tell others of this connection.
            try:
                found = _looked(path, "mode=ro&immutable=1", work)
            except (sqlite3.Error, LedgerFileError):
                if _state(path) == before:
                    raise
                continue
            if _state(path) == before:
                return found
    raise LedgerFileError(f'the ledger file "{path}" is opened and closed all the time; look again')


def _state(path: str) -> tuple[tuple[int, int, int], bool]:
    """What changes when a file is written, and whether somebody has it open."""
    status = os.stat(path)  # noqa: PTH116
    real = os.path.realpath(path)
    is_open = any(os.path.lexists(real + end) for end in BESIDE)
    return (status.st_ino, status.st_size, status.st_mtime_ns), is_open


def _looked(path: str, how: str, work: Callable[[sqlite3.Connection], T]) -> T:
    with closing(connect(path, how)) as db:
        patiently(path, lambda: db.execute("BEGIN"))
        patiently(path, lambda: check_kind(db, path))
        if "immutable" not in how:
            Place(path).take_up()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            raise LedgerFileError(
                f'the ledger file "{path}" has version {version}, which is older than this omegac; '
                "omegac ledger show FILE brings it up to date"
            )
        check_schema(db, path)
        return work(db)
