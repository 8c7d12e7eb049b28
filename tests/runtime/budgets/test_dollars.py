"""Prices of models, and budgets in US dollars."""

from __future__ import annotations

from decimal import Decimal
from math import inf
from typing import Any

import pytest
from genai_prices.types import ModelPrice
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from omega_runtime import settings
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.calls.report import report
from omega_runtime.chapter.scopes import get_dollar_budget
from omega_runtime.ledger.account import Dollars
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.models.choose import use_model
from omega_runtime.models.function import FunctionProvider
from omega_runtime.models.prices import FREE, Price, price_of, price_under
from omega_runtime.models.reply import Reply
from omega_runtime.money import cost_in_picodollars, dollar_text, dollars, limit_in_picodollars
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from tests.support.ledgers import SITE
from tests.support.omega import error_of, value_of

SONNET = "claude-sonnet-4-5"
FUNCTION = FunctionProvider(lambda prompt: "")
OWN = {"own": (3, 15), "tiny": ("$0.07", 0.3), "gift": (0, 0)}


def known(model: str) -> Price:
    with configure(prices=OWN):
        price = price_under(settings.active, FUNCTION, model)
    assert price is not None
    return price


# model; fresh, cache write, cache read and output tokens -> dollars
COSTS = {
    "input": ((SONNET, 1000, 0, 0, 0), "0.003"),
    "output": ((SONNET, 0, 0, 0, 1000), "0.015"),
    "both": ((SONNET, 1000, 0, 0, 200), "0.006"),
    "cache writes": ((SONNET, 0, 1000, 0, 0), "0.00375"),
    "cache reads": ((SONNET, 0, 0, 1000, 0), "0.0003"),
    "all kinds": ((SONNET, 100, 200, 300, 400), "0.00714"),
    "at the edge of the tier": ((SONNET, 200_000, 0, 0, 1000), "0.615"),
    "above the edge, everything costs more": ((SONNET, 200_001, 0, 0, 1000), "1.222506"),
    "cached tokens count for the tier": ((SONNET, 1, 100_000, 100_000, 0), "0.810006"),
    "another model": (("claude-haiku-4-5", 1000, 0, 0, 1000), "0.006"),
    "another company's": (("gpt-4o-mini", 1000, 0, 0, 1000), "0.00075"),
    "own price": (("own", 1000, 0, 0, 1000), "0.018"),
    "own price, cached tokens cost as much as fresh ones": (("own", 0, 500, 500, 0), "0.003"),
    "own price as text and float": (("tiny", 1_000_000, 0, 0, 1_000_000), "0.37"),
    "own price of nothing": (("gift", 1000, 0, 0, 1000), "0"),
}


@pytest.mark.parametrize(("call", "cost"), COSTS.values(), ids=COSTS)
def test_the_cost_of_an_answered_call(call: tuple[Any, ...], cost: str) -> None:
    model, fresh, written, read, output = call
    reply = Reply("", fresh + written + read, output, cache_write_tokens=written, cache_read_tokens=read)
    assert dollars(known(model).of(reply)) == Decimal(cost)


@pytest.mark.parametrize(
    ("model", "tokens", "cost"),
    [
        (SONNET, (1000, 1000), "0.021"),
        (SONNET, (200_000, 0), "1.2"),
        (SONNET, (200_001, 0), "2.400012"),
        ("own", (1000, 1000), "0.018"),
        ("gpt-4o-mini", (1000, 1000), "0.00075"),
    ],
)
def test_the_worst_case_writes_all_input_to_a_cache_for_an_hour(model: str, tokens: tuple[int, int], cost: str) -> None:
    assert dollars(known(model).worst(*tokens)) == Decimal(cost)


MODELS = st.sampled_from([SONNET, "claude-haiku-4-5", "gpt-4o", "own", "tiny"])
INPUTS = st.integers(0, 3000) | st.integers(199_000, 201_000)


@given(model=MODELS, bound=INPUTS, most=st.integers(0, 2000), data=st.data())
@hypothesis_settings(deadline=None)
def test_no_reply_within_its_bounds_costs_more_than_the_worst_case(
    model: str, bound: int, most: int, data: st.DataObject
) -> None:
    price = known(model)
    total = data.draw(st.integers(0, bound))
    written = data.draw(st.integers(0, total))
    read = data.draw(st.integers(0, total - written))
    reply = Reply("", total, data.draw(st.integers(0, most)), cache_write_tokens=written, cache_read_tokens=read)
    assert 0 <= price.of(reply) <= price.worst(bound, most)


@given(model=MODELS, tokens=st.tuples(INPUTS, INPUTS), more=st.tuples(INPUTS, INPUTS))
@hypothesis_settings(deadline=None)
def test_the_worst_case_grows_with_the_call(model: str, tokens: tuple[int, int], more: tuple[int, int]) -> None:
    price = known(model)
    assert price.worst(*tokens) <= price.worst(tokens[0] + more[0], tokens[1] + more[1])


@given(model=MODELS, prompt=INPUTS, most=st.integers(0, 2000), part=st.fractions(0, 2))
@hypothesis_settings(deadline=None, max_examples=50)
def test_affordable_is_the_inverse_of_the_worst_case(model: str, prompt: int, most: int, part: Any) -> None:
    price = known(model)
    units = int(price.worst(prompt, most) * part)
    output = price.affordable(units, prompt, most)
    assert output <= most
    if output < 0:
        assert output == -1
        assert price.worst(prompt, 0) > units
    else:
        assert price.worst(prompt, output) <= units
        assert output == most or price.worst(prompt, output + 1) > units


def test_reading_from_a_cache_may_be_what_costs_most() -> None:
    price = Price(ModelPrice(input_mtok=Decimal(1), cache_read_mtok=Decimal(2), output_mtok=Decimal(1)))
    assert price.worst(1000, 0) == price.of(Reply("", 1000, 0, cache_read_tokens=1000))


def test_what_costs_nothing_is_always_affordable() -> None:
    assert (FREE.worst(10, 10), FREE.affordable(0, 10**9, 1024), FREE.of(Reply("", 5, 5))) == (0, 1024, 0)


@pytest.mark.parametrize("model", ["no-such-model", "", "claude", "m"])
def test_an_unknown_price_is_none(model: str) -> None:
    assert price_of(model, None) is None


def test_own_prices_come_before_the_price_data() -> None:
    with configure(prices={SONNET: (1, 2)}):
        assert dollars(known_here(SONNET).of(Reply("", 1_000_000, 1_000_000))) == 3
    assert dollars(known_here(SONNET).of(Reply("", 1000, 0))) == Decimal("0.003")


def known_here(model: str) -> Price:
    price = price_under(settings.active, FUNCTION, model)
    assert price is not None
    return price


@pytest.mark.parametrize(
    "prices",
    [
        {"m": (1, 2)},
        {"m": [1.5, 2.25]},
        {"m": ("$3", "15")},
        {"m": (Decimal("0.1"), 1)},
        [("m", (1, 2))],
    ],
)
def test_prices_may_be_given_in_many_ways(prices: Any) -> None:
    with configure(prices=prices):
        assert price_under(settings.active, FUNCTION, "m") is not None
    assert price_under(settings.active, FUNCTION, "m") is None


@pytest.mark.parametrize(
    "prices",
    [
        5,
        None,
        "m",
        {"m": 3},
        {"m": (3,)},
        {"m": (3, 4, 5)},
        {"m": (3, -1)},
        {"m": (3, inf)},
        {"m": (3, float("nan"))},
        {"m": (3, True)},
        {"m": (3, None)},
        {"m": (3, "a lot")},
    ],
)
def test_impossible_prices(prices: Any) -> None:
    with pytest.raises(OmegaError, match=r"configure: prices must be a table from model names to pairs"):
        configure(prices=prices)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.5", "$0.50"),
        ("0.0105", "$0.0105"),
        ("1234.5", "$1,234.50"),
        ("0.000000000001", "$0.000000000001"),
    ],
)
def test_money_loses_no_digit(amount: str, text: str) -> None:
    assert dollar_text(dollars(limit_in_picodollars(Decimal(amount)))) == text


def test_costs_are_rounded_up_and_limits_down() -> None:
    assert cost_in_picodollars(Decimal("0.0000000000001")) == 1
    assert limit_in_picodollars(Decimal("0.0000000000019")) == 1
    assert cost_in_picodollars(Decimal("0.000000000002")) == limit_in_picodollars(Decimal("0.000000000002")) == 2


# Budgets

PRICES = {"m": (1000, 2000)}  # a dollar per thousand tokens of input, two for output


def test_the_figures_of_an_account() -> None:
    with fresh_ledger(), configure(prices=PRICES), scripted_model([Reply("", 10, 10), Reply("", 100, 0)]):
        with budget(dollars="$5.00") as outer, budget(tokens=1000, dollars=0.5) as inner:
            infer(SITE, "p", model="m", max_tokens=100)
            with budget(dollars=inf) as counting:
                infer(SITE, "p", model="m", max_tokens=100)
        assert figures(outer.dollars) == (Decimal("5"), Decimal("0.13"), 0, 0, Decimal("4.87"), Decimal("4.87"))
        assert figures(inner.dollars) == (
            Decimal("0.5"),
            Decimal("0.13"),
            0,
            0,
            Decimal("0.37"),
            Decimal("0.37"),
        )
        assert figures(counting.dollars) == (None, Decimal("0.1"), 0, 0, None, Decimal("0.37"))
        assert all(type(each) is Decimal for each in figures(inner.dollars))


def figures(money: Dollars) -> tuple[Decimal | None, ...]:
    return money.limit, money.spent, money.held, money.overrun, money.free, money.remaining


def test_without_a_price_dollars_are_none_and_never_nothing() -> None:
    with fresh_ledger() as ledger, use_model(lambda prompt: Reply("", 1, 1)), budget(tokens=5000) as account:
        assert account.dollars.spent == 0
        infer(SITE, "p")
        assert figures(account.dollars) == (None, None, None, 0, None, None)
        told = report(ledger)
    assert told["totals"]["dollars"] is None
    assert told["totals"]["unpriced"] == 1
    assert [row["dollars_spent"] for row in told["accounts"]] == [None, None]


def test_a_report_says_what_each_model_cost() -> None:
    replies = [Reply("", 10, 10), Reply("", 20, 0), Reply("", 1, 1)]
    with fresh_ledger() as ledger, configure(prices=PRICES), scripted_model(replies):
        infer(SITE, "p", model="m")
        infer(SITE, "p", model=SONNET)
        told = report(ledger)
        assert told["models"]["m"]["dollars"] == Decimal("0.03")
        assert told["models"][SONNET]["dollars"] == Decimal("0.00006")
        assert told["totals"]["dollars"] == told["accounts"][0]["dollars_spent"] == Decimal("0.03006")
        infer(SITE, "p")
        told = report(ledger)
    assert told["totals"]["dollars"] is None
    assert told["models"]["m"]["dollars"] == Decimal("0.03")


def test_a_dollar_limit_without_a_price_is_an_error_at_the_first_call_and_nothing_is_sent() -> None:
    with fresh_ledger(), scripted_model(["never"]) as model:
        with budget(dollars=1) as account, budget(tokens=100_000):
            with pytest.raises(OmegaError, match=r"give its price with configure\(prices=…\)"):
                infer(SITE, "p")
            with pytest.raises(OmegaError, match='the price of model "no-such-model" is not known'):
                infer(SITE, "p", model="no-such-model")
        assert model.prompts == []
        assert (account.spent, account.held) == (0, 0)


def test_calls_are_clamped_to_what_the_dollars_pay_for() -> None:
    asked = []

    def model(prompt: str) -> Reply:
        asked.append(prompt)
        return Reply("", 1, 19)

    with fresh_ledger() as ledger, configure(prices=PRICES, floor=1), use_model(model):
        with budget(dollars="0.08") as account:
            for _ in range(2):
                infer(SITE, "p", model="m")
            with pytest.raises(BudgetExceeded) as caught:
                infer(SITE, "p", model="m")
        assert len(asked) == 2
        assert account.dollars.spent == Decimal("0.078")
        assert (caught.value.needed, caught.value.available) == (Decimal("0.003"), Decimal("0.002"))
        assert caught.value.partial == ("", "")
        assert report(ledger)["totals"]["clamped"] == 2


@pytest.mark.parametrize("limit", [-1, "$", "five", None, True, "-$1", float("nan"), 10_000_000, "1e400"])
def test_impossible_limits(limit: Any) -> None:
    if limit is None:
        assert budget(dollars=None)
        return
    with pytest.raises(OmegaError, match="an amount of US dollars from 0 to 9,000,000"):
        budget(dollars=limit)


# Omega programs


@pytest.fixture
def priced() -> Any:
    with fresh_ledger(), configure(prices=PRICES, model="m"), scripted_model(lambda prompt: Reply(prompt, 10, 20)):
        yield


@pytest.mark.usefixtures("priced")
@pytest.mark.parametrize(
    ("program", "value"),
    [
        ('(with-budget "$0.50" (lambda () (effect infer.op "p") (get-dollar-budget)))', "0.45"),
        ('(with-budget "$0.50" (lambda () (with-budget "$0.25" get-dollar-budget)))', "0.25"),
        ('(with-budget "$0.50" (lambda () (with-budget "$1,000" get-dollar-budget)))', "0.5"),
        ('(with-budget "$0.50" (lambda () (with-budget 10 get-budget)))', "10"),
        ('(with-budget "$0.50" get-budget)', "+inf.0"),
        ("(with-budget 1000 get-dollar-budget)", "+inf.0"),
        ("(get-dollar-budget)", "+inf.0"),
        ('(with-budget "$0.11" (lambda () (effect infer.op "p") (effect infer.op "q") (get-dollar-budget)))', "0.01"),
    ],
)
def test_budgets_in_dollars(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.usefixtures("priced")
@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            '(with-budget "$0.02" (lambda () (effect infer.op "p")))',
            'Budget exceeded "test.omega:1:33" "$0.033" "$0.02" "with-budget"',
        ),
        ('(with-budget "$x" (lambda () 1))', "with-budget: argument 1 must be an amount of US dollars"),
        ('(with-budget "0.50" (lambda () 1))', "with-budget: argument 1 must be a number of tokens"),
        ('(with-budget "$-1" (lambda () 1))', "with-budget: argument 1 must be an amount of US dollars"),
    ],
)
def test_errors_of_budgets_in_dollars(program: str, message: str) -> None:
    assert message in error_of(program)


def test_get_dollar_budget_is_the_least_remainder_around() -> None:
    with fresh_ledger():
        assert get_dollar_budget() == inf
        with budget(dollars=2), budget(tokens=5), budget(dollars="$1.25"), budget(dollars=3):
            assert get_dollar_budget() == 1.25
