"""What a ledger on a server says of now, by a connection that can't write, in reads that are short and lock nothing."""

from __future__ import annotations

from omega_runtime.ledger.contents import SECONDS, spending_line
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres import schema
from omega_runtime.ledger.postgres.connection import Connection
from omega_runtime.ledger.postgres.reading import call_lines, rows, value
from omega_runtime.ledger.postgres.rows import current_row, stored_row
from omega_runtime.ledger.tree import tree
from omega_runtime.ledger.urls import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from omega_runtime.ledger.contents import Overview, SpendingLine
    from omega_runtime.ledger.postgres.connection import Database

    T = TypeVar("T")

# For so long (seconds) a server may be away; who looks may look again.
PATIENCE = 3.0


def overview(url: str, since: Mapping[str, float]) -> Overview:
    """The accounts as a tree, the calls under way, and what was spent since those moments. Raises LedgerFileError."""
    return _read(url, lambda db: _overview(db, since))


def spending(url: str, unit: str) -> list[SpendingLine]:
    """What the calls of each hour or day, in UTC, have cost, oldest first. Raises LedgerFileError."""
    return _read(url, lambda db: _spending(db, unit, 0))


def _read(url: str, work: Callable[[Database], T]) -> T:
    connection = Connection(url, PATIENCE, only_reads=True)
    try:
        version = connection.run(lambda db: schema.version_of(db, url))
        if not version:
            raise LedgerFileError(f"there is no ledger on {shown(url)}")
        if version < schema.VERSION:
            raise LedgerFileError(
                f"the ledger {shown(url)} has version {version}, older than this omegac; its owner updates it "
                "with omegac ledger show URL"
            )
        return connection.run(work)
    finally:
        connection.close()


def _overview(db: Database, since: Mapping[str, float]) -> Overview:
    now = value(db, "server_time")
    return {
        "time": now,
        "accounts": tree((stored_row(each), current_row(each, now)) for each in rows(db, "all_standings")),
        "holds": call_lines(db, "held_calls", now),
        "hours": _spending(db, "hour", since["hour"]),
        "days": _spending(db, "day", since["day"]),
    }


def _spending(db: Database, unit: str, since: float) -> list[SpendingLine]:
    return [spending_line(**row) for row in rows(db, "spending", SECONDS[unit], since)]
