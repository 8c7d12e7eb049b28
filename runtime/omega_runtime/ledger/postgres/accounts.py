"""Accounts on the server; every function runs within a transaction, and may be run again."""

from __future__ import annotations

import json
import uuid

from omega_runtime.ledger.limits import Limits
from omega_runtime.ledger.postgres.reading import rows, value
from omega_runtime.ledger.postgres.rows import current_row, new_spans, stored_row
from omega_runtime.ledger.stored import ROOT, check_not_too_low, misplaced, new_limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.ledger.journal import Recorded
    from omega_runtime.ledger.postgres.connection import Database
    from omega_runtime.ledger.stored import AccountRow


def columns(limits: Limits) -> tuple[Any, ...]:
    """What is stored of limits, in the order in which the functions take it."""
    return limits.tokens, limits.picodollars, *(limits.periods or (None, None, None))


def current(db: Database, account: int) -> AccountRow:
    """An account with the figures of its current periods."""
    (standing,) = rows(db, "standing", account)
    return current_row(standing, value(db, "server_time") if standing["timezone"] else 0.0)


def open_named(db: Database, name: str, wanted: Limits, above: int, raise_limit: bool) -> AccountRow:
    """The account of this name, made when there is none; see `SharedLedger.open_named`."""
    found = rows(db, "find_named", name)
    if not found:
        new = wanted.completed_by(Limits(None, None, None))
        # Nothing when another process is faster.
        value(db, "open_account", uuid.uuid4(), name, above, True, *columns(new))
        found = rows(db, "find_named", name)
    row = stored_row(found[0])
    if row.parent != above:
        parent, around = (stored_row(rows(db, "standing", each)[0]) for each in (row.parent or ROOT, above))
        raise misplaced(row, parent, around, value(db, "path_of", above))
    limits = new_limits(row, wanted, raise_limit)
    return row if limits is None else _replace_limits(db, row, limits)


def _replace_limits(db: Database, row: AccountRow, limits: Limits) -> AccountRow:
    now = value(db, "server_time")
    spans = None
    if limits.periods != row.periods:
        from omega_runtime.ledger.calendar import span

        periods = limits.periods
        begun = [(unit, *span(unit, periods.timezone, now)) for unit in periods.units] if periods else []
        spans = json.dumps([{"unit": unit, "start": start, "stop": stop} for unit, start, stop in begun])
    (standing,) = rows(db, "set_limits", row.id, *columns(limits), spans)
    changed = stored_row(standing)
    check_not_too_low(row, changed, current_row(standing, now))
    return changed


def book_replay(db: Database, key: uuid.UUID, process: int, inner: list[int], found: Recorded) -> None:
    """Count a replayed answer in the budgets that were opened within the run; the others have it already."""
    value(db, "lock_batch", [], [], inner)
    now = value(db, "server_time")
    standings = [rows(db, "standing", each)[0] for each in inner]
    spans = json.dumps(new_spans(standings, now))
    value(db, "replay", key, found.number, process, inner, found.tokens, found.picodollars, spans)
