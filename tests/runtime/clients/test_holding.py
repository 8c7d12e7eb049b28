"""hold(...) and @budgeted: what a program's own calls may cost is held before them, and settled after."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from omega_runtime import BudgetExceeded, NotBilled, OmegaError, Reply, budget, budgeted, hold, report
from omega_runtime.calls.context import current
from omega_runtime.ledger.errors import LedgerMisuse
from omega_runtime.testing import fresh_ledger

MODEL = "claude-sonnet-4-5"

# What a provider's client has, and the input and output tokens that it stands for.
USAGES: dict[str, tuple[Any, int, int]] = {
    "a reply": (Reply("", 12, 5), 12, 5),
    "Anthropic's usage": ({"input_tokens": 12, "output_tokens": 5, "cache_read_input_tokens": 100}, 112, 5),
    "Anthropic's answer": ({"content": [], "usage": {"input_tokens": 12, "output_tokens": 5}}, 12, 5),
    "a completion's usage": (
        {
            "prompt_tokens": 12,
            "completion_tokens": 5,
            "total_tokens": 17,
            "prompt_tokens_details": {"cached_tokens": 8},
        },
        12,
        5,
    ),
    "a response's usage": ({"input_tokens": 12, "output_tokens": 5, "total_tokens": 17}, 12, 5),
    "a total that is more": ({"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 30}, 12, 18),
    "an object": (SimpleNamespace(model_dump=lambda: {"usage": {"input_tokens": 1, "output_tokens": 2}}), 1, 2),
}


@pytest.mark.parametrize(("usage", "of_input", "of_output"), USAGES.values(), ids=USAGES)
def test_usage(usage: Any, of_input: int, of_output: int) -> None:
    with fresh_ledger(), budget(tokens=1000) as account:
        with hold(MODEL, input_tokens=150, max_tokens=50) as call:
            assert (call.max_tokens, call.tokens, account.held) == (50, 200, 200)
            call.settle(usage)
        assert (account.spent, account.held) == (of_input + of_output, 0)
        assert report()["totals"]["input_tokens"] == of_input


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"usage": None}, 3, "many", {"input_tokens": -1, "output_tokens": 0}, {"prompt_tokens": "12"}],
)
def test_what_says_nothing_is_an_error_and_all_is_booked(usage: Any) -> None:
    with fresh_ledger(), budget(tokens=1000) as account:
        with pytest.raises(OmegaError, match=r"settle: .*give the answer, its usage, or input_tokens"):
            with hold(MODEL, input_tokens=150, max_tokens=50) as call:
                call.settle(usage)
        assert (account.spent, account.held) == (200, 0)


def test_the_end_of_a_hold() -> None:
    with fresh_ledger(), budget(tokens=1000) as account:
        with hold(MODEL, input_tokens=10, max_tokens=5):
            pass
        assert account.spent == 15, "nobody said what it cost"
        with pytest.raises(ZeroDivisionError):
            with hold(MODEL, input_tokens=10, max_tokens=5):
                raise ZeroDivisionError
        assert account.spent == 30
        with pytest.raises(NotBilled):
            with hold(MODEL, input_tokens=10, max_tokens=5):
                raise NotBilled("no connection")
        with hold(MODEL, input_tokens=10, max_tokens=5) as call:
            call.void()
        assert (account.spent, account.held) == (30, 0)
        with hold(MODEL, input_tokens=10, max_tokens=5) as call:
            call.settle(input_tokens=3, output_tokens=4)
            with pytest.raises(LedgerMisuse):
                call.settle(input_tokens=3, output_tokens=4)
        assert account.spent == 37


def test_a_hold_gets_less_or_is_refused() -> None:
    with fresh_ledger(), budget(tokens=100) as account:
        with hold(MODEL, input_tokens=60, max_tokens=500) as call:
            assert call.max_tokens == 40
            call.settle(input_tokens=60, output_tokens=0)
        with pytest.raises(BudgetExceeded) as refused:
            with hold(MODEL, input_tokens=30, max_tokens=20, clamp=False):
                raise AssertionError("it was sent")
        assert (refused.value.needed, refused.value.available) == (50, 40)
        assert (account.spent, account.held) == (60, 0)
        assert str(refused.value.site).startswith("test_holding.py:")


def test_dollars_count() -> None:
    with fresh_ledger(), budget(dollars="1") as account:
        with hold(MODEL, input_tokens=1_000, max_tokens=1_000) as call:
            # At most input that is written to the cache for an hour, at 6 dollars a million, in a dear region.
            assert account.dollars.held == Decimal("0.0231")
            call.settle({"input_tokens": 1_000, "output_tokens": 100})
        assert account.dollars.spent == Decimal("0.0045")
        with pytest.raises(OmegaError, match='the price of model "mine" is not known'):
            with hold("mine", input_tokens=1, max_tokens=1):
                raise AssertionError("it was sent")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_tokens": -1, "max_tokens": 1}, "input_tokens must be an integer"),
        ({"input_tokens": 1.5, "max_tokens": 1}, "input_tokens must be an integer"),
        ({"input_tokens": 1, "max_tokens": True}, "max_tokens must be an integer"),
    ],
)
def test_impossible_holds(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        hold(MODEL, **options)
    with pytest.raises(OmegaError, match="model must be"):
        hold("", input_tokens=1, max_tokens=1)


def test_a_hold_is_for_one_call() -> None:
    with fresh_ledger(), budget(tokens=1000):
        one = hold(MODEL, input_tokens=1, max_tokens=1)
        with one as call:
            call.void()
        with pytest.raises(OmegaError, match="one call"):
            one.__enter__()


@pytest.mark.parametrize("is_shared", [False, True])
def test_many_threads_never_spend_more(tmp_path: Path, is_shared: bool) -> None:
    file = {"ledger": tmp_path / "l.ledger"} if is_shared else {}
    billed: list[int] = []
    refused: list[BudgetExceeded] = []

    def call_model(number: int) -> None:
        try:
            with account, hold(MODEL, input_tokens=100, max_tokens=300) as call:
                tokens = min(call.max_tokens, 40 + 7 * number)
                billed.append(90 + tokens)
                call.settle(input_tokens=90, output_tokens=tokens)
        except BudgetExceeded as error:
            refused.append(error)

    with fresh_ledger(), budget(tokens=10_000, **file) as account:
        with ThreadPoolExecutor(32) as threads:
            list(threads.map(call_model, range(64)))
        assert account.spent == sum(billed)
        assert 9_000 <= account.spent <= 10_000
        assert refused


@pytest.mark.parametrize("is_shared", [False, True])
def test_tasks(tmp_path: Path, is_shared: bool) -> None:
    file = {"ledger": tmp_path / "l.ledger"} if is_shared else {}

    async def call_model(number: int) -> int:
        async with hold(MODEL, input_tokens=100, max_tokens=300) as call:
            await asyncio.sleep(0.001)
            call.settle(input_tokens=90, output_tokens=min(call.max_tokens, 40 + number))
            return 1

    async def main() -> None:
        async with budget(tokens=3_000, **file) as account:
            done = await asyncio.gather(*map(call_model, range(40)), return_exceptions=True)
            assert 2_400 <= account.spent <= 3_000
            assert {type(each) for each in done} == {int, BudgetExceeded}
            waiting = asyncio.create_task(call_model(1))
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert account.held == 0

    with fresh_ledger():
        asyncio.run(main())


def test_each_call_of_a_function_has_a_budget() -> None:
    @budgeted(tokens=100)
    def ask(tokens: int) -> str:
        "Asks."
        with hold(MODEL, input_tokens=tokens, max_tokens=1) as call:
            call.settle(input_tokens=tokens, output_tokens=1)
        return current.get().account.name

    @budgeted(100, name="mine", dollars="$5")
    async def ask_async(tokens: int) -> str:
        async with hold(MODEL, input_tokens=tokens, max_tokens=1) as call:
            call.settle(input_tokens=tokens, output_tokens=1)
        return current.get().account.name

    with fresh_ledger(), budget(tokens=1_000) as account:
        assert [ask(60), ask(70), asyncio.run(ask_async(80))] == ["ask", "ask", "mine"]
        assert ask.__doc__ == "Asks."
        with pytest.raises(BudgetExceeded):
            ask(100)
        assert account.spent == 213


def test_functions_that_can_have_no_budget_of_their_own() -> None:
    def gives() -> Any:
        yield 1

    with pytest.raises(OmegaError, match="generator"):
        budgeted(tokens=100)(gives)
    with pytest.raises(OmegaError, match="give it a limit"):
        budgeted(gives)  # type: ignore[arg-type]
    with pytest.raises(OmegaError, match="must be a number of tokens"):
        budgeted(tokens=-1)
