"""What a ledger file says, as plain data, and starting its accounts anew; nothing of a running program is needed."""

from __future__ import annotations

import os
import time
from contextlib import closing
from decimal import Decimal
from typing import TypedDict

from omega_runtime.ledger.calendar import moment
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.report import summed
from omega_runtime.ledger.report_types import AccountLine, Place, Sums
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
    "lease, state FROM calls JOIN sites ON sites.id = site JOIN accounts ON accounts.id = account WHERE "
)


class PeriodLine(TypedDict):
    """A period of an account in which calls were held; `start` and `end` are texts as in ISO 8601."""

    account: str
    unit: str
    start: str
    end: str
    spent: int
    overrun: int
    dollars_spent: Decimal | None
    dollars_overrun: Decimal | None


class CallLine(Place):
    """A call; `lease` are the seconds until its hold counts as spent unless its process renews it."""

    account: str
    model: str
    held: int
    dollars_held: Decimal | None
    spent: int
    dollars_spent: Decimal | None
    lease: float


class Booking(TypedDict):
    """What was booked for a model on a day, in UTC: of settled calls, and apart what may have been billed besides.

    Dollars are None where a price is not known.
    """

    day: str
    model: str
    input_tokens: int
    output_tokens: int
    dollars: Decimal | None
    unknown_tokens: int
    unknown_dollars: Decimal | None


class BatchLine(TypedDict):
    """A batch with calls to collect: those that are held, with what they may cost.

    `submitted` is when it was sent, as in ISO 8601, None before that; `id` is None while the provider's is not known.
    """

    id: str | None
    program: str
    calls: int
    held: int
    dollars_held: Decimal | None
    submitted: str | None


class Contents(Sums):
    """What a ledger file says, over all runs and processes; periods are listed with the oldest first."""

    accounts: list[AccountLine]
    periods: list[PeriodLine]
    holds: list[CallLine]
    batches: list[BatchLine]
    overruns: list[CallLine]


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
            "holds": _calls(db, "state = 'held'", now),
            "batches": _batches(db),
            "overruns": _calls(db, "is_overrun", now),
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
        return [
            {
                "day": day,
                "model": model,
                "input_tokens": int(input_tokens),
                "output_tokens": int(output_tokens),
                "dollars": dollars_or_none(cost, not is_priced),
                "unknown_tokens": unknown,
                "unknown_dollars": dollars_or_none(unknown_cost, not is_priced),
            }
            for day, model, input_tokens, output_tokens, cost, is_priced, unknown, unknown_cost in db.execute(_BOOKED)
        ]


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
    return [
        {
            "account": account,
            "unit": unit,
            "start": moment(start, timezone).isoformat(),
            "end": moment(stop, timezone).isoformat(),
            "spent": spent,
            "overrun": overrun,
            "dollars_spent": dollars_or_none(cost, not is_priced),
            "dollars_overrun": dollars_or_none(over_cost, 0),
        }
        for account, unit, start, stop, timezone, spent, overrun, cost, over_cost, is_priced in periods.history(db)
    ]


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


def _calls(db: Connection, condition: str, now: float) -> list[CallLine]:
    found = db.execute(f"{_CALLS} {condition} ORDER BY calls.id")
    return [
        {
            "account": account,
            "file": file,
            "line": line,
            "column": column,
            "model": model,
            "held": tokens,
            "dollars_held": dollars_or_none(cost, not is_priced),
            "spent": spent,
            "dollars_spent": dollars_or_none(spent_cost, not is_priced),
            "lease": max(0.0, lease - now) if state == "held" else 0.0,
        }
        for account, file, line, column, model, tokens, cost, is_priced, spent, spent_cost, lease, state in found
    ]
