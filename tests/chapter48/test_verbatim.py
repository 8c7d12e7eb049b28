"""Each definition of the chapter exactly as printed, over the built-in procedures that it takes for granted."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import omega_runtime
import pytest
from omega_runtime.calls.report import report
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from
from omega_runtime.values.symbols import Symbol

from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.chapter import (
    ADAPTIVE_SUMMARIZE,
    ALLOCATE_BUDGET,
    EMERGENCY_MODE,
    FORECAST_BUDGET_NEEDS,
    GENERATE_WITH_QUALITY_TARGET,
    MONITOR_BUDGET_USAGE,
    WITH_BUDGET,
)
from tests.support.omega import value_of

DEFINITIONS = {
    "with-budget": WITH_BUDGET,
    "adaptive-summarize": ADAPTIVE_SUMMARIZE,
    "allocate-budget": ALLOCATE_BUDGET,
    "generate-with-quality-target": GENERATE_WITH_QUALITY_TARGET,
    "monitor-budget-usage": MONITOR_BUDGET_USAGE,
    "emergency-mode": EMERGENCY_MODE,
    "forecast-budget-needs": FORECAST_BUDGET_NEEDS,
}

BUILT_IN = ""
"""The empty program: the names then stand for what is built in."""

Load = Callable[[str], dict[str, Any]]


@pytest.fixture(params=["code object", "text of the .py module"])
def load(request: pytest.FixtureRequest) -> Load:
    """Compile a program and run it; gives its global names."""

    def loaded(text: str) -> dict[str, Any]:
        program = compile_source(Source("chapter.omega", text), result=True)
        assert [warning.message for warning in program.warnings] == []
        is_text = request.param != "code object"
        code = compile(program.text(), "chapter.py", "exec", dont_inherit=True) if is_text else program.code()
        names: dict[str, Any] = {"__name__": "chapter"}
        exec(code, names)
        return names

    return loaded


@pytest.fixture(autouse=True)
def ledger() -> Iterator[MemoryLedger]:
    with fresh_ledger() as ledger:
        yield ledger


def result(names: dict[str, Any]) -> Any:
    return names["__result__"]


@pytest.mark.parametrize("name", sorted({*DEFINITIONS} - {"adaptive-summarize"}))
def test_a_definition_of_the_program_wins_over_the_built_in_one(load: Load, name: str) -> None:
    """In its own program, that is: a program without it has the built-in one."""
    own = result(load(f"{DEFINITIONS[name]}\n{name}"))
    built_in = result(load(name))
    assert own.__omega_name__ == name
    assert own.__module__ == "chapter"
    assert built_in.__module__.startswith("omega_runtime.")


def test_the_whole_chapter_is_one_program(load: Load) -> None:
    names = load("\n".join(DEFINITIONS.values()))
    assert set(names["__all__"]) == {name.replace("-", "_") for name in DEFINITIONS}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_no_definition_needs_a_finding(name: str) -> None:
    """`omegac check` and every compilation stay silent about them."""
    assert list(compile_source(Source("chapter.omega", DEFINITIONS[name])).warnings) == []


# 48.1


@pytest.mark.parametrize("definition", [WITH_BUDGET, BUILT_IN], ids=["the chapter's", "built in"])
def test_with_budget_gives_the_value_or_throws(load: Load, definition: str) -> None:
    transcript = """
    (define (expensive-operation) (effect infer.op "Think!" max-tokens: 8))
    (define (attempt tokens)
      (guard (e ((error-object? e) (error-object-message e)))
        (with-budget tokens  ; 10k token budget
          (lambda ()
            (expensive-operation)
            (expensive-operation)))))
    """
    with scripted_model(lambda prompt: Reply("a thought", 6, 4)):
        names = load(definition + transcript)
        assert names["attempt"](10000) == "a thought"
        assert names["attempt"](19) == "Budget exceeded"
        assert names["attempt"](5) == "Budget exceeded"


def test_the_chapters_with_budget_sees_calls_after_they_are_paid_and_the_built_in_one_before(load: Load) -> None:
    program = '(define (attempt) (with-budget 19 (lambda () (effect infer.op "Think!" max-tokens: 20))))'
    for definition, calls in ((WITH_BUDGET, 1), (BUILT_IN, 0)):
        with scripted_model(lambda prompt: Reply("a thought", 6, 14)) as model, omega_runtime.budget() as account:
            with pytest.raises(OmegaError) as caught:
                load(definition + program.replace("19", "10"))["attempt"]()
        assert caught.value.message == "Budget exceeded"
        assert (len(model.prompts), account.spent) == (calls, 20 * calls)


# 48.2


@pytest.mark.parametrize("expression", ["(get-budget)", "(remaining-budget)"])
@pytest.mark.parametrize(
    ("tokens", "instruction"),
    [
        (60000, "Detailed summary: "),
        (50001, "Detailed summary: "),
        (50000, "Brief summary (50 words): "),
        (10000, "Title only: "),
        (None, "Detailed summary: "),
    ],
)
def test_the_adaptive_strategy_follows_the_budget_around(
    load: Load, expression: str, tokens: int | None, instruction: str
) -> None:
    program = f"{ADAPTIVE_SUMMARIZE} (define (main documents) (adaptive-summarize documents {expression}))"
    with scripted_model(str.upper) as model, omega_runtime.budget(tokens=tokens):
        assert list(load(program)["main"](["one", "two"])) == [(instruction + n).upper() for n in ("one", "two")]
    assert model.prompts == [instruction + "one", instruction + "two"]


def test_an_argument_named_as_a_built_in_procedure_is_the_argument(load: Load) -> None:
    """`remaining-budget` is a parameter in 48.2 and 48.6, and a procedure outside of them."""
    names = load(f"{ADAPTIVE_SUMMARIZE}\n(define (left) (remaining-budget))")
    with scripted_model(str.upper) as model, omega_runtime.budget(tokens=7):
        assert names["left"]() == 7
        assert list(names["adaptive_summarize"]([], 99999)) == []
    assert model.prompts == []


# 48.3


TRANSCRIPT_48_3 = """
(allocate-budget 100000
     '((research priority: 3)
       (writing priority: 2)
       (editing priority: 1)))
"""


def test_the_built_in_allocation_is_as_in_the_transcript(load: Load) -> None:
    expected = "((research: 50000)   ; 3/6 of budget\n(writing: 33333)    ; 2/6 of budget\n(editing: 16667))"
    assert value_of(TRANSCRIPT_48_3) == value_of(f"'{expected}")


def test_the_chapters_allocation_runs_over_get_priority_and_sum(load: Load) -> None:
    allocations = result(load(ALLOCATE_BUDGET + TRANSCRIPT_48_3))
    assert [pair.car.car.name for pair in allocations] == ["research", "writing", "editing"]
    assert [pair.cdr for pair in allocations] == [
        50000,
        pytest.approx(33333.33, abs=0.01),
        pytest.approx(16666.67, abs=0.01),
    ]


# 48.4


@pytest.mark.parametrize("definition", [GENERATE_WITH_QUALITY_TARGET, BUILT_IN], ids=["the chapter's", "built in"])
@pytest.mark.parametrize(
    ("level", "budget", "models"),
    [
        ("high", 5000, {"gpt-4": 5}),
        ("high", 100000, {"gpt-4": 5}),
        ("medium", 1000, {"gpt-4": 1}),
        ("medium", 999, {"gpt-3.5": 1}),
        ("low", 100000, {"gpt-3.5": 1}),
        ("low", 0, {"gpt-3.5": 1}),
    ],
)
def test_quality_targets(load: Load, definition: str, level: str, budget: int, models: dict[str, int]) -> None:
    program = f'{definition}\n(define (main level budget) (generate-with-quality-target "a text" level budget))'
    with scripted_model(lambda prompt: "a better text") as model:
        assert load(program)["main"](Symbol(level), budget) == "a better text"
        assert {name: each["calls"] for name, each in report()["models"].items()} == models
    assert "a text" in model.prompts[0]


@pytest.mark.parametrize("definition", [GENERATE_WITH_QUALITY_TARGET, BUILT_IN], ids=["the chapter's", "built in"])
@pytest.mark.parametrize("budget", ["4999", "0", "-1"])
def test_high_quality_with_too_little(load: Load, definition: str, budget: str) -> None:
    program = f"""{definition}
    (guard (e ((error-object? e) (list (error-object-message e) (error-object-irritants e))))
      (generate-with-quality-target "a text" 'high {budget}))"""
    with scripted_model([]) as model:
        assert repr(result(load(program))) == '("Insufficient budget for high quality" ())'
    assert model.prompts == []


# 48.5


@pytest.mark.parametrize("definition", [MONITOR_BUDGET_USAGE, BUILT_IN], ids=["the chapter's", "built in"])
@pytest.mark.parametrize("is_failing", [False, True])
def test_monitoring_prints_usage_and_rate(load: Load, definition: str, is_failing: bool) -> None:
    end = '(error "no more")' if is_failing else ""
    program = f"""{definition}
    (define (task) (effect infer.op "Think!") (effect infer.op "Think!") {end})
    (define (main) (guard (e (#t (error-object-message e))) (monitor-budget-usage task)))"""
    printed = io.StringIO()
    with scripted_model(lambda prompt: Reply("a thought", 30, 12)), omega_runtime.budget(tokens=5000) as account:
        with contextlib.redirect_stdout(printed):
            value = load(program)["main"]()
    assert value == ("no more" if is_failing else "a thought")
    assert account.spent == 84
    number = r"\d+(\.\d+)?(e[-+]?\d+)?"
    expected = rf"\(Budget used: 84 tokens in {number} seconds\)\s?\(Rate: ({number}|no measurable) tokens/sec\)\s?"
    assert re.fullmatch(expected, printed.getvalue())


# 48.6


@pytest.mark.parametrize("definition", [EMERGENCY_MODE, BUILT_IN], ids=["the chapter's", "built in"])
@pytest.mark.parametrize(
    ("remaining", "mode"),
    [
        ("-1", "(aggressive-caching minimal-prompts)"),
        ("999", "(aggressive-caching minimal-prompts)"),
        ("999.5", "(aggressive-caching minimal-prompts)"),
        ("1000", "(caching medium)"),
        ("4999", "(caching medium)"),
        ("5000", "()"),
        ("(get-budget)", "(caching medium)"),
    ],
)
def test_modes(load: Load, definition: str, remaining: str, mode: str) -> None:
    with omega_runtime.budget(tokens=1500):
        assert repr(result(load(f"{definition} (emergency-mode {remaining}) (current-mode)"))) == mode


# 48.7


RECORD = """
(define (record task tokens) (with-task task (lambda () (effect infer.op (list tokens) max-tokens: 1))))
(for-each (lambda (tokens) (record '(summarize 100 documents) tokens)) '(9000 10000 11000))
"""


def costs_what_it_says(prompt: str) -> Reply:
    return Reply("done", int(prompt), 0)


@pytest.mark.parametrize("definition", [FORECAST_BUDGET_NEEDS, BUILT_IN], ids=["the chapter's", "built in"])
@pytest.mark.parametrize(("size", "needs"), [(100, 15000), (10, 1500), (200, 30000)])
def test_forecasts_are_based_on_historical_data(load: Load, definition: str, size: int, needs: int) -> None:
    with scripted_model(costs_what_it_says):
        names = load(f"{definition}{RECORD}(forecast-budget-needs '(summarize {size} documents))")
    assert result(names) == needs


def test_without_history_the_chapters_forecast_says_so(load: Load) -> None:
    program = f"{FORECAST_BUDGET_NEEDS}(forecast-budget-needs '(translate 3 letters))"
    with pytest.raises(OmegaError, match="average: there are no numbers"):
        load(program)


def test_a_program_may_define_any_of_the_helpers_itself(load: Load) -> None:
    own = """
    (define (get-priority task) (cadr task))
    (define (sum numbers) (apply + numbers))
    (allocate-budget 100 '((a 1) (b 3)))
    """
    assert repr(result(load(ALLOCATE_BUDGET + own))) == "(((a 1) . 25) ((b 3) . 75))"


def test_python_callers_get_the_same_definitions(load: Load) -> None:
    names = load("\n".join(DEFINITIONS.values()))
    with scripted_model(lambda prompt: Reply("x", 6, 5)) as model:
        assert names["with_budget"](11, lambda: list(names["adaptive_summarize"](("doc",), 1))) == ["x"]
        assert names["allocate_budget"](9, list_from([list_from([Symbol("a")])])).car.cdr == 9
    assert model.prompts == ["Title only: doc"]
