"""Tools that the provider runs: what is held for them, what is booked, and how a call goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anthropic
import pytest
from omega_runtime import BudgetExceeded, Reply, Unbounded, budget, configure, use_model, wrap
from omega_runtime.ledger.account import Account
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.prices import context_window
from omega_runtime.testing import fresh_ledger

from tests.support.clients import fresh_books, kept
from tests.support.messages_api import Answer, Behaviour, Server, message, streamed
from tests.support.omega import Run, compiled, error_of

MODEL = "claude-haiku-4-5"
WINDOW = context_window(MODEL, "anthropic") or 0
SEARCH = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "tides"}}
FOUND = {
    "type": "web_search_tool_result",
    "tool_use_id": "s1",
    "content": [{"type": "web_search_result", "url": "https://t.example", "title": "Tides", "encrypted_content": "x"}],
}
SAID = {"type": "text", "text": "High at noon."}


def ask(options: str = "max-uses: 2", more: str = "", tools: str = "") -> str:
    """A call with a search among its tools."""
    tools = f"tools: (list (web-search {options}) {tools})"
    return f'(effect infer.op "When is high tide?" model: "{MODEL}" {tools} {more} max-tokens: 100)'


def answer(program: str) -> str | None:
    """What a program's last expression evaluates to, after one run."""
    run = Run(compiled(program).code())
    if run.error is not None:
        raise run.error
    return run.value


def found(*blocks: Any, searches: int = 1, tokens: int = 5_000, **more: Any) -> Answer:
    used = {"web_search_requests": searches, "web_fetch_requests": 0}
    return message(blocks=list(blocks), input_tokens=tokens, output_tokens=40, server_tool_use=used, **more)


@contextmanager
def serving(*script: Behaviour, **limits: Any) -> Iterator[tuple[Server, Account]]:
    with Server(*script) as server, fresh_ledger():
        limits = limits or {"dollars": "$100"}
        with configure(provider=AnthropicProvider("key", server.url), retries=1), budget(**limits) as account:
            yield server, account


def test_a_search_is_paid_with_its_fee() -> None:
    with serving(found(SEARCH, FOUND, SAID)) as (server, account):
        assert answer(ask('max-uses: 2 allowed: \'("t.example")')) == '"High at noon."'
        assert (account.spent, account.held, account.dollars.held) == (5_040, 0, 0)
        # $1 and $5 for a million tokens, $10 for 1,000 searches.
        assert float(account.dollars.spent) == pytest.approx(0.005 + 0.0002 + 0.01)
    (sent,) = [body for _, body in server.requests]
    tool = {"type": "web_search_20250305", "name": "web_search", "max_uses": 2, "allowed_domains": ["t.example"]}
    assert sent["tools"] == [tool]
    assert sent["tool_choice"] == {"type": "auto"}


@pytest.mark.parametrize(("uses", "rounds"), [(1, 10), (9, 10), (14, 15)])
def test_each_round_may_take_all_that_the_model_takes(uses: int, rounds: int) -> None:
    # The turn, and the answer without any.
    needed = rounds * WINDOW + 100
    with serving(found(SAID), tokens=needed + 3_000) as (_, account):
        assert answer(ask(f"max-uses: {uses}")) == '"High at noon."'
        assert account.spent == 5_040
    with serving(found(SAID), tokens=needed - 1) as (server, account):
        # Without room for a turn, the answer comes without searches.
        assert answer(ask(f"max-uses: {uses}")) == '"High at noon."'
        assert server.requests[0][1]["tool_choice"] == {"type": "none"}


def test_the_fees_are_held_in_dollars() -> None:
    # Ten rounds of input written to the cache for an hour, in one region, the answer, and 1,000 searches.
    with serving(found(SAID), dollars="$4") as (server, _):
        answer(ask("max-uses: 1"))
        assert server.requests[0][1]["tool_choice"] == {"type": "none"}
    with serving(found(SAID), dollars="$5") as (server, _):
        answer(ask("max-uses: 1"))
        assert server.requests[0][1]["tool_choice"] == {"type": "auto"}
    with configure(search_fee=1_000), serving(found(SAID), dollars="$5") as (server, _):
        answer(ask("max-uses: 1"))
        assert server.requests[0][1]["tool_choice"] == {"type": "none"}


def test_an_answer_that_is_interrupted_goes_on() -> None:
    paused = found(SEARCH, FOUND, stop_reason="pause_turn")
    with serving(paused, found(SAID, searches=2)) as (server, account):
        assert answer(ask()) == '"High at noon."'
        assert account.spent == 10_080
    assert server.requests[1][1]["messages"][1:] == [{"role": "assistant", "content": [SEARCH, FOUND]}]


def test_at_the_last_turn_the_answer_is_one_to_what_was_said_before() -> None:
    paused = found(SEARCH, FOUND, stop_reason="pause_turn")
    with serving(paused, found(SAID, searches=0)) as (server, _):
        assert answer(ask(more="max-turns: 1")) == '"High at noon."'
    last = server.requests[1][1]
    assert (len(last["messages"]), last["tool_choice"]) == (1, {"type": "none"})


def test_a_search_that_is_left_for_later_is_made_in_a_turn_of_its_own() -> None:
    tool = '(define-tool (weather (city string "where")) "The weather." "rain")'
    call = {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Rome"}}
    script = (found(SEARCH, call, searches=0, stop_reason="tool_use"), found(FOUND, SAID, searches=1))
    with serving(*script) as (server, account):
        assert answer(tool + ask(tools="weather")) == '"High at noon."'
        assert account.spent == 10_080
    assert [body["tool_choice"]["type"] for _, body in server.requests] == ["auto", "auto"]
    # Without another turn, it may not be made: nothing is held for it.
    with serving(*script) as (server, _):
        answer(tool + ask(more="max-turns: 1", tools="weather"))
    assert len(server.requests[1][1]["messages"]) == 1


def test_streamed() -> None:
    with serving(streamed(found(SEARCH, FOUND, SAID))) as (_, account):
        said = ask(more="on-text: (lambda (text) text)")
        assert answer(said) == '"High at noon."'
        assert account.spent == 5_040


def test_each_attempt_at_data_may_search() -> None:
    schema = '(json-parse "{\\"type\\": \\"integer\\"}")'
    with serving(found(SAID, searches=2), found({"type": "text", "text": "12"}, searches=1)) as (server, account):
        assert answer(ask(more=f"schema: {schema} attempts: 2")) == "12"
        assert (account.spent, account.held) == (10_080, 0)
        assert float(account.dollars.spent) == pytest.approx(2 * (0.005 + 0.0002) + 3 * 0.01)
    assert len(server.requests) == 2
    # Fees of two attempts, one of which there is no room for beside the tokens.
    twelve = found({"type": "text", "text": "12"}, searches=0)
    with configure(search_fee=1_000), serving(twelve, dollars="$12") as (server, _):
        answer(ask("max-uses: 2", more=f"schema: {schema} attempts: 2"))
    assert server.requests[0][1]["tool_choice"] == {"type": "none"}


def test_a_call_of_a_tool_in_a_later_attempt_is_made() -> None:
    tool = '(define-tool (weather (city string "where")) "The weather." "rain")'
    call = {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Rome"}}
    schema = '(json-parse "{\\"type\\": \\"integer\\"}")'
    numbers = found({"type": "text", "text": "12"}, searches=0)
    with serving(found(SAID), found(call, stop_reason="tool_use"), numbers) as (server, _):
        assert answer(tool + ask(tools="weather", more=f"schema: {schema} attempts: 2")) == "12"
    assert len(server.requests) == 3


def test_details_have_the_searches() -> None:
    with serving(found(SAID, searches=2)):
        asked = ask(more="details: #t")
        assert answer(f'(hash-table-ref {asked} "searches")') == "2"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("", "write (web-search max-uses: 3)"),
        ("max-uses: 0", "an integer from 1 on"),
        ("max-uses: 2.5", "an integer from 1 on"),
        ("max-uses:", "an integer from 1 on"),
        ("max-uses: 1 max-uses: 2", "wrong option"),
        ("'max-uses 1", "wrong option"),
        ("max-uses: 1 allowed: 3", "a list of domains"),
        ('max-uses: 1 allowed: \'("a") blocked: \'("b")', "exclude each other"),
    ],
)
def test_without_a_bound_there_is_no_tool(options: str, why: str) -> None:
    assert why in error_of(f"(web-search {options})")


def test_who_does_not_search_is_an_error() -> None:
    with use_model(lambda prompt: "x"):
        assert "doesn't search; define a tool that does" in error_of(ask())


def test_what_has_no_known_fee_or_context_is_not_sent() -> None:
    with serving(tokens=10**9) as (server, account):
        asked = ask().replace(MODEL, "claude-3-haiku")
        assert "search_fee" in error_of(asked)
        with configure(search_fee="10"):
            assert "nobody knows how much it takes" in error_of(ask().replace(MODEL, "claude-new"))
        assert (server.requests, account.held) == ([], 0)


TOOL = {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}
ASKED: dict[str, Any] = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "When?"}]}


def test_wrapped_clients_keep_to_the_same_rule() -> None:
    with Server(found(SEARCH, FOUND, SAID), found(SAID)) as server, fresh_books():
        client = wrap(kept(anthropic.Anthropic(api_key="key", base_url=server.url, max_retries=0)))
        with budget(tokens=10 * WINDOW + 100, dollars="$5") as account:
            client.messages.create(**ASKED, tools=[TOOL])
            assert float(account.dollars.spent) == pytest.approx(0.005 + 0.0002 + 0.01)
            with pytest.raises(BudgetExceeded):
                client.messages.create(**ASKED, tools=[TOOL])
        for wrong in ({**TOOL, "max_uses": None}, {**TOOL, "type": "web_search_20260209"}):
            with budget(tokens=10**9), pytest.raises(Unbounded):
                client.messages.create(**ASKED, tools=[wrong])
        with budget(tokens=10**9), pytest.raises(Unbounded, match="search_fee"):
            client.messages.create(**{**ASKED, "model": "claude-3-haiku"}, tools=[TOOL])
    assert json.loads(json.dumps(server.requests[0][1]["tools"])) == [TOOL]


def test_a_reply_counts_its_searches() -> None:
    assert Reply("", 1, 1, searches=3).searches == 3
