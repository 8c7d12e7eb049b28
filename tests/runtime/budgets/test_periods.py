"""Limits per period as programs write them: budget(...), with-budget, and what looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from omega_runtime.budgets.limits import limits_of
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.calls.context import current, current_account
from omega_runtime.chapter.monitoring import monitor_budget_usage, on_threshold
from omega_runtime.chapter.scopes import get_budget, get_dollar_budget, with_budget
from omega_runtime.ledger.limits import Limits, Periods
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.places import Site
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.errors import OmegaError

from tests.support.periods import DAY, HOUR, Clock

SITE = Site("test.omega", 1, 2, "infer.op", "main", 1)
DOLLAR = 10**12

# What people write -> the limits
WRITTEN: dict[str, tuple[Any, Limits]] = {
    "tokens": ({"tokens": "10000/hour"}, Limits(10000, None, Periods("hour", None))),
    "dollars": ({"dollars": "5/day"}, Limits(None, 5 * DOLLAR, Periods(None, "day"))),
    "with a sign": ({"dollars": "$0.50/week"}, Limits(None, DOLLAR // 2, Periods(None, "week"))),
    "with blanks": ({"tokens": " 10_000 / month "}, Limits(10000, None, Periods("month", None))),
    "with commas": ({"tokens": "1,000,000/year"}, Limits(1000000, None, Periods("year", None))),
    "nothing": ({"tokens": "0/minute"}, Limits(0, None, Periods("minute", None))),
    "both": ({"tokens": 100, "dollars": "1/day"}, Limits(100, DOLLAR, Periods(None, "day"))),
    "in a zone": (
        {"tokens": "5/day", "timezone": "Europe/Berlin"},
        Limits(5, None, Periods("day", None, "Europe/Berlin")),
    ),
    "for good": ({"tokens": 5, "dollars": 1}, Limits(5, DOLLAR, None)),
}


@pytest.mark.parametrize(("written", "limits"), WRITTEN.values(), ids=WRITTEN)
def test_what_people_write(written: dict[str, Any], limits: Limits) -> None:
    assert limits_of("budget", **written) == limits


WRONG: dict[str, tuple[Any, str]] = {
    "a unit that is none": (
        {"tokens": "5/fortnight"},
        'a limit is per minute, hour, .* or year, but got "5/fortnight"',
    ),
    "no unit": ({"dollars": "5/"}, "a limit is per minute"),
    "two units": ({"dollars": "5/day/hour"}, "a limit is per minute"),
    "no amount": ({"tokens": "/day"}, "a whole number of tokens"),
    "a fraction of tokens": ({"tokens": "0.5/day"}, "a whole number of tokens"),
    "below zero": ({"tokens": "-5/day"}, "a whole number of tokens"),
    "dollars as tokens": ({"tokens": "$5/day"}, "a whole number of tokens"),
    "no money": ({"dollars": "many/day"}, "an amount of US dollars"),
    "infinity": ({"dollars": "inf/day"}, "an amount of US dollars"),
    "more digits than anybody has": ({"tokens": "9" * 5000 + "/day"}, "a whole number of tokens"),
    "tokens as text": ({"tokens": "500"}, "a number of tokens"),
    "no such zone": ({"tokens": "5/day", "timezone": "Europe/Nowhere"}, 'no time zone "Europe/Nowhere"'),
    "a zone that is no name": ({"tokens": "5/day", "timezone": 1}, "timezone must be a name"),
    "a zone without a period": ({"tokens": 5, "timezone": "UTC"}, "timezone is for limits per period"),
    "a zone alone": ({"timezone": "UTC"}, "timezone is for limits per period"),
}


@pytest.mark.parametrize(("written", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_limit(written: dict[str, Any], message: str) -> None:
    with pytest.raises((OmegaError, TypeError), match=message):
        budget(**written)


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock(2026, 7, 5, 12)
    with fresh_ledger(clock), use_model(lambda prompt: Reply("answer", 5, 35)):
        yield clock


def ask() -> None:
    infer(SITE, "p", max_tokens=50)


def test_get_budget_is_of_the_period(clock: Clock) -> None:
    def thunk() -> None:
        ask()
        assert get_budget() == 960
        clock.advance(HOUR)
        assert get_budget() == 1000

    with_budget("1000/hour", thunk)


def test_get_dollar_budget_is_of_the_period(clock: Clock) -> None:
    assert with_budget("$5/day", get_dollar_budget) == 5.0
    with budget(dollars="5/day") as account:
        assert (account.dollars.limit, account.dollars.remaining) == (5, 5)
        assert account.dollars.period == "day"


@pytest.mark.parametrize("limit", ["5/fortnight", "$5/", "x/day", "5", None])
def test_limits_that_with_budget_does_not_take(clock: Clock, limit: Any) -> None:
    with pytest.raises((OmegaError, TypeError), match=r"^with-budget: "):
        with_budget(limit, get_budget)


def test_a_budget_inside_takes_the_zone_of_the_one_around(clock: Clock) -> None:
    with budget(tokens="1000/day", timezone="Europe/Berlin") as outer:
        with budget(tokens=500), budget(tokens="100/day") as inner:
            assert inner.periods == Periods("day", "day", "Europe/Berlin")
            assert inner.period_end == outer.period_end
        with budget(tokens="100/day", timezone="UTC") as inner:
            assert inner.periods == Periods("day", "day", "UTC")
    with budget(tokens="100/day") as account:
        assert account.periods == Periods("day", "day", "UTC")


def test_thresholds_fire_in_each_period(clock: Clock) -> None:
    fired: list[float] = []

    def thunk() -> None:
        on_threshold(lambda share, name: fired.append(share))
        for _ in range(5):
            ask()
        assert fired == [0.5, 0.8]
        clock.advance(HOUR)
        for _ in range(3):
            ask()
        assert fired == [0.5, 0.8, 0.5]

    with_budget("220/hour", thunk)


def test_a_threshold_of_one_limit_does_not_fire_again_with_the_periods_of_the_other(clock: Clock) -> None:
    fired: list[float] = []
    with budget(tokens="1000/minute", dollars="1/day") as account:
        on_threshold(lambda share, name: fired.append(share), [0.5])
        watch = current.get().trackers[0]
        account.spent_picodollars = 6 * DOLLAR // 10  # type: ignore[attr-defined]
        account.latest_periods["day"] = _turn(account)  # type: ignore[attr-defined]
        for _ in range(3):
            watch(0)
            clock.advance(60)
        assert fired == [0.5]
        clock.advance(DAY)
        account.latest_periods["day"] = _turn(account)  # type: ignore[attr-defined]
        watch(0)
        assert fired == [0.5, 0.5]


def _turn(account: Any) -> Any:
    """A day in which six tenths of a dollar were spent."""
    from omega_runtime.ledger.calendar import span
    from omega_runtime.ledger.periods import Period

    turn = Period(span("day", "UTC", account.ledger.clock.time())[1])
    turn.spent_picodollars = 6 * DOLLAR // 10
    return turn


def test_degrading_ends_with_the_period(clock: Clock) -> None:
    with budget(tokens="90/hour", on_low="degrade") as account:
        ask()
        ask()
        policy = current.get().policy
        assert policy.mode(account) == ("exact", False, "medium")
        clock.advance(HOUR)
        assert policy.mode(account) == ("", False, None)


def test_monitoring_over_a_boundary(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    def task() -> None:
        ask()
        clock.advance(HOUR)
        ask()

    with budget(tokens="1000/hour"):
        ask()
        monitor_budget_usage(task)
    assert "Budget used: 80 tokens" in capsys.readouterr().out


def test_answers_of_all_periods_are_kept(clock: Clock) -> None:
    with budget(tokens="100/hour") as account:
        ask()
        clock.advance(HOUR)
        ask()
        assert list(account.answers or ()) == ["answer", "answer"]
    assert current_account().spent == 80


def test_what_accounts_say_of_themselves(clock: Clock) -> None:
    with budget(tokens="100/hour") as account:
        assert (account.limit, account.period) == (100, "hour")
        assert repr(account) == "<account budget: 0 spent, 0 held, limit 100/hour>"
    with budget(dollars="0.5/day") as account:
        assert repr(account.dollars) == "<dollars of budget: 0 spent, 0 held, limit 0.5/day>"
        assert account.dollars.limit == Decimal("0.5")
    with budget(tokens=5) as account:
        assert (account.period, account.period_end, account.dollars.period) == (None, None, None)


def test_without_data_on_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without tzdata: UTC needs none, other zones are errors that say what is missing."""
    import zoneinfo

    def unknown(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", unknown)
    with fresh_ledger(), budget(tokens="5/day") as account:
        assert account.period_end is not None
    with pytest.raises(OmegaError, match="pip install tzdata"):
        budget(tokens="5/day", timezone="Europe/Berlin")
