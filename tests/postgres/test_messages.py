"""Common operations go as messages of the protocol; what is unusual there is left to psycopg, and nobody notices."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from omega_runtime.ledger.claim import Claim
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres import commits, messages, schema
from omega_runtime.ledger.postgres.commits import Operation
from omega_runtime.ledger.postgres.ledger import ServerLedger, _reserve
from psycopg import waiting

from tests.support.ledgers import Asked, Figures, Thread, cost, eventually, hold, request, settle
from tests.support.servers import Server, audit

KEY = uuid.UUID(int=1 << 100)


@pytest.fixture
def db(url: str) -> Iterator[Any]:
    with psycopg.connect(url, autocommit=True, client_encoding="UTF8") as made:
        yield made


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "text", None),
        (True, "boolean", "true"),
        (False, "boolean", "false"),
        (-(2**63), "bigint", str(-(2**63))),
        ("ä\n\\'\U0001f600", "text", "ä\n\\'\U0001f600"),
        ("", "text", ""),
        (b"\0\xff", "bytea", "\\x00ff"),
        (KEY, "uuid", str(KEY)),
        ([3, 1], "bigint[]", "{3,1}"),
        ([], "bigint[]", "{}"),
        ([KEY], "uuid[]", f"{{{KEY}}}"),
    ],
)
def test_arguments_arrive_as_they_are(db: Any, value: object, kind: str, text: str | None) -> None:
    statement = f"SELECT 'first', $1::{kind}::text".encode(), (value,)
    assert messages.values(db, [statement, statement]) == [text, text]
    assert messages.values(db, [statement]) == [text]


def test_statements_share_a_round_trip_and_cursors_work_on(db: Any) -> None:
    statements: list[Any] = [(b"BEGIN", ()), (b"SELECT set_config('a.b', $1, true)", ("x",)), (b"COMMIT", ())]
    assert messages.values(db, statements) == [None, "x", None]
    assert db.execute("SELECT current_setting('a.b')").fetchone() == ("",)


def test_an_argument_larger_than_any_buffer(db: Any) -> None:
    many = b"x" * 20_000_000
    assert messages.values(db, [(b"SELECT length($1::bytea)::text", (many,))] * 2) == ["20000000"] * 2


def test_one_statement_is_a_transaction_by_itself(db: Any) -> None:
    for text in ("x", "y"):
        assert messages.value(db, (b"SELECT set_config('a.b', $1, true)", (text,))) == text
        assert db.execute("SELECT current_setting('a.b')").fetchone() == ("",)
    assert messages.value(db, (b"SELECT length($1::bytea)::text", (b"x" * 20_000_000,))) == "20000000"
    for wrong in ((b"SELECT 1 / $1::bigint", (0,)), (b"SELEC", ()), (b"SELECT $1", ("\0",))):
        with psycopg.connect(db.info.dsn, password=db.info.password, autocommit=True) as other:
            with pytest.raises(messages.Unusual):
                messages.value(other, wrong)
            assert other.closed


@pytest.mark.parametrize(
    "statement",
    [(b"SELECT 1 / $1::bigint", (0,)), (b"SELECT $1", ("\0",)), (b"SELECT $1", (0.5,)), (b"SELEC", ())],
)
def test_whatever_is_unusual_undoes_the_transaction(server: Server, url: str, db: Any, statement: Any) -> None:
    change = b"UPDATE omega.pulse SET seen = 0", ()
    with pytest.raises(messages.Unusual):
        messages.values(db, [(b"BEGIN", ()), change, statement, (b"COMMIT", ())])
    assert db.closed
    assert server.execute("SELECT seen > 0 FROM omega.pulse", url.rpartition("/")[2]) == [(True,)]


def test_a_lost_connection_is_unusual(server: Server, db: Any) -> None:
    server.execute(f"SELECT pg_terminate_backend({db.info.backend_pid})")
    with pytest.raises(messages.Unusual):
        messages.values(db, [(b"SELECT 1", ())])


# Who does an operation


def only_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Any:
        raise AssertionError("messages would do")

    monkeypatch.setattr(commits, "_by_cursors", refused)


def test_a_call_that_is_alone_needs_no_thread_and_no_cursor(
    ledger: ServerLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    settle(hold(account, 0, 10), cost(0, 5))  # the site is known from here on
    only_messages(monkeypatch)
    settle(hold(account, 0, 10), cost(0, 5))
    assert account.spent == 10
    assert ledger.commits._threads == []
    monkeypatch.undo()


def test_a_process_hears_whether_there_are_others(ledger: ServerLedger, url: str) -> None:
    assert not ledger.commits.is_shared
    other = ServerLedger(url, keep=False)
    assert other.commits.is_shared
    ledger.renew()
    assert ledger.commits.is_shared
    other.close()
    ledger.renew()
    assert not ledger.commits.is_shared


def test_alone_or_not_what_is_told_is_on_the_disk() -> None:
    """A server that stops at once has lost whatever wasn't, as nobody else writes the log in time."""
    server = Server("wal_writer_delay=10s")
    try:
        url = server.books()
        ledger = ServerLedger(url, keep=False)
        account = ledger.open_account("a", 1000, ledger.root)

        def last_after_a_crash() -> list[tuple[Any, ...]]:
            server.crash()
            server.start()
            last = "SELECT state, spent_tokens FROM omega.calls ORDER BY number DESC LIMIT 1"
            return server.execute(last, url.rpartition("/")[2])

        for is_shared in (False, True, False):
            ledger.commits.is_shared = is_shared
            held = hold(account, 0, 10)
            assert last_after_a_crash() == [("held", 0)]
            settle(held, cost(0, 5))
            assert last_after_a_crash() == [("settled", 5)]
        ledger.close()
    finally:
        server.close()


def test_so_does_a_batch(ledger: ServerLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    settle(hold(account, 0, 10), cost(0, 5))
    only_messages(monkeypatch)
    claim = Claim(Asked(account, request(100, Figures(0), False)), 0, 16)
    site = ledger._site_of(claim.request.site)
    jobs = [_reserve(claim, uuid.uuid4().int, ledger.process, site) for _ in range(5)]
    commits._do(ledger._reading, jobs)
    assert [job.result for job in jobs] == ["granted"] * 5
    monkeypatch.undo()


def test_a_call_while_another_is_under_way_in_the_same_thread(ledger: ServerLedger) -> None:
    """As when a signal's handler makes a call."""
    account = ledger.open_account("a", 1000, ledger.root)
    with ledger.commits._connections[-1].lock:
        settle(hold(account, 0, 10), cost(0, 5))
    assert account.spent == 5


def test_threads_at_once_and_then_one_alone(ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 10**6, ledger.root)

    def calls() -> None:
        for _ in range(20):
            settle(hold(account, 0, 10), cost(0, 5))

    threads = [Thread(calls) for _ in range(8)]
    for each in threads:
        each.result()
    calls()
    assert (account.spent, account.held) == (9 * 20 * 5, 0)


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_booking_that_is_interrupted_is_booked(
    ledger: ServerLedger, monkeypatch: pytest.MonkeyPatch, is_sent: bool
) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    settle(hold(account, 0, 10), cost(0, 5))
    held = hold(account, 0, 100)
    wait = waiting.wait

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.setattr(waiting, "wait", wait)
        if is_sent:
            wait(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(waiting, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        settle(held, cost(10, 20))
    eventually(lambda: (account.spent, account.held) == (35, 0), 10)


# The books of the version before


def test_books_of_version_2_go_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.url(server.database())
    with monkeypatch.context() as before:
        before.setattr(schema, "MIGRATIONS", ("0001.sql", "0002.sql"))
        before.setattr(schema, "VERSION", 2)
        ledger = ServerLedger(url, keep=False)
        settle(hold(ledger.open_named("a", 1000, None, ledger.root, False), 0, 10), cost(0, 5))
        ledger.close()
    ledger = ServerLedger(url, keep=False)
    account = ledger.open_named("a", None, None, ledger.root, False)
    settle(hold(account, 0, 10), cost(0, 5))
    assert (account.spent, account.limit_tokens) == (10, 1000)
    for wrong in ((-1, None, None), (None, -1, None), (None, None, "decade")):
        tokens, picodollars, period = wrong
        arguments = uuid.uuid4(), "b", 1, True, tokens, picodollars, period, None, "UTC"
        with pytest.raises(LedgerFileError, match="violates check constraint"):
            ledger.commits.run(Operation("open_account", *arguments))
    ledger.close()
    assert audit(url) == []
