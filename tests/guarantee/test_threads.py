"""Many calls at once: the provider never bills more than the budget, and the budget is used before a call is refused.

The provider's own bill is the judge; see `tests/support/counting_server.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls.report import report
from omega_runtime.ledger.account import Account
from omega_runtime.testing import fresh_ledger

from benchmarks.guarantee import (
    BOTH_LIMITS,
    CALLS,
    DOLLAR_LIMIT,
    LARGEST,
    NESTED,
    TOKEN_LIMIT,
    TOKENS,
    Limit,
    Outcome,
    call_at_once,
    dollars_of,
    measure,
    program,
    prompts_of,
    served,
    tokens_of,
)
from tests.guarantee.common import FAILING, HEALTHY, LEAST_USE, seeds
from tests.support.counting_server import Billed
from tests.support.ledgers import Thread

# What a call asks for that does not say otherwise.
MAX_TOKENS = 1024


def assert_held(account: Account, bill: Sequence[Billed]) -> None:
    """The provider billed no more than the limits, and the account says exactly what it billed."""
    assert account.limit is None or tokens_of(bill) <= account.limit
    assert account.dollars.limit is None or dollars_of(bill) <= account.dollars.limit
    assert (account.spent, account.dollars.spent) == (tokens_of(bill), dollars_of(bill))
    assert (account.held, account.dollars.held) == (0, 0)
    assert (account.overrun, account.dollars.overrun) == (0, 0)


def assert_refused_for_good_reason(outcome: Outcome) -> None:
    """A call was refused only when not even its shortest answer could be paid any more."""
    assert outcome.failures == {}
    for error in outcome.refusals.values():
        assert error.available < error.needed
        assert isinstance(error.needed, Decimal) or error.needed <= LARGEST


@pytest.mark.parametrize("failing", [HEALTHY, FAILING])
@pytest.mark.parametrize(
    ("limits", "seed"),
    [
        *((TOKEN_LIMIT, seed) for seed in range(2)),
        *((limits, 3) for limits in (*NESTED, DOLLAR_LIMIT, BOTH_LIMITS)),
        *(
            pytest.param(limits, seed, marks=pytest.mark.slow)
            for limits in (TOKEN_LIMIT, *NESTED, DOLLAR_LIMIT, BOTH_LIMITS)
            for seed in range(10, 16)
        ),
    ],
    ids=lambda value: " > ".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_the_budget_holds_and_is_used_up(limits: tuple[Limit, ...], seed: int, failing: float) -> None:
    run = measure(limits, seed, failing)
    for account in run.accounts:
        assert_held(account, run.bill)
    assert_refused_for_good_reason(run.outcome)
    assert run.use is not None
    assert run.use >= LEAST_USE
    # Every answer that was billed reached its caller, and nothing else did.
    assert sorted(run.outcome.answers.items()) == sorted((each.prompt, each.id) for each in run.bill)
    assert len(run.outcome.answers) + len(run.outcome.refusals) == CALLS
    assert run.totals["calls"] == len(run.bill)
    assert run.totals["truncated"] == sum(each.is_cut for each in run.bill)
    assert (run.failed > 0) == (failing > 0)


@pytest.mark.parametrize("limits", [TOKEN_LIMIT, DOLLAR_LIMIT, BOTH_LIMITS], ids=lambda limits: str(limits[0]))
@pytest.mark.parametrize("seed", seeds([0], range(1, 6)))
def test_the_budget_holds_when_every_answer_takes_all_that_it_may(seed: int, limits: tuple[Limit, ...]) -> None:
    run = measure(limits, seed, output=(MAX_TOKENS, MAX_TOKENS))
    assert_held(run.accounts[0], run.bill)
    assert_refused_for_good_reason(run.outcome)
    assert run.use is not None
    assert run.use >= LEAST_USE
    assert all(each.output_tokens == each.max_tokens for each in run.bill)
    assert sorted(run.outcome.answers.items()) == sorted((each.prompt, each.id) for each in run.bill)


@pytest.mark.parametrize("failing", [HEALTHY, FAILING])
@pytest.mark.parametrize("seed", seeds([0], range(1, 8)))
def test_siblings_in_a_budget_that_is_smaller_than_they_are_together(seed: int, failing: float) -> None:
    limits = (Limit(6000), Limit(5000), Limit(4000, "0.05"))
    ask = program()["ask"]
    prompts = [prompts_of(seed, CALLS // len(limits), f"Text for {limit}") for limit in limits]
    outcome = Outcome()

    def spend(limit: Limit, prompts: list[str]) -> Account:
        with limit.scope as account:
            call_at_once(ask, prompts, outcome)
        return account

    with served(seed, failing) as server, fresh_ledger(), Limit(TOKENS).scope as shared:
        groups = [
            Thread(lambda limit=limit, own=own: spend(limit, own))  # type: ignore[misc]
            for limit, own in zip(limits, prompts, strict=True)
        ]
        accounts: list[Account] = [group.result(60) for group in groups]
    assert_held(shared, server.bill)
    for account, own in zip(accounts, prompts, strict=True):
        assert_held(account, [each for each in server.bill if each.prompt in own])
    assert_refused_for_good_reason(outcome)
    assert sorted(outcome.answers.items()) == sorted((each.prompt, each.id) for each in server.bill)
    # The rest is too little for any of the calls that were refused.
    assert shared.spent > TOKENS - LARGEST


@pytest.mark.parametrize("failing", [HEALTHY, FAILING])
@pytest.mark.parametrize("seed", seeds([0], range(1, 8)))
def test_answers_from_before_a_refusal_are_in_its_partial_results(seed: int, failing: float) -> None:
    ask_all = program()["ask_all"]
    prompts = prompts_of(seed)
    batches = ["\n".join(prompts[start : start + 4]) for start in range(0, CALLS, 4)]
    outcome = Outcome()
    with served(seed, failing) as server, fresh_ledger() as ledger, budget(tokens=TOKENS) as account:
        call_at_once(lambda batch: "\n".join(ask_all(batch.split("\n"))), batches, outcome)
    assert_held(account, server.bill)
    assert_refused_for_good_reason(outcome)
    assert report(ledger)["totals"]["unknown"] == 0
    for batch in batches:
        billed = {each.id for each in server.bill if each.prompt in batch.split("\n")}
        if batch in outcome.refusals:
            assert billed <= set(outcome.refusals[batch].partial)
        else:
            assert billed == set(outcome.answers[batch].split("\n"))
    assert outcome.refusals
