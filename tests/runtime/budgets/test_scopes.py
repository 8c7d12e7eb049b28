"""budget(...), with-budget, get-budget and the settings."""

from __future__ import annotations

from contextvars import copy_context
from math import inf, nan
from typing import Any

import pytest
from omega_runtime import settings
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.calls.context import current, current_account
from omega_runtime.calls.report import report
from omega_runtime.chapter.scopes import get_budget, with_budget
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from tests.support.ledgers import SITE, Figures


def test_budgets_nest_and_count_on_every_level() -> None:
    with fresh_ledger() as ledger, configure(provider=Figures(10, 10, Reply("", 10, 5), Reply("", 10, 10))):
        with budget(tokens=1000) as outer:
            infer(SITE, "p", max_tokens=10)
            with budget(tokens=300, name="inner") as inner:
                infer(SITE, "p", max_tokens=10)
                assert current_account() is inner
            assert current_account() is outer
        assert (inner.spent, outer.spent, ledger.root.spent) == (20, 35, 35)
        assert current_account() is ledger.root


def test_a_context_is_restored_when_the_body_fails() -> None:
    before = current.get()
    with pytest.raises(ValueError, match="out"), budget(tokens=5):
        raise ValueError("out")
    assert current.get() is before


def test_get_budget_is_the_least_remainder_around() -> None:
    with fresh_ledger(), configure(provider=Figures(10, 10, Reply("", 10, 5))):
        assert get_budget() == inf
        with budget(tokens=100):
            infer(SITE, "p", max_tokens=10)
            assert get_budget() == 85
            assert with_budget(1000, get_budget) == 85
            assert with_budget(50, get_budget) == 50
            assert with_budget(inf, get_budget) == 85


def test_get_budget_leaves_out_what_is_held() -> None:
    from omega_runtime.calls import reserve

    with fresh_ledger(), configure(provider=Figures(10)), budget(tokens=100) as account:
        hold = reserve(SITE, "p", max_tokens=20)
        assert get_budget() == account.remaining == 70
        del hold


def test_an_overrun_leaves_nothing_rather_than_less() -> None:
    with (
        fresh_ledger(),
        configure(provider=Figures(10, 10, Reply("", 500, 5))),
        budget(tokens=100) as account,
    ):
        infer(SITE, "p", max_tokens=20)
        assert (get_budget(), account.spent, account.overrun) == (0, 505, 475)
        with pytest.raises(BudgetExceeded):
            infer(SITE, "p")


@pytest.mark.parametrize("limit", [-1, -0.5, nan, True, "100", -inf, [1]])
def test_impossible_limits(limit: Any) -> None:
    with pytest.raises(OmegaError, match="budget: argument 1 must be a number of tokens >= 0"):
        budget(tokens=limit)
    with pytest.raises(OmegaError, match="with-budget: argument 1"):
        with_budget(limit, lambda: 0)


@pytest.mark.parametrize(("limit", "tokens"), [(0, 0), (100, 100), (33333.9, 33333), (inf, None), (None, None)])
def test_limits(limit: Any, tokens: int | None) -> None:
    with budget(tokens=limit) as account:
        assert account.limit == tokens


def test_with_budget_takes_a_procedure() -> None:
    with pytest.raises(OmegaError, match="with-budget: argument 2 must be a procedure, but got 5"):
        with_budget(10, 5)  # type: ignore[arg-type]


def test_a_budget_is_entered_once() -> None:
    scope = budget(tokens=5)
    with scope:
        pass
    with pytest.raises(OmegaError, match="once only"), scope:
        pass


def test_many_scopes_of_one_name_are_one_line_of_the_report() -> None:
    with fresh_ledger() as ledger:
        for _ in range(100):
            with_budget(10, lambda: None)
        with budget(name="rest"):
            lines = report(ledger)["accounts"]
    assert [(line["name"], line["limit"], line["scopes"], line["open"]) for line in lines] == [
        ("all calls", None, 1, True),
        ("rest", None, 1, True),
        ("with-budget", 1000, 100, False),
    ]


WRONG = {
    "unknown name": ({"colour": 1}, "there is no setting 'colour'; the settings are max_tokens, floor"),
    "max_tokens": ({"max_tokens": 0}, "max_tokens must be an integer >= 1, but got 0"),
    "bool": ({"floor": True}, "floor must be"),
    "max_wait": ({"max_wait": -1}, "max_wait must be a number of seconds"),
    "nan": ({"max_wait": nan}, "max_wait must be"),
    "timeout": ({"timeout": 0}, "timeout must be a number of seconds > 0"),
    "retries": ({"retries": 0}, "retries must be"),
    "allow": ({"allow": {"fly"}}, "allow: there is no 'fly'"),
    "allow as a string": ({"allow": "write"}, "allow must be a set out of"),
    "model": ({"model": 5}, "model must be a model's name"),
    "provider": ({"provider": print}, "provider must be"),
    "unbudgeted": ({"unbudgeted": "maybe"}, "unbudgeted must be"),
    "jitter": ({"jitter": 5}, "jitter must be a function"),
    "one of several": ({"floor": 3, "retries": 0}, "retries must be"),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG)
def test_impossible_settings_change_nothing(changes: dict[str, Any], message: str) -> None:
    before = settings.active
    with pytest.raises(OmegaError, match=message):
        configure(**changes)
    assert settings.active is before


def test_settings_are_restored_one_by_one() -> None:
    floor = settings.active.floor
    with configure(floor=3, retries=9):
        configure(max_tokens=77)
        assert (settings.active.floor, settings.active.retries) == (3, 9)
    assert (settings.active.floor, settings.active.max_tokens) == (floor, 77)
    configure(max_tokens=1024)


def test_budgets_are_left_in_the_opposite_order() -> None:
    with fresh_ledger() as ledger, scripted_model(["a", "b"]):
        outer, inner = budget(tokens=1000, name="outer"), budget(tokens=500, name="inner")
        outer.__enter__()
        account = inner.__enter__()
        with pytest.raises(OmegaError, match='"outer" cannot be left here, where the budget around is "inner"'):
            outer.__exit__(None, None, None)
        assert current_account() is account
        inner.__exit__(None, None, None)
        outer.__exit__(None, None, None)
        assert current_account() is ledger.root


def test_a_budget_without_a_limit_has_its_answers_too() -> None:
    with fresh_ledger(), scripted_model(["a", "b"]), budget() as outer:
        infer(SITE, "one")
        with budget() as inner:
            infer(SITE, "two")
        assert (list(outer.answers or ()), inner.answers) == (["a", "b"], outer.answers)


def test_a_budget_is_not_left_from_a_context_whose_own_budget_has_ended() -> None:
    with fresh_ledger():
        outer, inner = budget(tokens=1000), budget(tokens=500)
        account = outer.__enter__()
        inner.__enter__()
        there = copy_context()
        inner.__exit__(None, None, None)
        del inner
        for error in (None, KeyboardInterrupt()):
            with pytest.raises(OmegaError, match="cannot be left here"):
                there.run(outer.__exit__, None, error, None)
        assert account.is_open
        outer.__exit__(None, None, None)
        assert not account.is_open


def test_a_budget_that_was_left_to_nobody_ends_with_the_one_around() -> None:
    with fresh_ledger() as ledger:
        before = current.get()
        with budget(tokens=1000):
            # As an interrupt does that comes before `__exit__` can do anything.
            budget(tokens=500).__enter__()
        assert current.get() is before
        assert ledger.root.held == 0
