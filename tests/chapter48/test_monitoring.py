"""48.5: usage of a task, what runs on its completion, hooks at shares of a limit, spending by model."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import omega_runtime
import pytest
from omega_runtime.calls import infer
from omega_runtime.chapter.monitoring import execute, monitor_budget_usage, on_completion, on_threshold
from omega_runtime.chapter.scopes import with_budget
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock, fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from

from tests.support.command import omegac
from tests.support.ledgers import SITE, Thread
from tests.support.omega import error_of, output_of, table, value_of


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(autouse=True)
def ledger(clock: FakeClock) -> Iterator[MemoryLedger]:
    with fresh_ledger(clock) as ledger:
        yield ledger


def costing(tokens: int) -> Callable[[str], Reply]:
    return lambda prompt: Reply("x", tokens, 0)


# monitor-budget-usage


def after(clock: FakeClock, seconds: float, tokens: int) -> Callable[[], Any]:
    """A task that takes so long, makes one call and gives its answer."""

    def task() -> Any:
        clock.advance(seconds)
        return infer(SITE, str(tokens))

    return task


@pytest.mark.parametrize(
    ("seconds", "tokens", "lines"),
    [
        (2, 84, ["(Budget used: 84 tokens in 2 seconds)", "(Rate: 42 tokens/sec)"]),
        (0.5, 3, ["(Budget used: 3 tokens in 0.5 seconds)", "(Rate: 6 tokens/sec)"]),
        (3.14159, 100, ["(Budget used: 100 tokens in 3.142 seconds)", "(Rate: 31.8 tokens/sec)"]),
        (0, 7, ["(Budget used: 7 tokens in 0 seconds)", "(Rate: no measurable tokens/sec)"]),
    ],
)
@pytest.mark.parametrize("limit", [None, 1000])
def test_usage_is_displayed_as_in_the_chapter(
    clock: FakeClock,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
    tokens: int,
    lines: list[str],
    limit: int | None,
) -> None:
    """Also where there is no limit, so that a difference of what is left would say nothing."""
    with scripted_model(lambda prompt: Reply("x", int(prompt), 0)), omega_runtime.budget(tokens=limit):
        infer(SITE, "50")
        assert monitor_budget_usage(after(clock, seconds, tokens)) == "x"
    assert capsys.readouterr().out.splitlines() == lines


def test_a_task_that_fails_is_reported_on_too(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    def task() -> None:
        after(clock, 1, 40)()
        raise KeyError("out")

    with scripted_model(costing(40)), omega_runtime.budget(tokens=100), pytest.raises(KeyError, match="out"):
        monitor_budget_usage(task)
    assert capsys.readouterr().out == "(Budget used: 40 tokens in 1 seconds)\n(Rate: 40 tokens/sec)\n"


def test_nested_tasks_are_reported_on_from_the_inside_out(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    def outer() -> None:
        after(clock, 1, 10)()
        with_budget(500, lambda: monitor_budget_usage(after(clock, 1, 10)))

    with scripted_model(costing(10)), omega_runtime.budget(tokens=1000):
        monitor_budget_usage(outer)
    used = [line for line in capsys.readouterr().out.splitlines() if "used" in line]
    assert used == ["(Budget used: 10 tokens in 1 seconds)", "(Budget used: 20 tokens in 2 seconds)"]


def test_outside_of_budgets_usage_is_what_all_calls_have_cost(
    clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted_model(costing(10)):
        monitor_budget_usage(after(clock, 1, 10))
    assert capsys.readouterr().out.startswith("(Budget used: 10 tokens in 1 seconds)\n")


# on-completion and execute

NOTE = "(define (note x) (lambda () (display x)))\n"


@pytest.mark.parametrize(
    ("program", "output"),
    table(
        """
        (on-completion (note 1)) (on-completion (note 2)) (display (execute (lambda () (display 0) 3)))   ⇒ 0123
        (display (execute (lambda () (on-completion (note 2)) (display 1) 3)))                            ⇒ 123
        (on-completion (note 2)) (execute (lambda () (on-completion (note 3)) (display 1)))               ⇒ 123
        (on-completion (note 1)) (execute (note 0)) (execute (note 2))                                    ⇒ 012
        (on-completion (note 3)) (execute (lambda () (on-completion (note 1)) (execute (note 0)) (display 2)))   ⇒ 0123
        (on-completion (note 1)) (guard (e (#t (display (error-object-message e))))
          (execute (lambda () (display 0) (error "2"))))                                                  ⇒ 012
        (on-completion (lambda () (error "lost"))) (on-completion (note 1))
          (guard (e (#t (display (error-object-message e)))) (execute (lambda () (error "kept"))))        ⇒ 1kept
        (on-completion (lambda () (error "first"))) (on-completion (lambda () (display 1) (error "second")))
          (guard (e (#t (display (error-object-message e)))) (execute (note 0)))                          ⇒ 01first
        (on-completion (note 1)) (call/cc (lambda (k) (execute (lambda () (display 0) (k 5))))) (display 2)   ⇒ 012
        (with-budget 10 (lambda () (on-completion (note 1)) (display 0))) (display 2)                     ⇒ 012
        (guard (e (#t (display 2))) (with-budget 10 (lambda () (on-completion (note 1)) (display 0) (car 5))))   ⇒ 012
        (with-budget 10 (lambda () (on-completion (note 2)) (on-completion (note 3)) (display 1)))        ⇒ 123
        (with-budget 10 (lambda () (on-completion (note 3)) (with-budget 5 (lambda () (on-completion (note 1))
          (display 0))) (display 2)))                                                                     ⇒ 0123
        (with-budget 10 (lambda () (on-completion (note 1)) (with-budget 5 (lambda () (execute (note 0))))
          (display 2)))                                                                                   ⇒ 012
        (with-budget 10 (lambda () (on-completion (note 1)) (with-tracking (lambda (n) n) (lambda () (execute (note 0))
          )) (display 2)))                                                                                ⇒ 012
        (with-budget 10 (lambda () (on-completion (lambda () (display (get-budget)))) (execute (note 0))))   ⇒ 010
        (with-budget 10 (lambda () (on-completion (lambda () (display (get-budget))))))                   ⇒ 10
        """
    ),
)
def test_when_completions_run(program: str, output: str) -> None:
    assert output_of(NOTE + program) == output


def test_completions_run_when_the_budget_is_exceeded() -> None:
    program = """
    (guard (e (#t (display (error-object-message e))))
      (with-budget 10
        (lambda ()
          (on-completion (lambda () (display "reported ")))
          (execute (lambda () (effect infer.op "prompt"))))))"""
    with scripted_model([]):
        assert output_of(program) == "reported Budget exceeded"


def test_an_error_of_a_completion_leaves_a_budget_that_ends_well() -> None:
    assert error_of('(with-budget 10 (lambda () (on-completion (lambda () (error "at the end"))) 5))') == "at the end"


def test_what_a_completion_registers_is_for_the_next_task() -> None:
    seen: list[str] = []

    def first() -> None:
        seen.append("first")
        on_completion(lambda: seen.append("second"))

    with omega_runtime.budget():
        on_completion(first)
        with pytest.raises(ZeroDivisionError):
            execute(lambda: 1 // 0)
        assert seen == ["first"]
        on_completion(first)
        execute(lambda: seen.append("ran"))
        assert seen == ["first", "ran", "second", "first"]
    assert seen == ["first", "ran", "second", "first", "second"]


def test_a_call_in_a_completion_is_paid_from_the_budget_that_ends() -> None:
    with scripted_model(costing(10)), omega_runtime.budget(tokens=1000) as outer:
        with omega_runtime.budget(tokens=500) as inner:
            on_completion(lambda: infer(SITE, "p"))
    assert (inner.spent, outer.spent) == (10, 10)


def test_each_thread_completes_its_own_tasks() -> None:
    seen: list[str] = []
    registered = threading.Barrier(2, timeout=10)

    def monitored(name: str) -> None:
        on_completion(lambda: seen.append(f"{name} reported"))
        registered.wait()
        with lock:
            execute(lambda: seen.append(f"{name} ran"))

    lock = threading.Lock()
    with omega_runtime.budget(tokens=1000):
        for thread in [Thread(lambda name=name: monitored(name)) for name in "ab"]:  # type: ignore[misc]
            thread.result()
    assert sorted(seen[:2]) in (["a ran", "a reported"], ["b ran", "b reported"])
    assert sorted(seen) == ["a ran", "a reported", "b ran", "b reported"]


def test_what_a_thread_left_runs_at_the_end_of_the_budget() -> None:
    seen: list[str] = []
    with omega_runtime.budget(tokens=1000):
        Thread(lambda: on_completion(lambda: seen.append("reported"))).result()
        execute(lambda: seen.append("ran"))
    assert seen == ["ran", "reported"]


def test_without_any_task_or_budget_completions_run_at_the_end_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(on-completion (lambda () (display "end")))\n(display "main ")\n')
    for options in ([], ["--budget", "100"]):
        done = omegac("run", "p.omega", "--model", "offline", *options, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "main end", "")


# on-threshold

Crossed = list[tuple[float, str]]


@pytest.fixture
def crossed() -> Crossed:
    return []


def noting(crossed: Crossed) -> Callable[[float, str], None]:
    return lambda share, name: crossed.append((share, name))


def test_each_share_is_announced_once_after_the_call_that_crossed_it(crossed: Crossed) -> None:
    after_each: list[int] = []
    with scripted_model(costing(10)), omega_runtime.budget(tokens=100, name="b"):
        on_threshold(noting(crossed))
        for _ in range(10):
            infer(SITE, "p", max_tokens=9)
            after_each.append(len(crossed))
    assert crossed == [(0.5, "b"), (0.8, "b"), (0.95, "b")]
    assert after_each == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]


def test_one_call_may_cross_several(crossed: Crossed) -> None:
    with scripted_model(costing(90)), omega_runtime.budget(tokens=100, name="b"):
        on_threshold(noting(crossed), list_from([0.8, 0.1, 0.95, 1]))
        infer(SITE, "p", max_tokens=90)
    assert crossed == [(0.1, "b"), (0.8, "b")]


def test_dollars_count_too_and_of_two_limits_the_nearer_one(crossed: Crossed) -> None:
    """A call costs a tenth of a dollar, and 10,000 tokens."""
    with configure(prices={"m": ("10", "10")}), scripted_model(costing(10_000)):
        with omega_runtime.budget(tokens=10**6, dollars=1, name="b"):
            on_threshold(noting(crossed), list_from([0.2, 0.5]))
            for _ in range(5):
                infer(SITE, "p", model="m")
        assert crossed == [(0.2, "b"), (0.5, "b")]
        with omega_runtime.budget(tokens=50_000, dollars=100, name="c"):
            on_threshold(noting(crossed), list_from([0.4]))
            infer(SITE, "p", model="m")
            infer(SITE, "p", model="m")
        assert crossed[2:] == [(0.4, "c")]


def test_the_nearest_budget_with_a_limit_is_watched_also_in_budgets_inside(crossed: Crossed) -> None:
    with scripted_model(costing(30)), omega_runtime.budget(tokens=100, name="limited"):
        with omega_runtime.budget(name="counting only"):
            on_threshold(noting(crossed), list_from([0.3, 0.6]))
            infer(SITE, "p", max_tokens=30)
            with_budget(35, lambda: infer(SITE, "p", max_tokens=30))
    assert crossed == [(0.3, "limited"), (0.6, "limited")]


def test_the_hook_ends_with_its_budget(crossed: Crossed) -> None:
    with scripted_model(costing(30)), omega_runtime.budget(tokens=100):
        with omega_runtime.budget(tokens=100):
            on_threshold(noting(crossed), list_from([0.5]))
            infer(SITE, "p", max_tokens=30)
        infer(SITE, "p", max_tokens=30)
        infer(SITE, "p", max_tokens=30)
    assert crossed == []


def test_several_hooks_and_an_error_of_one(crossed: Crossed) -> None:
    def stop(share: float, name: str) -> None:
        raise OmegaError("that is enough", share)

    with scripted_model([Reply("x", 60, 0), Reply("x", 1, 0)]), omega_runtime.budget(tokens=100, name="b") as account:
        on_threshold(noting(crossed))
        on_threshold(stop)
        with pytest.raises(OmegaError, match="that is enough"):
            infer(SITE, "p", max_tokens=40)
        assert (account.spent, crossed) == (60, []), "the later hook is the inner one, and comes first"
        infer(SITE, "p", max_tokens=1)
    assert crossed == [(0.5, "b")], "the other one heard of it at the next call"


def test_threads_cross_each_share_once(crossed: Crossed) -> None:
    shares = [n / 100 for n in range(5, 100, 5)]
    with scripted_model(costing(5)), omega_runtime.budget(tokens=1000, name="b"):
        on_threshold(noting(crossed), list_from(shares))
        threads = [Thread(lambda: [infer(SITE, "p", max_tokens=4) for _ in range(20)]) for _ in range(8)]
        for thread in threads:
            thread.result()
    assert sorted(crossed) == [(share, "b") for share in shares if share <= 0.8]


def test_no_share_is_announced_before_it_is_crossed_when_two_threads_look_at_once() -> None:
    """Both are told of the same spending; the hook of the first is slow."""
    looked = threading.Event()
    announced: list[float] = []

    def hook(share: float, name: str) -> None:
        announced.append(share)
        if share == 0.5:
            Thread(lambda: infer(SITE, "p", max_tokens=1)).result()
            looked.set()

    with scripted_model([Reply("x", 60, 0), Reply("x", 1, 0)]), omega_runtime.budget(tokens=100):
        on_threshold(hook)
        infer(SITE, "p", max_tokens=1)
    assert looked.is_set()
    assert announced == [0.5]


def test_a_thread_without_the_context_neither_pays_nor_announces(crossed: Crossed) -> None:
    with configure(unbudgeted="allow"), scripted_model(costing(90)), omega_runtime.budget(tokens=100) as account:
        on_threshold(noting(crossed))
        empty = contextvars.Context()
        with pytest.raises(BudgetExceeded):
            empty.run(lambda: with_budget(1, lambda: infer(SITE, "prompt")))
    assert (account.spent, crossed) == (0, [])


def test_from_omega() -> None:
    program = """
    (with-budget 100
      (lambda ()
        (on-threshold (lambda (share name) (display (list share name))) '(0.25 1))
        (for-each (lambda (i) (effect infer.op "p" max-tokens: 24)) '(1 2 3 4))
        (newline)))
    (with-budget 100
      (lambda ()
        (on-threshold (lambda (share name) (display (list share name))))
        (for-each (lambda (i) (effect infer.op "p" max-tokens: 24)) '(1 2 3 4))))
    """
    with scripted_model(costing(25)):
        assert output_of(program) == (
            "(0.25 with-budget)(1 with-budget)\n(0.5 with-budget)(0.8 with-budget)(0.95 with-budget)"
        )


# What each model has cost, and mistakes


def test_spending_by_model() -> None:
    assert value_of("(spending)") == "()"
    with scripted_model(costing(5)), omega_runtime.budget(tokens=1000):
        for model in "bab":
            infer(SITE, "p", model=model)
        expected = '(("a" 1 5) ("b" 2 10))'
        assert value_of("(spending)") == expected
    assert value_of("(spending)") == expected


@pytest.mark.parametrize(
    ("program", "message"),
    table(
        """
        (on-completion 5)     ⇒ on-completion: argument 1 must be a procedure
        (execute (car '(5)))     ⇒ execute: argument 1 must be a procedure
        (monitor-budget-usage (car '(5)))     ⇒ monitor-budget-usage: argument 1 must be a procedure
        (on-threshold 5)     ⇒ on-threshold: argument 1 must be a procedure
        (on-threshold (lambda (s n) s))     ⇒ on-threshold: there is no budget with a limit around
        (with-budget +inf.0 (lambda () (on-threshold (lambda (s n) s))))   ⇒ there is no budget with a limit around
        (with-budget 5 (lambda () (on-threshold list '(0 1))))     ⇒ argument 2 must be a list of numbers
        (with-budget 5 (lambda () (on-threshold list '(80))))      ⇒ argument 2 must be a list of numbers
        (with-budget 5 (lambda () (on-threshold list 0.5)))        ⇒ argument 2 must be a list of numbers
        (with-budget 5 (lambda () (on-threshold list '("half"))))  ⇒ argument 2 must be a list of numbers
        """
    ),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert message in error_of(program)
