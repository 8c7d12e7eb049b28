"""What a ledger file says, as plain data, and starting its accounts anew; nothing of a running program is needed."""

from __future__ import annotations

import os
import time
from contextlib import closing

from omega_runtime.ledger.calendar import moment
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.report import summed
from omega_runtime.ledger.sqlite import operations, periods, queries
from omega_runtime.ledger.sqlite.busy import begin
from omega_runtime.ledger.sqlite.opening import file_errors, open_ledger_file
from omega_runtime.ledger.statistics import dollars_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from omega_runtime.values import Value

_CALLS = (
    'SELECT accounts.name, file, line, "column", model, tokens, cost, calls.is_priced, spent_tokens, spent_cost, '
    "lease, state FROM calls JOIN sites ON sites.id = site JOIN accounts ON accounts.id = account WHERE "
)


def contents(path: str | os.PathLike[str]) -> dict[str, Value]:
    """The accounts, the open holds, the spending by site and by model, and the overruns of a ledger file.

    As `omega_runtime.report`, over all runs and processes; besides, `holds` and `overruns` are lists of calls:
    account, file, line, column, model, held, spent (tokens), dollars_held, dollars_spent, and `lease`, the seconds
    until a hold counts as spent unless its process renews it. `periods` is a list of those in which calls were held,
    oldest first: account, unit, start, end (ISO 8601), spent, overrun, dollars_spent, dollars_overrun. Raises
    LedgerFileError.
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
            "overruns": _calls(db, "is_overrun", now),
        }


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


def _periods(db: Connection) -> list[dict[str, Value]]:
    names = ("account", "unit", "start", "end", "spent", "overrun", "dollars_spent", "dollars_overrun")
    lines = []
    for account, unit, start, stop, timezone, spent, overrun, cost, over_cost, is_priced in periods.history(db):
        times = (moment(each, timezone).isoformat() for each in (start, stop))
        money = (dollars_or_none(cost, not is_priced), dollars_or_none(over_cost, 0))
        lines.append(dict(zip(names, (account, unit, *times, spent, overrun, *money), strict=True)))
    return lines


def _calls(db: Connection, condition: str, now: float) -> list[dict[str, Value]]:
    names = ("account", "file", "line", "column", "model", "held", "dollars_held", "spent", "dollars_spent", "lease")
    lines = []
    for *place, tokens, cost, is_priced, spent, spent_cost, lease, state in db.execute(
        f"{_CALLS} {condition} ORDER BY calls.id"
    ):
        held_cost, final_cost = (dollars_or_none(units, not is_priced) for units in (cost, spent_cost))
        figures = (*place, tokens, held_cost, spent, final_cost, max(0.0, lease - now) if state == "held" else 0.0)
        lines.append(dict(zip(names, figures, strict=True)))
    return lines
