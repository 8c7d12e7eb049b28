"""What the books say, read by their functions."""

from __future__ import annotations

from omega_runtime.ledger.contents import call_line
from omega_runtime.ledger.postgres.messages import call_of
from omega_runtime.ledger.postgres.rows import current_row, entry, stored_row
from omega_runtime.ledger.tasks import TaskRecord
from omega_runtime.ledger.totals import Finished, line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.ledger.contents import CallLine
    from omega_runtime.ledger.postgres.connection import Database
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.statistics import Entry


_CALL = (
    *("account", "file", "line", "column", "model", "tokens", "picodollars", "is_priced", "spent", "spent_picodollars"),
    *("state", "lease_end", "program", "machine", "pid", "started"),
)


def value(db: Database, name: str, *arguments: Any) -> Any:
    """The one value that a function of the books gives."""
    row = db.execute(call_of(name, len(arguments)), arguments).fetchone()
    assert row is not None
    return row[0]


def rows(db: Database, name: str, *arguments: Any) -> list[dict[str, Any]]:
    """The rows that a function of the books gives, without the underscores of its own columns."""
    select = call_of(name, len(arguments)).replace(b"SELECT", b"SELECT * FROM", 1)
    cursor = db.execute(select, arguments)
    names = [column.name.rstrip("_") for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def entries(found: list[dict[str, Any]]) -> list[Entry]:
    """What was counted for each site and model."""
    return [entry(tuple(row.values())) for row in found]


def account_lines(db: Database) -> list[AccountLine]:
    """Lines of a report: the root first, open and named accounts one by one, ended scopes summed by name."""
    now = value(db, "server_time")
    ended: dict[str, Finished] = {}
    lines = []
    for standing in rows(db, "all_standings"):
        row = stored_row(standing)
        if row.is_open or row.spent_tokens != row.committed_tokens:
            lines.append(line_of(row.name, current_row(standing, now), row.periods))
        else:
            ended.setdefault(row.name, Finished()).add(row, row.periods)
    return lines + [each.line(name) for name, each in ended.items()]


def call_lines(db: Database, name: str, now: float) -> list[CallLine]:
    """Lines of a report for the calls that a function of the books gives."""
    return [call_line(*(row[column] for column in _CALL), now=now) for row in rows(db, name)]


def task(row: dict[str, Any]) -> TaskRecord:
    """A task that has ended."""
    return TaskRecord(
        row["task"],
        row["tokens"],
        row["picodollars"],
        row["calls"],
        row["seconds"],
        row["is_complete"],
        row["ended"],
    )
