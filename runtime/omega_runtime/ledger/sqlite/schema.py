"""The tables of a ledger file, and how older files become newer ones."""

from __future__ import annotations

import sqlite3
from contextlib import closing

# Marks a SQLite file as a ledger: "Omga" in ASCII.
APPLICATION_ID = 0x4F6D6761

# Each script brings a file from the version of its index to the next; released ones are never changed.
# Tokens and picodollars are integers, times are seconds since 1970 (UTC).
MIGRATIONS = (
    """
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        parent INTEGER REFERENCES accounts,
        is_named INTEGER NOT NULL,
        is_open INTEGER NOT NULL DEFAULT 1,
        "limit" INTEGER,
        used INTEGER NOT NULL DEFAULT 0,
        committed INTEGER NOT NULL DEFAULT 0,
        tokens_overrun INTEGER NOT NULL DEFAULT 0,
        dollar_limit INTEGER,
        dollars_used INTEGER NOT NULL DEFAULT 0,
        dollars_committed INTEGER NOT NULL DEFAULT 0,
        dollars_overrun INTEGER NOT NULL DEFAULT 0,
        is_priced INTEGER NOT NULL DEFAULT 1,
        opened REAL NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX account_names ON accounts (name) WHERE is_named;
    CREATE INDEX account_parents ON accounts (parent);
    INSERT INTO accounts (id, name, is_named, opened) VALUES (1, 'all calls', 0, unixepoch());

    CREATE TABLE processes (
        id INTEGER PRIMARY KEY,
        pid INTEGER NOT NULL,
        started REAL NOT NULL
    ) STRICT;

    CREATE TABLE sites (
        id INTEGER PRIMARY KEY,
        file TEXT NOT NULL,
        line INTEGER NOT NULL,
        "column" INTEGER NOT NULL,
        operation TEXT NOT NULL,
        procedure TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        UNIQUE (file, line, "column", operation, procedure, ordinal)
    ) STRICT;

    -- One attempt at a call: what was held for it, and what became of it. `state` is held, settled, unknown, voided
    -- or expired (its lease ended and nobody settled it; it counts as spent).
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts,
        process INTEGER NOT NULL REFERENCES processes,
        site INTEGER NOT NULL REFERENCES sites,
        model TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'unknown', 'voided', 'expired')),
        tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        is_priced INTEGER NOT NULL,
        is_clamped INTEGER NOT NULL,
        lease REAL NOT NULL,
        started REAL NOT NULL,
        ended REAL,
        input_tokens INTEGER NOT NULL DEFAULT 0,
        output_tokens INTEGER NOT NULL DEFAULT 0,
        spent_tokens INTEGER NOT NULL DEFAULT 0,
        spent_cost INTEGER NOT NULL DEFAULT 0,
        is_overrun INTEGER NOT NULL DEFAULT 0,
        is_truncated INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX calls_held ON calls (lease) WHERE state = 'held';
    CREATE INDEX calls_accounts ON calls (account);

    -- Calls that wait for room, first come, first served on each account.
    CREATE TABLE tickets (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL REFERENCES accounts,
        process INTEGER NOT NULL REFERENCES processes,
        lease REAL NOT NULL
    ) STRICT;
    CREATE INDEX ticket_accounts ON tickets (account);

    -- What `omegac ledger reset` took off an account's spending.
    CREATE TABLE resets (
        account INTEGER NOT NULL REFERENCES accounts,
        time REAL NOT NULL,
        tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL
    ) STRICT;
    """,
    """
    -- What tasks have cost, for forecasts; `task` is a text such as "summarize 100 documents".
    CREATE TABLE tasks (
        id INTEGER PRIMARY KEY,
        task TEXT NOT NULL,
        tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        is_priced INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        seconds REAL NOT NULL,
        is_complete INTEGER NOT NULL,
        ended REAL NOT NULL
    ) STRICT;

    -- One execution of a program, with all its resumptions.
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        program TEXT NOT NULL,
        source_hash TEXT NOT NULL,
        account INTEGER NOT NULL REFERENCES accounts,
        process INTEGER NOT NULL REFERENCES processes,
        started REAL NOT NULL,
        is_complete INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX runs_programs ON runs (program, account);
    ALTER TABLE calls ADD COLUMN run INTEGER REFERENCES runs;
    CREATE INDEX calls_runs ON calls (run);

    -- Answers that were paid for, as UTF-8 in which lone surrogates pass. `key` is a hash of where and what was asked,
    -- `path` a hash of the call's number in its procedure and of the procedures around.
    CREATE TABLE replies (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs,
        call INTEGER NOT NULL REFERENCES calls,
        key TEXT NOT NULL,
        path TEXT NOT NULL,
        text BLOB NOT NULL
    ) STRICT;
    CREATE INDEX replies_runs ON replies (run);

    -- Answers that a resumed run got again, for nothing, and what they count for in the budgets opened within it.
    CREATE TABLE replays (
        reply INTEGER NOT NULL REFERENCES replies,
        process INTEGER NOT NULL REFERENCES processes,
        account INTEGER NOT NULL REFERENCES accounts,
        tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL
    ) STRICT;
    """,
    """
    -- Why an answer ended, in the provider's word; NULL when nobody said.
    ALTER TABLE replies ADD COLUMN stop_reason TEXT;
    UPDATE replies SET stop_reason = 'max_tokens' FROM calls WHERE calls.id = call AND is_truncated;
    """,
    """
    -- Over what an account counts its tokens and its dollars (minute, hour, day, week, month, year; NULL is all time),
    -- and on the clocks of which time zone. The figures of `accounts` are always those of all time.
    ALTER TABLE accounts ADD COLUMN period TEXT
        CHECK (period IN ('minute', 'hour', 'day', 'week', 'month', 'year'));
    ALTER TABLE accounts ADD COLUMN dollar_period TEXT
        CHECK (dollar_period IN ('minute', 'hour', 'day', 'week', 'month', 'year'));
    ALTER TABLE accounts ADD COLUMN timezone TEXT;

    -- A period of an account: the calls in the account, and in those inside, from `first_call` to `last_call`, which is
    -- the largest number while the period is open. `start` and `stop` are where it lies in time; `replayed` and
    -- `dollars_replayed` are what replayed answers count for among what is used.
    CREATE TABLE periods (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts,
        unit TEXT NOT NULL,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        first_call INTEGER NOT NULL,
        last_call INTEGER NOT NULL DEFAULT 9223372036854775807,
        used INTEGER NOT NULL DEFAULT 0,
        committed INTEGER NOT NULL DEFAULT 0,
        tokens_overrun INTEGER NOT NULL DEFAULT 0,
        dollars_used INTEGER NOT NULL DEFAULT 0,
        dollars_committed INTEGER NOT NULL DEFAULT 0,
        dollars_overrun INTEGER NOT NULL DEFAULT 0,
        is_priced INTEGER NOT NULL DEFAULT 1,
        replayed INTEGER NOT NULL DEFAULT 0 CHECK (replayed >= 0),
        dollars_replayed INTEGER NOT NULL DEFAULT 0 CHECK (dollars_replayed >= 0)
    ) STRICT;
    CREATE INDEX periods_calls ON periods (account, last_call);
    CREATE UNIQUE INDEX periods_open ON periods (account, unit) WHERE last_call = 9223372036854775807;
    """,
    """
    -- What else an answer came with, as the JSON text of an object; NULL for nothing.
    ALTER TABLE replies ADD COLUMN details TEXT;
    """,
    """
    -- Calls of a run that are sent together and answered later. `name` begins the ids under which the provider has
    -- them. `submitted` is when they were about to leave, NULL while the run still adds some; `newest` is what the
    -- provider calls its latest batch before that, `remote` what it calls this one, once that is known. `ended` is when
    -- nothing of it is open. `asker` tells the key that was used from others.
    CREATE TABLE batches (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        run INTEGER NOT NULL REFERENCES runs,
        process INTEGER NOT NULL REFERENCES processes,
        provider TEXT,
        asker TEXT,
        newest TEXT,
        remote TEXT,
        submitted REAL,
        ended REAL
    ) STRICT;
    CREATE INDEX batches_open ON batches (run) WHERE ended IS NULL;

    -- A call of a batch, with what the journal knows its answer by. `prices` are those that were stated for its model.
    CREATE TABLE batch_calls (
        batch INTEGER NOT NULL REFERENCES batches,
        number INTEGER NOT NULL,
        call INTEGER NOT NULL REFERENCES calls,
        key TEXT NOT NULL,
        path TEXT NOT NULL,
        prices TEXT NOT NULL,
        is_collected INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (batch, number)
    ) STRICT;
    """,
)
OPEN = 2**63 - 1
"""The last call of a period that is open."""

VERSION = len(MIGRATIONS)


def statements(script: str) -> list[str]:
    """The statements of a script; `executescript` would commit what is pending."""
    found, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found


def objects(db: sqlite3.Connection) -> dict[tuple[str, str], tuple[str, str | None]]:
    """All that a file defines: the table and the SQL text of each object, by its kind and name."""
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {(kind, name): (table, sql) for kind, name, table, sql in rows}


def expected_objects(version: int) -> dict[tuple[str, str], tuple[str, str | None]]:
    """What a file of this version defines when no other program has changed it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for script in MIGRATIONS[:version]:
            for statement in statements(script):
                db.execute(statement)
        return objects(db)
