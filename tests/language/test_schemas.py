"""Answers as data that fit a schema: how it is written, what is held for all attempts, and what doesn't fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from omega_runtime import (
    BudgetExceeded,
    ModelError,
    ModelRequest,
    NotBilled,
    OmegaError,
    Reply,
    budget,
    configure,
    use_model,
)
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.provider import NetworkProvider
from omega_runtime.models.request import Request
from omega_runtime.models.schemas import SchemaMismatch
from omega_runtime.testing import fresh_ledger

from tests.support.messages_api import Server, gateway, message
from tests.support.omega import Run, compiled, table

ORDER = "schema: '((name string) (count integer))"
GOOD = '{"name": "Ada", "count": 3}'
BAD = '{"name": "Ada"}'


def value_of(program: str) -> str | None:
    """What a program gives, run once."""
    run = Run(compiled(program).code())
    if run.error is not None:
        raise run.error
    return run.value


def answering(*texts: str | Exception) -> Callable[[ModelRequest], Reply]:
    """A model that gives these answers in order, each for 10 and 5 tokens."""
    left = list(texts)

    def model(request: ModelRequest) -> Reply:
        text = left.pop(0)
        if isinstance(text, Exception):
            raise text
        return Reply(text, 10, 5)

    return model


@pytest.mark.parametrize(
    ("schema", "expected"),
    table("""
'string                        ⇒ {"type": "string"}
'(list integer)                ⇒ {"items": {"type": "integer"}, "type": "array"}
'(enum red 3 "x")              ⇒ {"enum": ["red", 3, "x"]}
"{\\"type\\": \\"number\\"}"   ⇒ {"type": "number"}
(json-parse "{\\"type\\": \\"null\\"}") ⇒ {"type": "null"}
"""),
)
def test_how_schemas_are_written(schema: str, expected: str) -> None:
    with Server(message("null")) as server, fresh_ledger(), configure(provider=AnthropicProvider("k", server.url)):
        with suppress(SchemaMismatch):
            value_of(f'(effect infer.op "x" max-tokens: 9 attempts: 1 schema: {schema})')
        assert server.bodies()[0]["output_config"]["format"]["schema"] == json.loads(expected)


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("schema: 'text", "expected a type such as string"),
        ("schema: '((a string 5))", "expected a type such as string"),
        ("schema: '(list)", "expected a type such as string"),
        ('schema: "{"', "this is no JSON"),
        ('schema: "{\\"type\\": 5}"', "this is no JSON schema"),
        ("schema: 'string attempts: 0", "option attempts: must be an integer >= 1"),
        ("attempts: 2", "option attempts: goes with schema:"),
    ],
)
def test_what_is_no_schema(option: str, problem: str) -> None:
    with fresh_ledger(), budget(tokens=1_000) as account:
        with use_model(answering()), pytest.raises(OmegaError, match=problem):
            value_of(f'(effect infer.op "x" {option})')
        assert (account.spent, account.held) == (0, 0)


def test_objects_written_short() -> None:
    schema = '((a string "what it is") (b (optional (list integer))) (c ((d boolean))))'
    program = f'(effect infer.op "x" max-tokens: 9 attempts: 1 schema: \'{schema})'
    with Server(message("{}")) as server, fresh_ledger(), configure(provider=AnthropicProvider("k", server.url)):
        with pytest.raises(SchemaMismatch):
            value_of(program)
        sent = server.bodies()[0]["output_config"]["format"]["schema"]
    inner = {"type": "object", "properties": {"d": {"type": "boolean"}}, "required": ["d"]}
    assert sent == {
        "type": "object",
        "properties": {
            "a": {"type": "string", "description": "what it is"},
            "b": {"type": "array", "items": {"type": "integer"}},
            "c": {**inner, "additionalProperties": False},
        },
        "required": ["a", "c"],
        "additionalProperties": False,
    }


def test_an_answer_is_data() -> None:
    with fresh_ledger(), use_model(answering(GOOD)):
        assert value_of(f'(json-ref (effect infer.op "x" {ORDER}) \'count)') == "3"


def test_an_answer_that_does_not_fit_is_asked_for_again_within_one_hold() -> None:
    held: list[int] = []

    def model(request: ModelRequest) -> Reply:
        held.append(accounts[0].held)
        return Reply([BAD, "no JSON", GOOD][len(held) - 1], 10, 5)

    accounts: list[Account] = []
    program = f'(hash-table-count (effect infer.op "x" max-tokens: 20 attempts: 3 {ORDER}))'
    with fresh_ledger(), budget(tokens=3_000) as account, use_model(model):
        accounts.append(account)
        assert value_of(program) == "2"
        assert len(held) == 3
        assert len(set(held)) == 1
        assert held[0] >= 3 * (1 + 20)
        assert (account.spent, account.held) == (45, 0)


def test_an_answer_that_never_fits_is_paid_and_an_error() -> None:
    with fresh_ledger(), budget(tokens=3_000) as account, use_model(answering(BAD, BAD)):
        with pytest.raises(SchemaMismatch, match="doesn't fit its schema: 'count' is a required property") as caught:
            value_of(f'(effect infer.op "x" {ORDER} max-tokens: 20)')
        assert (caught.value.text, caught.value.billed, account.spent) == (BAD, "yes", 30)


def test_an_attempt_that_fails_after_one_that_was_paid_counts_whole() -> None:
    with fresh_ledger(), budget(tokens=3_000) as account, use_model(answering(BAD, NotBilled("no connection"))):
        with pytest.raises(ModelError, match="no connection; an answer before it"):
            value_of(f'(effect infer.op "x" {ORDER} max-tokens: 20)')
        assert account.spent > 30
        assert account.held == 0


def test_an_interrupt_after_an_answer_that_was_paid_books_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Confirming(NetworkProvider):
        takes_schemas = True

        def complete(
            self,
            request: Request,
            max_tokens: int,
            seconds: float | None = None,
            confirm: Callable[[], None] | None = None,
        ) -> Reply:
            assert confirm is not None
            confirm()
            return Reply(BAD, 10, 5)

    confirmed: list[bool] = []

    def confirm(*_: object) -> bool:
        confirmed.append(True)
        if len(confirmed) == 3:
            raise KeyboardInterrupt
        return True

    monkeypatch.setattr(FileLedger, "confirm", confirm)
    with fresh_ledger(), budget(tokens=3_000, ledger=tmp_path / "l.ledger") as account:
        with configure(provider=Confirming()), pytest.raises(KeyboardInterrupt):
            exec(compiled(f'(effect infer.op "x" {ORDER} max-tokens: 20)').code(), {"__name__": "p"})
        assert (account.spent >= 2 * (1 + 20), account.held) == (True, 0)


def test_it_is_never_shortened() -> None:
    with fresh_ledger(), budget(tokens=100) as account, use_model(answering()):
        with pytest.raises(BudgetExceeded) as refused:
            value_of(f'(effect infer.op "x" {ORDER} max-tokens: 60)')
        assert refused.value.needed > 120
        assert account.spent == 0


def test_models_that_take_no_schemas_are_told() -> None:
    asked: list[ModelRequest] = []

    def model(request: ModelRequest) -> str:
        asked.append(request)
        return GOOD

    with fresh_ledger(), use_model(model):
        value_of(f'(effect infer.op "x" system: "Be brief." {ORDER})')
    assert asked[0].system is not None
    assert asked[0].system.startswith("Be brief.\n\nAnswer with nothing but JSON that fits this JSON schema: {")


def test_anthropic_is_asked_for_it_and_each_attempt_is_billed() -> None:
    script = [message(BAD, 100, 7), message(GOOD, 100, 9), message(BAD, 100, 7), gateway()]
    with Server(*script) as server, fresh_ledger(), budget(tokens=10_000) as account:
        with configure(provider=AnthropicProvider("k", server.url)):
            value_of(f'(effect infer.op "x" max-tokens: 30 {ORDER} effort: \'low)')
            assert [body["max_tokens"] for body in server.bodies()] == [30, 30]
            assert server.bodies()[0]["output_config"]["effort"] == "low"
            assert account.spent == 216
            with pytest.raises(ModelError):
                value_of(f'(effect infer.op "x" max-tokens: 30 {ORDER})')
        assert account.spent > 216 + 2 * (1_000 + 30)


def test_what_is_kept_is_given_as_data_again(tmp_path: Path) -> None:
    model = answering(BAD, GOOD)
    model.identity = "mine"  # type: ignore[attr-defined]
    program = f'(json-ref (effect infer.op "x" {ORDER}) \'count)'
    for resume in (False, True):
        scope = budget(ledger=tmp_path / "l.ledger", run="r", resume=resume)
        with fresh_ledger(), use_model(model), pytest.raises(ZeroDivisionError), scope:
            value_of(f"(if (= {program} 3) (/ 1 0))")


def test_the_offline_model_fills_it() -> None:
    with fresh_ledger(), configure(model="offline"):
        value = value_of(f'(json-emit (effect infer.op "Title only: The sea." {ORDER}))')
    assert json.loads(json.loads(str(value)))["count"] == 0


def test_samples_are_texts() -> None:
    with fresh_ledger(), use_model(answering()), pytest.raises(OmegaError, match="schema: is for infer.op"):
        value_of(f'(effect search.op "x" n: 2 {ORDER})')
