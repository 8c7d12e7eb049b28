"""What a ledger file says of now; nothing is written, neither to the file nor to its folder."""

from __future__ import annotations

import os
import time

from omega_runtime.ledger.contents import SECONDS, spending_line
from omega_runtime.ledger.sqlite import periods, queries, show
from omega_runtime.ledger.sqlite.looking import look
from omega_runtime.ledger.stored import ROOT
from omega_runtime.ledger.tree import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Connection

    from omega_runtime.ledger.contents import Overview, SpendingLine

_SPENDING = """
    SELECT CAST(started / :seconds AS INTEGER) * :seconds, count(*), sum(spent_tokens), sum(spent_cost), min(is_priced)
    FROM calls WHERE started >= :since AND state IN ('settled', 'unknown', 'expired') GROUP BY 1 ORDER BY 1
"""


def overview(path: str | os.PathLike[str], since: Mapping[str, float]) -> Overview:
    """The accounts as a tree, the calls under way, and what was spent since those moments. Raises LedgerFileError."""
    return look(os.fspath(path), lambda db: _overview(db, since))


def spending(path: str | os.PathLike[str], unit: str) -> list[SpendingLine]:
    """What the calls of each hour or day, in UTC, have cost, oldest first. Raises LedgerFileError."""
    return look(os.fspath(path), lambda db: _spending(db, unit, 0))


def _overview(db: Connection, since: Mapping[str, float]) -> Overview:
    now = time.time()
    rows = [queries.account_row(db, ROOT), *queries.account_rows(db)]
    return {
        "time": now,
        "accounts": tree((row, periods.figures_at(db, row, now)) for row in rows),
        "holds": show.call_lines(db, "state = 'held'", now),
        "hours": _spending(db, "hour", since["hour"]),
        "days": _spending(db, "day", since["day"]),
    }


def _spending(db: Connection, unit: str, since: float) -> list[SpendingLine]:
    rows = db.execute(_SPENDING, {"seconds": SECONDS[unit], "since": since})
    return [spending_line(*row) for row in rows]
