"""Effect handlers: who sees an effect, what becomes of its value, and what is reserved meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from omega_runtime.calls import Resume, Site, effect, handle, infer, reserve
from omega_runtime.calls.context import current
from omega_runtime.calls.report import report
from omega_runtime.chapter.scopes import get_budget, with_budget
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import make_list

from tests.support.ledgers import SITE, Figures

ASK = Site("test.omega", 5, 1, "ask.op", "main", 1)
TELL = Site("test.omega", 6, 1, "tell.op", "main", 1)


def test_a_clause_that_resumes_gives_the_effect_its_value() -> None:
    assert handle(lambda: 1 + effect(ASK, 10), {"ask.op": lambda operand, k: k(operand * 2)}) == 21


def test_a_clause_that_does_not_resume_gives_handle_its_value() -> None:
    assert handle(lambda: 1 + effect(ASK, 10), {"ask.op": lambda operand, k: "aborted"}) == "aborted"


def test_without_an_effect_handle_gives_the_value_of_its_body() -> None:
    assert handle(lambda: 7, {"ask.op": lambda k: k(1)}) == 7


def test_an_answered_call_reserves_nothing_and_asks_no_model() -> None:
    with fresh_ledger() as ledger, scripted_model([]) as model:
        hold = handle(lambda: reserve(SITE, "prompt"), {"infer.op": lambda operand, k: k("canned")})
        assert (hold.open, hold.value) == (False, "canned")
        assert handle(lambda: infer(SITE, "prompt"), {"infer.op": lambda operand, k: k("canned")}) == "canned"
    assert model.prompts == []
    assert (ledger.root.spent, ledger.root.held, report(ledger)["sites"]) == (0, 0, [])


def test_the_clause_gets_the_operand_as_the_program_wrote_it() -> None:
    operand = make_list("Summary: ", 1)
    assert handle(lambda: infer(SITE, operand), {"infer.op": lambda it, k: k(it)}) is operand


def test_several_operands() -> None:
    assert handle(lambda: effect(TELL, 1, 2), {"tell.op": lambda a, b, k: k((b, a))}) == (2, 1)


def test_the_innermost_handler_wins_and_others_see_what_it_does_not_handle() -> None:
    def body() -> Any:
        return handle(lambda: [effect(ASK, 1), effect(TELL, 2)], {"ask.op": lambda x, k: k(("inner", x))})

    clauses = {"ask.op": lambda x, k: k(("outer", x)), "tell.op": lambda x, k: k(("outer", x))}
    assert handle(body, clauses) == [("inner", 1), ("outer", 2)]


def test_a_clause_runs_with_the_handlers_outside_its_own() -> None:
    def inner(x: int, k: Resume) -> Any:
        return k(effect(ASK, x + 1))

    def body() -> Any:
        return handle(lambda: effect(ASK, 1), {"ask.op": inner})

    assert handle(body, {"ask.op": lambda x, k: k(x * 100)}) == 200


def test_an_effect_in_a_clause_that_nothing_handles_is_an_error() -> None:
    with pytest.raises(OmegaError, match=r"no handler for effect ask\.op"):
        handle(lambda: effect(ASK, 1), {"ask.op": lambda x, k: k(effect(ASK, x))})


def test_an_abort_passes_other_handlers_budgets_and_finally() -> None:
    seen: list[str] = []

    def body() -> Any:
        try:
            return ["went on", handle(lambda: with_budget(50, lambda: effect(ASK, 1)), {"tell.op": lambda x, k: k(x)})]
        except Exception:
            seen.append("caught by the program")
        finally:
            seen.append("unwound")

    with fresh_ledger() as ledger:
        before = current.get()
        assert handle(body, {"ask.op": lambda x, k: "out"}) == "out"
        assert current.get() is before
        assert not ledger.accounts
    assert seen == ["unwound"]


def test_an_abort_out_of_a_model_function_books_the_call_whole() -> None:
    def model(prompt: str) -> str:
        return str(effect(ASK, prompt))

    with fresh_ledger() as ledger, configure(max_tokens=100), scripted_model(model):
        assert handle(lambda: infer(SITE, "prompt"), {"ask.op": lambda x, k: "out"}) == "out"
    assert (ledger.root.spent, ledger.root.held) == (6 + 100, 0)


def test_a_nested_clause_may_resume_the_outer_effect() -> None:
    def outer(x: int, k: Resume) -> Any:
        return handle(lambda: effect(TELL, x), {"tell.op": lambda y, k2: k(y + 1)})

    assert handle(lambda: ("value", effect(ASK, 1)), {"ask.op": outer}) == ("value", 2)


def test_a_continuation_is_good_for_one_use() -> None:
    kept: list[Resume] = []

    def twice(x: int, k: Resume) -> Any:
        k(1)
        return k(2)

    with pytest.raises(OmegaError, match="once only"):
        handle(lambda: effect(ASK, 1), {"ask.op": twice})
    handle(lambda: effect(ASK, 1), {"ask.op": lambda x, k: kept.append(k)})
    with pytest.raises(OmegaError, match="once only"):
        kept[0](1)


def test_an_error_in_a_clause_leaves_the_handle_past_what_guards_its_body() -> None:
    def fail(x: int, k: Resume) -> Any:
        raise OmegaError("in the clause")

    def body() -> Any:
        try:
            return effect(ASK, 1)
        except OmegaError:
            return "caught inside"

    with pytest.raises(OmegaError, match="in the clause"):
        handle(body, {"ask.op": fail})


def test_handlers_are_gone_after_their_handle() -> None:
    handle(lambda: 1, {"ask.op": lambda x, k: k(x)})
    with pytest.raises(OmegaError, match="no handler"):
        effect(ASK, 1)


def test_a_clause_that_calls_a_model_pays_from_the_budget_of_the_effect() -> None:
    def clause(x: int, k: Resume) -> Any:
        return k((infer(SITE, "prompt"), get_budget()))

    figures = Figures(10, 10, Reply("paid", 10, 10))
    with fresh_ledger(), configure(provider=figures):
        result = handle(lambda: with_budget(100, lambda: effect(ASK, 1)), {"ask.op": clause})
    assert result == ("paid", 80)
