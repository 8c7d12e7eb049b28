"""What a watch sees of calls, in memory and in files."""

from __future__ import annotations

from pathlib import Path

import omega_runtime
import pytest
from omega_runtime.calls.watching import Watch, watching
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.parts import tool_call
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model

from omegac.pipeline import compile_source
from omegac.source import Source


def run(text: str) -> None:
    """Run a program once."""
    exec(compile_source(Source("program.omega", text)).code(), {})


@pytest.mark.parametrize(
    ("reply", "outcome", "tokens"),
    [
        (Reply("Yes.", 3, 4), "settled", 7),
        (Reply("Yes.", 3, 4_000), "overrun", 4_003),
        (RuntimeError("nobody knows"), "unknown", None),
        (KeyboardInterrupt(), "unknown", None),
    ],
)
@pytest.mark.parametrize("is_file", [False, True])
def test_outcomes(
    reply: Reply | BaseException, outcome: str, tokens: int | None, is_file: bool, tmp_path: Path
) -> None:
    ledger = tmp_path / "books.ledger" if is_file else None
    with fresh_ledger(), scripted_model([reply]), watching(Watch()) as watch:
        with omega_runtime.budget(tokens=100_000, ledger=ledger) as account:
            try:
                run('(effect infer.op "Here?" max-tokens: 50)')
            except BaseException:
                assert outcome == "unknown"
            spent = account.spent
        assert watch.under_way() == 0
    (call,) = watch.calls
    assert (call.outcome, call.tokens, call.granted) == (outcome, tokens or call.held, 50)
    assert call.tokens == spent
    assert call.text is None


def test_a_refused_call_is_seen_with_how_long_it_waited() -> None:
    with fresh_ledger(), scripted_model([]), watching(Watch()) as watch, omega_runtime.budget(tokens=5):
        with pytest.raises(omega_runtime.BudgetExceeded):
            run('(effect infer.op "Here?" max-tokens: 50)')
    (call,) = watch.calls
    assert (call.outcome, call.held, call.tokens) == ("refused", 0, 0)


def test_calls_of_helping_threads_have_the_procedures_around_their_map() -> None:
    program = """
    (define (ask x) (effect infer.op (list "Here? " x) max-tokens: 50))
    (define (all xs) (parallel-map ask xs))
    (all '(1 2 3 4))
    """
    with fresh_ledger(), scripted_model(lambda _: "Yes."), watching(Watch(keeps_prompts=True)) as watch:
        run(program)
    assert {call.stack for call in watch.calls} == {("the top level", "all", "ask")}
    assert sorted(str(call.text) for call in watch.calls) == ["Here? 1", "Here? 2", "Here? 3", "Here? 4"]


def test_nothing_is_left_of_a_watch() -> None:
    before = dict(vars(MemoryLedger))
    with watching(Watch()):
        assert vars(MemoryLedger)["settle"] is not before["settle"]
    assert dict(vars(MemoryLedger)) == before


def test_turns_are_calls_and_what_is_kept_for_the_answer_is_none() -> None:
    call = '(effect infer.op "?" tools: (list look) max-turns: 1 max-tokens: 50)'
    replies = [Reply("", 3, 4, content=[tool_call("look")]), Reply("Here.", 5, 6)]
    with fresh_ledger(), scripted_model(replies), watching(Watch()) as watch:
        with omega_runtime.budget(tokens=100_000) as account:
            run(f'(define-tool (look) "Looks." "here") {call}')
            assert account.spent == 18
        assert watch.under_way() == 0
    assert [(call.outcome, call.tokens, call.attempt) for call in watch.calls] == [
        ("settled", 7, 1),
        ("settled", 11, 1),
    ]
