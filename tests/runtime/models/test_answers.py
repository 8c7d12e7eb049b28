"""Answers that are empty or were cut: booked as billed, and never silent."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import Answer, EmptyAnswer, Reply, budget, configure, use_model
from omega_runtime.calls import infer
from omega_runtime.calls.report import report
from omega_runtime.chapter.emergency import enable_caching
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.equality import is_equal
from omega_runtime.values.printing import display_text, write_text

from tests.support.ledgers import SITE
from tests.support.messages_api import Server, message
from tests.support.omega import Run, compiled


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as server, fresh_ledger(), configure(provider=None, model=None):
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        yield server


EMPTY = {
    "refusal": "it refused; rephrase the prompt",
    "max_tokens": "max-tokens was used up before any text came",
    "stop_sequence": "a stop text came first; change stop:",
    "end_turn": "it ended without any text, after thinking only perhaps",
    "pause_turn": "it ended before any text came",
}


@pytest.mark.parametrize(("reason", "why"), EMPTY.items(), ids=EMPTY)
def test_an_empty_answer_is_booked_as_billed_and_raised(server: Server, reason: str, why: str) -> None:
    server.answer_by = lambda body: message("", 20, 30, stop_reason=reason)
    with budget(tokens=5000) as account:
        with pytest.raises(EmptyAnswer, match=f"the model's answer is empty: {why}") as caught:
            infer(SITE, "p")
        assert (account.spent, account.held) == (50, 0)
    error = caught.value
    assert (error.billed, error.stop_reason, error.provider, error.status) == ("yes", reason, "anthropic", None)
    assert len(server.requests) == 1


def test_white_space_is_no_answer_and_thinking_neither(server: Server) -> None:
    server.answer_by = lambda body: message(" \n\t", 20, 30)
    with budget(tokens=5000) as account, pytest.raises(EmptyAnswer):
        infer(SITE, "p")
    assert account.spent == 50


def model(*replies: Any) -> Any:
    return scripted_model(list(replies))


def test_the_empty_string_of_a_function_is_taken_at_its_word() -> None:
    with fresh_ledger(), model("", Reply("", 3, 4)):
        assert infer(SITE, "p") == ""
        assert infer(SITE, "p") == ""
    with fresh_ledger(), model(Reply("", 3, 4, stop_reason="refusal")), pytest.raises(EmptyAnswer):
        infer(SITE, "p")


PROGRAM = """
(define (ask) (effect infer.op "p"))
(guard (e ((error-object? e) (list (error-object-message e) (error-object-irritants e))))
  (ask))
"""


def test_omega_programs_get_a_condition_with_the_reason() -> None:
    with fresh_ledger(), model(Reply("", 3, 4, stop_reason="refusal")):
        run = Run(compiled(PROGRAM).code())
    assert run.value == '("the model\'s answer is empty: it refused; rephrase the prompt" (refusal))'


def test_trackers_hear_of_an_empty_answer() -> None:
    program = """
    (define told '())
    (guard (e (#t (list 'empty told)))
      (with-tracking (lambda (n) (set! told (cons n told))) (lambda () (effect infer.op "p"))))
    """
    with fresh_ledger(), model(Reply("", 3, 4, stop_reason="end_turn")):
        assert Run(compiled(program).code()).value == "(empty (7))"


CUT = """
(define (ask) (effect infer.op "p"))
(define text (ask))
(list (answer-truncated? text) (answer-stop-reason text)
      (answer-truncated? (string-append text "")) (answer-stop-reason "x") (answer-truncated? 5)
      (string? text) (string=? text "cut") (equal? text "cut") (string-length text)
      (hash-table-ref/default (let ((t (make-equal-hash-table))) (hash-table-set! t text 1) t) "cut" 0))
"""


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        ("max_tokens", "(#t max_tokens #f #f #f #t #t #t 3 1)"),
        ("model_context_window_exceeded", "(#t model_context_window_exceeded #f #f #f #t #t #t 3 1)"),
        ("refusal", "(#f refusal #f #f #f #t #t #t 3 1)"),
        ("end_turn", "(#f #f #f #f #f #t #t #t 3 1)"),
        ("stop_sequence", "(#f #f #f #f #f #t #t #t 3 1)"),
        (None, "(#f #f #f #f #f #t #t #t 3 1)"),
    ],
)
def test_programs_see_that_an_answer_was_cut(reason: str | None, value: str) -> None:
    program = compiled(CUT)
    for code in (program.code(), compile(program.text(), "module.py", "exec")):
        with fresh_ledger(), model(Reply("cut", 3, 4, stop_reason=reason)):
            run = Run(code)
        assert (run.message, run.value) == (None, value)


def test_an_answer_behaves_as_the_string_that_it_is() -> None:
    with fresh_ledger(), model(Reply('a "b"', 3, 4, stop_reason="max_tokens"), "plain"):
        text, plain = infer(SITE, "p"), infer(SITE, "q")
    assert type(plain) is str
    assert isinstance(text, Answer)
    assert (text.is_truncated, text.stop_reason) == (True, "max_tokens")
    assert (display_text(text), write_text(text)) == ('a "b"', '"a \\"b\\""')
    assert is_equal(text, 'a "b"')
    assert hash(text) == hash('a "b"')
    for other in (pickle.loads(pickle.dumps(text)), copy.deepcopy(text)):
        assert (other, other.stop_reason) == (text, "max_tokens")


def test_an_answer_can_be_a_prompt_and_a_system_prompt() -> None:
    cut = Reply("cut", 3, 4, stop_reason="max_tokens")
    with fresh_ledger(), model(cut, "x", "y") as asked:
        text = infer(SITE, "p")
        infer(SITE, text)
        infer(SITE, ["A ", text], system=text, stop=text)
    assert asked.prompts[1] == "cut"
    assert type(asked.prompts[1]) is str


def test_a_cut_answer_from_the_cache_is_known_as_cut_and_an_empty_one_is_not_kept() -> None:
    cut, empty = Reply("cut", 3, 4, stop_reason="max_tokens"), Reply("", 3, 4, stop_reason="end_turn")
    with fresh_ledger(), model(cut, empty, "better"), budget(tokens=5000):
        enable_caching()
        assert infer(SITE, "p").stop_reason == "max_tokens"
        assert infer(SITE, "p").stop_reason == "max_tokens"
        with pytest.raises(EmptyAnswer):
            infer(SITE, "q")
        assert infer(SITE, "q") == "better"
        assert report()["totals"]["hits"] == 1


def answers(prompt: str) -> Reply:
    reasons = {"cut": "max_tokens", "refused": "refusal", "whole": "end_turn", "empty": "refusal"}
    return Reply("" if prompt == "empty" else prompt, 3, 4, stop_reason=reasons.get(prompt))


def test_a_resumed_run_gets_the_same_answers_and_errors_without_paying_again(tmp_path: Path) -> None:
    def run(resume: bool) -> tuple[list[Any], int]:
        seen = []
        options: dict[str, Any] = {"ledger": str(tmp_path / "l.ledger"), "run": "test", "resume": resume}
        with budget(tokens=5000, **options) as account:
            for prompt in ("cut", "refused", "whole", "empty", "plain"):
                try:
                    text = infer(SITE, prompt)
                    seen.append((text, getattr(text, "stop_reason", None)))
                except EmptyAnswer as error:
                    seen.append((str(error), error.stop_reason))
        return seen, account.spent

    with use_model(answers):
        first, spent = run(False)
        again, spent_then = run(True)
    assert first == again
    assert [reason for _, reason in first] == ["max_tokens", "refusal", None, "refusal", None]
    assert spent == spent_then == 35


def test_a_reason_that_is_no_string_does_not_lose_the_answer() -> None:
    with fresh_ledger(), model(Reply("text", 3, 4, stop_reason=5)):  # type: ignore[arg-type]
        assert infer(SITE, "p") == "text"
