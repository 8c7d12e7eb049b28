"""Answers of OpenAI, and of servers like it, that come piece by piece."""

from __future__ import annotations

import json
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import Site, infer
from omega_runtime.models.provider import ModelError
from omega_runtime.models.streams import StreamedCompletion, StreamedResponse, events
from omega_runtime.models.usage import UnreadableAnswer

from tests.support.completions_api import completion_stream, response_body, response_stream
from tests.support.messages_api import Answer, Start

SITE = Site("call.omega", 3, 7, "infer.op", "ask", 1)


def test_a_completion_is_told_as_it_comes(serve_own: Start) -> None:
    server = serve_own(completion_stream("Hel", "lo.", prompt=12, output=7))
    heard: list[str] = []
    with budget(tokens=1_000) as account:
        assert infer(SITE, "Hi", model="openai:llama3", on_text=heard.append) == "Hello."
    assert heard == ["Hel", "lo."]
    assert (account.spent, account.held) == (19, 0)
    assert server.requests[0][1]["stream_options"] == {"include_usage": True}


def test_a_response_is_told_as_it_comes(serve_openai: Start) -> None:
    whole = response_stream(text="Hello.", of_input=12, output=7).body.decode()
    piece = {"type": "response.output_text.delta", "sequence_number": 1, "delta": "Hello."}
    start, _, end = whole.partition("event: response.completed")
    body = f"{start}event: {piece['type']}\ndata: {json.dumps(piece)}\n\nevent: response.completed{end}"
    serve_openai(Answer(200, body.encode(), "text/event-stream"))
    heard: list[str] = []
    with budget(tokens=1_000) as account:
        assert infer(SITE, "Hi", model="gpt-4o", on_text=heard.append) == "Hello."
    assert heard == ["Hello."]
    assert (account.spent, account.held) == (19, 0)


@pytest.mark.parametrize("share", range(0, 100, 9))
def test_cut_anywhere_never_less_is_booked_than_billed(share: int, serve_own: Start) -> None:
    body = completion_stream("Hel", "lo.", prompt=12, output=7).body
    serve_own(Answer(200, body[: len(body) * share // 100], "text/event-stream"))
    with budget(tokens=1_000) as account:
        try:
            infer(SITE, "Hi", model="openai:llama3", on_text=lambda piece: None)
        except ModelError:
            assert account.spent > 100
        assert account.spent >= 19
        assert account.held == 0


def test_without_usage_all_is_booked(serve_own: Start) -> None:
    serve_own(completion_stream("Hello.", usage=False))
    with budget(tokens=1_000) as account, pytest.raises(ModelError):
        infer(SITE, "Hi", model="openai:llama3", on_text=lambda piece: None)
    assert account.spent > 100


def test_an_error_of_the_listener_is_the_programs(serve_own: Start) -> None:
    def listen(piece: str) -> None:
        raise LookupError(piece)

    serve_own(completion_stream("Hello."))
    with budget(tokens=1_000) as account, pytest.raises(LookupError):
        infer(SITE, "Hi", model="openai:llama3", on_text=listen)
    assert account.spent > 100
    assert account.held == 0


def completed(*chunks: dict[str, Any]) -> dict[str, Any]:
    made = StreamedCompletion()
    lines = [line for chunk in chunks for line in (f"data: {json.dumps(chunk)}", "")]
    for event in events([*lines, "data: [DONE]", ""]):
        made.take(event)
    return made.body


def delta(finish: str | None = None, **parts: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"index": 0, "delta": parts, "finish_reason": finish}]}


def test_calls_of_tools_are_put_together() -> None:
    def part(index: int, arguments: str, **more: str) -> dict[str, Any]:
        name = {"name": more.pop("name")} if "name" in more else {}
        return {"index": index, "function": {**name, "arguments": arguments}, **more}

    body = completed(
        delta(content="I look."),
        delta(tool_calls=[part(0, "", id="a", name="find")]),
        delta(tool_calls=[part(0, '{"x"'), part(1, "{}", id="b", name="stop")]),
        delta(tool_calls=[part(0, ": 1}")]),
        delta("tool_calls"),
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    )
    message = body["choices"][0]["message"]
    assert message["content"] == "I look."
    assert [(call["id"], call["function"]) for call in message["tool_calls"]] == [
        ("a", {"name": "find", "arguments": '{"x": 1}'}),
        ("b", {"name": "stop", "arguments": "{}"}),
    ]
    assert body["usage"] == {"prompt_tokens": 1, "completion_tokens": 2}


def test_answers_without_an_end_and_with_an_error() -> None:
    with pytest.raises(UnreadableAnswer):
        completed(delta(content="Hel"))
    with pytest.raises(UnreadableAnswer):
        completed({"error": {"message": "overloaded"}})
    with pytest.raises(UnreadableAnswer):
        _ = StreamedResponse().body
    with pytest.raises(UnreadableAnswer):
        StreamedResponse().take({"type": "error", "message": "no"})
    ended = StreamedResponse()
    ended.take({"type": "response.incomplete", "response": response_body()})
    assert ended.body == response_body()
