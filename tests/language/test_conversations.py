"""Conversations with a model, and how its answers are made: what is sent, what is held, and what is an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import BudgetExceeded, ModelRequest, OmegaError, budget, configure, report, use_model
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.testing import fresh_ledger

from tests.support.messages_api import Server, message
from tests.support.omega import Run, compiled

TALK = """
(define (ask said question)
  (let ((said (append said (list (user question)))))
    (append said (list (assistant (effect infer.op said max-tokens: 20))))))
(map message-text (ask (ask '() (list "Hello " 1)) "And you?"))
"""


def value_of(program: str) -> str | None:
    """What a program gives, run once."""
    run = Run(compiled(program).code())
    if run.error is not None:
        raise run.error
    return run.value


def asked(program: str, answer: Callable[[ModelRequest], str] | None = None) -> list[ModelRequest]:
    """The requests that a program makes."""
    requests: list[ModelRequest] = []

    def model(request: ModelRequest) -> str:
        requests.append(request)
        return f"answer {len(requests)}" if answer is None else answer(request)

    with fresh_ledger(), use_model(model):
        value_of(program)
    return requests


def test_a_conversation() -> None:
    first, second = asked(TALK)
    assert first.messages == [{"role": "user", "content": "Hello 1"}]
    assert second.messages == [
        {"role": "user", "content": "Hello 1"},
        {"role": "assistant", "content": "answer 1"},
        {"role": "user", "content": "And you?"},
    ]
    assert second.prompt == "And you?"


@pytest.mark.parametrize(
    ("operand", "problem"),
    [
        ('(list (assistant "a"))', "message 1 of the conversation is of assistant, but user comes next"),
        ('(list (user "a") (user "b"))', "message 2 of the conversation is of user, but assistant comes next"),
        ('(list (user "a") (assistant "b"))', "the conversation ends with the assistant"),
        ('(list (user "a") "b")', "item 2 of the conversation is no message"),
        ('(list "a" (user "b"))', "item 1 of the conversation is no message"),
    ],
)
def test_what_is_no_conversation(operand: str, problem: str) -> None:
    with fresh_ledger(), budget(tokens=1_000) as account:
        with use_model(lambda request: "yes"), pytest.raises(OmegaError, match=problem):
            value_of(f"(effect infer.op {operand})")
        assert (account.spent, account.held) == (0, 0)


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("temperature: 3", "option temperature: must be a number from 0 to 2, but got 3"),
        ("temperature: 'warm", "option temperature: must be a number from 0 to 2, but got warm"),
        ("top-p: -1", "option top-p: must be a number from 0 to 1, but got -1"),
        ("effort: 5", "option effort: must be a level such as low, medium or high, but got 5"),
    ],
)
def test_impossible_options(option: str, problem: str) -> None:
    with fresh_ledger(), use_model(lambda request: "yes"), pytest.raises(OmegaError, match=problem):
        value_of(f'(effect infer.op "Hello?" {option})')


def test_options_reach_the_model() -> None:
    request = asked('(effect infer.op "Hello?" temperature: 0.5 top-p: 0.9 effort: \'low)')[0]
    assert (request.temperature, request.top_p, request.effort) == (0.5, 0.9, "low")
    request = asked('(effect infer.op "Hello?" temperature: #f)')[0]
    assert request.temperature is None


@pytest.mark.parametrize(
    ("call", "lacking"),
    [
        ('(effect infer.op (list (user "a")))', "messages"),
        ('(effect infer.op "a" temperature: 1)', "temperature"),
        ('(effect infer.op (list (user "a")) effort: "low")', "effort and messages"),
    ],
)
def test_a_function_that_cannot_be_told_is_an_error_before_anything_is_held(call: str, lacking: str) -> None:
    def model(prompt: str, system: str = "") -> str:
        raise AssertionError(prompt + system)

    with fresh_ledger(), budget(tokens=1_000) as account:
        with use_model(model), pytest.raises(OmegaError, match=f"can't be told of {lacking}, which the call has"):
            value_of(call)
        assert (account.spent, account.held) == (0, 0)


def test_functions_get_what_they_have_parameters_for() -> None:
    got: list[Any] = []

    def model(messages: list[dict[str, str]], temperature: float = 1.0, **rest: Any) -> str:
        got.append((messages, temperature, rest.get("effort")))
        return "yes"

    with fresh_ledger(), use_model(model):
        value_of('(begin (effect infer.op "a" temperature: 0.1) (effect infer.op (list (user "b")) effort: "low"))')
    assert got == [
        ([{"role": "user", "content": "a"}], 0.1, None),
        ([{"role": "user", "content": "b"}], 1.0, "low"),
    ]


def test_what_anthropic_is_sent_and_what_is_held() -> None:
    program = """
    (effect infer.op (list (user "äöü") (assistant "b") (user "c")) max-tokens: 20 temperature: 0.5 effort: 'high)
    """
    with Server(message("yes", 12, 3)) as server, fresh_ledger(), budget(tokens=10_000) as account:
        with configure(provider=AnthropicProvider("k", server.url)):
            value_of(program)
        body = server.bodies()[0]
        assert [each["content"] for each in body["messages"]] == ["äöü", "b", "c"]
        assert (body["temperature"], body["output_config"]) == (0.5, {"effort": "high"})
        assert account.spent == 15
    bound = 6 + 1 + 1 + 3 * 32 + 20
    with Server() as server, fresh_ledger(), configure(provider=AnthropicProvider("k", server.url)):
        with budget(tokens=bound - 1), pytest.raises(BudgetExceeded) as refused:
            value_of(program.replace("max-tokens: 20", "max-tokens: 20 clamp: #f"))
    assert refused.value.needed == bound


def test_the_cache_tells_conversations_and_options_apart() -> None:
    program = """
    (with-budget 10000 (lambda ()
      (enable-caching!)
      (effect infer.op (list (user "a")))
      (effect infer.op "[[\\"user\\", \\"a\\"]]")
      (effect infer.op (list (user "a")) temperature: 0.5)
      (effect infer.op (list (user "a")))))
    """
    with fresh_ledger(), use_model(lambda request: "yes"):
        value_of(program)
        totals = report()["totals"]
    assert (totals["calls"], totals["hits"]) == (3, 1)


def test_a_resumed_run_tells_them_apart(tmp_path: Path) -> None:
    calls: list[ModelRequest] = []

    def model(request: ModelRequest) -> str:
        calls.append(request)
        return str(len(calls))

    model.identity = "mine"  # type: ignore[attr-defined]
    program = '(effect infer.op (list (user "a"))) (effect infer.op "a" temperature: {}) '

    def run(temperature: float, resume: bool) -> None:
        scope = budget(ledger=tmp_path / "l.ledger", run="r", resume=resume)
        with fresh_ledger(), use_model(model), pytest.raises(ZeroDivisionError), scope:
            value_of(program.format(temperature) + "(/ 1 0)")

    run(0.5, resume=False)
    assert len(calls) == 2
    run(0.5, resume=True)
    assert len(calls) == 2
    run(0.7, resume=True)
    assert len(calls) == 3
