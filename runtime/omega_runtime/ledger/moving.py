"""Moving the books of a ledger file onto a server."""

from __future__ import annotations

import os
import uuid
from contextlib import closing

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres.auditing import problems
from omega_runtime.ledger.postgres.commits import transact
from omega_runtime.ledger.postgres.connection import Connection
from omega_runtime.ledger.postgres.schema import bring_up_to_date
from omega_runtime.ledger.sqlite import queries
from omega_runtime.ledger.sqlite.busy import begin
from omega_runtime.ledger.sqlite.opening import file_errors, open_ledger_file
from omega_runtime.ledger.stored import ROOT
from omega_runtime.ledger.urls import shown
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from typing import Any

    from omega_runtime.ledger.postgres.connection import Database


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


_FIGURES = {
    "spent_tokens": "used",
    "committed_tokens": "committed",
    "overrun_tokens": "tokens_overrun",
    "spent_picodollars": "dollars_used",
    "committed_picodollars": "dollars_committed",
    "overrun_picodollars": "dollars_overrun",
    "is_priced": "is_priced",
}
# For each table, its columns on the server and what they are in a file. Calls keep their numbers, and get keys besides.
_TABLES = {
    "sites": _same('id file line "column" operation procedure ordinal'),
    "processes": {
        **_same("id pid started"),
        "origin": "id",
        "machine": "'file'",
        "is_over": "1",
        "lease": "0.0",
        "lease_end": "started",
        "ticket_lease": "0.0",
        "ticket_end": "started",
    },
    "calls": {
        "key": "call_key(id)",
        "number": "id",
        "picodollars": "cost",
        "spent_picodollars": "spent_cost",
        **_same("account process site model attempt state tokens is_priced is_clamped started ended run"),
        **_same("input_tokens output_tokens spent_tokens is_overrun is_truncated"),
    },
    "periods": {
        **_same("account unit start stop first_call last_call"),
        **_FIGURES,
        "replayed_tokens": "replayed",
        "replayed_picodollars": "dollars_replayed",
    },
    "resets": {**_same("account time tokens"), "picodollars": "cost"},
    "runs": {**_same("id program source_hash account process started is_complete"), "key": "new_key()"},
    "replies": {**_same("id run key path text stop_reason details"), "call": "call_key(call)"},
    "replays": {**_same("reply process account tokens"), "key": "new_key()", "picodollars": "cost"},
    "tasks": {
        **_same("id task tokens calls seconds is_complete ended"),
        "key": "new_key()",
        "picodollars": "iif(is_priced, cost, NULL)",
    },
}
_BOOLEANS = frozenset(("is_over", "is_priced", "is_clamped", "is_overrun", "is_truncated", "is_complete"))
_NUMBERED = ("accounts", "sites", "processes", "runs", "replies", "tasks")


def move(path: str, url: str) -> str:
    """Move the books of a file onto a server where no calls are booked yet; the name that the file has then.

    Processes that use the file notice at their next call. Raises LedgerFileError for a file or a server that can't be
    used, and OmegaError, without changing anything, while calls are under way.
    """
    moved = f"{path}.moved"
    if os.path.lexists(moved):
        raise LedgerFileError(f'"{moved}" is there already; move that away')
    connection = Connection(url)
    try:
        connection.run(lambda db: bring_up_to_date(db, url))
        with file_errors(path), closing(open_ledger_file(path, create=False)) as file:
            begin(file, path)
            _check_idle(file, path)
            transact(connection, lambda db: _copy(file, db, url))
            file.execute("ROLLBACK")
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            os.rename(path, moved)  # noqa: PTH104
        wrong = connection.run(problems)
    finally:
        connection.close()
    if wrong:
        raise LedgerFileError(f"the books on {shown(url)} do not agree: {'; '.join(wrong[:3])}")
    return moved


def _check_idle(file: sqlite3.Connection, path: str) -> None:
    import time

    queries.expire(file, time.time())
    (held,) = file.execute("SELECT count(*) FROM calls WHERE state = 'held'").fetchone()
    if held:
        raise OmegaError(f'the ledger file "{path}" has calls under way; wait until they have ended')


def _copy(file: sqlite3.Connection, db: Database, url: str) -> None:
    db.execute("LOCK TABLE omega.accounts IN EXCLUSIVE MODE")
    if db.execute("SELECT 1 FROM omega.accounts WHERE id != 1 UNION ALL SELECT 1 FROM omega.calls LIMIT 1").fetchone():
        raise LedgerFileError(f"the ledger {shown(url)} has books already; give those of the file another database")
    db.execute("TRUNCATE omega.processes, omega.sites")
    keys: dict[int, uuid.UUID] = {}
    file.create_function("call_key", 1, lambda call: str(keys.setdefault(call, uuid.uuid4())))
    file.create_function("new_key", 0, lambda: str(uuid.uuid4()))
    _copy_accounts(file, db)
    for table, columns in _TABLES.items():
        are_booleans = [name in _BOOLEANS for name in columns]
        rows = file.execute(f"SELECT {', '.join(columns.values())} FROM {table} ORDER BY rowid")
        _write(db, table, columns, (_row(row, are_booleans) for row in rows))
    for table in _NUMBERED:
        sequence = f"pg_get_serial_sequence('omega.{table}', 'id')"
        db.execute(f"SELECT setval({sequence}, greatest(1, max(id))) FROM omega.{table}".encode())
    db.execute("SELECT setval('omega.call_numbers', greatest(1, max(number))) FROM omega.calls")


def _row(row: tuple[Any, ...], are_booleans: list[bool]) -> list[Any]:
    return [bool(each) if is_boolean else each for each, is_boolean in zip(row, are_booleans, strict=True)]


def _copy_accounts(file: sqlite3.Connection, db: Database) -> None:
    """Accounts, which come after those around them."""
    paths: dict[int, list[int]] = {ROOT: []}
    rows = []
    columns = {
        **_same("id parent name opened period dollar_period timezone"),
        "limit_tokens": '"limit"',
        "limit_picodollars": "dollar_limit",
        **_FIGURES,
        **_same("is_named is_open"),
    }
    query = f"SELECT {', '.join(columns.values())} FROM accounts ORDER BY id"
    for account, parent, *rest, is_priced, is_named, is_open in file.execute(query):
        paths[account] = [account, *paths[parent]] if parent is not None else []
        flags = bool(is_priced), bool(is_named), bool(is_open)
        rows.append([account, parent, *rest, *flags, str(uuid.uuid4()), paths[account] or [account]])
    db.execute("TRUNCATE omega.accounts")
    _write(db, "accounts", (*columns, "key", "path"), rows)


def _write(db: Database, table: str, columns: Iterable[str], rows: Iterable[list[Any]]) -> None:
    with db.cursor().copy(f"COPY omega.{table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)
