"""48.4: one pass or several, by a target of quality."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import Any

import omega_runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.calls.report import report
from omega_runtime.chapter.quality import generate_with_quality_target, multi_pass_refinement, single_pass
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.symbols import Symbol

from tests.support.omega import error_of, table, value_of

TEXT = 'The tide\n  tables, "all" of them: wrong.'
GOOD, FAST = Symbol("gpt-4"), Symbol("gpt-3.5")


@pytest.fixture(autouse=True)
def ledger() -> Iterator[MemoryLedger]:
    with fresh_ledger() as ledger:
        yield ledger


def calls_by_model() -> dict[str, int]:
    return {model: each["calls"] for model, each in report()["models"].items()}


def test_a_single_pass_is_one_call_with_the_whole_text() -> None:
    with scripted_model(["better"]) as model:
        assert single_pass(TEXT, GOOD) == "better"
    assert len(model.prompts) == 1
    assert model.prompts[0].endswith(f"\n\n{TEXT}")


def test_three_passes_draft_criticise_and_revise_twice() -> None:
    replies = ["DRAFT 1", "CRITIQUE 1", "DRAFT 2", "CRITIQUE 2", "DRAFT 3"]
    with scripted_model(replies) as model:
        assert multi_pass_refinement(TEXT, GOOD, 3) == "DRAFT 3"
    draft, critique, revision, critique_2, revision_2 = model.prompts
    assert draft.startswith("Improve ")
    assert draft.endswith(TEXT)
    assert critique.startswith("Name the weaknesses ")
    assert critique.endswith("DRAFT 1")
    assert revision.startswith("Revise ")
    assert revision.endswith("DRAFT 1\n\nCritique:\nCRITIQUE 1")
    assert critique_2.endswith("DRAFT 2")
    assert revision_2.endswith("DRAFT 2\n\nCritique:\nCRITIQUE 2")
    assert TEXT not in critique + revision + critique_2 + revision_2


@given(st.integers(1, 12))
def test_n_passes_are_2n_minus_1_calls(passes: int) -> None:
    with fresh_ledger(), scripted_model(lambda prompt: "x") as model:
        assert multi_pass_refinement("text", GOOD, passes) == "x"
        assert calls_by_model() == {"gpt-4": 2 * passes - 1}
    assert sum(prompt.startswith("Name the weaknesses ") for prompt in model.prompts) == passes - 1


def test_the_steps_are_told_apart_in_reports() -> None:
    with scripted_model(lambda prompt: "x"):
        multi_pass_refinement("text", GOOD, 3)
        single_pass("text", GOOD)
    calls = {(site["procedure"], site["ordinal"]): site["calls"] for site in report()["sites"]}
    assert calls == {
        ("multi-pass-refinement", 1): 1,
        ("multi-pass-refinement", 2): 2,
        ("multi-pass-refinement", 3): 2,
        ("single-pass", 1): 1,
    }


def test_braces_and_percent_signs_of_a_text_are_data() -> None:
    text = "100 % {x} %s {0} \\n"
    with scripted_model(lambda prompt: text) as model:
        assert multi_pass_refinement(text, GOOD, 2) == text
    assert all(text in prompt for prompt in model.prompts)


@pytest.mark.parametrize(
    ("level", "budget", "calls"),
    [
        ("high", 5000, {"gpt-4": 5}),
        ("high", float("inf"), {"gpt-4": 5}),
        ("medium", 1000, {"gpt-4": 1}),
        ("medium", 999.9, {"gpt-3.5": 1}),
        ("medium", 0, {"gpt-3.5": 1}),
        ("low", -5, {"gpt-3.5": 1}),
    ],
)
@pytest.mark.parametrize("kind", [str, Symbol])
def test_levels(level: str, budget: float, calls: dict[str, int], kind: type) -> None:
    """A level may be a string for Python's sake."""
    with scripted_model(lambda prompt: "better"):
        assert generate_with_quality_target("text", kind(level), budget) == "better"
    assert calls_by_model() == calls


@pytest.mark.parametrize("budget", [4999, 0, 4999.99, -1, float("-inf"), nan])
def test_high_quality_needs_its_budget(budget: float) -> None:
    with scripted_model([]) as model, pytest.raises(OmegaError) as caught:
        generate_with_quality_target("text", Symbol("high"), budget)
    assert (caught.value.message, caught.value.irritants) == ("Insufficient budget for high quality", ())
    assert model.prompts == []


def test_over_the_budget_around() -> None:
    program = """
    (define (improve level) (generate-with-quality-target "text" level (get-budget)))
    (map (lambda (tokens) (with-budget tokens (lambda () (guard (e (#t (error-object-message e))) (improve 'high)))))
         '(5000 4999))"""
    with scripted_model(lambda prompt: Reply("better", 10, 5)):
        assert value_of(program) == '("better" "Insufficient budget for high quality")'


def test_the_number_that_is_given_is_no_limit_but_the_budget_around_is() -> None:
    with scripted_model(lambda prompt: Reply("better", 1500, 500)) as model:
        with omega_runtime.budget(tokens=10**6) as account:
            generate_with_quality_target("text", Symbol("high"), 5000)
        assert account.spent == 5 * 2000
        with omega_runtime.budget(tokens=1000), pytest.raises(BudgetExceeded) as caught:
            generate_with_quality_target("text", Symbol("high"), 5000)
    assert len(model.prompts) == 5 + 1
    assert caught.value.partial == ("better",)


@pytest.mark.parametrize(
    ("program", "message"),
    table(
        """
        (single-pass 5 'gpt-4)                               ⇒ single-pass: argument 1 must be a string, but got 5
        (single-pass "text" 5)                               ⇒ option model: must be a model's name, but got 5
        (multi-pass-refinement "text" 'gpt-4 0)              ⇒ argument 3 must be an integer >= 1, but got 0
        (multi-pass-refinement "text" 'gpt-4 2.5)            ⇒ argument 3 must be an integer >= 1, but got 2.5
        (multi-pass-refinement "text" 'gpt-4 #t)             ⇒ argument 3 must be an integer >= 1, but got #t
        (generate-with-quality-target "text" 'best 5000)     ⇒ argument 2 must be one of high, medium and low
        (generate-with-quality-target "text" 'high "much")   ⇒ argument 3 must be a number of tokens, but got "much"
        (generate-with-quality-target 5 'low 100)            ⇒ argument 1 must be a string, but got 5
        """
    ),
)
def test_wrong_arguments(program: str, message: str) -> None:
    with scripted_model([]) as model:
        assert message in error_of(program)
    assert model.prompts == []


def test_handlers_see_every_pass() -> None:
    program = """
    (handle (multi-pass-refinement "text" 'gpt-4 2)
      (on infer.op (prompt k) (k (number->string (string-length prompt)))))"""
    with scripted_model([]):
        lengths: Any = value_of(program)
    assert lengths.strip('"').isdigit()


def test_a_program_that_defines_single_pass_itself_leaves_the_others_alone() -> None:
    program = """
    (define (single-pass text model) (list text model))
    (list (single-pass "a" 'gpt-4) (multi-pass-refinement "text" 'gpt-4 1))"""
    with scripted_model(lambda prompt: "draft"):
        assert value_of(program) == '(("a" gpt-4) "draft")'
