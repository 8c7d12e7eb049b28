"""Statements as messages of the protocol, many in one round trip, without what psycopg's cursors cost.

Whatever is unusual, such as an error of the server, is left to psycopg, as operations may be done twice.
"""

from __future__ import annotations

from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from psycopg import waiting
from psycopg.pq import ExecStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import Any, TypeVar

    from psycopg.pq.abc import PGconn

    from omega_runtime.ledger.postgres.connection import Database

    # Its SQL, with numbered parameters, and its arguments.
    Statement = tuple[bytes, Sequence[Any]]

    S = TypeVar("S")
    T = TypeVar("T")
    # It waits for the socket by what it yields, and gives something in the end.
    Exchange = Generator[waiting.Wait, waiting.Ready | int, T]

# By which name each connection has prepared which SQL.
_prepared: WeakKeyDictionary[Database, dict[bytes, bytes]] = WeakKeyDictionary()

# How often (seconds) a thread that waits looks for signals, where those don't wake it.
_SIGNALS = 0.1


_calls: dict[tuple[str, int, str, bool], bytes] = {}


def call_of(name: str, arguments: int, before: str = "", *, is_numbered: bool = False) -> bytes:
    """The SQL that calls a function of the books, with other columns before; parameters are psycopg's, or numbered."""
    key = name, arguments, before, is_numbered
    if key not in _calls:
        parameters = ", ".join(f"${each + 1}" if is_numbered else "%s" for each in range(arguments))
        _calls[key] = f"SELECT {before}omega.{name}({parameters})".encode()
    return _calls[key]


class Unusual(Exception):
    """Something that psycopg is to do, or to tell."""


def values(db: Database, statements: Sequence[Statement]) -> list[str | None]:
    """The last value of each statement's only row, in one round trip; these are texts, or have no value.

    Raises Unusual when there is anything else; the connection, which must have UTF-8, is closed then.
    """
    return _told(db, _exchange, statements)


def value(db: Database, statement: Statement) -> str | None:
    """As `values`, of a single statement, which is a transaction by itself."""
    return _told(db, _exchange_one, statement)


def _told(db: Database, exchange: Callable[[PGconn, dict[bytes, bytes], S], Exchange[T]], sent: S) -> T:
    """What an exchange gives; psycopg waits for the socket meanwhile."""
    try:
        return waiting.wait(exchange(db.pgconn, _prepared.setdefault(db, {}), sent), db.pgconn.socket, _SIGNALS)
    except (Unusual, psycopg.Error):
        db.close()
        raise Unusual from None


def _exchange_one(pgconn: PGconn, prepared: dict[bytes, bytes], statement: Statement) -> Exchange[str | None]:
    sql, _ = statement
    if sql not in prepared and pgconn.prepare(_name_for(sql, prepared), sql).status != ExecStatus.COMMAND_OK:
        raise Unusual
    _send(pgconn, prepared, *statement)
    yield from _sent(pgconn)
    return (yield from _next_value(pgconn))


def _exchange(
    pgconn: PGconn, prepared: dict[bytes, bytes], statements: Sequence[Statement]
) -> Exchange[list[str | None]]:
    """Send all of them, and take what comes back."""
    pgconn.enter_pipeline_mode()
    is_new = [_send(pgconn, prepared, *statement) for statement in statements]
    pgconn.pipeline_sync()
    yield from _sent(pgconn)
    found = []
    for each in is_new:
        if each:
            yield from _next_value(pgconn)
        found.append((yield from _next_value(pgconn)))
    yield from _arrived(pgconn)
    if (result := pgconn.get_result()) is None or result.status != ExecStatus.PIPELINE_SYNC:
        raise Unusual
    pgconn.exit_pipeline_mode()
    return found


def _send(pgconn: PGconn, prepared: dict[bytes, bytes], sql: bytes, arguments: Sequence[Any]) -> bool:
    """Send a statement, and whether it had to be prepared."""
    is_new = sql not in prepared
    if is_new:
        pgconn.send_prepare(_name_for(sql, prepared), sql)
    written = [_written(each) for each in arguments]
    pgconn.send_query_prepared(prepared[sql], [text for text, _ in written], [form for _, form in written])
    return is_new


def _name_for(sql: bytes, prepared: dict[bytes, bytes]) -> bytes:
    prepared[sql] = b"omega%d" % len(prepared)
    return prepared[sql]


def _written(value: Any) -> tuple[bytes | None, int]:
    """An argument, and 1 for the binary format: texts as such would end at a NUL. Lists are of numbers or UUIDs."""
    if value is None:
        return None, 0
    if isinstance(value, bool):
        return (b"t" if value else b"f"), 0
    if isinstance(value, int):
        return b"%d" % value, 0
    if isinstance(value, str):
        return value.encode(), 1
    if isinstance(value, UUID):
        return value.bytes, 1
    if isinstance(value, bytes):
        return value, 1
    if isinstance(value, list):
        return f"{{{','.join(map(str, value))}}}".encode(), 0
    raise Unusual


def _sent(pgconn: PGconn) -> Exchange[None]:
    while pgconn.flush():
        yield waiting.WAIT_RW
        pgconn.consume_input()


def _arrived(pgconn: PGconn) -> Exchange[None]:
    while pgconn.is_busy():
        yield waiting.WAIT_R
        pgconn.consume_input()


def _next_value(pgconn: PGconn) -> Exchange[str | None]:
    """What the next statement gives; each has one result, and a sign that there are no more."""
    yield from _arrived(pgconn)
    result = pgconn.get_result()
    if result is None or result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise Unusual
    value = result.get_value(0, result.nfields - 1) if result.ntuples else None
    yield from _arrived(pgconn)
    if pgconn.get_result() is not None:
        raise Unusual
    return None if value is None else value.decode()
