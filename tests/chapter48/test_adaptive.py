"""48.2: strategies that depend on what is left, over get-budget and remaining-budget."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import omega_runtime
import pytest
from omega_runtime.calls import infer, reserve
from omega_runtime.chapter.scopes import get_budget, get_dollar_budget
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model

from tests.support.ledgers import SITE, Thread
from tests.support.omega import RUNS, output_of, value_of

# As adaptive-summarize, but asking for each document anew what is left.
STEPWISE = """
(define (instruction remaining-budget)
  (cond ((> remaining-budget 500) "Detailed summary: ")
        ((> remaining-budget 100) "Brief summary (50 words): ")
        (else "Title only: ")))
(define (summarize documents)
  (for-each (lambda (doc) (effect infer.op (list (instruction (get-budget)) doc) max-tokens: 40)) documents))
"""


@pytest.fixture(autouse=True)
def ledger() -> Iterator[MemoryLedger]:
    with fresh_ledger() as ledger:
        yield ledger


def test_a_strategy_changes_on_its_way_as_the_budget_falls() -> None:
    with scripted_model(lambda prompt: Reply(prompt, 60, 30)) as model:
        assert value_of(f"{STEPWISE}(with-budget 800 (lambda () (summarize '(a b c d e f g h)) (get-budget)))") == "80"
    once = [*["Detailed summary: "] * 4, *["Brief summary (50 words): "] * 4]
    assert [prompt[:-1] for prompt in model.prompts] == once * RUNS


def test_an_inner_budget_decides_when_it_is_the_smaller_one() -> None:
    program = f"""{STEPWISE}
    (define (try tokens) (display (list (with-budget tokens (lambda () (instruction (remaining-budget)))))))
    (with-budget 400 (lambda () (try 50) (try 399) (try 100000)))"""
    with scripted_model([]):
        assert output_of(program) == "(Title only: )(Brief summary (50 words): )(Brief summary (50 words): )"


def test_a_strategy_may_divide_what_is_left_among_what_is_to_be_done() -> None:
    program = """
    (define (share documents) (quotient (get-budget) (length documents)))
    (define (run documents)
      (if (null? documents)
          '()
          (let ((tokens (share documents)))
            (with-budget tokens (lambda () (effect infer.op (car documents) max-tokens: 10)))
            (cons tokens (run (cdr documents))))))
    (with-budget 300 (lambda () (run '("a" "b" "c" "d"))))
    """
    with scripted_model(lambda prompt: Reply(prompt, 1, 9)):
        assert value_of(program) == "(75 96 140 270)"


def test_what_other_calls_hold_is_not_left(ledger: MemoryLedger) -> None:
    with scripted_model([]), omega_runtime.budget(tokens=1000):
        hold = reserve(SITE, "p", max_tokens=299)
        assert get_budget() == 700
        assert Thread(get_budget).result() == 700
        del hold
        ledger.reclaim()
        assert get_budget() == 1000


def test_outside_of_budgets_there_is_no_end() -> None:
    assert get_budget() == get_dollar_budget() == inf
    with omega_runtime.budget(tokens=5):
        assert (get_budget(), get_dollar_budget()) == (5, inf)
    with omega_runtime.budget(dollars="0.50"):
        assert (get_budget(), get_dollar_budget()) == (inf, 0.5)


def test_dollars_that_are_left() -> None:
    prices = {"m": ("1", "10")}
    with omega_runtime.configure(prices=prices), scripted_model(lambda prompt: Reply("", 100_000, 10_000)):
        with omega_runtime.budget(dollars=1) as account:
            infer(SITE, "p", model="m", max_tokens=20_000)
            assert get_dollar_budget() == pytest.approx(0.8)
            assert (
                value_of('(with-budget "$0.50" (lambda () (list (get-budget) (get-dollar-budget))))') == "(+inf.0 0.5)"
            )
            assert account.overrun > 0


@pytest.mark.parametrize(
    ("remaining", "instruction"),
    [
        ("50001", "Detailed summary: "),
        ("50000", "Brief summary (50 words): "),
        ("10001", "Brief summary (50 words): "),
        ("10000", "Title only: "),
        ("0", "Title only: "),
        ("(get-budget)", "Detailed summary: "),
    ],
)
def test_the_manuals_strategy_is_built_in(remaining: str, instruction: str) -> None:
    with scripted_model(str.upper) as model:
        value = value_of(f'(adaptive-summarize (list "a" \'b) {remaining})')
    prompts = [f"{instruction}a", f"{instruction}b"]
    assert model.prompts == prompts * (len(model.prompts) // 2)
    assert value == "({})".format(" ".join(f'"{prompt.upper()}"' for prompt in prompts))


@pytest.mark.parametrize("call", ['(adaptive-summarize "a" 5)', "(adaptive-summarize '(a) 'much)"])
def test_the_built_in_strategy_checks_its_arguments(call: str) -> None:
    with scripted_model([]), pytest.raises(omega_runtime.OmegaError, match="adaptive-summarize: argument"):
        value_of(call)


def test_calls_of_the_library_are_told_by_the_place_that_made_them() -> None:
    program = """(define (f)
  (single-pass "text" 'gpt-4))
(guard (e (#t (car (error-object-irritants e)))) (with-budget 3 f))"""
    with scripted_model([]):
        assert value_of(program).endswith(':2:3"')
