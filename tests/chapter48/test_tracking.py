"""48.1: with-tracking, with-budget, and what "Budget exceeded" says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import omega_runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.calls import infer
from omega_runtime.chapter.emergency import enable_caching
from omega_runtime.chapter.scopes import partial_results, with_budget, with_tracking
from omega_runtime.ledger.errors import BudgetExceeded, LedgerFileError
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.provider import ModelError, NotBilled
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from tests.support.ledgers import SITE, Thread
from tests.support.omega import RUNS, error_of, output_of, table, value_of


@pytest.fixture(autouse=True)
def ledger() -> Iterator[MemoryLedger]:
    with fresh_ledger() as ledger:
        yield ledger


def six_and_four(prompt: str) -> Reply:
    return Reply(f"on {prompt}", 6, 4)


# Trackers


@pytest.mark.parametrize(
    ("program", "value"),
    table(
        """
        (with-tracking (lambda (n) (display n)) (lambda () (effect infer.op "a")))                     ⇒ "on a"
        (with-tracking (lambda (n) #f) (lambda () 5))                                                 ⇒ 5
        (let ((n 0)) (with-tracking (lambda (t) (set! n (+ n t))) (lambda () (effect infer.op "a")))
          (effect infer.op "b") n)                                                                    ⇒ 10
        (let ((n 0)) (with-tracking (lambda (t) (set! n (+ n 1)))
            (lambda () (map (lambda (x) (effect infer.op (list x))) '(1 2 3)))) n)                     ⇒ 3
        (let ((n 0)) (guard (e (#t #f)) (with-tracking (lambda (t) (set! n (+ n 1))) (lambda () (car '()))))
          (effect infer.op "a") n)                                                                    ⇒ 0
        (let ((n 0)) (call/cc (lambda (k) (with-tracking (lambda (t) (set! n (+ n 1))) (lambda () (k 1)))))
          (effect infer.op "a") n)                                                                    ⇒ 0
        (let ((n 0)) (with-tracking (lambda (t) (set! n (+ n 1)))
            (lambda () (handle (effect infer.op "a") (on infer.op (p k) (k "handled"))))) n)           ⇒ 0
        (let ((n 0)) (with-tracking (lambda (t) (set! n (+ n 1)))
            (lambda () (handle (effect ask.op "a") (on ask.op (p k) (k (effect infer.op p)))))) n)     ⇒ 1
        """
    ),
)
def test_a_tracker_hears_of_the_calls_within_its_thunk(program: str, value: str) -> None:
    with scripted_model(six_and_four):
        assert value_of(program) == value


def test_nested_trackers_all_hear_of_each_call_the_innermost_first() -> None:
    program = """
    (define (note name) (lambda (tokens) (display (list name tokens))))
    (with-tracking (note 'outer)
      (lambda ()
        (effect infer.op "1")
        (with-budget 1000
          (lambda ()
            (with-tracking (note 'middle)
              (lambda ()
                (effect infer.op "22")
                (with-tracking (note 'inner) (lambda () (effect infer.op "333")))
                (effect infer.op "4444")))))))
    """
    with scripted_model(lambda prompt: Reply("", len(prompt), 1)):
        assert output_of(program) == (
            "(outer 2)" + "(middle 3)(outer 3)" + "(inner 4)(middle 4)(outer 4)" + "(middle 5)(outer 5)"
        )


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(1, 5))
def test_each_tracker_adds_up_what_its_account_has_spent(costs: list[int], depth: int) -> None:
    heard: list[list[int]] = [[] for _ in range(depth)]

    def nested(level: int) -> None:
        if level == depth:
            for cost in costs:
                infer(SITE, str(cost))
        else:
            with_tracking(heard[level].append, lambda: nested(level + 1))

    with fresh_ledger(), scripted_model(lambda prompt: Reply("", int(prompt), 0)), omega_runtime.budget() as account:
        nested(0)
    assert heard == [costs] * depth
    assert account.spent == sum(costs)


def test_an_error_of_a_tracker_stops_the_run_once_the_tokens_are_booked() -> None:
    program = """
    (define heard '())
    (define (note name) (lambda (tokens) (set! heard (cons name heard))))
    (define message
      (guard (e (#t (error-object-message e)))
        (with-tracking (note 'outer)
          (lambda ()
            (with-tracking (lambda (tokens) (error "too much" tokens))
              (lambda ()
                (with-tracking (note 'inner) (lambda () (effect infer.op "a") (effect infer.op "b")))))))))
    (list message heard)
    """
    with scripted_model(six_and_four) as model, omega_runtime.budget(tokens=1000) as account:
        assert value_of(program) == '("too much" (inner))'
    assert model.prompts == ["a"] * RUNS
    assert (account.spent, account.held) == (10 * RUNS, 0)
    assert list(account.answers or ()) == ["on a"] * RUNS


@pytest.mark.parametrize(
    ("failure", "heard"), [(ZeroDivisionError("out"), [1 + 30]), (NotBilled("free"), [])], ids=["unknown", "not billed"]
)
def test_a_failed_call_is_heard_of_if_it_may_have_been_billed(failure: Exception, heard: list[int]) -> None:
    tokens: list[int] = []
    with scripted_model([failure]), omega_runtime.budget() as account:
        with pytest.raises((ModelError, NotBilled)):
            with_tracking(tokens.append, lambda: infer(SITE, "p", max_tokens=30))
    assert tokens == heard
    assert account.spent == sum(heard)


def test_a_cache_hit_is_not_heard_of() -> None:
    tokens: list[int] = []
    with scripted_model(six_and_four) as model, omega_runtime.budget(tokens=1000):
        enable_caching()
        with_tracking(tokens.append, lambda: [infer(SITE, "p") for _ in range(3)])
    assert (tokens, model.prompts) == ([10], ["p"])


def test_the_calls_of_a_tracker_are_tracked_too_and_stop_at_the_budget() -> None:
    def ask_again(tokens: int) -> None:
        infer(SITE, "p", max_tokens=4)

    with scripted_model(six_and_four) as model, omega_runtime.budget(tokens=100) as account:
        with pytest.raises(BudgetExceeded):
            with_tracking(ask_again, lambda: infer(SITE, "p", max_tokens=4))
    assert len(model.prompts) == 10
    assert (account.spent, account.held) == (100, 0)


def test_threads_that_copy_the_context_keep_the_trackers() -> None:
    tokens: list[int] = []
    with scripted_model(six_and_four), omega_runtime.budget(tokens=1000):
        with_tracking(tokens.append, lambda: [Thread(lambda: infer(SITE, "p")).result() for _ in range(3)])
    assert tokens == [10, 10, 10]


# Budgets


@pytest.mark.parametrize(
    ("program", "value"),
    table(
        """
        (with-budget 10000 (lambda () (effect infer.op "a")))                                    ⇒ "on a"
        (with-budget 0 (lambda () 5))                                                            ⇒ 5
        (with-budget +inf.0 (lambda () (get-budget)))                                            ⇒ +inf.0
        (get-budget)                                                                             ⇒ +inf.0
        (with-budget 100 (lambda () (effect infer.op "a" max-tokens: 9) (get-budget)))           ⇒ 90
        (with-budget 100 (lambda () (with-budget 500 get-budget)))                               ⇒ 100
        (with-budget 100 (lambda () (with-budget 30 (lambda () (effect infer.op "a" max-tokens: 9)
          (get-budget)))))                                                                       ⇒ 20
        (with-budget 100 (lambda () (with-budget 30 (lambda () (effect infer.op "a" max-tokens: 9)))
          (get-budget)))                                                                         ⇒ 90
        (with-budget 100 (lambda () (guard (e (#t 'caught)) (with-budget 3 (lambda () (effect infer.op "abc")))
          )))                                                                                    ⇒ caught
        (with-budget 100 (lambda () (= (get-budget) (remaining-budget))))                        ⇒ #t
        """
    ),
)
def test_with_budget(program: str, value: str) -> None:
    with scripted_model(six_and_four):
        assert value_of(program) == value


GUARDED = """
(define (main thunk)
  (guard (e ((error-object? e)
             (list (error-object-message e) (error-object-irritants e) (partial-results e))))
    (thunk)))
"""


def test_budget_exceeded_is_an_error_object_that_says_where_and_how_much() -> None:
    program = f"""{GUARDED}
    (main (lambda ()
            (with-budget 40
              (lambda ()
                (effect infer.op "first" max-tokens: 10)
                (effect infer.op "a second one two three" max-tokens: 100 clamp: #f)))))"""
    with scripted_model(six_and_four) as model:
        assert value_of(program) == '("Budget exceeded" ("test.omega:11:17" 105 30 "with-budget") ("on first"))'
    assert model.prompts == ["first"] * RUNS


def test_the_account_that_refused_is_named() -> None:
    with scripted_model(six_and_four):
        with omega_runtime.budget(tokens=16, name="night run"), pytest.raises(BudgetExceeded) as caught:
            with_budget(5000, lambda: infer(SITE, "prompt"))
    error = caught.value
    assert isinstance(error, OmegaError)
    assert (error.message, error.account, error.needed, error.available) == ("Budget exceeded", "night run", 17, 16)
    assert error.irritants == ("test.omega:1:2", 17, 16, "night run")


def test_without_a_guard_the_program_ends_with_it() -> None:
    with scripted_model([]):
        message = error_of('(with-budget 10 (lambda () (effect infer.op "a")))')
    assert message == 'Budget exceeded "test.omega:1:28" 17 10 "with-budget"'


def test_partial_results_are_what_was_paid_for_within_the_budget_that_the_error_left() -> None:
    caught: list[Any] = []

    def inner() -> None:
        for n in range(10):
            infer(SITE, f"inner {n}", max_tokens=4)

    def outer() -> None:
        infer(SITE, "outer", max_tokens=4)
        try:
            with_budget(30, inner)
        except BudgetExceeded as error:
            caught.append(list(partial_results(error)))
            raise

    with scripted_model(six_and_four), pytest.raises(BudgetExceeded) as left:
        with_budget(1000, outer)
    inside = ["on inner 0", "on inner 1", "on inner 2"]
    assert caught == [inside]
    assert list(partial_results(left.value)) == ["on outer", *inside]


def test_partial_results_of_a_ledger_file_that_failed() -> None:
    error = LedgerFileError("no space left")
    error.partial = ("paid for",)
    assert list(partial_results(error)) == ["paid for"]


@pytest.mark.parametrize("other", [ValueError("x"), OmegaError("Budget exceeded"), 5, None])
def test_other_errors_have_no_partial_results(other: Any) -> None:
    assert list(partial_results(other)) == []


@pytest.mark.parametrize(
    ("program", "message"),
    table(
        """
        (with-budget "many" (lambda () 5))       ⇒ with-budget: argument 1 must be a number of tokens >= 0
        (with-budget -1 (lambda () 5))           ⇒ with-budget: argument 1 must be a number of tokens >= 0
        (with-budget 5 (car '(5)))               ⇒ with-budget: argument 2 must be a procedure, but got 5
        (with-tracking 5 (lambda () 5))          ⇒ with-tracking: argument 1 must be a procedure, but got 5
        (with-tracking (lambda (n) n) (car '(5))) ⇒ with-tracking: argument 2 must be a procedure, but got 5
        """
    ),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert message in error_of(program)
