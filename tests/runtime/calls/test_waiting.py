"""Calls that wait for room: in order, only where they must, and never for ever."""

from __future__ import annotations

from threading import Condition

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.ledger import LOST_HOLDS_EVERY
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.errors import OmegaError

from tests.support.ledgers import SITE, Thread, cost, eventually, hold, settle


class Patient(SystemClock):
    """Does not look again by itself, so that a waiter that nobody wakes shows."""

    def wait(self, condition: Condition, seconds: float) -> None:
        condition.wait(60 if seconds == LOST_HOLDS_EVERY else seconds)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger(Patient())


def waiting_at(account: Account, count: int = 1) -> None:
    eventually(lambda: len(account.waiters) == count)


def test_a_call_waits_for_room_and_gets_it(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    first = hold(account, 20, 60)
    second = Thread(lambda: hold(account, 20, 60))
    waiting_at(account)
    settle(first, cost(5, 5))
    assert second.result().tokens == 80
    assert account.spent == 10


@pytest.mark.parametrize("end", ["void", "mark_unknown"])
def test_every_end_of_a_hold_wakes(ledger: MemoryLedger, end: str) -> None:
    account = ledger.open_account("a", 140, ledger.root)
    first = hold(account, 20, 60)
    second = Thread(lambda: hold(account, 20, 60))
    waiting_at(account)
    getattr(ledger, end)(first)
    assert second.result().tokens == (80 if end == "void" else 60)


def test_first_come_first_served(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    first = hold(account, 10, 60)
    large = Thread(lambda: hold(account, 10, 80))
    waiting_at(account)
    # It would fit at once, but must not overtake.
    small = Thread(lambda: hold(account, 5, 5))
    waiting_at(account, 2)
    assert account.held == 70
    ledger.void(first)
    assert large.result().tokens == 90
    assert small.result().tokens == 10
    assert account.held == 100


def test_a_waiter_blocks_only_the_account_that_it_waits_for(ledger: MemoryLedger) -> None:
    outer = ledger.open_account("outer", 1000, ledger.root)
    narrow = ledger.open_account("narrow", 100, outer)
    wide = ledger.open_account("wide", 500, outer)
    first = hold(narrow, 20, 60)
    waiter = Thread(lambda: hold(narrow, 20, 60))
    waiting_at(narrow)
    assert hold(wide, 20, 60).open
    assert hold(outer, 20, 60).open
    ledger.void(first)
    assert waiter.result().open


def test_a_waiter_for_the_outer_account_blocks_its_other_children(ledger: MemoryLedger) -> None:
    outer = ledger.open_account("outer", 100, ledger.root)
    left, right = (ledger.open_account(name, 1000, outer) for name in ("left", "right"))
    first = hold(left, 20, 60)
    waiter = Thread(lambda: hold(left, 20, 70))
    waiting_at(outer)
    later = Thread(lambda: hold(right, 5, 5))
    waiting_at(outer, 2)
    ledger.void(first)
    assert waiter.result().tokens == 90
    assert later.result().tokens == 10


def test_a_waiter_moves_on_to_the_next_account_that_lacks_room(ledger: MemoryLedger) -> None:
    outer = ledger.open_account("outer", 100, ledger.root)
    inner = ledger.open_account("inner", 90, outer)
    on_inner, on_outer = hold(inner, 5, 35), hold(outer, 5, 35)
    waiter = Thread(lambda: hold(inner, 20, 60))
    waiting_at(inner)
    ledger.void(on_inner)
    waiting_at(outer)
    assert inner.waiters == []
    ledger.void(on_outer)
    assert waiter.result().tokens == 80


def test_clamping_waits_until_nothing_else_is_held(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    first, second = hold(account, 10, 30), hold(account, 10, 20)
    waiter = Thread(lambda: hold(account, 20, 200))
    waiting_at(account)
    settle(first, cost(10, 0))
    waiting_at(account)
    settle(second, cost(10, 5))
    assert waiter.result().output == 100 - 25 - 20


def test_holds_elsewhere_do_not_delay_a_clamped_call(ledger: MemoryLedger) -> None:
    outer = ledger.open_account("outer", 200, ledger.root)
    inner = ledger.open_account("inner", 80, outer)
    elsewhere = hold(outer, 20, 60)
    assert hold(inner, 20, 300).tokens == 80
    assert elsewhere.open


def test_a_waiter_that_can_no_longer_fit_is_refused(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    first = hold(account, 20, 60)
    waiter = Thread(lambda: hold(account, 50, 40))
    waiting_at(account)
    settle(first, cost(20, 60))
    with pytest.raises(BudgetExceeded):
        waiter.result()
    assert (account.waiters, ledger.tickets) == ([], {})


def test_the_next_in_line_goes_on_when_the_first_is_refused(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    first = hold(account, 20, 60)
    large = Thread(lambda: hold(account, 50, 40))
    waiting_at(account)
    small = Thread(lambda: hold(account, 5, 5))
    waiting_at(account, 2)
    settle(first, cost(20, 60))
    with pytest.raises(BudgetExceeded):
        large.result()
    assert small.result().tokens == 10


def test_the_next_in_line_goes_on_when_the_first_gives_up(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    first = hold(account, 10, 60)
    large = Thread(lambda: hold(account, 10, 80, max_wait=0.3))
    waiting_at(account)
    small = Thread(lambda: hold(account, 5, 5))
    assert small.result().tokens == 10
    with pytest.raises(OmegaError, match="No room"):
        large.result()
    assert first.open


def test_a_lost_hold_does_not_keep_others_waiting() -> None:
    ledger = MemoryLedger()
    account = ledger.open_account("a", 100, ledger.root)
    lost = [hold(account, 20, 60)]
    waiter = Thread(lambda: hold(account, 20, 60))
    waiting_at(account)
    lost.clear()
    assert waiter.result().open


def test_a_model_that_needs_its_own_callers_room_is_an_error_not_a_deadlock() -> None:
    def model(prompt: str) -> str:
        return str(infer(SITE, "inner" + prompt)) if prompt == "outer" else "leaf"

    with (
        fresh_ledger(),
        use_model(model),
        budget(tokens=1100),
        pytest.raises(OmegaError, match="calls a model"),
    ):
        infer(SITE, "outer")


def test_a_model_may_call_a_model_where_there_is_room_for_both() -> None:
    def model(prompt: str) -> str | Reply:
        return str(infer(SITE, "inner")) if prompt == "outer" else Reply("leaf", 2, 3)

    with fresh_ledger(), use_model(model), budget(tokens=5000) as account:
        assert infer(SITE, "outer") == "leaf"
    assert account.held == 0
