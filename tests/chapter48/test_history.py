"""48.7: the history of tasks, and which of them are similar to a task."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import omega_runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.calls import infer
from omega_runtime.calls.context import current_account
from omega_runtime.chapter import history
from omega_runtime.chapter.history import describe, similar_tasks, size
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.tasks import TaskRecord
from omega_runtime.testing import FakeClock, fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from
from omega_runtime.values.symbols import Symbol

from tests.support.ledgers import SITE
from tests.support.omega import RUNS, error_of, runs_of, table, value_of


def record(ledger: Ledger, description: str, tokens: int, is_complete: bool = True) -> None:
    ledger.record_task(TaskRecord(description, tokens, None, 1, 0.0, is_complete, 0.0))


def figures(task: TaskRecord) -> tuple[Any, ...]:
    return task.description, task.tokens, task.calls, task.is_complete


def test_a_task_records_what_it_cost() -> None:
    program = """
    (with-task '(summarize 10 documents)
      (lambda ()
        (effect infer.op "one")
        (with-budget 100 (lambda () (effect infer.op "two" max-tokens: 20)))))
    """
    with fresh_ledger() as ledger, scripted_model(lambda prompt: omega_runtime.Reply(prompt, 20, 5)):
        assert value_of(program) == '"two"'
        assert [figures(each) for each in ledger.tasks()] == [("summarize 10 documents", 50, 2, True)] * RUNS


def test_from_python_with_time_and_money() -> None:
    clock = FakeClock()

    def answer(prompt: str) -> omega_runtime.Reply:
        clock.advance(1.5)
        return omega_runtime.Reply("", 10, 5)

    with fresh_ledger(clock) as ledger, scripted_model(answer):
        with omega_runtime.budget(tokens=1000) as outside, omega_runtime.task("summarize  it") as account:
            infer(SITE, "x")
            infer(SITE, "x")
            assert current_account() is account
            assert account.limit is None
        assert outside.spent == 30
        assert current_account() is ledger.root
    (task,) = ledger.tasks()
    assert figures(task) == ("summarize it", 30, 2, True)
    assert (task.seconds, task.ended, task.dollars) == (3.0, clock.time(), None)
    assert repr(task) == "#<task summarize it: 30 tokens>"


def test_tasks_nest() -> None:
    with fresh_ledger() as ledger, scripted_model(lambda prompt: omega_runtime.Reply("", 10, 5)):
        with omega_runtime.task("whole"):
            infer(SITE, "x")
            with omega_runtime.task("part"):
                infer(SITE, "x")
    assert [figures(each) for each in ledger.tasks()] == [("part", 15, 1, True), ("whole", 30, 2, True)]


def test_what_an_error_ended_is_recorded_as_incomplete_and_not_used() -> None:
    program = """
    (guard (e (#t (find-similar-historical-tasks "summarize it")))
      (with-task "summarize it" (lambda () (effect infer.op "x") (car '()))))
    """
    with fresh_ledger() as ledger, scripted_model(lambda prompt: omega_runtime.Reply("", 10, 5)):
        assert value_of(program) == "()"
        assert [figures(each) for each in ledger.tasks()] == [("summarize it", 15, 1, False)] * RUNS
        assert repr(ledger.tasks()[0]) == "#<task summarize it: 15 tokens, incomplete>"


def test_a_model_that_fails_may_have_been_paid() -> None:
    with fresh_ledger() as ledger, scripted_model(lambda prompt: RuntimeError("lost")):
        with pytest.raises(OmegaError), omega_runtime.task("it"):
            infer(SITE, "x", max_tokens=100)
    (task,) = ledger.tasks()
    assert task.tokens > 100
    assert (task.calls, task.is_complete) == (1, False)


def test_one_scope_is_one_task() -> None:
    with fresh_ledger() as ledger:
        scope = omega_runtime.task("it")
        with scope:
            pass
        with pytest.raises(OmegaError, match="can be entered once only"), scope:
            pass
    assert len(ledger.tasks()) == 1


@pytest.mark.parametrize(
    ("task", "description"),
    [
        ("summarize 100 documents", "summarize 100 documents"),
        ("  summarize \n 100\tdocuments ", "summarize 100 documents"),
        (Symbol("summarize"), "summarize"),
        (list_from([Symbol("summarize"), 100.0, "text files"]), "summarize 100 text files"),
        (list_from([Symbol("summarize"), list_from([2, Symbol("files")])]), "summarize (2 files)"),
        (["summarize", 100], "summarize 100"),
        ("odd \ud800", "odd ?"),
    ],
)
def test_descriptions(task: Any, description: str) -> None:
    assert describe("task", task) == description


@pytest.mark.parametrize("task", ["", "  ", 5, None, True, [], list_from([]), list_from([Symbol("a")], Symbol("b"))])
def test_what_does_not_describe_a_task(task: Any) -> None:
    with fresh_ledger() as ledger:
        for use in (omega_runtime.task, omega_runtime.forecast):
            with pytest.raises(OmegaError, match="argument 1 must be a task"):
                use(task)
        assert ledger.tasks() == []


def test_bad_arguments_in_omega() -> None:
    with fresh_ledger() as ledger:
        assert error_of("(with-task 5 car)").startswith("with-task: argument 1 must be a task: a list such as")
        assert error_of('(with-task "it" (car (list 5)))') == "with-task: argument 2 must be a procedure, but got 5"
        expected = "get-cost: argument 1 must be a task found by find-similar-historical-tasks, but got (a 5)"
        assert error_of("(get-cost '(a 5))") == expected
        assert [each for each in ledger.tasks() if each.is_complete] == []


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("summarize documents", 1),
        ("summarize 100 documents", 100),
        ("summarize 0 documents", 1),
        ("summarize 20 documents of 5 pages", 100),
        ("a 100-page report", 100),
        ("summarize 2.5 pages (3 copies).", Fraction("7.5")),
        ("read 1,000,000 rows and 10.", 10_000_000),
        ("ask gpt-4 and gpt-3.5, v1.2, r2d2 and 3b", 1),
        ("events of 2026-11-23, 5/6 and 12:30:59", 1),
        ("between 5-10 pages at -5 degrees", 1),
        ("number 12345678901234567890", 1),
        ("number " + "9" * 5000, 1),
        ("٣ documents", 1),
    ],
)
def test_sizes(description: str, expected: Any) -> None:
    assert size(description) == expected


@given(st.text())
def test_every_text_has_a_size(text: str) -> None:
    assert size(text) > 0


@pytest.mark.parametrize(
    ("description", "is_similar"),
    [
        ("summarize 10 documents", True),
        ("Summarize the documents!", True),
        ("100 documents: summarize", True),
        ("summarize 5 documents quickly", True),
        ("summarise document", True),
        ("translate 100 documents", False),
        ("summarize", False),
        ("100", False),
    ],
)
def test_similar_descriptions(description: str, is_similar: bool) -> None:
    with fresh_ledger() as ledger:
        record(ledger, description, 1)
        assert bool(similar_tasks("summarize 100 documents")) is is_similar


def test_descriptions_without_letters() -> None:
    with fresh_ledger() as ledger:
        for each in ("+ 1 2", "* 2 3", "7"):
            record(ledger, each, 1)
        assert [each.task.description for each in similar_tasks("+ 5 5")] == ["+ 1 2"]
        assert [each.task.description for each in similar_tasks("8 9")] == ["7"]


def test_the_most_similar_come_first_and_others_not_at_all() -> None:
    with fresh_ledger() as ledger:
        for description in (
            "summarize documents briefly",
            "write a poem",
            "summarize 7 documents",
            "SUMMARIZE documents",
        ):
            record(ledger, description, 1)
        found = [each.task.description for each in similar_tasks("summarize documents")]
    assert found == ["summarize 7 documents", "SUMMARIZE documents", "summarize documents briefly"]


HISTORY = [("summarize 10 documents", 1500), ("summarize 3 documents", 100), ("write 2 poems", 7)]


@pytest.mark.parametrize(
    ("program", "value"),
    table(
        """
        (map get-cost (find-similar-historical-tasks '(summarize 100 documents)))   ⇒ (15000 3333.3333333333335)
        (map get-cost (find-similar-historical-tasks '(summarize 10 documents)))    ⇒ (1500 333.3333333333333)
        (map get-cost (find-similar-historical-tasks "summarize documents"))        ⇒ (150 33.333333333333336)
        (find-similar-historical-tasks "write poems")      ⇒ (#<task write 2 poems: 7 tokens, 100 % similar>)
        (find-similar-historical-tasks '(sing a song))     ⇒ ()
        """
    ),
)
def test_costs_are_scaled_to_the_size_that_is_asked_about(program: str, value: str) -> None:
    with fresh_ledger() as ledger:
        for description, tokens in HISTORY:
            record(ledger, description, tokens)
        assert value_of(program) == value


def test_a_program_may_find_its_tasks_itself() -> None:
    program = """
    (define (find-similar-historical-tasks task) '((a 5) (b 7)))
    (define (get-cost entry) (cadr entry))
    (map get-cost (find-similar-historical-tasks 'x))
    """
    assert value_of(program) == "(5 7)"


def test_a_ledger_file_keeps_the_history_of_its_budgets(tmp_path: Path) -> None:
    path = tmp_path / "l.ledger"
    with scripted_model(lambda prompt: omega_runtime.Reply("", 10, 5)), omega_runtime.budget(ledger=path):
        with omega_runtime.task("count 3 things"):
            infer(SITE, "x")
    program = f"""
import omega_runtime
from omega_runtime.chapter.history import similar_tasks
with omega_runtime.budget(ledger={str(path)!r}):
    for each in similar_tasks("count 6 things"):
        task = each.task
        print(task.description, task.tokens, task.calls, task.is_complete, task.picodollars, each.cost)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("count 3 things 15 1 True None 30\n", "")


def test_the_history_can_be_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "history.ledger"
    with fresh_ledger() as ledger, omega_runtime.configure(history=path):
        with omega_runtime.task("count 3 things"):
            pass
        assert ledger.tasks() == []
        assert [figures(each) for each in history.history().tasks()] == [("count 3 things", 0, 0, True)]
        assert history.history().tasks()[0].dollars == 0
        assert len(similar_tasks("count 4 things")) == 1
        with omega_runtime.configure(history=None):
            assert similar_tasks("count 4 things") == []


@pytest.mark.parametrize("path", ["", 5, True])
def test_impossible_paths(path: Any) -> None:
    with pytest.raises(OmegaError, match="configure: history must be the path of a file, or None"):
        omega_runtime.configure(history=path)


def test_a_history_that_cannot_be_opened_is_an_error_before_anything_is_spent(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("no ledger, but a poem" * 50)
    with scripted_model(["never"]) as model, omega_runtime.configure(history=path):
        with pytest.raises(LedgerFileError), omega_runtime.task("it"):
            infer(SITE, "x")
    assert model.prompts == []


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(ledger: Ledger, task: TaskRecord) -> None:
        raise LedgerFileError("the disk is full")

    monkeypatch.setattr("omega_runtime.ledger.memory.MemoryLedger.record_task", refuse)


@pytest.mark.usefixtures("full")
def test_answers_are_not_lost_when_the_history_cannot_be_written() -> None:
    with fresh_ledger(), scripted_model(["paid"]), omega_runtime.budget(tokens=10_000):
        with pytest.raises(LedgerFileError, match="the disk is full") as caught:
            with omega_runtime.task("it"):
                infer(SITE, "x")
    assert caught.value.partial == ("paid",)


@pytest.mark.usefixtures("full")
def test_the_programs_own_error_comes_first() -> None:
    with fresh_ledger(), pytest.raises(ValueError, match="mine") as caught, omega_runtime.task("it"):
        raise ValueError("mine")
    assert caught.value.__notes__ == ["the disk is full"]


def test_both_forms_of_a_program_record_alike() -> None:
    with fresh_ledger() as ledger:
        runs_of("(with-task 'thing (lambda () 1))")
        assert [figures(each) for each in ledger.tasks()] == [("thing", 0, 0, True)] * RUNS
