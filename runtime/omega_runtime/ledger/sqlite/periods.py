"""Periods of the accounts in a ledger file; every function runs within a transaction.

A call belongs to the periods that were current when it was held, whenever it is settled. Nothing has to be done when a
period ends: the first call that is held after it begins the next.
"""

from __future__ import annotations

from omega_runtime.ledger.calendar import span
from omega_runtime.ledger.sqlite.schema import OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.stored import AccountRow

_FIGURES = "used, committed, tokens_overrun, dollars_used, dollars_committed, dollars_overrun, is_priced"
_NOTHING = (0, 0, 0, 0, 0, 0, 1)

# The account with an id and all those inside.
_INSIDE = (
    "WITH RECURSIVE inside (id) AS (SELECT ? UNION ALL "
    "SELECT accounts.id FROM accounts JOIN inside ON accounts.parent = inside.id) "
)


def figures_at(db: Connection, row: AccountRow, now: float) -> AccountRow:
    """The account with the figures of its current periods, of those that count over all time as it is."""
    periods = row.periods
    if periods is None:
        return row
    if periods.tokens is not None:
        stop, first_call, figures = _figures(db, row.id, periods.tokens, periods.timezone, now)
        spent, committed, overrun = figures[:3]
        row = row._replace(
            stop=stop,
            first_call=first_call,
            spent_tokens=spent,
            committed_tokens=committed,
            overrun_tokens=overrun,
        )
    if periods.dollars is not None:
        stop, first_call, figures = _figures(db, row.id, periods.dollars, periods.timezone, now)
        spent, committed, overrun = figures[3:6]
        row = row._replace(
            dollar_stop=stop,
            dollar_first_call=first_call,
            spent_picodollars=spent,
            committed_picodollars=committed,
            overrun_picodollars=overrun,
            is_priced=bool(figures[6]),
        )
    return row


def _figures(db: Connection, account: int, unit: str, timezone: str, now: float) -> tuple[int, int, tuple[int, ...]]:
    """End, first call and figures of the current period; clocks that are put back don't begin one anew."""
    found = db.execute(
        f"SELECT stop, first_call, {_FIGURES} FROM periods WHERE account = ? AND unit = ? AND last_call = {OPEN}",
        (account, unit),
    ).fetchone()
    if found is not None and now < found[0]:
        return found[0], found[1], found[2:]
    return span(unit, timezone, now)[1], OPEN, _NOTHING


def enter(db: Connection, row: AccountRow, call: int, now: float) -> None:
    """Begin those of the account's periods that the call, which is being held, is the first of."""
    periods = row.periods
    if periods is None:
        return
    for unit in periods.units:
        found = db.execute(
            f"SELECT stop FROM periods WHERE account = ? AND unit = ? AND last_call = {OPEN}", (row.id, unit)
        ).fetchone()
        if found is None or now >= found[0]:
            _close(db, row.id, unit, call - 1)
            _begin(db, row.id, unit, periods.timezone, call, now)


def _begin(db: Connection, account: int, unit: str, timezone: str, first_call: int, now: float) -> int:
    start, stop = span(unit, timezone, now)
    done = db.execute(
        "INSERT INTO periods (account, unit, start, stop, first_call) VALUES (?, ?, ?, ?, ?)",
        (account, unit, start, stop, first_call),
    )
    return int(done.lastrowid or 0)


def _close(db: Connection, account: int, unit: str, last_call: int) -> None:
    db.execute(
        f"UPDATE periods SET last_call = ? WHERE account = ? AND unit = ? AND last_call = {OPEN}",
        (last_call, account, unit),
    )


def close_all(db: Connection, account: int) -> None:
    """End the account's periods now: what is held from here on belongs to others."""
    db.execute(
        "UPDATE periods SET last_call = (SELECT ifnull(max(id), 0) FROM calls) "
        f"WHERE account = ? AND last_call = {OPEN}",
        (account,),
    )


def restart(db: Connection, account: int, periods: Periods | None, now: float) -> None:
    """Count an account over other periods from now on: the current ones have the calls that began in them."""
    close_all(db, account)
    if periods is None:
        return
    (reset,) = db.execute("SELECT ifnull(max(time), 0) FROM resets WHERE account = ?", (account,)).fetchone()
    timezone = periods.timezone
    for unit in periods.units:
        since = max(reset, span(unit, timezone, now)[0])
        (first_call,) = db.execute(
            f"{_INSIDE} SELECT ifnull(min(calls.id), (SELECT ifnull(max(id), 0) + 1 FROM calls)) "
            "FROM calls JOIN inside ON account = inside.id WHERE started >= ?",
            (account, since),
        ).fetchone()
        period = _begin(db, account, unit, timezone, first_call, now)
        db.execute(
            f"{_INSIDE} UPDATE periods SET ({_FIGURES}) = ("
            "SELECT ifnull(sum(spent_tokens), 0), ifnull(sum(iif(state = 'held', tokens, spent_tokens)), 0), "
            "ifnull(sum(iif(state = 'held', 0, max(0, spent_tokens - tokens))), 0), ifnull(sum(spent_cost), 0), "
            "ifnull(sum(iif(state = 'held', cost, spent_cost)), 0), "
            "ifnull(sum(iif(state = 'held', 0, max(0, spent_cost - cost))), 0), "
            "ifnull(min(is_priced OR state IN ('held', 'voided')), 1) "
            "FROM calls JOIN inside ON account = inside.id WHERE calls.id >= ?) WHERE periods.id = ?",
            (account, first_call, period),
        )


def replay(db: Connection, accounts: Sequence[AccountRow], tokens: int, picodollars: int, now: float) -> None:
    """Count an answer that a resumed run got again in the current periods of these accounts."""
    (next_call,) = db.execute("SELECT ifnull(max(id), 0) + 1 FROM calls").fetchone()
    for row in accounts:
        enter(db, row, next_call, now)
        db.execute(
            "UPDATE periods SET used = used + ?, committed = committed + ?, replayed = replayed + ?, "
            "dollars_used = dollars_used + ?, dollars_committed = dollars_committed + ?, "
            "dollars_replayed = dollars_replayed + ? "
            f"WHERE account = ? AND last_call = {OPEN}",
            (tokens, tokens, tokens, picodollars, picodollars, picodollars, row.id),
        )
        # Answers that were paid for may exceed the limit: that is an overrun.
        for unit, limit, overrun, committed in (
            (row.period, row.limit_tokens, "tokens_overrun", "committed"),
            (row.dollar_period, row.limit_picodollars, "dollars_overrun", "dollars_committed"),
        ):
            db.execute(
                f"UPDATE periods SET {overrun} = max({overrun}, {committed} - ?) "
                f"WHERE account = ? AND unit = ? AND last_call = {OPEN} AND ? IS NOT NULL",
                (limit, row.id, unit, limit),
            )


def history(db: Connection) -> list[tuple[str, str, int, int, str, int, int, int, int, int]]:
    """All periods in which calls were held: account, unit, start, stop, time zone, tokens and dollars, oldest first."""
    return db.execute(
        "SELECT name, unit, start, stop, ifnull(timezone, 'UTC'), periods.used, periods.tokens_overrun, "
        "periods.dollars_used, periods.dollars_overrun, periods.is_priced "
        "FROM periods JOIN accounts ON accounts.id = account ORDER BY periods.id"
    ).fetchall()
