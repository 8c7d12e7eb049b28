"""Many calls at once from asyncio code, some of which are cancelled: the same guarantee."""

from __future__ import annotations

import asyncio
import random

import pytest
from omega_runtime import BudgetExceeded, budget, run_async
from omega_runtime.budgets.asynchronous import drain
from omega_runtime.ledger.account import Account
from omega_runtime.testing import fresh_ledger

from benchmarks.guarantee import LARGEST, TOKENS, Outcome, program, prompts_of, served, tokens_of
from tests.guarantee.common import FAILING, HEALTHY, LEAST_USE, seeds


async def spend(prompts: list[str], outcome: Outcome, cancelled: dict[str, float]) -> Account:
    """Ask all prompts at once; those in `cancelled` are given up after so many seconds."""
    ask = program()["ask"]

    async def call(prompt: str) -> None:
        try:
            async with asyncio.timeout(cancelled.get(prompt)):
                outcome.answers[prompt] = await run_async(ask, prompt)
        except BudgetExceeded as error:
            outcome.refusals[prompt] = error
        except TimeoutError as error:
            outcome.failures[prompt] = error

    async with budget(tokens=TOKENS) as account:
        await asyncio.gather(*map(call, prompts))
        # Calls of cancelled tasks go on in their threads.
        await drain(account)
    return account


@pytest.mark.parametrize("failing", [HEALTHY, FAILING])
@pytest.mark.parametrize("seed", seeds([0], range(1, 8)))
def test_tasks_use_the_budget_up_and_never_exceed_it(seed: int, failing: float) -> None:
    outcome = Outcome()
    with served(seed, failing) as server, fresh_ledger():
        account = asyncio.run(spend(prompts_of(seed), outcome, {}))
    assert account.spent == tokens_of(server.bill) <= TOKENS
    assert account.held == account.overrun == 0
    assert outcome.failures == {}
    assert sorted(outcome.answers.items()) == sorted((each.prompt, each.id) for each in server.bill)
    assert (outcome.use_at_refusal([account]) or 0) >= LEAST_USE


@pytest.mark.parametrize("failing", [HEALTHY, FAILING])
@pytest.mark.parametrize("seed", seeds([0], range(1, 8)))
def test_answers_to_cancelled_tasks_are_paid_for_and_kept(seed: int, failing: float) -> None:
    outcome, prompts, chance = Outcome(), prompts_of(seed), random.Random(seed)
    cancelled = {prompt: chance.uniform(0.02, 0.6) for prompt in chance.sample(prompts, 20)}
    with served(seed, failing) as server, fresh_ledger():
        account = asyncio.run(spend(prompts, outcome, cancelled))
    assert account.spent == tokens_of(server.bill) <= TOKENS
    assert account.held == account.overrun == 0
    assert set(outcome.failures) <= set(cancelled)
    billed = {each.prompt: each.id for each in server.bill}
    assert outcome.answers.items() <= billed.items()
    assert sorted(account.answers or ()) == sorted(billed.values())
    assert all(error.available < LARGEST for error in outcome.refusals.values())
