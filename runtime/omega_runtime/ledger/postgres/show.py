"""What a ledger on a server says, as plain data, and what is done by who looks after it."""

from __future__ import annotations

from contextlib import contextmanager

from omega_runtime.ledger.contents import booking, period_line
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres.commits import transact
from omega_runtime.ledger.postgres.connection import Connection
from omega_runtime.ledger.postgres.reading import account_lines, call_lines, entries, rows, value
from omega_runtime.ledger.postgres.schema import VERSION, allow, bring_up_to_date, version_of
from omega_runtime.ledger.report import summed
from omega_runtime.ledger.stored import storable
from omega_runtime.ledger.urls import shown
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omega_runtime.ledger.contents import Booking, Contents
    from omega_runtime.ledger.postgres.connection import Database


_MAY_EXPIRE = b"SELECT has_function_privilege('omega.expire_one()', 'EXECUTE')"


@contextmanager
def _connected(url: str, make: bool = False) -> Iterator[Connection]:
    """The books at a URL, which must be there, or are made. Raises LedgerFileError."""
    connection = Connection(url)
    try:
        version = connection.run(lambda db: version_of(db, url))
        if not version and not make:
            raise LedgerFileError(f"there is no ledger on {shown(url)}")
        if version < VERSION:
            connection.run(lambda db: bring_up_to_date(db, url))
        yield connection
    finally:
        connection.close()


def contents(url: str) -> Contents:
    """The accounts, the open holds, the spending by site and by model, and the overruns of a ledger.

    In short transactions, as a long one would slow down those who work. Raises LedgerFileError.
    """
    with _connected(url) as connection:
        _expire(connection)
        return connection.run(_contents)


def bookings(url: str) -> list[Booking]:
    """What a ledger has booked, by day and model. Raises LedgerFileError."""
    with _connected(url) as connection:
        _expire(connection)
        return connection.run(lambda db: [booking(**row) for row in rows(db, "bookings")])


def _expire(connection: Connection) -> None:
    """Count as spent what nobody renews; a role that may only look leaves that to others."""
    if connection.run(lambda db: db.execute(_MAY_EXPIRE).fetchone()) != (True,):
        return
    while transact(connection, lambda db: value(db, "expire_one")):
        pass


def _contents(db: Database) -> Contents:
    now = value(db, "server_time")
    return {
        **summed(entries(rows(db, "entries", None))),
        "accounts": account_lines(db),
        "periods": [period_line(**row) for row in rows(db, "all_periods")],
        "holds": call_lines(db, "held_calls", now),
        "batches": [],
        "overruns": call_lines(db, "overruns", now),
    }


def reset(url: str, names: Sequence[str] = ()) -> list[str]:
    """Take what was spent off these named accounts (all, for none), so that their whole limits are there again.

    Gives their names; the calls stay in the books. Raises LedgerFileError when there is no such account, and
    OmegaError, without changing anything, while one of them has calls under way.
    """
    with _connected(url) as connection:
        _expire(connection)
        return transact(connection, lambda db: _reset(db, url, [storable(name) for name in names]))


def _reset(db: Database, url: str, names: Sequence[str]) -> list[str]:
    named = [row for row in rows(db, "all_standings") if row["is_named"] and (not names or row["name"] in names)]
    for name in set(names) - {row["name"] for row in named}:
        raise LedgerFileError(f'the ledger {shown(url)} has no account "{name}"')
    # Accounts are locked by descending id.
    for row in sorted(named, key=lambda row: -row["id"]):
        if not value(db, "reset", row["id"]):
            raise OmegaError(
                f'the account "{row["name"]}" has calls under way; wait until they have ended or, where their process '
                "is gone, until their leases have (omegac ledger show says when)"
            )
    return [row["name"] for row in named]


def permit(url: str, role: str, with_answers: bool, only_reading: bool = False) -> None:
    """Let a role of the server work with the ledger, and nothing else; with answers, also resume runs; or only look.

    Makes the ledger where there is none. Raises LedgerFileError.
    """
    with _connected(url, make=True) as connection:
        transact(connection, lambda db: allow(db, role, with_answers, only_reading))
