"""reserve, settle, mark_unknown and void: what each answers, and the figures afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ledgers import SITE, Figures, cost, hold, request
from omega_runtime.budgets import settings
from omega_runtime.effects.context import Context
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout, LedgerMisuse
from omega_runtime.ledger.hold import SENT
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.ledger.outcomes import CLOSED, OVERRUN, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.report import report
from omega_runtime.testing import FakeClock


@pytest.fixture
def ledger() -> Iterator[MemoryLedger]:
    ledger = MemoryLedger(FakeClock())
    yield ledger
    for account in (ledger.root, *ledger.accounts):
        assert account.limit is None or account.spent + account.held <= account.limit + account.overrun


# limit, spent before, bound, exact, max_tokens, clamp -> tokens held, max_tokens granted, exact count taken
GRANTED = {
    "fits": ((1000, 0, 50, 40, 100, True), (150, 100, 0)),
    "fits exactly": ((150, 0, 50, 40, 100, True), (150, 100, 0)),
    "fits by its exact count": ((145, 0, 50, 40, 100, True), (140, 100, 1)),
    "clamped by its exact count": ((139, 0, 50, 40, 100, True), (139, 99, 1)),
    "clamped to the floor": ((56, 0, 50, 40, 100, True), (56, 16, 1)),
    "clamped, no exact count known": ((100, 0, 50, None, 100, True), (100, 50, 1)),
    "clamped by what was spent": ((200, 100, 50, 40, 100, True), (100, 60, 1)),
    "asks for less than the floor": ((45, 0, 50, 40, 5, True), (45, 5, 1)),
    "may not be clamped, fits": ((140, 0, 50, 40, 100, False), (140, 100, 1)),
    "the exact count is above the bound": ((100, 0, 50, 60, 100, True), (100, 40, 1)),
    "no limit": ((None, 0, 50, 40, 100, True), (150, 100, 0)),
}


@pytest.mark.parametrize(("case", "expected"), GRANTED.values(), ids=GRANTED)
def test_granted(ledger: MemoryLedger, case: tuple[int, ...], expected: tuple[int, ...]) -> None:
    limit, spent, bound, exact, max_tokens, clamp = case
    account = ledger.open_account("a", limit, ledger.root)
    account.used = account.committed = spent
    provider = Figures(bound, exact)
    held = ledger.reserve(
        Context(account, (), None), request(max_tokens, provider, bool(clamp)), bound, settings.active
    )
    assert (held.amount, held.request.max_tokens, provider.counted) == expected
    assert held.open
    assert (account.spent, account.held) == (spent, expected[0])
    assert ledger.root.held == expected[0]


# limit, bound, exact, max_tokens, clamp -> tokens needed
REFUSED = {
    "below the floor": ((55, 50, 40, 100, True), 56),
    "no exact count, below the floor": ((65, 50, None, 100, True), 66),
    "asks for less than the floor": ((44, 50, 40, 5, True), 45),
    "may not be clamped": ((139, 50, 40, 100, False), 140),
    "nothing left": ((0, 1, 1, 1, True), 2),
}


@pytest.mark.parametrize(("case", "needed"), REFUSED.values(), ids=REFUSED)
def test_refused(ledger: MemoryLedger, case: tuple[int, ...], needed: int) -> None:
    limit, bound, exact, max_tokens, clamp = case
    account = ledger.open_account("purse", limit, ledger.root)
    with pytest.raises(BudgetExceeded) as caught:
        hold(account, bound, max_tokens, exact, bool(clamp))
    error = caught.value
    assert error.message == "Budget exceeded"
    assert error.irritants == ("test.omega:1:2", needed, limit, "purse")
    assert (error.site, error.needed, error.available, error.account) == (SITE, needed, limit, "purse")
    assert error.partial == ()
    assert (account.held, ledger.root.held, ledger.waiting) == (0, 0, 0)


def test_the_tightest_account_of_the_chain_refuses(ledger: MemoryLedger) -> None:
    outer = ledger.open_account("outer", 30, ledger.root)
    inner = ledger.open_account("inner", 100, outer)
    with pytest.raises(BudgetExceeded) as caught:
        hold(inner, 50, 100)
    assert (caught.value.account, caught.value.available) == ("outer", 30)


def test_the_tightest_account_of_the_chain_clamps(ledger: MemoryLedger) -> None:
    outer = ledger.open_account("outer", 90, ledger.root)
    inner = ledger.open_account("inner", 80, outer)
    held = hold(inner, 50, 100)
    assert held.request.max_tokens == 30
    assert (inner.held, outer.held, ledger.root.held) == (80, 80, 80)


# reserved 150 -> outcome, spent, overrun
@pytest.mark.parametrize(
    ("used", "outcome", "spent", "overrun"),
    [
        ((40, 10), SETTLED, 50, 0),
        ((0, 0), SETTLED, 0, 0),
        ((50, 100), SETTLED, 150, 0),
        ((51, 100), OVERRUN, 151, 1),
        ((900, 300), OVERRUN, 1200, 1050),
    ],
)
def test_settle(ledger: MemoryLedger, used: tuple[int, int], outcome: str, spent: int, overrun: int) -> None:
    outer = ledger.open_account("outer", 1000, ledger.root)
    inner = ledger.open_account("inner", 500, outer)
    held = hold(inner, 50, 100)
    assert ledger.settle(held, cost(*used)) == outcome
    for account in inner.chain:
        assert (account.spent, account.held, account.overrun) == (spent, 0, overrun)
    assert not held.open


def test_unknown_books_the_whole_hold_and_void_books_nothing(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    first, second = hold(account, 50, 100), hold(account, 60, 100)
    assert ledger.mark_unknown(first) == UNKNOWN
    assert (account.spent, account.held) == (150, 160)
    assert ledger.void(second) == VOIDED
    assert (account.spent, account.held) == (150, 0)
    totals = report(ledger)["totals"]
    assert (totals["unknown"], totals["unknown_tokens"], totals["voided"]) == (1, 150, 1)


@pytest.mark.parametrize("end", ["settle", "mark_unknown", "void"])
def test_a_closed_hold_stays_as_it_is(ledger: MemoryLedger, end: str) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    held = hold(account, 50, 100)
    ledger.settle(held, cost(10, 10))
    arguments = (cost(1, 1),) if end == "settle" else ()
    assert getattr(ledger, end)(held, *arguments) == CLOSED
    assert (account.spent, account.held) == (20, 0)


# What is held and spent before, limit 100; a call of bound 20, exact 20, 60 output tokens.
WAITS = {
    "no room now": ((50, 0), "waits"),
    "must be clamped, others hold": ((10, 30), "waits"),
    "must be clamped, nobody holds": ((0, 30), "granted"),
    "room now": ((20, 0), "granted"),
    "can never fit": ((10, 65), "refused"),
}


@pytest.mark.parametrize(("before", "outcome"), WAITS.values(), ids=WAITS)
def test_waiting_and_its_end(ledger: MemoryLedger, before: tuple[int, int], outcome: str) -> None:
    held, spent = before
    account = ledger.open_account("a", 100, ledger.root)
    account.used, account.committed = spent, spent + held
    if outcome == "granted":
        assert hold(account, 20, 60, max_wait=3).open
        return
    expected = BudgetTimeout if outcome == "waits" else BudgetExceeded
    start = ledger.clock.now()
    with pytest.raises(expected):
        hold(account, 20, 60, 20, max_wait=3)
    assert ledger.clock.now() - start == (3 if outcome == "waits" else 0)
    assert (account.held, account.waiters, ledger.waiting) == (held, [], 0)


def test_the_error_of_a_wait_in_vain(ledger: MemoryLedger) -> None:
    account = ledger.open_account("purse", 100, ledger.root)
    first = hold(account, 20, 60)
    with pytest.raises(BudgetTimeout) as caught:
        hold(account, 20, 60, max_wait=1.5)
    assert caught.value.message == "No room in the budget after 1.5 s of waiting"
    assert caught.value.irritants == ("test.omega:1:2", 80, "purse")
    ledger.void(first)


def test_a_hold_that_is_lost_before_it_was_sent_is_voided(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    lost = hold(account, 20, 60)
    del lost
    assert hold(account, 20, 60, max_wait=0).open
    assert (account.spent, report(ledger)["totals"]["voided"]) == (0, 2)


def test_a_hold_that_is_lost_after_it_was_sent_is_unknown(ledger: MemoryLedger) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    lost = hold(account, 20, 60)
    lost.open = SENT
    del lost
    ledger.close_account(account)
    assert (account.spent, account.held, ledger.root.spent) == (80, 0, 80)
    assert report(ledger)["totals"]["unknown_tokens"] == 80


def test_accounts_of_another_ledger_are_refused(ledger: MemoryLedger) -> None:
    with pytest.raises(LedgerMisuse):
        MemoryLedger().open_account("a", 1, ledger.root)
