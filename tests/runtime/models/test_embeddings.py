"""Vectors of texts: who makes them, what is sent, what is held and booked, and what programs get."""

from __future__ import annotations

import json
from math import hypot, nan
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import NotBilled, budget, configure
from omega_runtime.calls import Site
from omega_runtime.calls.embedding import embed, embedded
from omega_runtime.calls.handlers import handle
from omega_runtime.calls.report import report
from omega_runtime.chapter.emergency import enable_caching
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.embeddings import MOST_TEXTS, OVERHEAD, TEXT_OVERHEAD, embeddings_bound
from omega_runtime.models.provider import ModelError
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from, unlist

from tests.support.messages_api import Answer, CutOff, Start
from tests.support.omega import value_of

SITE = Site("call.omega", 3, 7, "embed.op", "search", 1)
SMALL = "text-embedding-3-small"


def vectors(*found: Any, tokens: int = 7) -> Answer:
    """An answer with these vectors, the last one first."""
    data = [{"object": "embedding", "index": index, "embedding": each} for index, each in enumerate(found)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Answer(200, json.dumps({"object": "list", "model": SMALL, "data": data[::-1], "usage": usage}).encode())


def found_by(operand: Any, **options: Any) -> Any:
    """The vectors of a call, as plain lists."""
    return plain(embedded(SITE, operand, **options))


def plain(found: Any) -> Any:
    return list(found) if isinstance(found, list) else [list(each) for each in unlist(found) or ()]


def held(*texts: str) -> int:
    return OVERHEAD + sum(len(text) + TEXT_OVERHEAD for text in texts)


def test_openai_is_asked_for_the_vector_of_a_text(serve_openai: Start) -> None:
    server = serve_openai(vectors([0.25, 1]))
    with budget(dollars="$0.01") as account:
        assert found_by("The sea", dimensions=2) == [0.25, 1.0]
        assert (account.spent, account.held) == (7, 0)
        assert float(account.dollars.spent) == pytest.approx(7 * 0.02 / 10**6)
    sent = {"model": SMALL, "input": ["The sea"], "encoding_format": "float", "dimensions": 2}
    assert server.requests == [("/v1/embeddings", sent)]


def test_a_list_gets_a_list_in_its_order(serve_own: Start) -> None:
    server = serve_own(vectors([1.0], [2.0], [3.0]))
    with budget(tokens=1_000) as account:
        found = found_by(list_from(["a", "b", "c"]), model="openai:bge")
    assert found == [[1.0], [2.0], [3.0]]
    assert account.spent == 7
    assert server.requests[0][1]["model"] == "bge"


def test_what_is_held_are_the_bytes_and_some_tokens_for_each_text(serve_own: Start) -> None:
    serve_own(vectors([1.0], [1.0]))
    with budget(tokens=held("......", "b")):
        with pytest.raises(BudgetExceeded):
            found_by(list_from(["Ärger", "bc"]), model="openai:bge")
        assert found_by(list_from(["Ärger", "b"]), model="openai:bge") == [[1.0], [1.0]]


def test_a_text_has_no_more_tokens_than_openai_takes(serve_openai: Start) -> None:
    serve_openai(vectors([1.0]))
    with budget(tokens=9_000):
        assert found_by("word " * 8_000) == [1.0]
    assert embeddings_bound(["word " * 8_000], 8_192) == OVERHEAD + 8_192


@pytest.mark.parametrize(
    ("answer", "spent", "why"),
    [
        (vectors([1.0], [2.0]), 7, "gave 2 vectors for 1 texts"),
        (vectors(["1"]), held("x"), "numbers"),
        (vectors([nan]), held("x"), "finite"),
        (Answer(200, b'{"usage": {"prompt_tokens": 1}}'), held("x"), "without vectors"),
        (CutOff(), held("x"), "openai"),
    ],
)
def test_what_can_not_be_used_is_booked(serve_own: Start, answer: Any, spent: int, why: str) -> None:
    serve_own(answer)
    with configure(retries=1), budget(tokens=1_000) as account:
        with pytest.raises(ModelError):
            embedded(SITE, "x", model="openai:bge")
        assert (account.spent, account.held) == (spent, 0), why


def test_an_error_of_openai_costs_nothing(serve_openai: Start) -> None:
    refused = Answer(400, json.dumps({"error": {"message": "too long", "type": "invalid_request_error"}}).encode())
    serve_openai(refused)
    with budget(tokens=1_000) as account, pytest.raises(ModelError):
        embedded(SITE, "x")
    assert (account.spent, account.held) == (0, 0)


@pytest.mark.parametrize(
    ("environment", "model", "why"),
    [
        ({"ANTHROPIC_API_KEY": "k"}, None, "Anthropic makes no embeddings; set OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "k"}, "claude-sonnet-5-5", "Anthropic makes no embeddings, so claude-sonnet-5-5 can't"),
        ({}, "text-embedding-3-large", "OPENAI_API_KEY is not set"),
        ({}, "bge", "openai:NAME"),
    ],
)
def test_who_makes_none_is_an_error(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], model: str | None, why: str, ledger: MemoryLedger
) -> None:
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with configure(provider=None, model=None), pytest.raises(OmegaError, match=why):
        embedded(SITE, "x", model=model)


def test_anthropic_as_the_provider_makes_none(ledger: MemoryLedger) -> None:
    with configure(provider=AnthropicProvider("k", None)), pytest.raises(OmegaError, match="anthropic makes no"):
        embedded(SITE, "x")


def test_a_function_makes_them(ledger: MemoryLedger) -> None:
    def measure(text: str) -> tuple[int, float]:
        return len(text), 0.5

    with configure(embed=measure), budget(tokens=1_000) as account:
        assert found_by(list_from(["ab", "abc"])) == [[2.0, 0.5], [3.0, 0.5]]
        assert 0 < account.spent < 20
        with pytest.raises(OmegaError, match="dimensions"):
            embedded(SITE, "x", dimensions=3)


@pytest.mark.parametrize(("given", "spent"), [("text", held("x")), ([nan], held("x")), (NotBilled("no"), 0)])
def test_a_function_that_fails(ledger: MemoryLedger, given: Any, spent: int) -> None:
    def measure(text: str) -> Any:
        if isinstance(given, Exception):
            raise given
        return given

    with configure(embed=measure), budget(tokens=1_000) as account:
        with pytest.raises(OmegaError):
            embedded(SITE, "x")
        assert (account.spent, account.held) == (spent, 0)


def test_the_stand_in_is_the_same_everywhere_and_like_texts_are_near() -> None:
    def near(one: list[float], other: list[float]) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    with configure(model="offline"), budget(dollars="$0.01") as account:
        sea, deep, dog = (embed(text) for text in ("the wide sea", "the deep sea", "a dog"))
        assert len(sea) == 64
        assert hypot(*sea) == pytest.approx(1)
        assert near(sea, deep) > near(sea, dog)
        assert found_by("sea", dimensions=3) == [-1.0, 0.0, 0.0]
        assert account.dollars.spent == 0
        assert account.spent > 0


def test_a_long_list_is_divided(serve_own: Start) -> None:
    first, rest = MOST_TEXTS, 3
    server = serve_own(vectors(*[[1.0]] * first), vectors(*[[2.0]] * rest), vectors([3.0]), vectors([4.0]))
    with budget(tokens=1_000_000) as account:
        found = plain(embed(list_from(["a"] * (first + rest)), "openai:bge"))
        assert found == [[1.0]] * first + [[2.0]] * rest
        # Two that are too much for one call together.
        assert plain(embed(list_from(["b" * 200_000] * 2), "openai:bge")) == [[3.0], [4.0]]
    assert [len(body["input"]) for _, body in server.requests] == [first, rest, 1, 1]
    assert account.spent == 28
    assert embed(list_from([])) == list_from([])
    with pytest.raises(OmegaError, match="embed divides them"):
        embedded(SITE, list_from(["a"] * (MOST_TEXTS + 1)), model="openai:bge")


@pytest.mark.parametrize("operand", [3, list_from([]), list_from(["a", 3])])
def test_only_texts_are_embedded(operand: Any, ledger: MemoryLedger) -> None:
    with configure(model="offline"), pytest.raises(OmegaError, match="string"):
        embedded(SITE, operand)


def test_a_handler_answers_instead(ledger: MemoryLedger) -> None:
    found = handle(lambda: embed("x"), {"embed.op": lambda text, k: k([len(text)])})
    assert found == [1]


def test_answers_that_were_kept_are_given_again(serve_own: Start) -> None:
    server = serve_own(vectors([1.0]), vectors([2.0]))
    with budget(tokens=1_000) as account:
        enable_caching()
        first = [found_by("x", model="openai:bge") for _ in range(3)]
        assert first == [[1.0]] * 3
        assert found_by(list_from(["x"]), model="openai:bge") == [[2.0]]
        assert account.spent == 14
    assert len(server.requests) == 2
    assert report()["totals"]["hits"] == 2


def test_a_run_that_goes_on_gets_them_from_its_journal(serve_own: Start, tmp_path: Path) -> None:
    server = serve_own(vectors([0.1, 1e-9]))
    for resume in (False, True):
        with budget(tokens=1_000, ledger=str(tmp_path / "l.ledger"), run="test", resume=resume) as account:
            assert found_by("x", model="openai:bge") == [0.1, 1e-9]
            assert account.spent == 7
    assert len(server.requests) == 1


def test_in_programs(ledger: MemoryLedger) -> None:
    with configure(model="offline"):
        assert value_of('(vector-length (effect embed.op "sea" dimensions: 5))') == "5"
        assert value_of('(map vector-length (embed (list "sea" "land")))') == "(64 64)"
        counted = '(handle (effect embed.op "abc") (on embed.op (text k) (k (string-length text))))'
        assert value_of(counted) == "3"
