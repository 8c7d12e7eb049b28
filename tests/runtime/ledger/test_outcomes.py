"""reserve, settle, mark_unknown and void: what each answers, and the figures afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from omega_runtime.calls.report import report
from omega_runtime.ledger.claim import COUNT, GRANTED, REFUSED, UNPRICED, WAIT, Claim
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout, LedgerMisuse
from omega_runtime.ledger.hold import SENT
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.ledger.outcomes import CLOSED, OVERRUN, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.totals import Sum
from omega_runtime.models.prices import FREE
from omega_runtime.models.reply import Reply
from omega_runtime.testing import FakeClock
from omega_runtime.values.errors import OmegaError

from tests.support.auditor import FlatPrice, Rates
from tests.support.ledgers import BACKENDS, SITE, Asked, Figures, Thread, cost, hold, opened, request, settle, spend

CENT = 10**10
# A cent for a token of input, two for one of output.
PRICE = FlatPrice(Rates(CENT, CENT, CENT, 2 * CENT))


@pytest.fixture(params=BACKENDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    with opened(request.param, tmp_path) as ledger:
        yield ledger


# What may stand in a claim's way, and what then becomes of it; the first that applies decides.
OBSTACLES = {
    "unpriced": UNPRICED,
    "not counted": COUNT,
    "too large": REFUSED,
    "no room": WAIT,
    "others came first": WAIT,
}


@pytest.mark.parametrize(
    "obstacles",
    [each for count in range(len(OBSTACLES) + 1) for each in combinations(OBSTACLES, count)],
    ids=lambda obstacles: " and ".join(obstacles) or "nothing in the way",
)
def test_precedence(ledger: Ledger, obstacles: tuple[str, ...]) -> None:
    account = ledger.open_account("purse", 100, ledger.root, 1000 * CENT)
    under_way = hold(account, 0, 60, price=PRICE)
    earlier = Claim(Asked(account, request(60, Figures(0), False, PRICE)), 0, 16)
    if "others came first" in obstacles:
        earlier.counted = True
        assert ledger.attempt(earlier).outcome == WAIT
    wanted = 101 if "too large" in obstacles else 41 if {"no room", "not counted"} & {*obstacles} else 40
    asked = request(wanted, Figures(0), False, None if "unpriced" in obstacles else PRICE)
    claim = Claim(Asked(account, asked), 0, 16)
    claim.counted = "not counted" not in obstacles
    decision = ledger.attempt(claim)
    assert decision.outcome == next((OBSTACLES[each] for each in obstacles), GRANTED)
    assert decision.account is account
    assert claim.is_granted == (decision.outcome == GRANTED)
    assert (claim.ticket is not None) == (decision.outcome == WAIT)
    assert account.held == under_way.tokens + (claim.hold.tokens if claim.is_granted else 0)
    for each in (claim, earlier):
        ledger.withdraw(each)
    assert (account.waiters, ledger.tickets) == ([], {})


# limit, spent before, bound, exact, max_tokens, clamp -> tokens held, max_tokens granted, exact count taken
FITS = {
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


@pytest.mark.parametrize(("case", "expected"), FITS.values(), ids=FITS)
def test_granted(ledger: Ledger, case: tuple[int, ...], expected: tuple[int, ...]) -> None:
    limit, spent, bound, exact, max_tokens, clamp = case
    account = ledger.open_account("a", limit, ledger.root)
    spend(account, spent)
    held = hold(account, bound, max_tokens, exact, bool(clamp))
    assert (held.tokens, held.output, held.counted) == expected
    assert held.open
    assert (account.spent, account.held) == (spent, expected[0])
    assert ledger.root.held == expected[0]


# limit, bound, exact, max_tokens, clamp -> tokens needed
NEVER_FITS = {
    "below the floor": ((55, 50, 40, 100, True), 56),
    "no exact count, below the floor": ((65, 50, None, 100, True), 66),
    "asks for less than the floor": ((44, 50, 40, 5, True), 45),
    "may not be clamped": ((139, 50, 40, 100, False), 140),
    "nothing left": ((0, 1, 1, 1, True), 2),
}


@pytest.mark.parametrize(("case", "needed"), NEVER_FITS.values(), ids=NEVER_FITS)
def test_refused(ledger: Ledger, case: tuple[int, ...], needed: int) -> None:
    limit, bound, exact, max_tokens, clamp = case
    account = ledger.open_account("purse", limit, ledger.root)
    with pytest.raises(BudgetExceeded) as caught:
        hold(account, bound, max_tokens, exact, bool(clamp))
    error = caught.value
    assert error.message == "Budget exceeded"
    assert error.irritants == ("test.omega:1:2", needed, limit, "purse")
    assert (error.site, error.needed, error.available, error.account) == (SITE, needed, limit, "purse")
    assert error.partial == ()
    assert (account.held, ledger.root.held, ledger.tickets) == (0, 0, {})


def test_the_tightest_account_of_the_chain_refuses(ledger: Ledger) -> None:
    outer = ledger.open_account("outer", 30, ledger.root)
    inner = ledger.open_account("inner", 100, outer)
    with pytest.raises(BudgetExceeded) as caught:
        hold(inner, 50, 100)
    assert (caught.value.account, caught.value.available) == ("outer", 30)


def test_the_tightest_account_of_the_chain_clamps(ledger: Ledger) -> None:
    outer = ledger.open_account("outer", 90, ledger.root)
    inner = ledger.open_account("inner", 80, outer)
    held = hold(inner, 50, 100)
    assert held.output == 30
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
def test_settle(ledger: Ledger, used: tuple[int, int], outcome: str, spent: int, overrun: int) -> None:
    outer = ledger.open_account("outer", 1000, ledger.root)
    inner = ledger.open_account("inner", 500, outer)
    held = hold(inner, 50, 100)
    assert settle(held, cost(*used)) == outcome
    for account in inner.chain:
        assert (account.spent, account.held, account.overrun) == (spent, 0, overrun)
    assert not held.open


def test_unknown_books_the_whole_hold_and_void_books_nothing(ledger: Ledger) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    first, second = hold(account, 50, 100), hold(account, 60, 100)
    assert ledger.mark_unknown(first) == UNKNOWN
    assert (account.spent, account.held) == (150, 160)
    assert ledger.void(second) == VOIDED
    assert (account.spent, account.held) == (150, 0)
    totals = report(ledger)["totals"]
    assert (totals["unknown"], totals["unknown_tokens"], totals["voided"]) == (1, 150, 1)


@pytest.mark.parametrize("end", ["settle", "mark_unknown", "void"])
def test_a_closed_hold_stays_as_it_is(ledger: Ledger, end: str) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    held = hold(account, 50, 100)
    settle(held, cost(10, 10))
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
def test_waiting_and_its_end(ledger: Ledger, before: tuple[int, int], outcome: str) -> None:
    held, spent = before
    account = ledger.open_account("a", 100, ledger.root)
    spend(account, spent)
    under_way = hold(account, 0, held) if held else None
    if outcome == "granted":
        assert hold(account, 20, 60, max_wait=3).open
        return
    expected = BudgetTimeout if outcome == "waits" else BudgetExceeded
    start = ledger.clock.now()
    with pytest.raises(expected):
        hold(account, 20, 60, 20, max_wait=3)
    assert ledger.clock.now() - start == (3 if outcome == "waits" else 0)
    assert (account.held, account.waiters, ledger.tickets) == (under_way.tokens if under_way else 0, [], {})


def test_the_error_of_a_wait_in_vain(ledger: Ledger) -> None:
    account = ledger.open_account("purse", 100, ledger.root)
    first = hold(account, 20, 60)
    with pytest.raises(BudgetTimeout) as caught:
        hold(account, 20, 60, max_wait=1.5)
    assert caught.value.message == "No room in the budget after 1.5 s of waiting"
    assert caught.value.irritants == ("test.omega:1:2", 80, "purse")
    ledger.void(first)


def test_a_hold_that_is_lost_before_it_was_sent_is_voided(ledger: Ledger) -> None:
    account = ledger.open_account("a", 100, ledger.root)
    lost = hold(account, 20, 60)
    del lost
    assert hold(account, 20, 60, max_wait=0).open
    assert (account.spent, report(ledger)["totals"]["voided"]) == (0, 2)


def test_a_hold_that_is_lost_after_it_was_sent_is_unknown(ledger: Ledger) -> None:
    account = ledger.open_account("a", 1000, ledger.root)
    lost = hold(account, 20, 60)
    lost.open = SENT
    del lost
    ledger.close_account(account)
    assert (account.spent, account.held, ledger.root.spent) == (80, 0, 80)
    assert report(ledger)["totals"]["unknown_tokens"] == 80


def test_accounts_of_another_ledger_are_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerMisuse):
        MemoryLedger().open_account("a", 1, ledger.root)


# A call of 10 input and at most 20 output tokens holds 50 cents; what it was billed -> outcome, cents, overruns.
@pytest.mark.parametrize(
    ("used", "outcome", "cents", "overrun"),
    [
        ((10, 20), SETTLED, 50, (0, 0)),
        ((10, 5), SETTLED, 20, (0, 0)),
        ((0, 0), SETTLED, 0, (0, 0)),
        ((0, 26), OVERRUN, 52, (0, 2)),
        ((31, 0), OVERRUN, 31, (1, 0)),
        ((11, 21), OVERRUN, 53, (2, 3)),
    ],
)
def test_settling_in_dollars(
    ledger: Ledger, used: tuple[int, int], outcome: str, cents: int, overrun: tuple[int, int]
) -> None:
    outer = ledger.open_account("outer", None, ledger.root, 200 * CENT)
    inner = ledger.open_account("inner", 1000, outer)
    held = hold(inner, 10, 20, price=PRICE)
    assert (held.tokens, held.picodollars) == (30, 50 * CENT)
    assert (inner.dollars.held, outer.dollars.free) == (Decimal("0.5"), Decimal("1.5"))
    assert settle(held, cost(*used)) == outcome
    for account in inner.chain:
        assert (account.dollars.spent, account.dollars.held) == (Decimal(cents) / 100, 0)
        assert (account.overrun, account.dollars.overrun) == (overrun[0], Decimal(overrun[1]) / 100)
    assert settle(held, cost(900, 900)) == CLOSED
    assert outer.dollars.spent == Decimal(cents) / 100


def test_unknown_and_void_in_dollars(ledger: Ledger) -> None:
    account = ledger.open_account("a", None, ledger.root, 200 * CENT)
    first, second = hold(account, 10, 20, price=PRICE), hold(account, 10, 20, price=PRICE)
    assert ledger.mark_unknown(first) == UNKNOWN
    assert ledger.void(second) == VOIDED
    assert (account.dollars.spent, account.dollars.held) == (Decimal("0.5"), 0)


# Limits in tokens and cents; of a call with 10 input and 40 output tokens -> its max_tokens and what is held in cents.
CLAMPED = {
    "fits both": ((50, 90), (40, 90)),
    "tokens are short": ((49, 90), (39, 88)),
    "dollars are short": ((50, 89), (39, 88)),
    "dollars are shorter": ((45, 50), (20, 50)),
    "tokens are shorter": ((30, 60), (20, 50)),
    "down to the floor": ((26, 42), (16, 42)),
}


@pytest.mark.parametrize(("limits", "expected"), CLAMPED.values(), ids=CLAMPED)
def test_clamping_to_both_limits(ledger: Ledger, limits: tuple[int, int], expected: tuple[int, int]) -> None:
    account = ledger.open_account("a", limits[0], ledger.root, limits[1] * CENT)
    held = hold(account, 10, 40, price=PRICE)
    assert (held.output, held.picodollars) == (expected[0], expected[1] * CENT)
    settle(held, cost(10, expected[0]))
    assert account.remaining == limits[0] - 10 - expected[0]
    assert account.dollars.remaining == Decimal(limits[1] - expected[1]) / 100


# The same call; limits in tokens and cents, clamp -> needed, available and their irritants.
BROKE = {
    "tokens": ((25, 100, True), (26, 25), (26, 25)),
    "dollars": ((100, 41, True), (Decimal("0.42"), Decimal("0.41")), ("$0.42", "$0.41")),
    "both, tokens more": ((20, 41, True), (26, 20), (26, 20)),
    "both, dollars more": ((25, 20, True), (Decimal("0.42"), Decimal("0.2")), ("$0.42", "$0.20")),
    "both alike": ((25, 40, True), (26, 25), (26, 25)),
    "not even the prompt": ((100, 9, True), (Decimal("0.42"), Decimal("0.09")), ("$0.42", "$0.09")),
    "may not be clamped": ((100, 89, False), (Decimal("0.9"), Decimal("0.89")), ("$0.90", "$0.89")),
}


@pytest.mark.parametrize(("limits", "figures", "irritants"), BROKE.values(), ids=BROKE)
def test_refusals_name_tokens_or_dollars(
    ledger: Ledger, limits: tuple[int, int, bool], figures: tuple[object, ...], irritants: tuple[object, ...]
) -> None:
    tokens, cents, clamp = limits
    outer = ledger.open_account("purse", tokens, ledger.root, cents * CENT)
    inner = ledger.open_account("inner", None, outer)
    with pytest.raises(BudgetExceeded) as caught:
        hold(inner, 10, 40, clamp=clamp, price=PRICE)
    error = caught.value
    assert error.message == "Budget exceeded"
    assert (error.needed, error.available) == figures
    assert error.irritants == ("test.omega:1:2", *irritants, "purse")
    assert (error.account, error.partial) == ("purse", ())


def test_a_refusal_brings_the_answers_within_the_account_that_refused(ledger: Ledger) -> None:
    outermost = ledger.open_account("outermost", 1000, ledger.root)
    outer = ledger.open_account("outer", 200, outermost)
    inner = ledger.open_account("inner", 150, outer)
    for account, text in ((outermost, "elsewhere"), (outer, "outer"), (inner, "inner")):
        settle(hold(account, 10, 20), Reply(text, 10, 20))
    with pytest.raises(BudgetExceeded) as caught:
        hold(inner, 150, 20)
    assert (caught.value.account, caught.value.partial) == ("inner", ("inner",))
    with pytest.raises(BudgetExceeded) as caught:
        hold(outer, 150, 20)
    assert (caught.value.account, caught.value.partial) == ("outer", ("outer",))
    ledger.close_account(inner)
    with pytest.raises(BudgetExceeded) as caught:
        hold(outer, 150, 20)
    assert caught.value.partial == ("outer", "inner")


def test_a_dollar_limit_that_cannot_be_enforced_is_an_error(ledger: Ledger) -> None:
    outer = ledger.open_account("purse", None, ledger.root, 100 * CENT)
    inner = ledger.open_account("inner", 1000, outer)
    with pytest.raises(OmegaError, match=r'the price of model "m" is not known.*of "purse" cannot be enforced'):
        hold(inner, 10, 20)
    assert (inner.held, outer.held, ledger.root.held) == (0, 0, 0)


@pytest.mark.parametrize("end", ["settle", "mark_unknown", "lose"])
def test_dollars_are_not_known_once_a_call_without_price_was_spent(ledger: Ledger, end: str) -> None:
    outer = ledger.open_account("outer", 1000, ledger.root)
    inner, other = ledger.open_account("inner", None, outer), ledger.open_account("other", None, outer)
    settle(hold(inner, 10, 20, price=PRICE), cost(1, 1))
    ledger.void(hold(inner, 10, 20))
    assert inner.dollars.spent == Decimal("0.03")
    unpriced = hold(inner, 10, 20)
    if end == "lose":
        unpriced.open = SENT
        del unpriced
        ledger.reclaim()
    else:
        getattr(ledger, end)(unpriced, *([cost(1, 1)] if end == "settle" else []))
    for account in (inner, outer, ledger.root):
        assert (account.dollars.spent, account.dollars.held) == (None, None)
    assert other.dollars.spent == 0
    assert report(ledger)["totals"]["dollars"] is None


def test_a_claim_that_comes_to_need_less_is_woken() -> None:
    """What is spent further out may leave so little that the rest fits beside what is held further in."""
    ledger = MemoryLedger(FakeClock())
    outer = ledger.open_account("outer", None, ledger.root, 200 * CENT)
    inner = ledger.open_account("inner", 150, outer)
    free = hold(inner, 0, 80, price=FREE)
    priced = hold(outer, 0, 70, price=PRICE)
    claim = Claim(Asked(inner, request(100, Figures(0), True, PRICE)), 0, 16)
    claim.counted = True
    assert ledger.attempt(claim).account is inner
    settle(priced, cost(0, 70))
    assert claim.ticket is not None
    assert claim.ticket.is_called
    assert ledger.attempt(claim).output == 30
    assert free.open
    ledger.withdraw(claim)


def test_all_calls_may_be_added_up_while_others_open_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = MemoryLedger()
    accounts = [ledger.open_account("a", 100, ledger.root) for _ in range(2)]
    spend(accounts[0], 30)
    threads = []

    def add(total: Sum, figures: Figures, add: Callable[..., None] = Sum.add) -> None:
        if figures is accounts[0]:
            threads.append(Thread(lambda: ledger.open_account("b", 1, ledger.root)))
            threads[0].join(0.05)
        add(total, figures)

    monkeypatch.setattr(Sum, "add", add)
    assert ledger.root.spent == 30
    assert threads[0].result().limit == 1
