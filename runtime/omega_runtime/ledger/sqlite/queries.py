"""What is read from and written to the tables of a ledger file; every function runs within a transaction."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from omega_runtime.ledger.statistics import Statistics
from omega_runtime.ledger.stored import ROOT, AccountRow, storable
from omega_runtime.places import Site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from omega_runtime.ledger.limits import Periods
    from omega_runtime.ledger.statistics import Entry


# In the order of the fields; what stands in files has shorter names.
_COLUMNS = (
    'id, name, parent, is_named, is_open, "limit", used, committed, tokens_overrun, dollar_limit, dollars_used, '
    "dollars_committed, dollars_overrun, is_priced, period, dollar_period, timezone"
)


class CallRow(NamedTuple):
    """What was held for one attempt at a call, and what became of it."""

    id: int
    account: int
    state: str
    tokens: int
    picodollars: int


def account_row(db: Connection, account: int) -> AccountRow:
    """One account; the root has the sums of its own calls and of the accounts right below it."""
    row = AccountRow(*db.execute(f"SELECT {_COLUMNS} FROM accounts WHERE id = ?", (account,)).fetchone())
    if account != ROOT:
        return row
    sums = db.execute(
        "SELECT sum(used), sum(committed), sum(tokens_overrun), sum(dollars_used), sum(dollars_committed), "
        "sum(dollars_overrun), min(is_priced) FROM accounts WHERE id = ? OR parent = ?",
        (ROOT, ROOT),
    ).fetchone()
    names = (
        "spent_tokens",
        "committed_tokens",
        "overrun_tokens",
        "spent_picodollars",
        "committed_picodollars",
        "overrun_picodollars",
        "is_priced",
    )
    return row._replace(**dict(zip(names, sums, strict=True)))


def account_rows(db: Connection) -> list[AccountRow]:
    """All accounts but the root, oldest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM accounts WHERE id != ? ORDER BY id", (ROOT,))
    return [AccountRow(*row) for row in rows]


def find_named(db: Connection, name: str) -> AccountRow | None:
    """The account of this name, which all processes share."""
    row = db.execute(f"SELECT {_COLUMNS} FROM accounts WHERE is_named AND name = ?", (name,)).fetchone()
    return None if row is None else AccountRow(*row)


def insert_account(
    db: Connection,
    name: str,
    limit_tokens: int | None,
    limit_picodollars: int | None,
    parent: int,
    is_named: bool,
    now: float,
    periods: Periods | None = None,
) -> int:
    """Open an account; its id."""
    done = db.execute(
        'INSERT INTO accounts (name, parent, is_named, "limit", dollar_limit, opened, period, dollar_period, timezone) '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (name, parent, is_named, limit_tokens, limit_picodollars, now, *(periods or (None, None, None))),
    )
    return int(done.lastrowid or 0)


def site_id(db: Connection, site: Site) -> int:
    """The id of a site, which is entered when it is new."""
    place = (storable(site.file), site.line, site.column, site.operation, storable(site.procedure), site.ordinal)
    find = (
        'SELECT id FROM sites WHERE file = ? AND line = ? AND "column" = ? AND operation = ? AND procedure = ? '
        "AND ordinal = ?"
    )
    found = db.execute(find, place).fetchone()
    if found is None:
        db.execute(
            'INSERT INTO sites (file, line, "column", operation, procedure, ordinal) VALUES (?, ?, ?, ?, ?, ?)', place
        )
        found = db.execute(find, place).fetchone()
    return int(found[0])


def change(
    db: Connection,
    accounts: Sequence[int],
    *,
    spent_tokens: int = 0,
    committed_tokens: int = 0,
    spent_picodollars: int = 0,
    committed_picodollars: int = 0,
    overrun_tokens: int = 0,
    overrun_picodollars: int = 0,
    is_priced: bool = True,
    call: int | None = None,
) -> None:
    """Add to the figures of these accounts, and to those of their periods to which the call belongs."""
    figures = (
        spent_tokens,
        committed_tokens,
        spent_picodollars,
        committed_picodollars,
        overrun_tokens,
        overrun_picodollars,
        is_priced,
    )
    db.executemany(f"UPDATE accounts {_ADD} WHERE id = ?", [(*figures, each) for each in accounts])
    if call is not None:
        db.executemany(
            f"UPDATE periods {_ADD} WHERE account = ? AND last_call >= ? AND first_call <= ?",
            [(*figures, each, call, call) for each in accounts],
        )


_ADD = (
    "SET used = used + ?, committed = committed + ?, dollars_used = dollars_used + ?, "
    "dollars_committed = dollars_committed + ?, tokens_overrun = tokens_overrun + ?, "
    "dollars_overrun = dollars_overrun + ?, is_priced = is_priced AND ?"
)


def allow_for_replays(db: Connection, accounts: Sequence[int]) -> None:
    """Answers that were paid for may exceed the limit of a budget that was lowered since: that is an overrun."""
    db.executemany(
        'UPDATE accounts SET tokens_overrun = max(tokens_overrun, committed - "limit") '
        'WHERE id = ? AND "limit" IS NOT NULL AND period IS NULL',
        [(each,) for each in accounts],
    )
    db.executemany(
        "UPDATE accounts SET dollars_overrun = max(dollars_overrun, dollars_committed - dollar_limit) "
        "WHERE id = ? AND dollar_limit IS NOT NULL AND dollar_period IS NULL",
        [(each,) for each in accounts],
    )


def chain(db: Connection, account: int) -> list[int]:
    """The account and its ancestors, innermost first; the root only for itself."""
    rows = db.execute(
        "WITH RECURSIVE chain (id, parent, depth) AS (SELECT id, parent, 0 FROM accounts WHERE id = ? "
        "UNION ALL SELECT accounts.id, accounts.parent, depth + 1 "
        "FROM accounts JOIN chain ON accounts.id = chain.parent) "
        "SELECT id FROM chain WHERE depth = 0 OR id != ? ORDER BY depth",
        (account, ROOT),
    )
    return [row[0] for row in rows]


def find_call(db: Connection, call: int) -> CallRow:
    """One call by its id."""
    row = db.execute("SELECT id, account, state, tokens, cost FROM calls WHERE id = ?", (call,)).fetchone()
    return CallRow._make(row)


def expire(db: Connection, now: float) -> None:
    """Count as spent all holds whose lease has ended: their processes are gone."""
    ended = db.execute(
        "SELECT is_priced, id, account, state, tokens, cost FROM calls WHERE state = 'held' AND lease < ?", (now,)
    ).fetchall()
    for is_priced, *row in ended:
        call = CallRow._make(row)
        change(
            db,
            chain(db, call.account),
            spent_tokens=call.tokens,
            spent_picodollars=call.picodollars,
            is_priced=is_priced,
            call=call.id,
        )
        db.execute(
            "UPDATE calls SET state = 'expired', ended = ?, spent_tokens = tokens, spent_cost = cost WHERE id = ?",
            (now, call.id),
        )
    db.execute("DELETE FROM tickets WHERE lease < ?", (now,))


def entries(db: Connection, process: int | None = None) -> list[Entry]:
    """What was counted for each site and model, of one process or of all."""
    rows = db.execute(
        'SELECT file, line, "column", operation, procedure, ordinal, model, '
        "sum(state = 'settled'), sum(iif(state = 'settled', input_tokens, 0)), "
        "sum(iif(state = 'settled', output_tokens, 0)), sum(state IN ('unknown', 'expired')), "
        "sum(iif(state IN ('unknown', 'expired'), tokens, 0)), sum(state = 'voided' AND attempt > 0), sum(is_overrun), "
        "sum(is_truncated), sum(is_truncated AND is_clamped), sum(is_clamped), sum(spent_cost), "
        "sum(state IN ('settled', 'unknown', 'expired') AND NOT is_priced) "
        "FROM calls JOIN sites ON sites.id = site WHERE ? IS NULL OR process = ? GROUP BY site, model",
        (process, process),
    )
    return [(Site(*row[:6]), row[6], Statistics.stored(row[7:])) for row in rows]


def audit(db: Connection) -> list[str]:
    """Whether the accounts can be, and their figures are the sums of their calls; what is not, in words."""
    sums: dict[int, list[int]] = {}
    parents: dict[int, int | None] = dict(db.execute("SELECT id, parent FROM accounts").fetchall())
    wrong = _wrong_accounts(db, parents)
    if wrong:
        return wrong
    calls = db.execute(
        "SELECT account, sum(spent_tokens), sum(spent_cost), sum(iif(state = 'held', tokens, 0)), "
        "sum(iif(state = 'held', cost, 0)) FROM calls GROUP BY account"
    ).fetchall()
    for account, *figures in calls:
        for each in _chain(account, parents):
            sums[each] = [old + new for old, new in zip(sums.get(each, [0] * 4), figures, strict=True)]
    for account, tokens, cost in db.execute("SELECT account, sum(tokens), sum(cost) FROM resets GROUP BY account"):
        spent, spent_cost, *held = sums.get(account, [0] * 4)
        sums[account] = [spent - tokens, spent_cost - cost, *held]
    named = {row[0] for row in db.execute("SELECT id FROM accounts WHERE is_named")}
    for account, tokens, cost in db.execute("SELECT account, sum(tokens), sum(cost) FROM replays GROUP BY account"):
        for each in takewhile(lambda account: account not in named, _chain(account, parents)):
            spent, spent_cost, *held = sums.get(each, [0] * 4)
            sums[each] = [spent + tokens, spent_cost + cost, *held]
    wrong = [f"calls of account {account}, which is not there" for account in sums.keys() - parents.keys()]
    for row in db.execute("SELECT id, name, used, dollars_used, committed, dollars_committed FROM accounts"):
        spent, spent_cost, *held = sums.get(row[0], [0] * 4)
        if row[2:] != (spent, spent_cost, spent + held[0], spent_cost + held[1]):
            wrong.append(f'the account "{row[1]}" does not agree with its calls')
    return wrong + _wrong_periods(db)


def _wrong_accounts(db: Connection, parents: dict[int, int | None]) -> list[str]:
    """What no account can be, whatever its calls."""
    if ROOT not in parents:
        return ["the account of all calls is missing"]
    if any(parent is not None and parent >= account for account, parent in parents.items()):
        return ["an account is inside a later one"]
    negative = db.execute('SELECT name FROM accounts WHERE "limit" < 0 OR dollar_limit < 0')
    return [f'the account "{name}" has a limit below 0' for (name,) in negative]


def _wrong_periods(db: Connection) -> list[str]:
    """The periods whose figures are not the sums of the calls that belong to them."""
    rows = db.execute(
        "WITH RECURSIVE inside (top, within) AS (SELECT DISTINCT account, account FROM periods UNION "
        "SELECT top, accounts.id FROM accounts JOIN inside ON parent = within), "
        "sums AS (SELECT periods.id AS number, sum(spent_tokens) AS tokens, sum(spent_cost) AS cost, "
        "sum(iif(state = 'held', tokens, 0)) AS held, sum(iif(state = 'held', cost, 0)) AS held_cost "
        # In this order: the ranges of calls are read one by one, and each call is looked up among the accounts.
        "FROM periods CROSS JOIN calls ON calls.id BETWEEN first_call AND last_call "
        "CROSS JOIN inside ON top = periods.account AND within = calls.account GROUP BY periods.id) "
        "SELECT name, start FROM periods JOIN accounts ON accounts.id = account LEFT JOIN sums ON number = periods.id "
        "WHERE periods.used != ifnull(sums.tokens, 0) + replayed "
        "OR periods.committed != periods.used + ifnull(held, 0) "
        "OR periods.dollars_used != ifnull(sums.cost, 0) + dollars_replayed "
        "OR periods.dollars_committed != periods.dollars_used + ifnull(held_cost, 0)"
    )
    return [f'a period of the account "{name}", from {start}, does not agree with its calls' for name, start in rows]


def _chain(account: int, parents: dict[int, int | None]) -> list[int]:
    found = [account]
    while (parent := parents.get(found[-1])) is not None and parent != ROOT:
        found.append(parent)
    return found
