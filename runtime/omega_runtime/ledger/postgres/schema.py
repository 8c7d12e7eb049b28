"""The schema of the books, how it comes onto a server and up to date, and who may do what with it."""

from __future__ import annotations

from importlib.resources import files

import psycopg

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres.commits import BEGIN
from omega_runtime.ledger.urls import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.postgres.connection import Database

# Each script brings the tables from the version before to its own; released ones are never changed.
MIGRATIONS = ("0001.sql", "0002.sql", "0003.sql", "0004.sql")
VERSION = len(MIGRATIONS)
# Those of the latest version, which are made anew with each.
FUNCTIONS = ("figures.sql", "processes.sql", "accounts.sql", "calls.sql", "runs.sql", "reports.sql")

# Of advisory locks: who migrates. That of processes stands in the functions.
_MIGRATING = 1332569953 << 8

# What workers may call.
WORKING = (
    *("enter_process", "others", "renew", "depart", "whereabouts", "expire_one", "expire_tickets"),
    *("open_account", "close_account", "standing", "path_of", "find_named", "set_limits", "site_of"),
    *("lock_batch", "reserve", "look", "cut_down", "queue", "leave", "grant_hold", "settle", "mark_unknown", "void"),
    *("enter_run", "latest_run", "claim_run", "finish_run", "in_flight", "answers_elsewhere", "replay"),
    *("record_task", "all_tasks"),
)
# What only looks: enough for reports and the page.
READING = (
    *(
        "version",
        "server_time",
        "all_standings",
        "entries",
        "held_calls",
        "overruns",
        "all_periods",
        "bookings",
        "spending",
    ),
)
# What reads the answers of earlier runs.
ANSWERS = ("answers",)
# What only who looks after the books may call.
KEEPING = ("reset",)


def bring_up_to_date(db: Database, url: str) -> None:
    """Make the schema, or bring an older one up to date; processes that come at the same time wait.

    Raises LedgerFileError for a schema of a newer version, or of another program.
    """
    if version_of(db, url) == VERSION:
        return
    try:
        _migrate(db, url)
    except psycopg.errors.InsufficientPrivilege:
        raise LedgerFileError(
            f"the ledger {shown(url)} is not there, or older than this omegac, and this role may not change that; its "
            "owner does so with omegac ledger allow URL ROLE"
        ) from None


def _migrate(db: Database, url: str) -> None:
    db.execute(BEGIN)
    db.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
    version = version_of(db, url)
    if version < VERSION:
        if not version:
            db.execute("CREATE SCHEMA omega")
        db.execute("SET LOCAL search_path = omega")
        roles = db.execute(_ALLOWED).fetchall()
        # New functions may have other arguments, and depend on what the tables and views are.
        db.execute(_DROP_FUNCTIONS)
        for script in (*MIGRATIONS[version:], *FUNCTIONS):
            db.execute(_script(script), prepare=False)
        _protect(db)
        for role, with_answers, only_reading in roles:
            allow(db, role, with_answers, only_reading)
        if not version:
            db.execute(_FIRST_ROWS, prepare=False)
        db.execute("DELETE FROM versions")
        db.execute("INSERT INTO versions VALUES (%s)", (VERSION,))
    db.execute("COMMIT")


_DROP_FUNCTIONS = """
DO $$
DECLARE
    each regprocedure;
BEGIN
    FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = 'omega'::regnamespace LOOP
        EXECUTE 'DROP FUNCTION ' || each;
    END LOOP;
END $$
"""

# The roles that may use the ledger, whether they may read answers, and whether they may only look.
_ALLOWED = """
SELECT rolname, bool_or(proname = 'answers'), NOT bool_or(proname = 'reserve')
FROM pg_proc CROSS JOIN aclexplode(proacl) acl
JOIN pg_roles ON pg_roles.oid = acl.grantee
WHERE pronamespace = 'omega'::regnamespace AND acl.grantee != proowner GROUP BY rolname
"""

_FIRST_ROWS = """
INSERT INTO accounts (key, name, path, is_named, opened)
VALUES ('00000000-0000-0000-0000-000000000001', 'all calls', '{1}', false, server_time());
INSERT INTO pulse VALUES (server_time(), server_time());
"""


def _script(name: str) -> bytes:
    return (files(__package__) / "sql" / name).read_bytes()


def _protect(db: Database) -> None:
    """Functions run with the rights of their owner, look into this schema only, and are nobody's until granted."""
    db.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA omega FROM PUBLIC")
    for name in (*READING, *WORKING, *ANSWERS, *KEEPING):
        if name == "server_time":  # it looks at no table, and others call it often
            continue
        db.execute(f"ALTER FUNCTION omega.{name} SECURITY DEFINER SET search_path = omega, pg_temp".encode())


def version_of(db: Database, url: str) -> int:
    """The version of the schema; 0 when there is none."""
    (exists, is_ours) = db.execute(
        "SELECT to_regnamespace('omega') IS NOT NULL, to_regnamespace('omega') IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM pg_proc WHERE pronamespace = to_regnamespace('omega') AND proname = 'version')"
    ).fetchone() or (False, False)
    if not exists:
        return 0
    if not is_ours:
        raise LedgerFileError(
            f'the schema "omega" of {shown(url)} is of another program; give the ledger a database of its own'
        )
    (version,) = db.execute("SELECT omega.version()").fetchone() or (0,)
    if version > VERSION:
        raise LedgerFileError(
            f"the ledger {shown(url)} has version {version}, and this omegac knows versions up to {VERSION}; "
            "use a newer omegac"
        )
    return int(version)


def allow(db: Database, role: str, with_answers: bool, only_reading: bool = False) -> None:
    """Let a role that exists work with the ledger: call functions, and nothing else.

    With answers, also read those of earlier runs, which resuming needs; or only look, and no longer do more.
    """
    from psycopg import sql

    names = [*READING, *(() if only_reading else WORKING), *(ANSWERS if with_answers else ())]
    grantee = sql.Identifier(role)
    if only_reading:
        db.execute(sql.SQL("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA omega FROM {}").format(grantee))
    db.execute(sql.SQL("GRANT USAGE ON SCHEMA omega TO {}").format(grantee))
    for name in names:
        function = sql.Identifier("omega", name)
        db.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(function, grantee))
