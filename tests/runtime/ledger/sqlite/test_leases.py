"""Leases: a hold whose process is gone counts as spent, and a late answer corrects that once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from omega_runtime.calls import infer
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.hold import SENT
from omega_runtime.ledger.outcomes import CLOSED, OVERRUN, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.ledger.sqlite.show import reset
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.testing import FakeClock

from tests.support.ledger_files import Worker, audit, lease, opened, query
from tests.support.ledgers import SITE, Thread, cost, eventually, hold, settle

LEASE = 60.0


@contextmanager
def two(path: Path, tokens: int) -> Iterator[tuple[FakeClock, Account, Account]]:
    """The same account in two ledgers, as two processes have it, that nobody renews; they share a clock."""
    clock = FakeClock()
    ledgers = [FileLedger(str(path), clock, lease=LEASE, keep=False) for _ in range(2)]
    first, second = (each.open_named("job", tokens, None, each.root, False) for each in ledgers)
    yield clock, first, second
    for each in ledgers:
        each.close()
    assert audit(path) == []


def test_a_hold_counts_as_spent_once_its_lease_has_ended(tmp_path: Path) -> None:
    with two(tmp_path / "ledger", 100) as (clock, first, second):
        gone = hold(first, 0, 80)
        clock.advance(LEASE)
        second.ledger.void(hold(second, 0, 20))
        assert (second.spent, second.held) == (0, 80)
        clock.advance(1)
        second.ledger.void(hold(second, 0, 20))
        assert (second.spent, second.held) == (80, 0)
        with pytest.raises(BudgetExceeded):
            hold(second, 0, 21, clamp=False)
        settle(gone, cost(0, 80))


ENDS = {
    "answer": (lambda ledger, hold: settle(hold, cost(10, 20)), SETTLED, 30),
    "overrun": (lambda ledger, hold: settle(hold, cost(10, 190)), OVERRUN, 200),
    "unknown": (lambda ledger, hold: ledger.mark_unknown(hold), UNKNOWN, 80),
    "not billed": (lambda ledger, hold: ledger.void(hold), VOIDED, 0),
}


@pytest.mark.parametrize(("end", "outcome", "spent"), ENDS.values(), ids=ENDS)
def test_a_late_end_corrects_what_was_counted_once(tmp_path: Path, end: object, outcome: str, spent: int) -> None:
    assert callable(end)
    with two(tmp_path / "ledger", 100) as (clock, first, second):
        late = hold(first, 0, 80)
        clock.advance(LEASE + 1)
        second.ledger.void(hold(second, 0, 20))
        assert second.spent == 80
        assert end(first.ledger, late) == outcome
        assert (second.spent, second.held, second.overrun) == (spent, 0, max(0, spent - 80))
        assert end(first.ledger, late) == CLOSED
        assert second.spent == spent


def test_renewed_leases_do_not_end(tmp_path: Path) -> None:
    with two(tmp_path / "ledger", 100) as (clock, first, second):
        kept = hold(first, 0, 80)
        for _ in range(5):
            clock.advance(LEASE - 1)
            first.ledger.renew()  # type: ignore[attr-defined]
            second.ledger.void(hold(second, 0, 20))
        assert (second.spent, second.held) == (0, 80)
        first.ledger.void(kept)


@pytest.mark.parametrize(("sent", "spent"), [(False, 0), (True, 80)])
def test_a_lost_hold_does_not_wait_for_its_lease(tmp_path: Path, sent: bool, spent: int) -> None:
    """The lease renewer gives it back, though its process makes no more calls."""
    with two(tmp_path / "ledger", 100) as (_, first, second):
        lost = hold(first, 0, 80)
        if sent:
            lost.open = SENT
        del lost
        first.ledger.renew()  # type: ignore[attr-defined]
        assert (second.spent, second.held) == (spent, 0)


def test_leases_are_renewed_while_a_call_takes_longer_than_its_lease(tmp_path: Path) -> None:
    with lease(0.2), opened(tmp_path / "ledger", 100) as account:
        kept = hold(account, 0, 80)

        def ends() -> float:
            return float(query(tmp_path / "ledger", "SELECT lease FROM calls")[0][0])

        first = ends()
        eventually(lambda: ends() > first + 0.4)
        assert (account.spent, account.held) == (0, 80)
        account.ledger.void(kept)


def test_a_waiting_call_goes_on_when_the_lease_of_a_dead_process_ends(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    worker = Worker(path, 150, lease=0.5, stop_at=1)
    worker.wait_for("calling")
    with lease(0.5), opened(path, 150) as account:
        assert account.held == 6 + 50
        waiting = Thread(lambda: hold(account, 0, 120))
        eventually(lambda: bool(account.ledger.tickets))
        worker.process.kill()
        got = waiting.result()
        assert (account.spent, got.tokens) == (56, 94)
        settle(got, cost(0, 94))
        assert account.spent == 150
    worker.billed()


def test_a_suspended_process_goes_on_and_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    worker = Worker(path, 150, lease=0.3, stop_at=1, calls=1)
    worker.wait_for("calling")
    worker.process.send_signal(signal.SIGSTOP)
    with opened(path, 150) as account:

        def is_expired() -> bool:
            account.ledger.void(hold(account, 0, 1))
            return account.spent == 56

        eventually(is_expired)
        worker.process.send_signal(signal.SIGCONT)
        worker.go()
        billed = worker.billed()
        assert 5 < billed < 56
        assert (account.spent, account.held) == (billed, 0)


def test_a_model_that_is_asked_after_its_lease_ended_is_paid_all_the_same(tmp_path: Path) -> None:
    with two(tmp_path / "ledger", 100) as (clock, first, second):
        asked = hold(first, 0, 60)
        clock.advance(LEASE + 1)
        with use_model(lambda prompt: Reply("a", 1, 1)):
            second.ledger.void(hold(second, 0, 40))
        with pytest.raises(BudgetExceeded):
            hold(second, 0, 41, clamp=False)
        assert settle(asked, cost(0, 60)) == SETTLED
        assert second.spent == 60


def test_nothing_is_renewed_when_nothing_is_held(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("a", 1, 1)), lease(0.05), opened(tmp_path / "ledger", 100) as account:
        infer(SITE, "p", max_tokens=5)
        before = account.ledger.version()  # type: ignore[attr-defined]
        account.ledger.renew()  # type: ignore[attr-defined]
        assert account.ledger.version() == before  # type: ignore[attr-defined]


def test_a_late_answer_takes_nothing_back_after_a_reset(tmp_path: Path) -> None:
    with two(tmp_path / "ledger", 1000) as (clock, first, second):
        late = hold(first, 50, 100)
        clock.advance(LEASE + 1)
        # The time of a reset is that of the machine, on whose clock the lease has ended as well.
        reset(tmp_path / "ledger", ["job"])
        assert (second.spent, second.held) == (0, 0)
        # The answer reaches the caller all the same.
        assert settle(late, cost(10, 10)) == SETTLED
        assert (second.spent, second.held) == (0, 0)
