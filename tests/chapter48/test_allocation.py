"""48.3: sharing a budget among tasks by priority, and running each of them within its share."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf, nan
from pathlib import Path
from typing import Any

import omega_runtime
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from omega_runtime.calls.context import current_account
from omega_runtime.chapter.allocation import shares
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from tests.support.chapter import ALLOCATE_BUDGET
from tests.support.omega import RUNS, error_of, output_of, table, value_of

WEIGHTS = st.one_of(
    st.integers(0, 10),
    st.integers(0, 10**40),
    st.floats(0, allow_infinity=False, allow_nan=False),
    st.fractions(0),
)


@pytest.mark.parametrize(
    ("program", "value"),
    table(
        """
        (allocate-budget 100000
          '((research priority: 3)
            (writing priority: 2)
            (editing priority: 1)))                       ⇒ ((research: 50000) (writing: 33333) (editing: 16667))
        (allocate-budget 100 '(a b c))                        ⇒ ((a: 34) (b: 33) (c: 33))
        (allocate-budget 100 '((a) (b about things) c))       ⇒ ((a: 34) (b: 33) (c: 33))
        (allocate-budget 2 '(a b c))                          ⇒ ((a: 1) (b: 1) (c: 0))
        (allocate-budget 10 '((a priority: 0) (b priority: 0.5) c))   ⇒ ((a: 0) (b: 3) (c: 7))
        (allocate-budget 10 '((a :priority 3) b))             ⇒ ((a: 8) (b: 2))
        (allocate-budget 10 '((a for me priority: 4 words: 9) b))   ⇒ ((a: 8) (b: 2))
        (allocate-budget 10 '(("a b" priority: 1) (key: priority: 1) "c d" 7))
                                          ⇒ (("a b" 3) (key: 3) ("c d" 2) (7 2))
        (allocate-budget 10 (list (list 'a 'priority: 1e308) (list 'b 'priority: 1e308)))   ⇒ ((a: 5) (b: 5))
        (allocate-budget 1000 '((a priority: 100000000000000000000000) (b priority: 1)))   ⇒ ((a: 1000) (b: 0))
        (allocate-budget 1e3 '(a))                            ⇒ ((a: 1000))
        (allocate-budget 0 '(a b))                            ⇒ ((a: 0) (b: 0))
        (allocate-budget 0 '())                               ⇒ ()
        (allocate-budget (get-budget) '((a priority: 2) (b priority: 0)))   ⇒ ((a: +inf.0) (b: 0))
        (map get-priority '((a priority: 3) (b priority: 0.5) (c) d "e"))   ⇒ (3 0.5 1 1 1)
        (sum '(1 2 3.5))                                      ⇒ 6.5
        (sum '())                                             ⇒ 0
        """
    ),
)
def test_what_it_gives(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(
        """
        (allocate-budget 10 '((a priority: -1) b))   ⇒ of the task a must be a finite number >= 0, but got -1
        (allocate-budget 10 '(a (b priority: +nan.0)))   ⇒ the priority of the task b must be a finite number >= 0
        (allocate-budget 10 '(("a b" priority: +inf.0)))   ⇒ the priority of the task "a b" must be a finite number
        (allocate-budget 10 '((a priority: high)))   ⇒ of the task a must be a finite number >= 0, but got high
        (allocate-budget 10 '((a priority: #t)))   ⇒ the priority of the task a must be a finite number >= 0, but got #t
        (allocate-budget 10 '((a priority:)))      ⇒ "priority:" of the task a has no number behind it
        (allocate-budget 10 '((a priority: 0) (b priority: 0)))   ⇒ so that no task can get anything: (a b)
        (allocate-budget 10 '())                   ⇒ there is no task to give tokens to: 10
        (allocate-budget (get-budget) '())         ⇒ there is no task to give tokens to: +inf.0
        (allocate-budget 10 '(()))                 ⇒ must be a task: a name, or a list that begins with one
        (allocate-budget 10 'a)                    ⇒ allocate-budget: argument 2 must be a list, but got a
        (allocate-budget -1 '(a))                  ⇒ allocate-budget: argument 1 must be an integer >= 0, but got -1
        (allocate-budget 1.5 '(a))                 ⇒ allocate-budget: argument 1 must be an integer >= 0, but got 1.5
        (allocate-budget +nan.0 '(a))              ⇒ allocate-budget: argument 1 must be an integer >= 0, but got +nan.0
        (allocate-budget "9" '(a))                 ⇒ allocate-budget: argument 1 must be an integer >= 0, but got "9"
        (allocate-budget #t '(a))                  ⇒ allocate-budget: argument 1 must be an integer >= 0, but got #t
        (sum 5)                                    ⇒ sum: argument 1 must be a list, but got 5
        (run-allocated 10 '(a) 5)                  ⇒ run-allocated: argument 3 must be a procedure, but got 5
        (run-allocated 10 '((a priority: -1)) car)   ⇒ the priority of the task a must be
        (run-allocated -10 '(a) car)               ⇒ run-allocated: argument 1 must be an integer >= 0, but got -10
        """
    ),
)
def test_what_it_does_not_take(program: str, message: str) -> None:
    assert message in error_of(program)


def test_the_chapters_own_definition_works_over_the_built_ins() -> None:
    program = ALLOCATE_BUDGET + "(map cdr (allocate-budget 60 '((a priority: 3) (b priority: 2) (c priority: 1))))"
    assert value_of(program) == "(30 20 10)"


@given(st.integers(0, 10**30), st.lists(WEIGHTS, min_size=1, max_size=12))
def test_shares_add_up_and_are_near_their_exact_size(total: int, weights: list[Any]) -> None:
    assume(any(weights))
    exact = [Fraction(each) * total / sum(map(Fraction, weights)) for each in weights]
    found = shares(total, weights)
    assert sum(found) == total
    assert all(abs(share - wanted) < 1 for share, wanted in zip(found, exact, strict=True))
    assert all(share == 0 for share, weight in zip(found, weights, strict=True) if not weight)
    assert shares(total, weights) == found


@given(st.integers(0, 10**6), st.lists(WEIGHTS, min_size=2, max_size=8), st.data())
def test_shares_do_not_shrink_as_weights_grow(total: int, weights: list[Any], data: st.DataObject) -> None:
    assume(any(weights))
    found = shares(total, weights)
    ranked = sorted(range(len(weights)), key=lambda i: (weights[i], -i))
    assert [found[i] for i in ranked] == sorted(found)
    i = data.draw(st.sampled_from(range(len(weights))))
    more = [*weights[:i], Fraction(weights[i]) + data.draw(st.fractions(0, 10**6)), *weights[i + 1 :]]
    assert shares(total, more)[i] >= found[i]


def test_from_python() -> None:
    weights = {"research": 3, "writing": 2.0, "editing": Fraction(1)}
    assert omega_runtime.allocate_budget(100_000, weights) == {"research": 50000, "writing": 33333, "editing": 16667}  # type: ignore[arg-type]
    assert omega_runtime.allocate_budget(inf, {1: 2, 2: 0}) == {1: inf, 2: 0}
    assert omega_runtime.allocate_budget(0, {}) == {}


@pytest.mark.parametrize(
    ("total", "weights", "message"),
    [
        (10, {"a": -1}, 'allocate_budget: the priority of the task "a" must be a finite number >= 0, but got -1'),
        (10, {"a": nan}, 'the priority of the task "a"'),
        (10, {"a": "3"}, 'the priority of the task "a"'),
        (10, {"a": 0}, "all priorities are 0"),
        (10, {}, "there is no task"),
        (-1, {"a": 1}, "allocate_budget: argument 1 must be an integer >= 0"),
    ],
)
def test_errors_from_python(total: float, weights: Mapping[str, Any], message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        omega_runtime.allocate_budget(total, weights)


def spend(tokens: int) -> omega_runtime.Reply:
    return omega_runtime.Reply("done", tokens - 5, 5)


def test_what_a_task_leaves_goes_to_the_later_ones() -> None:
    program = """
    (define (work task)
      (let ((mine (get-budget)))
        (effect infer.op "x" max-tokens: 16)
        (list (car task) mine)))
    (run-allocated 600 '((a priority: 3) (b priority: 2) (c priority: 1)) work)
    """
    with fresh_ledger() as ledger, scripted_model(lambda prompt: spend(50)):
        assert value_of(program) == "((a 300) (b 450) (c 500))"
        rows = {
            row["name"]: (row["limit"], row["spent"]) for row in ledger.account_lines() if row["name"] != "all calls"
        }
    once = {"a": (300, 50), "b": (450, 50), "c": (500, 50), "run-allocated": (600, 150)}
    assert rows == {name: (RUNS * limit, RUNS * spent) for name, (limit, spent) in once.items()}


def test_a_task_without_priority_gets_what_is_left() -> None:
    with fresh_ledger(), scripted_model(lambda prompt: spend(50)):
        budgets = omega_runtime.run_allocated(
            300, {"none": 0, "all": 1, "rest": 0}, lambda task: current_account().remaining
        )
    assert budgets == {"none": 0, "all": 300, "rest": 300}


def test_the_whole_is_within_one_budget_and_the_budgets_around() -> None:
    with fresh_ledger(), omega_runtime.budget(tokens=100):
        assert omega_runtime.run_allocated(inf, {"a": 1}, lambda task: current_account().remaining) == {"a": 100}
        assert omega_runtime.run_allocated(80, {"a": 1, "b": 1}, lambda task: current_account().remaining) == {
            "a": 40,
            "b": 80,
        }
        assert omega_runtime.run_allocated(0, {}, print) == {}


def test_an_error_ends_the_run_after_closing_its_budgets() -> None:
    program = """
    (define prompt (apply string-append (make-list 100 "word ")))
    (define (work task)
      (display task)
      (effect infer.op prompt max-tokens: 16))
    (guard (e ((error-object? e) (display (error-object-message e)) (display (get-budget))))
      (run-allocated 300 '((a priority: 9) b c) work))
    """
    with fresh_ledger(), scripted_model(lambda prompt: spend(110)):
        # c has the 80 tokens that are left altogether.
        assert output_of(program) == "(a priority: 9)bcBudget exceeded+inf.0"


def test_an_error_of_a_worker_leaves_as_it_is() -> None:
    outside = current_account()

    def work(task: str) -> None:
        raise ValueError(task)

    with pytest.raises(ValueError, match="first"):
        omega_runtime.run_allocated(300, {"first": 1, "second": 1}, work)
    assert current_account() is outside


def test_an_overrun_is_taken_off_the_later_tasks() -> None:
    def work(task: str) -> float:
        mine = current_account().remaining
        if task == "a":
            omega_call("x")
        return mine

    with fresh_ledger(), scripted_model(lambda prompt: omega_runtime.Reply("", 130, 0)):
        assert omega_runtime.run_allocated(300, {"a": 1, "b": 1, "c": 1}, work) == {"a": 100, "b": 70, "c": 170}


def omega_call(prompt: str) -> None:
    from omega_runtime.calls import infer

    from tests.support.ledgers import SITE

    infer(SITE, prompt, max_tokens=16)


def test_in_a_ledger_file(tmp_path: Path) -> None:
    with (
        omega_runtime.budget(tokens=1000, ledger=tmp_path / "l.ledger"),
        scripted_model(lambda prompt: spend(30)),
    ):

        def work(task: str) -> float:
            omega_call("x")
            return current_account().remaining

        assert omega_runtime.run_allocated(400, {"a": 1, "b": 1}, work) == {"a": 170, "b": 340}
