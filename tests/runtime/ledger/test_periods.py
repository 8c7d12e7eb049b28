"""Limits per period, in memory and in ledger files: what is left when, and where calls are booked."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.calls.report import report
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout
from omega_runtime.ledger.hold import SENT
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.outcomes import OVERRUN

from tests.support import ledgers
from tests.support.auditor import FlatPrice, Rates
from tests.support.ledgers import BACKENDS, Thread, cost, eventually, hold, settle, spend
from tests.support.periods import DAY, HOUR, Clock, figures, opened


@pytest.fixture
def clock() -> Clock:
    return Clock(2026, 7, 5, 12)


@pytest.fixture(params=BACKENDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with ledgers.opened(request.param, tmp_path, clock) as ledger:
        yield ledger


def test_a_limit_is_whole_again_in_the_next_period(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    spend(account, 90)
    with pytest.raises(BudgetExceeded):
        hold(account, 0, 20, clamp=False)
    clock.advance(12 * HOUR - 1)
    assert (figures(account), account.remaining) == ((90, 0), 10)
    clock.advance(1)
    assert (figures(account), account.remaining) == ((0, 0), 100)
    spend(account, 100)
    assert (account.spent, account.all_time.spent_tokens, ledger.root.spent) == (100, 190, 190)


def test_a_hold_belongs_to_the_period_in_which_it_began(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    first = hold(account, 0, 80)
    clock.advance(DAY)
    second = hold(account, 0, 90)
    assert figures(account) == (0, 90)
    settle(first, cost(0, 70))
    assert figures(account) == (0, 90)
    settle(second, cost(0, 30))
    assert figures(account) == (30, 0)
    assert account.all_time.spent_tokens == 100


@pytest.mark.parametrize("end", ["void", "unknown", "lost", "overrun"])
def test_every_end_of_a_hold_is_booked_where_it_began(ledger: Ledger, clock: Clock, end: str) -> None:
    account = opened(ledger, "100/hour", "$5/day")
    late: Any = hold(account, 0, 80, price=FlatPrice(Rates(0, 0, 0, 10**9)))
    clock.advance(HOUR)
    spend_priced(account, 10)
    if end == "overrun":
        assert settle(late, cost(0, 120)) == OVERRUN
    elif end == "lost":
        late.open = SENT
        late = None
        ledger.reclaim()
    else:
        (ledger.void if end == "void" else ledger.mark_unknown)(late)
    booked = {"void": 0, "unknown": 80, "lost": 80, "overrun": 120}[end]
    assert (figures(account), account.overrun) == ((10, 0), 0)
    # Dollars are counted by the day, which is the same for both.
    assert account.dollars.spent == Decimal(10 + booked) / 1000
    assert account.dollars.overrun == Decimal(40 if end == "overrun" else 0) / 1000
    assert account.all_time.spent_tokens == 10 + booked


def spend_priced(account: Any, tokens: int) -> None:
    """Tokens that cost a tenth of a cent each."""
    taken = hold(account, 0, tokens, price=FlatPrice(Rates(0, 0, 0, 10**9)))
    settle(taken, cost(0, tokens))


def test_a_clock_that_is_put_back_gives_no_second_limit(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    spend(account, 100)
    clock.advance(DAY)
    spend(account, 90)
    clock.set(2026, 7, 5, 12)
    assert (figures(account), account.remaining) == ((90, 0), 10)
    with pytest.raises(BudgetExceeded) as caught:
        hold(account, 0, 20, clamp=False)
    assert caught.value.next_period == datetime(2026, 7, 7, tzinfo=UTC)
    clock.set(2026, 7, 7)
    assert account.remaining == 100


def test_looking_at_a_period_does_not_begin_it(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    spend(account, 70)
    clock.set(2199, 1, 1)
    assert account.remaining == 100
    clock.set(2026, 7, 5, 13)
    assert account.remaining == 30


def test_a_wait_that_crosses_the_boundary_gets_room(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/minute")
    first = hold(account, 0, 80)
    # Nobody settles the first one; the fake clock moves on while the second one waits.
    second = hold(account, 0, 60)
    assert clock.sleeps == []
    assert figures(account) == (0, 60)
    settle(first, cost(0, 10))
    settle(second, cost(0, 10))
    assert account.spent == 10


def test_all_who_wait_get_their_room_at_the_boundary(ledger: Ledger) -> None:
    account = opened(ledger, "100/minute")
    first = hold(account, 0, 100)
    waiting = [Thread(lambda: hold(account, 0, 50)) for _ in range(2)]
    holds = [each.result() for each in waiting]
    assert figures(account) == (0, 100)
    for each in (first, *holds):
        ledger.void(each)


def test_a_wait_has_its_deadline(ledger: Ledger) -> None:
    account = opened(ledger, "100/hour")
    first = hold(account, 0, 80)
    with pytest.raises(BudgetTimeout):
        hold(account, 0, 60, max_wait=5)
    ledger.void(first)


def test_a_refusal_says_when_the_limit_is_whole_again(ledger: Ledger) -> None:
    account = opened(ledger, "100/day", timezone="Europe/Berlin")
    spend(account, 90)
    with pytest.raises(BudgetExceeded) as caught:
        hold(account, 0, 50, clamp=False)
    error = caught.value
    assert error.message == "Budget exceeded"
    assert error.irritants[1:] == (50, 10, "job")
    assert error.next_period is not None
    assert error.next_period.isoformat() == "2026-07-06T00:00:00+02:00"
    assert error.__notes__ == ['the limit of "job" is whole again at 2026-07-06 00:00 CEST']
    again = pickle.loads(pickle.dumps(error))
    assert (again.next_period, again.__notes__) == (error.next_period, error.__notes__)


def test_what_fits_no_period_is_not_put_off(ledger: Ledger) -> None:
    account = opened(ledger, "100/day")
    for limited in (account, opened(ledger, 100, name="total")):
        with pytest.raises(BudgetExceeded) as caught:
            hold(limited, 0, 101 if limited is account else 120, clamp=False)
        assert caught.value.next_period is None
        assert not hasattr(caught.value, "__notes__")


def test_both_kinds_have_periods_of_their_own(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/hour", "$0.15/day")
    spend_priced(account, 100)
    clock.advance(HOUR)
    assert (account.spent, account.dollars.spent) == (0, Decimal("0.1"))
    with pytest.raises(BudgetExceeded) as caught:
        hold(account, 0, 60, clamp=False, price=FlatPrice(Rates(0, 0, 0, 10**9)))
    assert caught.value.next_period == datetime(2026, 7, 6, tzinfo=UTC)
    clock.set(2026, 7, 6)
    assert (account.spent, account.dollars.spent) == (0, 0)
    assert (account.period, account.dollars.period) == ("hour", "day")
    assert account.period_end == datetime(2026, 7, 6, 1, tzinfo=UTC)
    assert account.dollars.period_end == datetime(2026, 7, 7, tzinfo=UTC)


def test_one_kind_per_period_and_the_other_for_good(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, 150, "$1/day")
    spend_priced(account, 100)
    clock.advance(DAY)
    assert (account.spent, account.dollars.spent) == (100, 0)
    with pytest.raises(BudgetExceeded) as caught:
        hold(account, 0, 60, clamp=False, price=FlatPrice(Rates(0, 0, 0, 10**9)))
    assert caught.value.next_period is None


def test_a_kind_without_a_limit_goes_by_the_other(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, None, "$1/day")
    spend_priced(account, 100)
    assert (account.spent, account.period) == (100, "day")
    clock.advance(DAY)
    assert (account.spent, account.dollars.spent) == (0, 0)


def test_a_total_around_periods_and_periods_around_a_total(ledger: Ledger, clock: Clock) -> None:
    month = opened(ledger, "150/month", name="month")
    day = opened(ledger, "100/day", name="day", parent=month)
    spend(day, 100)
    clock.advance(DAY)
    assert day.remaining == 50
    with pytest.raises(BudgetExceeded) as caught:
        hold(day, 0, 60, clamp=False)
    assert (caught.value.account, caught.value.next_period) == ("month", datetime(2026, 8, 1, tzinfo=UTC))
    spend(day, 50)
    clock.set(2026, 8, 1)
    assert day.remaining == 100


def test_an_unknown_price_is_forgotten_with_its_period(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    spend(account, 10)
    assert account.dollars.spent is None
    clock.advance(DAY)
    spend_priced(account, 10)
    assert account.dollars.spent == Decimal("0.01")


def test_the_end_of_a_day_when_clocks_change(ledger: Ledger, clock: Clock) -> None:
    clock.set(2026, 3, 28, 23)
    account = opened(ledger, "100/day", timezone="Europe/Berlin")
    spend(account, 100)
    clock.advance(23 * HOUR - 1)
    assert account.remaining == 0
    clock.advance(1)
    assert account.remaining == 100


def test_reports_tell_the_period(ledger: Ledger, clock: Clock) -> None:
    account = opened(ledger, "100/hour", "$1/day", timezone="Europe/Berlin")
    spend_priced(account, 10)
    clock.advance(HOUR)
    spend_priced(account, 20)
    row = next(each for each in report(ledger)["accounts"] if each["name"] == "job")
    assert (row["limit"], row["spent"], row["dollars_spent"]) == (100, 20, Decimal("0.03"))
    assert (row["period"], row["dollar_period"], row["timezone"]) == ("hour", "day", "Europe/Berlin")
    assert (row["period_end"], row["dollar_period_end"]) == ("2026-07-05T16:00:00+02:00", "2026-07-06T00:00:00+02:00")


def test_an_ended_scope_is_told_over_all_time(ledger: Ledger, clock: Clock) -> None:
    from omega_runtime.ledger.limits import Periods

    account = ledger.open_account("inner", 100, ledger.root, None, Periods("day", "day", "UTC"))
    spend(account, 100)
    clock.advance(DAY)
    spend(account, 60)
    late = hold(account, 0, 40)
    ledger.close_account(account)
    row = next(each for each in report(ledger)["accounts"] if each["name"] == "inner")
    assert (row["spent"], row["held"], row["limit"], row["period"]) == (60, 40, 100, "day")
    settle(late, cost(0, 40))
    row = next(each for each in report(ledger)["accounts"] if each["name"] == "inner")
    assert (row["spent"], row["limit"], row["open"], row["period"]) == (200, None, False, None)


def test_threads_over_many_boundaries(ledger: Ledger, clock: Clock) -> None:
    """Whatever is held, settled and voided meanwhile: no period ever has more than its limit."""
    account = opened(ledger, "100/minute")
    most: list[int] = []

    def work(seed: int) -> None:
        for number in range(12):
            clock.advance(7)
            try:
                taken = hold(account, 0, 30 + seed)
            except BudgetExceeded:
                continue
            most.append(account.figures.committed_tokens)
            if (number + seed) % 3 == 0:
                ledger.void(taken)
            else:
                settle(taken, cost(0, 20 + seed))

    for thread in [Thread(lambda seed=seed: work(seed)) for seed in range(4)]:  # type: ignore[misc]
        thread.result(60)
    assert max(most) <= 100
    assert account.all_time.spent_tokens == account.all_time.committed_tokens
    eventually(lambda: not ledger.tickets)
