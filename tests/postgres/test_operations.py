"""Operations are known again by their keys, leases are the server's, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from omega_runtime.ledger.claim import GRANTED, WAIT, Beside, Claim
from omega_runtime.ledger.errors import BudgetExceeded, LedgerFileError
from omega_runtime.ledger.hold import SENT
from omega_runtime.ledger.outcomes import CLOSED, OVERRUN, SETTLED
from omega_runtime.ledger.postgres.commits import Operation, _do
from omega_runtime.ledger.postgres.ledger import ServerLedger, _reserve, _void
from omega_runtime.testing import FakeClock
from omega_runtime.values.errors import OmegaError

from tests.support.counting_proxy import CountingProxy
from tests.support.ledgers import Asked, Figures, Thread, cost, eventually, hold, request, settle
from tests.support.servers import Server, SteeredLedger, audit


def figures(account: Any) -> tuple[int, int, int]:
    return account.spent, account.held, account.overrun


def claim_of(account: Any, tokens: int = 100) -> Claim[Any]:
    return Claim(Asked(account, request(tokens, Figures(0), False)), 0, 16)


def reserving(ledger: ServerLedger, account: Any, key: int) -> Operation:
    claim = claim_of(account)
    return _reserve(claim, key, ledger.process, ledger._site_of(claim.request.site))


def test_a_repeated_reservation_holds_once(ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    key = uuid.uuid4().int
    states = [ledger.commits.run(reserving(ledger, account, key)) for _ in range(3)]
    assert states == ["granted", "held", "held"]
    assert figures(account) == (0, 100, 0)


def test_what_was_given_back_before_it_was_held_is_never_held(ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    key = uuid.uuid4().int
    assert ledger.commits.run(_void(key, ledger.process, account)) == "voided"
    assert ledger.commits.run(reserving(ledger, account, key)) == "voided"
    assert figures(account) == (0, 0, 0)


@pytest.mark.parametrize(("tokens", "outcome"), [(60, SETTLED), (130, OVERRUN)])
def test_a_repeated_booking_says_the_same_and_books_once(ledger: ServerLedger, tokens: int, outcome: str) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    held = hold(account, 0, 100)
    work = ledger._settle_stored(held, cost(0, tokens), 0, None)
    assert [work(), work()] == [outcome, outcome]
    assert figures(account) == (tokens, 0, max(0, tokens - 100))
    assert settle(held, cost(0, tokens)) == outcome
    assert settle(held, cost(0, tokens)) == CLOSED


def test_a_hold_that_the_server_has_lost_is_booked_all_the_same(ledger: ServerLedger, url: str, server: Server) -> None:
    """As after a failover to a standby that was behind."""
    account = ledger.open_account("a", 100, ledger.root)
    held = hold(account, 0, 100)
    database = url.rpartition("/")[2]
    server.execute("DELETE FROM omega.calls", database)
    server.execute("UPDATE omega.accounts SET committed_tokens = 0", database)
    assert settle(held, cost(10, 20)) == OVERRUN
    assert figures(account) == (30, 0, 30)


def test_an_account_opened_twice_under_one_key_is_one(ledger: ServerLedger) -> None:
    opening = "open_account", uuid.uuid4(), "a", 1, False, 10, None, None, None, None
    assert ledger.commits.run(Operation(*opening)) == ledger.commits.run(Operation(*opening))


def test_no_client_can_hold_what_is_not_there(ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    arguments = uuid.uuid4(), ledger.process, account.id, 1, "m", 1, 101, 0, True, False, None, "[]"
    with pytest.raises(LedgerFileError, match="no room for this hold"):
        ledger.commits.run(Operation("grant_hold", *arguments))
    assert figures(account) == (0, 0, 0)


def test_one_faulty_operation_of_many_fails_alone(ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 10_000, ledger.root)
    reserving(ledger, account, 1)
    good = [reserving(ledger, account, uuid.uuid4().int) for _ in range(5)]
    bad = Operation("standing_of_nobody", 1, accounts=(account.id,))
    _do(ledger._reading, [*good[:3], bad, *good[3:]])
    assert [job.result for job in good] == ["granted"] * 5
    assert bad.error is not None
    assert figures(account) == (0, 500, 0)


# Leases


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pair(server: Server, clock: FakeClock) -> Iterator[tuple[SteeredLedger, SteeredLedger]]:
    """Two processes with leases of 10 seconds."""
    url = server.books(is_steered=True)
    both = SteeredLedger(url, clock, 10), SteeredLedger(url, clock, 10)
    yield both
    for each in both:
        each.close()
    assert audit(url) == []


def test_a_hold_outlasts_its_process_by_a_lease_and_a_late_answer_corrects_it_once(
    pair: tuple[SteeredLedger, SteeredLedger], clock: FakeClock
) -> None:
    account = pair[0].open_named("a", 1000, None, pair[0].root, False)
    held = hold(account, 0, 100)
    clock.advance(9.9)
    pair[1].expire()
    assert figures(account) == (0, 100, 0)
    clock.advance(0.2)
    pair[1].expire()
    assert figures(account) == (100, 0, 0)
    assert not pair[0].confirm(held)
    assert settle(held, cost(10, 20)) == SETTLED
    assert figures(account) == (30, 0, 0)
    assert settle(held, cost(10, 20)) == CLOSED


def test_a_process_whose_lease_has_ended_goes_on_under_another_number(
    pair: tuple[SteeredLedger, SteeredLedger], clock: FakeClock
) -> None:
    account = pair[0].open_named("a", 1000, None, pair[0].root, False)
    before = pair[0].process
    clock.advance(11)
    pair[1].expire()
    held = hold(account, 0, 100)
    assert pair[0].process != before
    assert pair[0].confirm(held)
    settle(held, cost(0, 40))
    ((_, _, counted),) = pair[0].entries()
    assert counted.calls == 1


def test_a_lease_that_nobody_has_ended_is_renewed(pair: tuple[SteeredLedger, SteeredLedger], clock: FakeClock) -> None:
    account = pair[0].open_named("a", 1000, None, pair[0].root, False)
    held = hold(account, 0, 100)
    clock.advance(30)
    assert pair[0].confirm(held)
    pair[1].expire()
    assert figures(account) == (0, 100, 0)
    pair[0].void(held)


def test_no_lease_ends_soon_after_the_server_could_not_be_heard(server: Server) -> None:
    """Its start or a standstill: nobody could renew."""
    url = server.books()
    ledger, other = ServerLedger(url, lease=2, keep=False), ServerLedger(url, lease=2, keep=False)
    account = ledger.open_named("a", 1000, None, ledger.root, False)
    held = hold(account, 0, 100)
    database = url.rpartition("/")[2]
    # The books as a standstill of a minute leaves them.
    server.execute("UPDATE omega.processes SET lease_end = lease_end - 60", database)
    server.execute("UPDATE omega.pulse SET seen = seen - 60, resumed = resumed - 120", database)
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        other.expire()
        assert figures(account) == (0, 100, 0)
        time.sleep(0.1)
    eventually(lambda: other.expire() or figures(account) == (100, 0, 0), 5)
    settle(held, cost(0, 5))
    ledger.close()
    other.close()
    assert audit(url) == []


# Waiting


def test_whoever_waits_is_called_when_another_process_makes_room(url: str) -> None:
    ledger, other = ServerLedger(url), ServerLedger(url)
    ours = ledger.open_named("a", 100, None, ledger.root, False)
    theirs = other.open_named("a", None, None, other.root, False)
    delays = []
    for _ in range(12):
        first = hold(theirs, 0, 100)
        waiting = Thread(lambda: (hold(ours, 0, 50), time.monotonic()))
        eventually(lambda: bool(ledger.tickets))
        time.sleep(0.07)  # it listens
        settle(first, cost(0, 0))
        begun = time.monotonic()
        held, ended = waiting.result()
        delays.append(ended - begun)
        ledger.void(held)
    # Without being called it would look again after half a second.
    assert sorted(delays)[len(delays) // 2] < 0.1
    ledger.close()
    other.close()


def test_first_come_first_served(ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    first = hold(account, 0, 100)
    claims = [claim_of(account) for _ in range(3)]
    for each in claims:
        each.counted = True
        assert ledger.attempt(each).outcome == WAIT
    assert ledger.attempt(claims[2]).outcome == WAIT
    settle(first, cost(0, 0))
    assert [ledger.attempt(each).outcome for each in (claims[1], claims[2], claims[0])] == [WAIT, WAIT, GRANTED]
    newcomer = claim_of(account, 1)
    newcomer.counted = True
    assert ledger.attempt(newcomer).outcome == WAIT
    for each in (newcomer, claims[1], claims[2]):
        ledger.withdraw(each)
    ledger.void(claims[0].hold)


def test_a_call_that_waits_in_vain_leaves_the_queue(ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    held = hold(account, 0, 100)
    with pytest.raises(OmegaError, match="No room"):
        hold(account, 0, 50, clamp=False, max_wait=0.01)
    assert ledger.read(lambda db: db.execute("SELECT count(*) FROM omega.tickets").fetchone()) == (0,)
    ledger.void(held)


def test_an_interrupted_claim_is_given_back(ledger: ServerLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    settle(hold(account, 0, 1), cost(0, 0))
    run = type(ledger.commits).run

    def interrupted(self: Any, job: Operation) -> Any:
        run(self, job)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(ledger.commits), "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            hold(account, 0, 60)
    assert figures(account) == (0, 60, 0)
    ledger.reclaim()
    assert figures(account) == (0, 0, 0)


@pytest.mark.parametrize(("rest", "held"), [(30, 90), (0, 60)])
def test_room_that_is_kept_is_cut_down_for_a_claim_beside_it(ledger: ServerLedger, rest: int, held: int) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    inner = ledger.open_account("b", None, account)
    kept = hold(inner, 0, 80)
    asked = Asked(account, request(60, Figures(0), False))
    ledger.reserve(asked, 0, 16, 0, Beside(kept, rest, 0))
    assert figures(account) == (0, held, 0)
    assert (kept.tokens, bool(kept.open)) == (rest, rest > 0)
    assert figures(inner) == (0, rest, 0)
    for each in (asked, kept):
        ledger.void(each)
    assert figures(account) == (0, 0, 0)


def test_room_whose_lease_has_ended_is_no_room_for_a_claim_beside_it(
    pair: tuple[SteeredLedger, SteeredLedger], clock: FakeClock
) -> None:
    account = pair[0].open_named("a", 100, None, pair[0].root, False)
    kept = hold(account, 0, 80)
    clock.advance(11)
    pair[1].expire()
    with pytest.raises(BudgetExceeded):
        pair[0].reserve(Asked(account, request(60, Figures(0), False)), 0, 16, 0, Beside(kept, 0, 0))
    assert figures(account) == (80, 0, 0)
    settle(kept, cost(0, 5))
    assert figures(account) == (5, 0, 0)


def test_tasks_wait_without_holding_up_their_loop(url: str) -> None:
    async def main() -> list[int]:
        ledger = ServerLedger(url)
        account = ledger.open_named("a", 100, None, ledger.root, False)

        async def call() -> int:
            asked = Asked(account, request(60, Figures(0), False))
            held = await ledger.reserve_async(asked, 0, 16, None, asyncio.to_thread)
            await asyncio.sleep(0.01)
            await asyncio.to_thread(settle, held, cost(0, 5))
            return held.tokens

        tokens = await asyncio.gather(*(call() for _ in range(6)))
        assert figures(account) == (30, 0, 0)
        ledger.close()
        return tokens

    assert asyncio.run(asyncio.wait_for(main(), 30)) == [60] * 6


# Many at once


def test_threads_and_processes_never_hold_more_than_the_limit(url: str) -> None:
    ledgers = [ServerLedger(url, keep=False) for _ in range(3)]
    accounts = [each.open_named("a", 5000, None, each.root, False) for each in ledgers]
    inner = [each.open_account("b", None, account) for each, account in zip(ledgers, accounts, strict=True)]
    spent = []

    def work(account: Any) -> None:
        try:
            while True:
                held = hold(account, 5, 45, floor=10)
                held.open = SENT
                tokens = held.tokens * 2 // 3
                settle(held, cost(5, tokens - 5))
                spent.append(tokens)
        except BudgetExceeded:
            pass

    threads = [threading.Thread(target=work, args=(account,)) for account in inner * 4]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert figures(accounts[0]) == (sum(spent), 0, 0)
    assert 5000 - 15 <= sum(spent) <= 5000
    for each in ledgers:
        each.close()


def test_a_call_that_fits_takes_one_round_trip_to_hold_and_one_to_settle(server: Server, url: str) -> None:
    proxy = CountingProxy(server.port, 0.1)
    ledger = ServerLedger(url.replace(f":{server.port}/", f":{proxy.port}/"), keep=False)
    account = ledger.open_account("a", 1000, ledger.root)
    settle(hold(account, 0, 100), cost(0, 10))  # which also tells of the place
    before = proxy.count
    held = hold(account, 0, 100)
    assert proxy.count == before + 1
    settle(held, cost(0, 10))
    assert proxy.count == before + 2
    ledger.close()
    proxy.close()


def test_what_was_acknowledged_is_on_the_disk(server: Server, url: str, ledger: ServerLedger) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    flushed = []
    with psycopg.connect(url, autocommit=True) as db:
        for _ in range(10):
            hold(account, 0, 10)
            flushed += db.execute("SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()").fetchone() or ()
    # The server itself may write in between, now and then.
    assert flushed.count(True) >= 8
