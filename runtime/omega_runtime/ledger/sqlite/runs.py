"""What a ledger file says of the runs in it, without opening it as a ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import NamedTuple

from omega_runtime.ledger.living import living
from omega_runtime.ledger.sqlite.opening import connect


class Survey(NamedTuple):
    """How many answers a file keeps, and the number of a process that has it open, if one lives."""

    answers: int
    process: int | None


def survey(path: str) -> Survey:
    """Look into a file; a damaged one has no answers and no process. Raises sqlite3.Error where nothing can be said."""
    try:
        with closing(connect(path)) as db:
            (answers,) = db.execute("SELECT count(*) FROM replies").fetchone()
            processes = db.execute("SELECT pid, started FROM processes ORDER BY id DESC").fetchall()
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return Survey(0, None)
        raise
    return Survey(answers, next(living(processes), None))
