"""Servers that are away, full or set up otherwise, and clients whose clocks are wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.limits import Periods
from omega_runtime.ledger.outcomes import SETTLED
from omega_runtime.ledger.postgres.ledger import ServerLedger

from tests.support.ledgers import cost, eventually, hold, settle
from tests.support.servers import FAST, Server, audit


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that tests may stop."""
    server = Server(*FAST)
    yield server
    server.close()


def opened(url: str, patience: float = 0.3, **options: Any) -> ServerLedger:
    """A ledger that waits for its server for a moment only."""
    ledger = ServerLedger(url, **options)
    for each in ledger._connections:
        each.patience = patience
    return ledger


def figures(account: Any) -> tuple[int, int]:
    return account.spent, account.held


def test_an_answer_is_booked_once_the_server_is_back(own: Server) -> None:
    url = own.books()
    ledger = opened(url, lease=6)
    account = ledger.open_named("a", 1000, None, ledger.root, False)
    held = hold(account, 0, 100)
    own.stop()
    assert settle(held, cost(10, 20)) == SETTLED
    with pytest.raises(LedgerFileError, match="cannot be used"):
        hold(account, 0, 10)
    own.start()
    # The thread that renews leases does it, also when nobody calls.
    eventually(lambda: figures(account) == (30, 0), 10)
    ledger.close()
    assert audit(url) == []


def test_a_restart_is_not_noticed(own: Server) -> None:
    url = own.books()
    ledger = opened(url, patience=15)
    account = ledger.open_named("a", 1000, None, ledger.root, False)
    held = hold(account, 0, 100)
    own.stop()
    own.start()
    assert settle(held, cost(10, 20)) == SETTLED
    settle(hold(account, 0, 50), cost(0, 1))
    assert figures(account) == (31, 0)
    ledger.close()
    assert audit(url) == []


FULL = """
CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER is_full BEFORE UPDATE ON omega.accounts FOR EACH ROW EXECUTE FUNCTION is_full();
"""


def test_a_full_disk(own: Server) -> None:
    url = own.books()
    database = url.rpartition("/")[2]
    ledger = opened(url, keep=False)
    account = ledger.open_named("a", 1000, None, ledger.root, False)
    held = hold(account, 0, 100)
    own.execute(FULL, database)
    with pytest.raises(LedgerFileError, match="No space left on device"):
        hold(account, 0, 100)
    assert settle(held, cost(10, 20)) == SETTLED
    own.execute("DROP TRIGGER is_full ON omega.accounts", database)
    assert figures(account) == (0, 100)
    ledger.reclaim()
    assert figures(account) == (30, 0)
    ledger.close()
    assert audit(url) == []


def test_a_stronger_isolation_by_default_is_refused(server: Server) -> None:
    url = server.books()
    database = url.rpartition("/")[2]
    server.execute(f"ALTER DATABASE {database} SET default_transaction_isolation = 'repeatable read'")
    with pytest.raises(LedgerFileError, match="read committed"):
        ServerLedger(url, keep=False)


def test_a_server_that_does_not_write_to_its_disk_is_told(server: Server) -> None:
    with pytest.warns(RuntimeWarning, match="has fsync off"):
        ServerLedger(server.books(), keep=False).close()


class WrongClock(SystemClock):
    """A clock that is days ahead or behind."""

    def __init__(self, days: float) -> None:
        self.seconds = days * 24 * 3600

    def time(self) -> float:
        return super().time() + self.seconds


def test_clocks_of_clients_decide_nothing(server: Server) -> None:
    url = server.books()
    ledgers = [ServerLedger(url, WrongClock(days), keep=False) for days in (-400, 0, 400)]
    today = Periods("year", None, "UTC")
    accounts = [each.open_named("a", 1000, None, each.root, False, today) for each in ledgers]
    for account in accounts:
        settle(hold(account, 0, 100), cost(0, 10))
    assert [account.spent for account in accounts] == [30] * 3
    year = datetime.now(UTC).year
    assert {account.period_end for account in accounts} == {datetime(year + 1, 1, 1, tzinfo=UTC)}
    for each in ledgers:
        each.expire()
        each.close()
    assert audit(url) == []


def test_a_connection_that_is_ended_by_the_server_is_replaced(server: Server) -> None:
    url = server.books()
    ledger = ServerLedger(url, keep=False)
    account = ledger.open_named("a", 1000, None, ledger.root, False)
    for _ in range(3):
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'omegac'",
            url.rpartition("/")[2],
        )
        settle(hold(account, 0, 100), cost(0, 10))
    assert figures(account) == (30, 0)
    ledger.close()


def test_an_interrupted_round_trip_leaves_a_connection_that_works(server: Server) -> None:
    url = server.books()
    ledger = ServerLedger(url, keep=False)
    account = ledger.open_named("a", 1000, None, ledger.root, False)

    def interrupted(db: psycopg.Connection[Any]) -> None:
        db.execute("SELECT 1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.transact(interrupted)
    begun = time.monotonic()
    settle(hold(account, 0, 100), cost(0, 10))
    assert time.monotonic() - begun < 10
    assert figures(account) == (10, 0)
    ledger.close()
