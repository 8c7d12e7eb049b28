"""wrap(client): the real SDK of Anthropic, whose requests are held, waited for, shortened and settled."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import anthropic
import pytest
from omega_runtime import BudgetExceeded, OmegaError, Unbounded, budget, report, wrap

from tests.support.clients import fresh_books, kept
from tests.support.counting_server import CountingServer
from tests.support.messages_api import Answer, Behaviour, CutOff, Hang, Server, error, gateway, message

MODEL = "claude-sonnet-5-5"
ASKED: dict[str, Any] = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello?"}]}
# The bytes of the question and what framing adds.
BOUND = len("Hello?") + 32


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Books of its own for each test."""
    with fresh_books():
        yield


def client_of(server: Server, **options: Any) -> anthropic.Anthropic:
    """The SDK's client, wrapped."""
    client = kept(anthropic.Anthropic(api_key="k", base_url=server.url, max_retries=options.pop("max_retries", 0)))
    return wrap(client, **options)


def events(*parts: dict[str, Any]) -> bytes:
    """A stream of server-sent events."""
    return b"".join(f"event: {part['type']}\ndata: {json.dumps(part)}\n\n".encode() for part in parts)


START = {"type": "message_start", "message": json.loads(message("", 30, 1).body)}
TEXT = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello."}}
STREAM = events(
    START,
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    TEXT,
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 40},
    },
    {"type": "message_stop"},
)


class Cut(Behaviour):
    """A stream that ends after so many bytes."""

    def __init__(self, body: bytes, after: int) -> None:
        self.body = body
        self.after = after

    def answer(self, handler: Any) -> None:
        """Announce it whole, and send a part."""
        handler.send(200, self.body[: self.after], {"content-type": "text/event-stream"}, length=len(self.body))
        handler.close_connection = True


class Stalled(Behaviour):
    """A stream of which nothing more comes after its beginning."""

    def __init__(self, beginning: bytes, body: bytes) -> None:
        self.beginning = beginning
        self.body = body

    def answer(self, handler: Any) -> None:
        """Send the beginning, and wait until the server closes."""
        handler.send(200, self.beginning, {"content-type": "text/event-stream"}, length=len(self.body))
        handler.wfile.flush()
        handler.server.closing.wait(5)
        handler.close_connection = True


def test_a_call_is_held_and_settled() -> None:
    with Server(message("Hi.", 12, 5)) as server, budget(tokens=1_000) as account:
        client = client_of(server)
        answer = client.messages.create(**ASKED)
        assert (answer.content[0].text, account.spent, account.held) == ("Hi.", 17, 0)  # type: ignore[union-attr]
        assert list(account.answers or ()) == ["Hi."]
        (site,) = report()["sites"]
        assert (site["file"], site["procedure"]) == ("test_wrapping.py", "test_a_call_is_held_and_settled")
        assert isinstance(client, anthropic.Anthropic)
        assert wrap(client) is client


def test_near_the_end_answers_are_shortened_and_then_refused() -> None:
    with Server(message("Hi.", 12, 20), message("Hi.", 12, 20)) as server, budget(tokens=100) as account:
        client = client_of(server)
        client.messages.create(**ASKED)
        assert server.bodies()[0]["max_tokens"] == 100 - BOUND
        with pytest.raises(BudgetExceeded) as refused:
            client_of(server, clamp=False).messages.create(**ASKED)
        assert isinstance(refused.value, anthropic.AnthropicError)
        assert (refused.value.needed, refused.value.available, account.spent) == (BOUND + 100, 68, 32)
        copy = pickle.loads(pickle.dumps(refused.value))
        assert (type(copy), copy.needed) == (BudgetExceeded, refused.value.needed)
        assert len(server.bodies()) == 1


def test_derived_clients_are_held_as_well() -> None:
    with Server(message("", 1, 1), message("", 2, 2), message("", 3, 3)) as server, budget(tokens=1_000) as account:
        client = client_of(server)
        client.with_options(timeout=9).messages.create(**ASKED)
        client.messages.with_raw_response.create(**ASKED)
        client.beta.messages.create(**ASKED)
        assert (account.spent, account.held) == (12, 0)


def test_the_original_stays_as_it_is() -> None:
    with Server(message("", 1, 1)) as server, budget(tokens=0) as account:
        client = kept(anthropic.Anthropic(api_key="k", base_url=server.url))
        wrap(client)
        client.messages.create(**ASKED)
        assert account.spent == 0


FAILURES: dict[str, tuple[Behaviour, bool]] = {
    "the provider's own word": (error(400, "invalid_request_error"), False),
    "overloaded": (error(529, "overloaded_error"), False),
    "a gateway": (gateway(), True),
    "an error that looks alike": (error(500, "invalid_request_error"), True),
    "a redirect": (Answer(307, b"", location="http://127.0.0.1:1/"), True),
    "no JSON": (Answer(200, b"Hello"), True),
    "no usage": (Answer(200, b'{"content": []}'), True),
    "a lost connection": (CutOff(), True),
    "a compressed answer": (Answer(200, b"\x1f\x8b", content_encoding="gzip"), True),
}


@pytest.mark.parametrize(("failure", "is_billed"), FAILURES.values(), ids=FAILURES)
def test_failures(failure: Behaviour, is_billed: bool) -> None:
    with Server(failure) as server, budget(tokens=1_000) as account:
        with suppress(Exception):  # the client makes of some of them what it likes
            client_of(server).messages.create(**ASKED)
        assert (account.spent, account.held) == (is_billed * (BOUND + 100), 0)
        assert len(server.requests) == 1


def test_what_was_never_sent_costs_nothing() -> None:
    client = kept(wrap(anthropic.Anthropic(api_key="k", base_url="http://127.0.0.1:1", max_retries=0)))
    with budget(tokens=1_000) as account:
        with pytest.raises(anthropic.APIConnectionError):
            client.messages.create(**ASKED)
        assert (account.spent, account.held) == (0, 0)


def test_a_timeout_may_have_been_billed() -> None:
    with Server(Hang()) as server, budget(tokens=1_000) as account:
        with pytest.raises(anthropic.APITimeoutError):
            client_of(server).messages.create(**ASKED, timeout=0.1)
        assert account.spent == BOUND + 100


def test_each_attempt_of_the_client_is_held() -> None:
    script = gateway(500), error(529, "overloaded_error"), message("Hi.", 12, 5)
    with Server(*script) as server, budget(tokens=1_000) as account:
        client_of(server, max_retries=3).messages.create(**ASKED)
        assert account.spent == BOUND + 100 + 17
    with Server(*[gateway(500)] * 9) as server, budget(tokens=300) as account:
        with pytest.raises(BudgetExceeded):
            client_of(server, max_retries=8, clamp=False).messages.create(**ASKED)
        assert (len(server.bodies()), account.spent) == (2, 2 * (BOUND + 100))


def test_a_stream_is_settled_when_it_was_read() -> None:
    stream = Answer(200, STREAM, "text/event-stream")
    with Server(stream, stream, stream) as server, budget(tokens=1_000) as account:
        client = client_of(server)
        with client.messages.stream(**ASKED) as answer:
            assert "".join(answer.text_stream) == "Hello."
            assert answer.get_final_message().usage.output_tokens == 40
        assert (account.spent, account.held) == (70, 0)
        kinds = [event.type for event in client.messages.create(**ASKED, stream=True)]
        assert kinds[0] == "message_start"
        assert kinds[-1] == "message_stop"
        assert account.spent == 140
        with client.messages.create(**ASKED, stream=True) as whole:
            next(iter(whole))
        assert (account.spent, account.held) == (210, 0), "all of it had come"


def test_a_stream_that_is_left_may_have_cost_all() -> None:
    with Server(Stalled(events(START), STREAM)) as server, budget(tokens=1_000) as account:
        with client_of(server).messages.create(**ASKED, stream=True) as left:
            next(iter(left))
            assert (account.spent, account.held) == (0, BOUND + 100)
        assert (account.spent, account.held) == (BOUND + 100, 0)


def test_a_stream_that_is_cut_at_any_byte_books_no_less_than_is_billed() -> None:
    with Server() as server, budget() as account:
        client = client_of(server)
        for after in range(0, len(STREAM) + 1, 3):
            server.script = [Cut(STREAM, after)]
            before = account.spent
            with suppress(Exception):
                for _ in client.messages.create(**ASKED, stream=True):
                    pass
            booked = account.spent - before
            assert booked in (70, BOUND + 100), after
            assert account.held == 0


# Requests, and the input tokens that are held for them at least and at most.
BOUNDS: dict[str, tuple[dict[str, Any], int, int]] = {
    "letters of more bytes": ({"messages": [{"role": "user", "content": "äöü"}]}, 6, 6 + 32),
    "a system prompt": ({"system": "Be short."}, BOUND + 9, BOUND + 9 + 32),
    "blocks": ({"system": [{"type": "text", "text": "Be short."}]}, BOUND + 9, BOUND + 100),
    "an image": (
        {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://x"}}]}]},
        4_800,
        5_100,
    ),
    "a tool": ({"tools": [{"name": "f", "input_schema": {"type": "object"}}]}, 800, 1_200),
    "a client's tool": ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, 2_000, 3_200),
    "a schema": ({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}, 300, 1_300),
    "a document": (
        {
            "messages": [
                {"role": "user", "content": [{"type": "document", "source": {"type": "text", "data": "x" * 500}}]}
            ]
        },
        500,
        700,
    ),
    "a conversation": (
        {
            "messages": [
                {"role": "user", "content": "1"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "9" * 90}]},
            ]
        },
        91 + 10,
        400,
    ),
}


@pytest.mark.parametrize(("options", "least", "most"), BOUNDS.values(), ids=BOUNDS)
def test_bounds(options: dict[str, Any], least: int, most: int) -> None:
    with Server(gateway()) as server, budget(tokens=100_000) as account:
        with pytest.raises(anthropic.APIStatusError):
            client_of(server).messages.create(**{**ASKED, **options})
        assert least <= account.spent - 100 <= most


PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}


def test_what_has_no_bound_of_its_own_is_bounded_by_the_model_or_counted() -> None:
    asked = {**ASKED, "messages": [{"role": "user", "content": [PDF]}]}
    with Server(message("", 2_000, 5), message("", 2_000, 5)) as server:
        with budget(tokens=2_000_000) as account:
            client_of(server).messages.create(**asked)
            assert account.spent == 2_005
        with budget(tokens=4_000) as account:
            server.counts = [2_000]
            client_of(server).messages.create(**asked)
            assert server.bodies("/v1/messages/count_tokens")[0]["messages"] == asked["messages"]
            assert account.spent == 2_005
            with pytest.raises(BudgetExceeded):
                client_of(server).messages.create(**asked)
        assert len(server.bodies()) == 2


UNBOUNDED: dict[str, tuple[dict[str, Any], str]] = {
    "a server's tool": ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "web_search_20250305"),
    "other servers": ({"extra_body": {"mcp_servers": [{"url": "https://x"}]}}, "mcp_servers"),
    "a part that nobody knows": ({"extra_body": {"best_of": 3}}, "best_of"),
    "no end": ({"extra_body": {"max_tokens": None}}, "max_tokens"),
    "a file for a model that nobody knows": (
        {"model": "mine", "messages": [{"role": "user", "content": [PDF]}]},
        "nobody knows how much",
    ),
}


@pytest.mark.parametrize(("options", "named"), UNBOUNDED.values(), ids=UNBOUNDED)
def test_what_has_no_sure_bound_is_not_sent(options: dict[str, Any], named: str) -> None:
    with Server() as server, budget(tokens=10_000_000) as account:
        with pytest.raises(Unbounded, match=named):
            client_of(server).messages.create(**{**ASKED, **options})
        with pytest.raises(Unbounded, match="batches"):
            client_of(server).messages.batches.create(requests=[])
        assert (server.requests, account.spent, account.held) == ([], 0, 0)


def test_parts_that_are_said_to_be_harmless_pass() -> None:
    with Server(message("", 1, 1)) as server, budget(tokens=1_000):
        client_of(server, harmless=["trace"]).messages.create(**ASKED, extra_body={"trace": "t"})
        assert server.bodies()[0]["trace"] == "t"


def test_thinking_is_not_shortened() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1_024}
    with Server(message("", 1, 1)) as server, budget(tokens=1_000) as account:
        with pytest.raises(BudgetExceeded):
            client_of(server).messages.create(**{**ASKED, "max_tokens": 1_500}, thinking=thinking)  # type: ignore[arg-type]
        assert (server.bodies(), account.spent) == ([], 0)


def test_free_requests_pass_without_a_hold() -> None:
    with Server() as server, budget(tokens=0):
        server.counts = [7]
        assert client_of(server).messages.count_tokens(model=MODEL, messages=ASKED["messages"]).input_tokens == 7


def test_calls_outside_of_an_open_budget_are_an_error() -> None:
    with Server() as server, budget(tokens=1_000), ThreadPoolExecutor(1) as thread:
        call = thread.submit(lambda: client_of(server).messages.create(**ASKED))
        with pytest.raises(OmegaError, match="outside every budget"):
            call.result()
        assert server.requests == []


@pytest.mark.parametrize("other", [anthropic.AnthropicBedrock, object])
def test_other_clients_are_refused(other: type) -> None:
    client = other() if other is object else other(aws_region="eu-central-1")
    with pytest.raises(OmegaError, match=r"no client that is known here.*omega_runtime.hold"):
        wrap(client)


@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize("failing", [0.0, 0.2])
def test_many_threads_spend_what_is_billed_and_no_more(tmp_path: Path, is_shared: bool, failing: float) -> None:
    file = {"ledger": tmp_path / "l.ledger"} if is_shared else {}
    with CountingServer(3, failing) as server, budget(tokens=10_000, **file) as account:
        client = client_of(server, max_retries=2)

        def ask(number: int) -> None:
            with account:
                client.messages.create(
                    model=MODEL, max_tokens=400, messages=[{"role": "user", "content": f"question {number} " * 10}]
                )

        with ThreadPoolExecutor(32) as threads:
            calls = [threads.submit(ask, number) for number in range(64)]
        refusals = [each for each in (call.exception() for call in calls) if isinstance(each, BudgetExceeded)]
        assert refusals
        assert account.spent == sum(each.tokens for each in server.bill)
        assert 9_500 <= account.spent <= 10_000


@pytest.mark.parametrize("is_shared", [False, True])
def test_many_tasks(tmp_path: Path, is_shared: bool) -> None:
    file = {"ledger": tmp_path / "l.ledger"} if is_shared else {}

    async def main(server: CountingServer) -> None:
        client = wrap(anthropic.AsyncAnthropic(api_key="k", base_url=server.url))
        async with client, budget(tokens=10_000, **file) as account:
            prompts = [[{"role": "user", "content": f"question {number} " * 10}] for number in range(64)]
            calls = [client.messages.create(model=MODEL, max_tokens=400, messages=each) for each in prompts]  # type: ignore[arg-type]
            done = await asyncio.gather(*calls, return_exceptions=True)
            assert any(isinstance(each, BudgetExceeded) for each in done)
            assert account.spent == sum(each.tokens for each in server.bill)
            assert 9_500 <= account.spent <= 10_000

    with CountingServer(4) as server:
        asyncio.run(main(server))


def test_streams_and_cancellation_in_tasks() -> None:
    async def main(server: Server) -> None:
        client = wrap(anthropic.AsyncAnthropic(api_key="k", base_url=server.url, max_retries=0))
        async with client, budget(tokens=1_000) as account:
            async with client.messages.stream(**ASKED) as answer:
                assert [text async for text in answer.text_stream] == ["Hello."]
            assert (account.spent, account.held) == (70, 0)
            task = asyncio.create_task(client.messages.create(**ASKED))
            while len(server.requests) < 2:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (account.spent, account.held) == (70 + BOUND + 100, 0)

    with Server(Answer(200, STREAM, "text/event-stream"), Hang()) as server:
        asyncio.run(main(server))
