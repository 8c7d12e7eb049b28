"""The openai provider, with the real SDK against servers on loopback: what is sent, and what ends up in the ledger."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any
from unicodedata import normalize

import pytest
from omega_runtime import settings
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import Site, infer
from omega_runtime.calls.asking import build_request
from omega_runtime.calls.report import report
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.lib.conversations import assistant, user
from omega_runtime.models import completions, responses
from omega_runtime.models.bounds import Unbounded
from omega_runtime.models.choose import choose
from omega_runtime.models.offline import OFFLINE
from omega_runtime.models.openai import PLAIN_OVERHEAD
from omega_runtime.models.parts import CALL, DOCUMENT, IMAGE, OWN, RESULT, TEXT, Part, ToolSpecification
from omega_runtime.models.provider import ModelError
from omega_runtime.models.request import Request, changed
from omega_runtime.models.strict_schemas import format_text
from omega_runtime.settings import configure
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from

from tests.support.completions_api import completion, completion_body, response, response_body
from tests.support.messages_api import KEY, Answer, Behaviour, CutOff, Hang, Start, gateway

SITE = Site("call.omega", 3, 7, "infer.op", "ask", 1)
PROMPT = "Say hello."
HELD = len(PROMPT) + PLAIN_OVERHEAD + 100
SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}
TOOL = ToolSpecification("find", "Find it.", '{"type": "object", "properties": {}}')
DESCRIBED = {"name": "find", "description": "Find it.", "parameters": {"type": "object", "properties": {}}}


def as_json(body: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(body).encode())


def test_a_server_of_ones_own_is_asked_in_chat_completions(serve_own: Start) -> None:
    server = serve_own(completion("Hi.", 12, 5))
    with budget(tokens=1_000) as account:
        assert infer(SITE, PROMPT, model="openai:llama3") == "Hi."
    assert (account.spent, account.held) == (17, 0)
    assert server.requests == [
        (
            "/v1/chat/completions",
            {"model": "llama3", "messages": [{"role": "user", "content": PROMPT}], "max_tokens": 100},
        )
    ]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert report()["models"]["llama3"]["input_tokens"] == 12


def test_openai_itself_is_asked_in_responses_at_its_standard_price(serve_openai: Start) -> None:
    server = serve_openai(response(text="Hi.", of_input=12, output=5))
    with budget(tokens=1_000) as account:
        assert infer(SITE, PROMPT, model="gpt-4o") == "Hi."
    assert (account.spent, account.held) == (17, 0)
    assert server.requests == [
        (
            "/v1/responses",
            {"model": "gpt-4o", "input": PROMPT, "max_output_tokens": 100, "service_tier": "default", "store": False},
        )
    ]


OPTIONS: dict[str, Any] = {"system": "Be short.", "temperature": 0.5, "top_p": 0.9, "effort": "low"}
SAID = list_from([user("A?"), assistant("B."), user("C?")])
MESSAGES = [
    {"role": "user", "content": "A?"},
    {"role": "assistant", "content": "B."},
    {"role": "user", "content": "C?"},
]


def test_options_reach_a_server_of_ones_own(serve_own: Start) -> None:
    server = serve_own(completion("7"))
    schema = json.dumps(SCHEMA)
    assert infer(SITE, SAID, model="openai:m", stop=["END"], schema='{"type": "integer"}', **OPTIONS) == 7
    (body,) = server.bodies("/v1/chat/completions")
    told = 'Be short.\n\nAnswer with nothing but JSON that fits this JSON schema: {"type": "integer"}'
    assert body == {
        "model": "m",
        "messages": [{"role": "system", "content": told}, *MESSAGES],
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "reasoning_effort": "low",
        "stop": ["END"],
    }
    server.script.append(completion('{"n": 1}'))
    infer(SITE, PROMPT, model="openai:m", schema=schema)
    assert server.bodies("/v1/chat/completions")[1]["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
    }


def test_options_reach_openai(serve_openai: Start) -> None:
    server = serve_openai(response(text='{"n": 1}'))
    infer(SITE, SAID, model="o3", schema=json.dumps(SCHEMA), **OPTIONS)
    (body,) = server.bodies("/v1/responses")
    assert body == {
        "model": "o3",
        "input": MESSAGES,
        "instructions": "Be short.",
        "max_output_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "reasoning": {"effort": "low"},
        "text": {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}},
        "service_tier": "default",
        "store": False,
    }


def test_stop_texts_which_responses_do_not_know_go_to_openai_in_a_chat_completion(serve_openai: Start) -> None:
    server = serve_openai(completion())
    infer(SITE, PROMPT, model="gpt-4o", stop=["END"])
    (body,) = server.bodies("/v1/chat/completions")
    assert body["stop"] == ["END"]
    assert (body["max_completion_tokens"], body["service_tier"]) == (100, "default")


STRICT: dict[str, tuple[dict[str, Any], bool]] = {
    "all of it": (SCHEMA, True),
    "an optional property": ({**SCHEMA, "required": []}, False),
    "open": ({name: part for name, part in SCHEMA.items() if name != "additionalProperties"}, False),
    "a keyword that is not taken": ({**SCHEMA, "minProperties": 1}, False),
    "an inner object that is open": ({**SCHEMA, "properties": {"n": {"type": "object"}}}, False),
    "a list of objects": ({**SCHEMA, "properties": {"n": {"type": "array", "items": SCHEMA}}}, True),
    "a list of open objects": ({**SCHEMA, "properties": {"n": {"type": "array", "items": {"type": "object"}}}}, False),
    "an enumeration without a type": ({**SCHEMA, "properties": {"n": {"enum": [1]}}}, False),
    "a choice": ({**SCHEMA, "properties": {"n": {"anyOf": [{"type": "null"}, SCHEMA]}}}, True),
}


@pytest.mark.parametrize(("schema", "is_strict"), STRICT.values(), ids=STRICT)
def test_answers_are_held_to_schemas_that_allow_it(
    ledger: MemoryLedger, schema: dict[str, Any], is_strict: bool
) -> None:

    text = format_text(json.dumps(schema))
    assert text is not None
    assert json.loads(text) == {"name": "answer", "schema": schema, "strict": is_strict}


# Tools

CALLED = Part(CALL, '{"a": [1, 2]}', "find", "c1")
THREAD = (
    ("user", "Where?"),
    ("assistant", (Part(TEXT, "Let me see."), CALLED)),
    ("user", (Part(RESULT, "no such file", "find", "c1", is_error=True),)),
)


def asked(messages: Any = THREAD, *, may_call_tools: bool = True) -> Request:
    request = build_request(settings.active, SITE, PROMPT)
    return changed(request, model="m", messages=messages, tools=(TOOL,), may_call_tools=may_call_tools)


def test_tools_of_chat_completions(ledger: MemoryLedger) -> None:
    body = completions.body_of(asked())
    assert body["tools"] == [{"type": "function", "function": DESCRIBED}]
    assert (body["tool_choice"], completions.body_of(asked(may_call_tools=False))["tool_choice"]) == ("auto", "none")
    again = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"a": [1, 2]}'}}
    assert body["messages"] == [
        {"role": "user", "content": "Where?"},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [again]},
        {"role": "tool", "tool_call_id": "c1", "content": "Error: no such file"},
    ]


def test_tools_of_responses(ledger: MemoryLedger) -> None:
    body = responses.body_of(asked())
    assert body["tools"] == [{"type": "function", **DESCRIBED, "strict": False}]
    assert (body["tool_choice"], responses.body_of(asked(may_call_tools=False))["tool_choice"]) == ("auto", "none")
    assert body["input"] == [
        {"role": "user", "content": "Where?"},
        {"role": "assistant", "content": "Let me see."},
        {"type": "function_call", "call_id": "c1", "name": "find", "arguments": '{"a": [1, 2]}'},
        {"type": "function_call_output", "call_id": "c1", "output": "Error: no such file"},
    ]


# the arguments of a call as they come -> as they go back
ARGUMENTS = {'{"b":2}': '{"b": 2}', "": "{}", '{"b": ': '{"b": ', "[" * 100_000: "[" * 100_000}


@pytest.mark.parametrize(("came", "text"), ARGUMENTS.items(), ids=range(len(ARGUMENTS)))
def test_calls_of_tools(came: str, text: str) -> None:
    call = {"id": "c2", "type": "function", "function": {"name": "find", "arguments": came}}
    message = {"content": None, "tool_calls": [call]}
    body = completion_body(choices=[{"message": message, "finish_reason": "tool_calls"}])
    reply = completions.read_answer(body)
    assert (reply.text, reply.stop_reason, reply.content) == ("", "tool_use", (Part(CALL, text, "find", "c2"),))
    output = [
        {"type": "reasoning", "id": "r", "summary": []},
        {"type": "message", "content": [{"type": "output_text", "text": "So:"}]},
        {"type": "function_call", "id": "f", "call_id": "c2", "name": "find", "arguments": came},
    ]
    reply = responses.read_answer({**response_body(), "output": output})
    assert (reply.text, reply.stop_reason) == ("So:", "tool_use")
    assert reply.content == (Part(TEXT, "So:"), Part(CALL, text, "find", "c2"))


def test_what_a_server_adds_to_a_call_goes_back_to_it(ledger: MemoryLedger) -> None:
    """Some refuse the results of a call without the thoughts that led to it."""
    call = {"id": "c2", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "reasoning_content": "hm", "tool_calls": [call], "refusal": None}
    body = completion_body(choices=[{"message": message, "finish_reason": "tool_calls"}])
    reply = completions.read_answer(body)
    assert [part.kind for part in reply.content] == [OWN, CALL]
    sent = completions.body_of(asked((("user", "?"), ("assistant", reply.content))))["messages"][1]
    assert sent == {name: part for name, part in message.items() if name != "refusal"}


PICTURE = Part(IMAGE, "aWM=", "image/png")
PAPER = Part(DOCUMENT, "cGRm", "application/pdf")


def attached(*parts: Part) -> Request:
    return changed(build_request(settings.active, SITE, PROMPT), model="gpt-4o", messages=(("user", parts),))


def test_pictures_and_documents(ledger: MemoryLedger) -> None:
    parts = (PICTURE, PAPER, Part(TEXT, "What is it?"))
    assert completions.body_of(attached(*parts))["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aWM="}},
        {"type": "file", "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,cGRm"}},
        {"type": "text", "text": "What is it?"},
    ]
    assert responses.body_of(attached(*parts))["input"][0]["content"] == [
        {"type": "input_image", "image_url": "data:image/png;base64,aWM=", "detail": "auto"},
        {"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,cGRm"},
        {"type": "input_text", "text": "What is it?"},
    ]


def test_a_picture_has_a_bound_and_a_document_that_of_what_the_model_takes(serve_openai: Start) -> None:
    serve_openai()
    provider, _ = choose(settings.active, "gpt-4o")
    assert 50_000 < provider.bound(attached(PICTURE, PICTURE)) - 50_000 < 51_000
    assert provider.bound(attached(PAPER)) == 128_000
    with pytest.raises(Unbounded, match="nobody knows how much"):
        provider.bound(changed(attached(PAPER), model="new"))


# What answers cost

# $12.50 for input, $15.625 for what is written to a cache, $1.25 for what is read from one, $75 for output.
MODEL = "gpt-5.6-cyber"
INPUT, WRITE, READ, OUTPUT = (Decimal(price) / 1_000_000 for price in ("12.5", "15.625", "1.25", "75"))
PLAIN = 10 * INPUT + 5 * OUTPUT
USAGE: dict[str, tuple[dict[str, Any], dict[str, Any], int, Decimal]] = {
    "nothing more": ({}, {}, 15, PLAIN),
    "read": ({"input_tokens_details": {"cached_tokens": 4}}, {}, 15, PLAIN + 4 * (READ - INPUT)),
    "written": ({"input_tokens_details": {"cache_write_tokens": 4}}, {}, 15, PLAIN + 4 * (WRITE - INPUT)),
    "reasoning is output": ({"output_tokens_details": {"reasoning_tokens": 4}}, {}, 15, PLAIN),
    "reasoning besides": ({"total_tokens": 24}, {}, 24, PLAIN + 9 * OUTPUT),
    "a dearer tier": ({}, {"service_tier": "priority"}, 15, PLAIN * 3),
}


@pytest.mark.parametrize(("usage", "more", "tokens", "dollars"), USAGE.values(), ids=USAGE)
def test_what_an_answer_costs(
    serve_openai: Start, usage: dict[str, Any], more: dict[str, Any], tokens: int, dollars: Decimal
) -> None:
    body = response_body(of_input=10, output=5, **more)
    serve_openai(as_json({**body, "usage": {**body["usage"], **usage}}))
    with budget(tokens=1_000) as account:
        infer(SITE, PROMPT, model=MODEL)
    assert (account.spent, account.dollars.spent) == (tokens, dollars)


def test_a_server_of_ones_own_may_have_a_dearer_tier_for_which_there_is_room(serve_own: Start) -> None:
    serve_own(completion("Hi.", HELD - 100, 100, service_tier="priority"))
    with budget(dollars="1") as account:
        infer(SITE, PROMPT, model=f"openai:{MODEL}")
    assert account.dollars.spent == 3 * ((HELD - 100) * INPUT + 100 * OUTPUT)
    assert report()["totals"]["overruns"] == 0


CUT: dict[str, Any] = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
ENDS: dict[str, tuple[Answer, str, str | None]] = {
    "cut": (
        as_json(response_body(**CUT)),
        "Hello.",
        "max_tokens",
    ),
    "failed": (as_json(response_body(status="failed")), "Hello.", "failed"),
    "whole": (response(), "Hello.", None),
}


@pytest.mark.parametrize(("answer", "text", "reason"), ENDS.values(), ids=ENDS)
def test_why_an_answer_ended(serve_openai: Start, answer: Answer, text: str, reason: str | None) -> None:
    serve_openai(answer)
    said = infer(SITE, PROMPT, model="gpt-4o")
    assert (said, getattr(said, "stop_reason", None)) == (text, reason)


REFUSED = {"type": "message", "content": [{"type": "refusal", "refusal": "I won't."}]}
EMPTY: dict[str, tuple[str, Answer]] = {
    "refusal": ("it refused", as_json({**response_body(), "output": [REFUSED]})),
    "thinking only": (
        "max-tokens was used up",
        as_json({**response_body(**CUT), "output": []}),
    ),
}


@pytest.mark.parametrize(("said", "answer"), EMPTY.values(), ids=EMPTY)
def test_an_empty_answer_is_paid_and_says_why(serve_openai: Start, said: str, answer: Answer) -> None:
    serve_openai(answer)
    with budget(tokens=1_000) as account, pytest.raises(ModelError, match=said):
        infer(SITE, PROMPT, model="gpt-4o")
    assert account.spent == 15


# Failures


def failure(status: int, kind: str = "invalid_request_error", message: str = "no", **more: Any) -> Answer:
    error = {"message": message, "type": kind, "param": None, "code": more.pop("code", None)}
    return Answer(status, json.dumps({"error": error}).encode(), **more)


BUSY = failure(503, "service_unavailable_error", code="server_is_overloaded")
POOR = failure(429, "insufficient_quota", code="credit_balance_exhausted")

# what happens, whether OpenAI itself says it -> whether it is billed, what is said
FAILURES: dict[str, tuple[Behaviour, bool, bool, str]] = {
    "a bad request": (failure(400), True, False, "400 invalid_request_error: no; check the prompt"),
    "no money": (POOR, True, False, "429 insufficient_quota: no; check the account's billing"),
    "a refused key": (failure(401), False, False, "check OPENAI_API_KEY"),
    "an unknown model": (failure(404), False, False, "check the model's name"),
    "a bad request by a gateway": (failure(400), False, True, "status 400 from between here"),
    "too many by a gateway": (failure(429), False, True, "status 429 from between here"),
    "overloaded by a gateway": (BUSY, False, True, "status 503"),
    "an error of the server": (failure(500, "server_error"), True, True, "status 500"),
    "unavailable": (failure(503, "server_error"), True, True, "status 503"),
    "another form": (Answer(400, b'{"error": {"message": "no", "trace": 1}}'), True, True, "status 400"),
    "something besides": (Answer(400, b'{"error": {"message": "no"}, "usage": {}}'), True, True, "status 400"),
    "no text": (Answer(400, b'{"error": {"message": 7}}'), True, True, "status 400"),
    "not said to be JSON": (Answer(401, failure(401).body, "text/plain"), True, True, "status 401"),
    "deep": (Answer(400, b"[" * 100_000), True, True, "status 400"),
    "a page": (gateway(), True, True, "status 502"),
    "a redirect": (
        Answer(307, b"", location="https://evil.example/x"),
        True,
        True,
        "redirects to https://evil.example",
    ),
    "cut off": (CutOff(), True, True, "connection was lost"),
    "no answer": (as_json({"error": "x"}), True, True, "could not be read"),
    "no usage": (as_json({**response_body(), "usage": None}), True, True, "could not be read"),
    "a negative count": (response(of_input=-1), True, True, "could not be read"),
    "not JSON": (Answer(200, b"<html>", "text/html"), True, True, "could not be read"),
}


@pytest.mark.parametrize(("behaviour", "is_openai", "is_billed", "said"), FAILURES.values(), ids=FAILURES)
def test_only_openais_own_word_says_that_nothing_was_billed(
    request: pytest.FixtureRequest, behaviour: Behaviour, is_openai: bool, is_billed: bool, said: str
) -> None:
    server = request.getfixturevalue("serve_openai" if is_openai else "serve_own")(behaviour, response())
    with budget(tokens=1_000) as account, pytest.raises(ModelError) as caught:
        infer(SITE, PROMPT, model="openai:m")
    assert said in caught.value.message
    assert len(server.requests) == 1
    assert (account.spent, account.held) == (HELD * is_billed, 0)
    assert caught.value.billed == ("unknown" if is_billed else "no")


@pytest.mark.parametrize(
    "passing", [failure(429, "rate_limit_error", retry_after="0"), BUSY], ids=["limit", "overload"]
)
def test_what_passes_and_cost_nothing_is_tried_again(serve_openai: Start, passing: Answer) -> None:
    server = serve_openai(passing, response(of_input=12, output=3))
    with budget(tokens=1_000) as account:
        assert infer(SITE, PROMPT, model="gpt-4o") == "Hello."
    assert (account.spent, len(server.requests)) == (15, 2)


def test_errors_hold_neither_the_key_nor_the_prompt(serve_openai: Start) -> None:
    serve_openai(failure(401, message=f"Incorrect API key provided: {KEY}, for {PROMPT * 3}"))
    with pytest.raises(ModelError, match="Incorrect API key provided: …") as caught:
        infer(SITE, PROMPT * 3, model="gpt-4o")
    for text in (caught.value.message, repr(caught.value.__cause__), repr(vars(caught.value))):
        assert KEY not in text
        assert PROMPT not in text
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.__context__ is None


def test_an_answer_has_a_time_to_come(serve_own: Start) -> None:
    serve_own(Hang())
    with configure(timeout=1), budget(tokens=1_000) as account, pytest.raises(ModelError, match="within 1 s"):
        infer(SITE, PROMPT, model="openai:m")
    assert account.spent == HELD


def test_without_the_sdk_it_is_said_what_to_install(serve_own: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve_own(completion())
    monkeypatch.setitem(sys.modules, "openai", None)
    with budget(tokens=1_000) as account, pytest.raises(ModelError, match=r"pip install 'omegac\[openai\]'") as caught:
        infer(SITE, PROMPT, model="openai:m")
    assert (server.requests, account.spent, caught.value.billed) == ([], 0, "no")


# Bounds


@pytest.mark.parametrize("prompt", ["", PROMPT, "Schöne Grüße", "\ufdfa" * 9])
@pytest.mark.parametrize("fixture", ["serve_openai", "serve_own"])
def test_plain_prompts_are_bounded_as_all_others(request: pytest.FixtureRequest, fixture: str, prompt: str) -> None:
    request.getfixturevalue(fixture)()
    provider, _ = choose(settings.active, "openai:m")
    plain = build_request(settings.active, SITE, prompt, model="openai:m")
    assert provider.bound(changed(plain, price=None)) == PLAIN_OVERHEAD + max(
        len(prompt.encode()), len(normalize("NFKC", prompt).encode())
    )


def test_openai_is_asked_to_count_where_the_bound_leaves_no_room(serve_openai: Start) -> None:
    server = serve_openai(as_json({"object": "response.input_tokens", "input_tokens": 11}), response(of_input=11))
    with budget(tokens=80) as account:
        assert infer(SITE, PROMPT, model="o3", max_tokens=20) == "Hello."
    assert server.requests[0] == ("/v1/responses/input_tokens", {"model": "o3", "input": PROMPT})
    assert account.spent == 16


def test_a_model_that_searches_by_itself_is_not_asked(serve_openai: Start) -> None:
    server = serve_openai(response())
    with pytest.raises(Unbounded, match="searches the web"):
        infer(SITE, PROMPT, model="gpt-4o-search-preview")
    assert server.requests == []


# Which model is asked here

CHOICES: dict[str, tuple[dict[str, str], str, tuple[str, str]]] = {
    "named": ({"OPENAI_API_KEY": "k"}, "openai:anything", ("openai https://api.openai.com/v1", "anything")),
    "sold": ({"OPENAI_API_KEY": "k"}, "gpt-5.2", ("openai https://api.openai.com/v1", "gpt-5.2")),
    "sold, and on the ladder": ({"OPENAI_API_KEY": "k"}, "gpt-4", ("openai https://api.openai.com/v1", "gpt-4")),
    "a tier": ({"OPENAI_API_KEY": "k"}, "medium", ("openai https://api.openai.com/v1", "gpt-4o")),
    "an address": (
        {"OPENAI_BASE_URL": "http://me:secret@127.0.0.1:1/v1/"},
        "openai:llama3",
        ("openai http://127.0.0.1:1/v1", "llama3"),
    ),
    "an address and a key": (
        {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_API_KEY": "k"},
        "gpt-4o",
        ("openai http://127.0.0.1:1/v1", "gpt-4o"),
    ),
    "on the ladder without a key": ({}, "gpt-4", ("offline", "offline")),
    "on the ladder, with an address only": ({"OPENAI_BASE_URL": "http://x/v1"}, "gpt-4", ("offline", "offline")),
    "on the ladder, with another key": (
        {"ANTHROPIC_API_KEY": "k"},
        "gpt-4",
        ("anthropic https://api.anthropic.com", "claude-opus-5-5"),
    ),
}


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch, ledger: MemoryLedger) -> pytest.MonkeyPatch:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(("environment", "name", "chosen"), CHOICES.values(), ids=CHOICES)
def test_who_is_asked(
    no_keys: pytest.MonkeyPatch, environment: dict[str, str], name: str, chosen: tuple[str, str]
) -> None:
    for variable, value in environment.items():
        no_keys.setenv(variable, value)
    provider, model = choose(settings.active, name)
    assert (provider.identity, model) == chosen


def test_offline_answers_all_where_that_is_wanted(no_keys: pytest.MonkeyPatch) -> None:
    no_keys.setenv("OPENAI_API_KEY", "k")
    with configure(model="offline"):
        assert choose(settings.active, "openai:m") == (OFFLINE, "offline")


@pytest.mark.parametrize(
    ("key", "said"), [("", "OPENAI_API_KEY is not set"), ("two words", "OPENAI_API_KEY holds a space")]
)
def test_a_key_is_needed_that_can_be_sent(no_keys: pytest.MonkeyPatch, key: str, said: str) -> None:
    no_keys.setenv("OPENAI_API_KEY", key)
    with pytest.raises(OmegaError, match=said):
        choose(settings.active, "openai:m")


def test_only_models_that_are_there_stand_in(serve_own: Start, no_keys: pytest.MonkeyPatch) -> None:
    """Without a key for Claude, the first model of a lower tier that can be asked is one of OpenAI's."""
    server = serve_own(completion("Hi.", 5, 5))
    with budget(dollars="0.02"):
        assert infer(SITE, PROMPT, model="gpt-4") == "Hi."
    assert [body["model"] for body in server.bodies("/v1/chat/completions")] == ["gpt-4o"]
