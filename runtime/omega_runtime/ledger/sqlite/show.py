"""What a ledger file says, as plain data, and starting its accounts anew; nothing of a running program is needed."""

from __future__ import annotations

import os
import time
from contextlib import closing

from omega_runtime.ledger.calendar import moment
from omega_runtime.ledger.contents import (
    BatchLine,
    Booking,
    CallLine,
    Contents,
    PeriodLine,
    booking,
    call_line,
    period_line,
)
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.report import summed
from omega_runtime.ledger.sqlite import batches, operations, periods, queries
from omega_runtime.ledger.sqlite.busy import begin
from omega_runtime.ledger.sqlite.opening import file_errors, open_ledger_file
from omega_runtime.ledger.statistics import dollars_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection


_CALLS = (
    'SELECT accounts.name, file, line, "column", model, tokens, cost, calls.is_priced, spent_tokens, spent_cost, '
    "state, lease, program, '', pid, calls.started FROM calls JOIN sites ON sites.id = site "
    "JOIN accounts ON accounts.id = calls.account JOIN processes ON processes.id = calls.process "
    "LEFT JOIN runs ON runs.id = run WHERE "
)


def contents(path: str | os.PathLike[str]) -> Contents:
    """The accounts, the open holds, the spending by site and by model, and the overruns of a ledger file.

    Raises LedgerFileError.
    """
    name = os.fspath(path)
    with file_errors(name), closing(open_ledger_file(name, create=False)) as db:
        now = time.time()
        begin(db, name)
        queries.expire(db, now)
        db.execute("COMMIT")
        db.execute("BEGIN")
        return {
            **summed(queries.entries(db)),
            "accounts": operations.summary(db, now),
            "periods": _periods(db),
            "holds": call_lines(db, "state = 'held'", now),
            "batches": _batches(db),
            "overruns": call_lines(db, "is_overrun", now),
        }


_BOOKED = """
    SELECT date(started, 'unixepoch'), model, total(input_tokens), total(output_tokens),
        sum(CASE state WHEN 'settled' THEN spent_cost ELSE 0 END), min(is_priced),
        sum(CASE state WHEN 'settled' THEN 0 ELSE spent_tokens END),
        sum(CASE state WHEN 'settled' THEN 0 ELSE spent_cost END)
    FROM calls WHERE state IN ('settled', 'unknown', 'expired') GROUP BY 1, 2 ORDER BY 1, 2
"""


def bookings(path: str | os.PathLike[str]) -> list[Booking]:
    """What a ledger file has booked, by day and model. Raises LedgerFileError."""
    name = os.fspath(path)
    with file_errors(name), closing(open_ledger_file(name, create=False)) as db:
        begin(db, name)
        queries.expire(db, time.time())
        db.execute("COMMIT")
        return [booking(*row) for row in db.execute(_BOOKED)]


def reset(path: str | os.PathLike[str], names: Sequence[str] = ()) -> list[str]:
    """Take what was spent off these named accounts (all, for none), so that their whole limits are there again.

    Gives their names; the calls stay in the books. Raises LedgerFileError when there is no such account, and
    OmegaError, without changing anything, while one of them has calls under way.
    """
    file = os.fspath(path)
    with file_errors(file), closing(open_ledger_file(file, create=False)) as db:
        begin(db, file)
        try:
            rows = [row for row in queries.account_rows(db) if row.is_named and (not names or row.name in names)]
            for name in set(names) - {row.name for row in rows}:
                raise LedgerFileError(f'the ledger file "{path}" has no account "{name}"')
            for row in rows:
                operations.reset(db, row.id, time.time())
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        return [row.name for row in rows]


def _periods(db: Connection) -> list[PeriodLine]:
    return [period_line(*row) for row in periods.history(db)]


def _batches(db: Connection) -> list[BatchLine]:
    held = [(batch, batches.held(db, batch.id)) for batch in batches.open_batches(db)]
    return [
        {
            "id": batch.remote,
            "program": batch.program,
            "calls": calls.calls,
            "held": calls.tokens,
            "dollars_held": dollars_or_none(calls.picodollars, not calls.is_priced),
            "submitted": None if batch.submitted is None else moment(int(batch.submitted), "UTC").isoformat(),
        }
        for batch, calls in held
    ]


def call_lines(db: Connection, condition: str, now: float) -> list[CallLine]:
    """Lines of a report for the calls that meet an SQL condition."""
    return [call_line(*row, now=now) for row in db.execute(f"{_CALLS} {condition} ORDER BY calls.id")]
