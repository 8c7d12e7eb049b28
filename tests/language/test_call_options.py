"""Options of calls: answers piece by piece, prompts kept in a cache, thinking, what answers came with, attachments."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from omega_runtime import ModelError, ModelRequest, Reply, ask_async, budget, configure, use_model
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.lib.conversations import assistant, user
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.streams import StreamedMessage, events, lines_of
from omega_runtime.models.usage import UnreadableAnswer
from omega_runtime.models.warming import beginning
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.pairs import list_from

from tests.support.messages_api import Answer, Behaviour, CutOff, Server, error, message, streamed
from tests.support.omega import Run, compiled, error_of, findings_of, value_of

MODEL = 'model: "claude-sonnet-5-5" '
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@contextmanager
def serving(*script: Behaviour, tokens: int = 1_000_000) -> Iterator[tuple[Server, Account]]:
    """A server that follows the script, as the provider, and a budget."""
    with Server(*script) as server, fresh_ledger():
        with configure(provider=AnthropicProvider("key", server.url), retries=1), budget(tokens) as account:
            yield server, account


def run(program: str) -> Run:
    return Run(compiled(program).code())


# Piece by piece

HEARD = '(define heard "") (define (hear piece) (set! heard (string-append heard piece "|")))'


def test_a_streamed_answer_is_told_as_it_comes() -> None:
    with serving(streamed(message("Hello there.", 12, 7))) as (server, account):
        found = run(HEARD + f'(list (effect infer.op "Hi" {MODEL} on-text: hear) heard)')
        assert found.value == '("Hello there." "Hell|o th|ere.|")'
        assert (account.spent, account.held) == (19, 0)
    assert server.bodies()[0]["stream"] is True


def test_other_models_tell_it_whole() -> None:
    with use_model(lambda prompt: "Hello."):
        assert value_of(HEARD + '(list (effect infer.op "Hi" on-text: hear) heard)') == '("Hello." "Hello.|")'


def test_tools_and_thinking_come_whole_out_of_events() -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "Let me see.", "signature": "c2lnbmF0dXJl"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "t1", "name": "look", "input": {"where": "here", "deep": [1, {"a": None}]}},
    ]
    whole = message(blocks=blocks, stop_reason="tool_use")
    found = StreamedMessage()
    for line in streamed(whole, size=3).body.decode().splitlines():
        if line.startswith("data:"):
            found.take(json.loads(line[5:]))
    assert found.body == json.loads(whole.body)


@pytest.mark.parametrize("said", ["a\u2028b\x85c", "\x1ea\x0bb", "é\u0301😀"])
def test_characters_that_look_like_line_ends_or_come_in_two_pieces(said: str) -> None:
    whole = streamed(message(said, 12, 7), size=10).body.decode().split("\n")
    lines = [f"data: {json.dumps(json.loads(line[5:]), ensure_ascii=False)}" if "{" in line else line for line in whole]
    body = "\n".join(lines).encode()
    for size in (1, 7):
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        found = StreamedMessage()
        assert "".join(map(found.take, events(lines_of(pieces)))) == said
    with serving(Answer(200, body, "text/event-stream")) as (_, account):
        program = f'(string=? (effect infer.op "Hi" {MODEL} on-text: (lambda (piece) 1)) "{said}")'
        assert run(program).value == "#t"
        assert account.spent == 19


@pytest.mark.parametrize("lost", ["usage", "all"])
def test_a_stream_that_does_not_say_what_it_cost_is_booked_whole(lost: str) -> None:
    *blocks, end, stop, _ = streamed(message("Hello there.", 12, 7)).body.decode().split("\n\n")
    cut = end.replace('"usage"', '"other"') if lost == "usage" else "event: ping"
    body = "\n\n".join((*blocks, cut, stop, "")).encode()
    with serving(Answer(200, body, "text/event-stream")) as (_, account):
        found = run(f'(effect infer.op "Hi" {MODEL} max-tokens: 100 on-text: (lambda (piece) 1))')
        assert isinstance(found.error, ModelError)
        assert account.spent > 100


def test_a_conversation_from_asyncio_is_one_to_a_function_as_well() -> None:
    def model(request: ModelRequest) -> Reply:
        return Reply(str([said["content"] for said in request.messages]), 5, 5)

    said = list_from([user("one"), assistant("two"), user("three")])
    with use_model(model), budget(1_000):
        assert asyncio.run(ask_async(said)) == "['one', 'two', 'three']"


def test_nobody_waits_for_a_writer_that_is_lost_or_the_parents() -> None:
    request: Any = SimpleNamespace(
        provider=AnthropicProvider("key", None),
        model="m",
        cache="5m",
        system="s" * 5_000 + str(os.urandom(8)),
        tools=(),
    )
    _, writer = beginning(request, SystemClock())
    waits_for, _ = beginning(request, SystemClock())
    assert waits_for is not None
    assert not waits_for.is_done
    child = os.fork()
    if not child:
        os._exit(beginning(request, SystemClock())[1] is None)
    assert os.waitpid(child, 0)[1] == 0
    assert writer is not None
    del writer
    assert waits_for.is_done
    assert beginning(request, SystemClock())[1] is not None


def test_a_call_of_the_listener_never_waits_for_its_own_call() -> None:
    inner = f'(effect infer.op "In" {MODEL} system: s cache: #t max-tokens: 60 clamp: #f)'
    program = f"(define s (make-string 5000 #\\s)) (define (hear piece) {inner})"
    outer = f'(effect infer.op "Hi" {MODEL} system: s cache: #t max-tokens: 60 on-text: hear)'
    for tokens, answer in ((20_000, '"Hello"'), (10_200, None)):
        script = streamed(message("Hello", 12, 7), size=9), message("In", 5, 5)
        with serving(*script, tokens=tokens) as (_, account):
            found = run(program + outer)
            assert found.value == answer
            if answer is None:
                assert "no room for both calls" in str(found.message)
            assert account.held == 0


@pytest.mark.parametrize("raised", ['(error "enough")', "(raise 'enough)", "(car 1)"])
def test_an_error_of_the_listener_books_all_that_was_held(raised: str) -> None:
    with serving(streamed(message("Hello there.", 12, 7))) as (_, account):
        found = run(f'(effect infer.op "Hi" {MODEL} max-tokens: 100 on-text: (lambda (piece) {raised}))')
        assert found.error is not None
        assert not isinstance(found.error, ModelError)
        assert account.spent > 100
        assert account.held == 0


def test_an_escape_from_the_listener_books_all_that_was_held() -> None:
    program = (
        f'(call/cc (lambda (k) (effect infer.op "Hi" {MODEL} max-tokens: 100 on-text: (lambda (piece) (k piece)))))'
    )
    with serving(streamed(message("Hello there.", 12, 7))) as (_, account):
        assert run(program).value == '"Hell"'
        assert account.spent > 100
        assert account.held == 0


def test_cut_at_every_byte_never_less_is_booked_than_billed() -> None:
    whole = streamed(message("Hello.", 12, 7), size=3)
    program = compiled(f'(effect infer.op "Hi" {MODEL} max-tokens: 20 on-text: (lambda (piece) piece))')
    for end in range(0, len(whole.body), 23):
        cut = Answer(200, whole.body[:end], "text/event-stream")
        with serving(cut) as (_, account):
            found = Run(program.code())
            assert found.error is not None or b"message_stop" in whole.body[:end]
            assert account.spent >= 19
            assert account.held == 0


def test_an_error_in_the_middle_may_have_been_billed() -> None:
    start, _, rest = streamed(message("Hello.", 12, 7)).body.partition(b"event: ping")
    broken = start + b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error"}}\n\n' + rest
    with serving(Answer(200, broken, "text/event-stream")) as (_, account):
        found = run(f'(effect infer.op "Hi" {MODEL} max-tokens: 20 on-text: (lambda (piece) piece))')
        assert isinstance(found.error, ModelError)
        assert account.spent > 20


def test_what_fails_before_the_first_piece_is_told_apart_as_ever() -> None:
    with serving(error(529, "overloaded_error")) as (_, account):
        assert run(f'(effect infer.op "Hi" {MODEL} on-text: (lambda (piece) piece))').error is not None
        assert account.spent == 0


def test_a_message_without_an_end() -> None:
    with pytest.raises(UnreadableAnswer):
        _ = StreamedMessage().body


def test_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(streamed(message("Hello \x1b[31mred.", 12, 7))) as _, configure(stream=True):
        assert run(f'(string-length (effect infer.op "Hi" {MODEL}))').value == "15"
    assert capsys.readouterr().err == "Hello \\x1b[31mred."


def test_an_answer_is_stopped_once_enough_has_come() -> None:
    call = f'(lambda (listen) (effect infer.op "Hi" {MODEL} on-text: listen max-tokens: 500))'
    with serving(streamed(message("one two three four five six seven", 12, 7))) as (_, account):
        assert run(f"(call-with-token-limit 3 {call})").value == '"one two thre"'
        assert account.spent > 500
        assert account.held == 0
    with serving(streamed(message("one two", 12, 7))) as (_, account):
        assert run(f"(call-with-token-limit 3 {call})").value == '"one two"'
        assert account.spent == 19


def test_text_and_schema() -> None:
    with use_model(lambda prompt: "1"):
        assert "on-text: goes without schema:" in error_of(
            '(effect infer.op "Hi" schema: \'number on-text: (lambda (piece) 1))'
        )
        assert "option on-text: must be a procedure" in error_of('(effect infer.op "Hi" on-text: 5)')


# Prompts kept in a cache


@pytest.mark.parametrize(("option", "lifetime"), [("#t", "5m"), ("'five-minutes", "5m"), ("'hour", "1h")])
def test_what_is_kept_is_marked(option: str, lifetime: str) -> None:
    with serving(message()) as (server, _):
        run(f'(effect infer.op "Hi" {MODEL} system: "Be kind." cache: {option})')
    (body,) = server.bodies()
    mark = {"type": "ephemeral", "ttl": lifetime}
    assert body["system"] == [{"type": "text", "text": "Be kind.", "cache_control": mark}]
    assert body["messages"][0]["content"] == [{"type": "text", "text": "Hi", "cache_control": mark}]


def test_kinds_of_input_are_settled_at_their_prices() -> None:
    usage = {
        "cache_creation_input_tokens": 2_000,
        "cache_read_input_tokens": 8_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1_500, "ephemeral_1h_input_tokens": 500},
    }
    with Server(message("Hi.", 100, 10, **usage)) as server, fresh_ledger():
        provider = AnthropicProvider("key", server.url)
        with configure(provider=provider, prices={"m": (1, 10)}), budget(dollars=1) as account:
            run('(effect infer.op "Hi" model: "m" cache: #t)')
            millionths = 100 + 10 * 10 + 1_500 * 1.25 + 500 * 2
            spent = account.dollars.spent
            assert spent is not None
            assert millionths <= float(spent) * 1e6 <= millionths + 8_000


class Counting(Behaviour):
    """Answers after a moment, and notes how many are asked for at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = 0
        self.seen: list[int] = []

    def answer(self, handler: Any) -> None:
        with self.lock:
            self.now += 1
            self.seen.append(self.now)
        threading.Event().wait(0.1)
        with self.lock:
            self.now -= 1
        message("Fine.").answer(handler)


def test_one_call_writes_what_the_others_read() -> None:
    call = f"(effect infer.op n {MODEL} system: (make-string 7000 #\\r) cache: #t max-tokens: 10)"
    program = f"(parallel-map (lambda (n) {call}) '(1 2 3 4))"
    counting = Counting()
    with serving(tokens=10_000_000) as (server, _), configure(jobs=4):
        server.answer_by = lambda body: counting
        assert run(program).value == '("Fine." "Fine." "Fine." "Fine.")'
    assert counting.seen[:2] == [1, 1]
    assert max(counting.seen) > 1


def test_so_it_does_under_asyncio() -> None:
    counting = Counting()

    async def all_of_them() -> list[str]:
        options: dict[str, Any] = {"model": "claude-sonnet-5-5", "system": "a" * 7_000, "cache": True, "max_tokens": 9}
        return await asyncio.gather(*(ask_async(str(number), **options) for number in range(4)))

    with serving(tokens=10_000_000) as (server, _):
        server.answer_by = lambda body: counting
        assert asyncio.run(all_of_them()) == ["Fine."] * 4
    assert counting.seen[:2] == [1, 1]
    assert max(counting.seen) > 1


def test_a_failed_first_call_lets_the_next_write() -> None:
    with serving(error(400, "invalid_request_error"), message("Fine.")) as _:
        program = f'(effect infer.op "Hi" {MODEL} system: (make-string 9000 #\\s) cache: #t)'
        assert run(program).error is not None
        assert run(program).value == '"Fine."'


def test_wrong_lifetimes() -> None:
    with use_model(lambda prompt: "1"):
        assert "option cache: must be #t, #f, five-minutes or hour" in error_of('(effect infer.op "Hi" cache: \'day)')


# Thinking


def test_thinking_comes_on_top_of_the_answer() -> None:
    with serving(message("Fine.", 10, 2_000), tokens=10_000) as (server, account):
        run(f'(effect infer.op "Hi" {MODEL} thinking: 2000 max-tokens: 100)')
        assert account.spent == 2_010
    (body,) = server.bodies()
    assert (body["max_tokens"], body["thinking"]) == (2_100, {"type": "enabled", "budget_tokens": 2_000})


def test_thinking_is_never_shortened() -> None:
    with serving(tokens=2_000) as (server, _):
        assert "Budget exceeded" in str(run(f'(effect infer.op "Hi" {MODEL} thinking: 2000 max-tokens: 100)').message)
        assert not server.bodies()
        assert "1,024 tokens at least" in str(run(f'(effect infer.op "Hi" {MODEL} thinking: 100)').message)


def test_functions_are_not_told_to_think() -> None:
    with use_model(lambda prompt: "1"):
        assert "can't be told how long to think; use effort:" in error_of('(effect infer.op "Hi" thinking: 2000)')


# What an answer came with


def test_details_of_an_answer() -> None:
    answer = message("Hello.", 12, 7, cache_read_input_tokens=5)
    answer.headers["request-id"] = "req_1"
    with serving(answer) as _:
        found = run(f'(define d (effect infer.op "Hi" {MODEL} details: #t max-tokens: 50)) (json-emit d)')
    assert found.value is not None
    details = json.loads(json.loads(found.value))
    assert details == {
        "text": "Hello.",
        "data": False,
        "stop-reason": "end_turn",
        "model": "claude-test",
        "input-tokens": 17,
        "output-tokens": 7,
        "cache-read-tokens": 5,
        "cache-write-tokens": 0,
        "dollars": details["dollars"],
        "searches": 0,
        "request-id": "req_1",
        "clamped?": False,
        "again?": False,
        "tool-calls": [],
    }
    assert 0 < details["dollars"] < 0.001


def test_details_of_data_and_of_a_shortened_answer() -> None:
    with use_model(lambda prompt: "5"), fresh_ledger():
        assert value_of('(hash-table-ref (effect infer.op "Hi" schema: \'number details: #t) "data")') == "5"
        with budget(60):
            found = run('(hash-table-ref (effect infer.op "Hi" max-tokens: 1000 details: #t) "clamped?")')
            assert found.value == "#t"


def test_details_survive_a_resumed_run(tmp_path: Path) -> None:
    program = compiled('(json-emit (effect infer.op "Hi" model: "m" details: #t max-tokens: 50))')
    seen = []
    for _ in range(2):
        answer = message("Hello.", 12, 7, cache_creation_input_tokens=4)
        answer.headers["request-id"] = "req_1"
        scope = budget(10_000, ledger=tmp_path / "l", name="a", run="job", resume=True)
        with Server(answer) as server, fresh_ledger():
            provider_class = type("Same", (AnthropicProvider,), {"identity": "same", "__slots__": ()})
            with configure(provider=provider_class("key", server.url), prices={"m": (1, 10)}), scope as account:
                found = Run(program.code())
                assert found.value is not None, found.message
                seen.append(json.loads(json.loads(found.value)))
                ledger = account.ledger
            assert len(server.requests) == (1 if len(seen) == 1 else 0)
        assert isinstance(ledger, FileLedger)
        ledger.close()
    first, second = seen
    assert (second.pop("again?"), second.pop("dollars")) == (True, 0)
    assert (first.pop("again?"), first.pop("dollars") > 0) == (False, True)
    assert first == second


# Attachments


def test_pictures_go_with_a_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(PNG)
    with serving(message("A cat.", 100, 5)) as (server, account):
        found = run(f'(effect infer.op (list "What " "is " (image "a.png") "this?") {MODEL} max-tokens: 50)')
        assert found.value == '"A cat."', found.message
        assert account.held == 0
    source = {"type": "base64", "media_type": "image/png", "data": b64encode(PNG).decode()}
    assert server.bodies()[0]["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is "},
                {"type": "image", "source": source},
                {"type": "text", "text": "this?"},
            ],
        }
    ]


def test_pictures_in_a_conversation() -> None:
    program = (
        f"(define cat (image (bytevector {' '.join(map(str, PNG))})))"
        '(effect infer.op (list (user (list cat "Who?")) (assistant "Tom.") (user "Sure?")) max-tokens: 9)'
    )
    asked: list[ModelRequest] = []

    def model(request: ModelRequest) -> Reply:
        asked.append(request)
        return Reply("Yes.", 5, 5)

    with use_model(model):
        assert value_of(program) == '"Yes."'
    assert [part["type"] for part in asked[0].messages[0]["content"]] == ["image", "text"]


def test_a_picture_is_held_for_what_it_may_cost() -> None:
    program = f"(effect infer.op (image (bytevector {' '.join(map(str, PNG))})) {MODEL} max-tokens: 50)"
    with serving(tokens=5_000) as (server, _):
        server.counts = []
        assert "Budget exceeded" in str(run(program).message)
        assert not server.bodies()
    with serving(message("A cat.", 4_900, 5), tokens=5_200) as (_, account):
        assert run(program).value == '"A cat."'
        assert account.overrun == 0


def test_a_pdf_is_held_for_all_that_the_model_takes() -> None:
    program = '(effect infer.op (list "Sum up" (pdf (string->utf8 "%PDF-1.7 …"))) {} max-tokens: 50)'
    with serving(message("Short.", 90_000, 5), tokens=5_000_000) as (server, account):
        assert run(program.format(MODEL)).value == '"Short."'
        assert account.overrun == 0
        assert "has no sure bound" in str(run(program.format('model: "claude-unheard-of"')).message)
    assert len(server.bodies()) == 1


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ('(image (string->utf8 "no picture"))', "this is no picture that models take"),
        ('(pdf (string->utf8 "no pdf"))', "this is no PDF"),
        ("(image 5)", "argument 1 must be a string"),
        ('(effect infer.op (list "Read" (pdf (string->utf8 "%PDF-1"))))', "takes no pictures and documents"),
    ],
)
def test_wrong_attachments(program: str, message: str) -> None:
    with use_model(lambda request: Reply("", 1, 1)):
        assert message in error_of(program)


def test_attachments_show_what_they_are() -> None:
    picture = f"(image (bytevector {' '.join(map(str, PNG))}))"
    assert value_of(f"(list {picture} (attachment? {picture}) (equal? {picture} {picture}))") == (
        '(#<attachment type: "image/png" size: 28> #t #t)'
    )


def test_unknown_options_are_found_before_a_run() -> None:
    assert any("unknown option on-txt:" in each for each in findings_of('(effect infer.op "Hi" on-txt: display)'))


def test_a_lost_connection_books_all(tmp_path: Path) -> None:
    with serving(CutOff()) as (_, account):
        assert run(f'(effect infer.op "Hi" {MODEL} max-tokens: 20 on-text: display)').error is not None
        assert account.spent > 20
