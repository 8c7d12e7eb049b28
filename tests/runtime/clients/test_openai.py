"""wrap(client): the real SDK of OpenAI, and so any server that speaks its protocols."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from omega_runtime import BudgetExceeded, OmegaError, Unbounded, budget, configure, report, wrap

from tests.support.clients import fresh_books, kept
from tests.support.completions_api import (
    completion,
    completion_body,
    completion_stream,
    response,
    response_body,
    response_stream,
)
from tests.support.messages_api import Answer, Server, gateway

openai = pytest.importorskip("openai")

ASKED: dict[str, Any] = {
    "model": "gpt-4o",
    "max_completion_tokens": 100,
    "messages": [{"role": "user", "content": "Hello?"}],
}
INPUT: dict[str, Any] = {"model": "gpt-4o", "max_output_tokens": 100, "input": "Hello?"}
# What is held for the question beside the answer.
BOUND = 64 + 16 + len('{"role": "user"}') + len("Hello?")
OWN_ERROR = json.dumps(
    {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": None}}
).encode()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Books of its own for each test."""
    with fresh_books():
        yield


def client_of(server: Server, **options: Any) -> Any:
    """The SDK's client, wrapped."""
    client = kept(openai.OpenAI(api_key="k", base_url=f"{server.url}/v1", max_retries=options.pop("max_retries", 0)))
    return wrap(client, **options)


def test_chat_completions() -> None:
    with Server(completion("Hi.", 12, 5), completion("Hi.", 12, 5)) as server, budget(tokens=150) as account:
        client = client_of(server)
        answer = client.chat.completions.create(**ASKED)
        assert (answer.choices[0].message.content, account.spent, account.held) == ("Hi.", 17, 0)
        client.chat.completions.create(**ASKED)
        bodies = server.bodies("/v1/chat/completions")
        assert [body["max_completion_tokens"] for body in bodies] == [150 - BOUND, 133 - BOUND]
        assert report()["sites"][0]["file"] == "test_openai.py"
        with pytest.raises(BudgetExceeded) as refused:
            client_of(server, clamp=False, max_retries=2).chat.completions.create(**ASKED)
        assert isinstance(refused.value, openai.OpenAIError)


def test_old_names_and_several_answers() -> None:
    asked = {"model": "gpt-4o", "messages": ASKED["messages"], "max_tokens": 30, "n": 3}
    with Server(gateway(), gateway()) as server, budget(tokens=1_000) as account:
        with pytest.raises(openai.APIStatusError):
            client_of(server).chat.completions.create(**asked)
        assert account.spent == BOUND + 90


@pytest.mark.parametrize(
    ("answer", "is_billed"),
    # A gateway speaks as OpenAI does, and may have been billed before it failed.
    [(Answer(401, OWN_ERROR), False), (Answer(400, OWN_ERROR), True), (Answer(500, OWN_ERROR), True)],
)
def test_failures(answer: Answer, is_billed: bool) -> None:
    with Server(answer) as server, budget(tokens=1_000) as account:
        with pytest.raises(openai.APIStatusError):
            client_of(server).chat.completions.create(**ASKED)
        assert (account.spent, account.held) == (is_billed * (BOUND + 100), 0)


def test_streams_say_what_they_cost_and_the_client_sees_only_what_it_asked_for() -> None:
    script = [completion_stream("He", "llo.", prompt=12, output=7)] * 2
    with Server(*script) as server, budget(tokens=1_000) as account:
        client = client_of(server)
        chunks = list(client.chat.completions.create(**ASKED, stream=True))
        assert [chunk.choices[0].delta.content for chunk in chunks] == ["He", "llo.", None]
        assert server.bodies("/v1/chat/completions")[0]["stream_options"] == {"include_usage": True}
        assert (account.spent, account.held, list(account.answers or ())) == (19, 0, ["Hello."])
        asked = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}
        assert list(client.chat.completions.create(**asked))[-1].usage.completion_tokens == 7


def test_a_stream_that_does_not_say_what_it_cost_counts_whole() -> None:
    with Server(completion_stream("Hi.", usage=False)) as server, budget(tokens=1_000) as account:
        list(client_of(server).chat.completions.create(**ASKED, stream=True))
        assert account.spent == BOUND + 100


def test_responses() -> None:
    incomplete = response_body(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    script = (
        response(of_input=12, output=7),
        response_stream(of_input=1, output=2),
        Answer(200, json.dumps(incomplete).encode()),
    )
    with Server(*script) as server, budget(tokens=1_000) as account:
        client = client_of(server)
        assert client.responses.create(**INPUT).output_text == "Hello."
        assert account.spent == 19
        assert [event.type for event in client.responses.create(**INPUT, stream=True)][-1] == "response.completed"
        assert (account.spent, account.held) == (22, 0)
        client.responses.create(**INPUT)
        assert report()["totals"]["truncated"] == 1


def test_embeddings() -> None:
    body = {"object": "list", "model": "m", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]}
    answer = Answer(200, json.dumps({**body, "usage": {"prompt_tokens": 3, "total_tokens": 3}}).encode())
    with Server(answer, answer) as server, budget(tokens=90, dollars="$0.01") as account:
        client = client_of(server)
        client.embeddings.create(model="text-embedding-3-small", input=["Hello?"], encoding_format="float")
        assert (account.spent, account.held) == (3, 0)
        with pytest.raises(BudgetExceeded):
            client.embeddings.create(model="text-embedding-3-small", input="x" * 100)


UNBOUNDED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no end": ("chat", {"max_completion_tokens": None}, "max_completion_tokens"),
    "a model that searches": ("chat", {"model": "gpt-4o-search-preview"}, "searches the web"),
    "a prediction": ("chat", {"prediction": {"type": "content", "content": "x"}}, "prediction"),
    "a web search": ("chat", {"web_search_options": {}}, "web_search_options"),
    "a dear tier": ("chat", {"service_tier": "priority"}, "priority"),
    "audio": (
        "chat",
        {
            "messages": [
                {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}
            ]
        },
        "audio",
    ),
    "what a server adds": ("chat", {"extra_body": {"best_of": 4}}, "best_of"),
    "a response without an end": ("responses", {"max_output_tokens": None}, "max_output_tokens"),
    "a server's tool": ("responses", {"tools": [{"type": "web_search"}]}, "web_search"),
    "a response that nobody waits for": ("responses", {"background": True}, "background"),
    "a conversation that the server keeps, of a model that nobody knows": (
        "responses",
        {"model": "mine", "previous_response_id": "r"},
        "nobody knows how much",
    ),
}


@pytest.mark.parametrize(("kind", "options", "named"), UNBOUNDED.values(), ids=UNBOUNDED)
def test_what_has_no_sure_bound_is_not_sent(kind: str, options: dict[str, Any], named: str) -> None:
    with Server() as server, budget(tokens=10_000_000) as account:
        client = client_of(server)
        create, asked = (client.chat.completions.create, ASKED) if kind == "chat" else (client.responses.create, INPUT)
        with pytest.raises(Unbounded, match=named):
            create(**{**asked, **options})
        with pytest.raises(Unbounded, match="images"):
            client.images.generate(prompt="a cat", model="dall-e-3")
        assert (server.requests, account.spent) == ([], 0)


def test_dollars() -> None:
    with Server(completion("", 1_000, 100), completion("", 1_000, 100)) as server, budget(dollars="1") as account:
        client_of(server).chat.completions.create(**ASKED)
        assert account.dollars.spent == Decimal("0.0035")
        with pytest.raises(OmegaError, match='price of model "local" is not known'):
            client_of(server).chat.completions.create(**{**ASKED, "model": "local"})
        with configure(prices={"local": (1, 2)}):
            client_of(server).chat.completions.create(**{**ASKED, "model": "local"})
        assert account.dollars.spent == Decimal("0.0047")


def billing_at_random(seed: int) -> tuple[Any, list[int]]:
    """A server's answers, and what it bills: up to all of the output, and as much input as the text has bytes."""
    chance = random.Random(seed)
    bill: list[int] = []

    def answer(body: dict[str, Any]) -> Answer:
        texts = sum(len(str(message["content"]).encode()) for message in body["messages"])
        most = body["max_completion_tokens"]
        prompt, output = chance.randint(1, texts + 4), chance.choice([1, most // 2, most])
        bill.append(prompt + output)
        return completion("x", prompt, output)

    return answer, bill


def test_threads_and_tasks_spend_what_is_billed_and_no_more() -> None:
    def messages(number: int) -> list[dict[str, str]]:
        return [{"role": "user", "content": f"question {number} äöü" * 5}]

    with Server() as server, budget(tokens=10_000) as account:
        server.answer_by, bill = billing_at_random(1)
        client = client_of(server)

        def ask(number: int) -> None:
            with account:
                client.chat.completions.create(model="gpt-4o", max_completion_tokens=300, messages=messages(number))

        with ThreadPoolExecutor(16) as threads:
            calls = [threads.submit(ask, number) for number in range(100)]
        assert any(isinstance(call.exception(), BudgetExceeded) for call in calls)
        assert 9_000 <= account.spent == sum(bill) <= 10_000

    async def main(server: Server) -> None:
        client = wrap(openai.AsyncOpenAI(api_key="k", base_url=f"{server.url}/v1"))
        async with client, budget(tokens=10_000) as account:
            create = client.chat.completions.create
            calls = [create(model="gpt-4o", max_completion_tokens=300, messages=messages(i)) for i in range(100)]
            done = await asyncio.gather(*calls, return_exceptions=True)
            assert any(isinstance(each, BudgetExceeded) for each in done)
            assert 9_000 <= account.spent == sum(bill) <= 10_000

    with Server() as server:
        server.answer_by, bill = billing_at_random(2)
        asyncio.run(main(server))


def test_a_completion_without_usage_counts_whole() -> None:
    body = completion_body()
    del body["usage"]
    with Server(Answer(200, json.dumps(body).encode())) as server, budget(tokens=1_000) as account:
        client_of(server).chat.completions.create(**ASKED)
        assert account.spent == BOUND + 100


@pytest.mark.parametrize(
    ("address", "asked", "sent"),
    [
        ("https://api.openai.com/v1", {}, "default"),
        ("https://api.openai.com/v1", {"service_tier": "auto"}, "default"),
        ("https://api.openai.com/v1", {"service_tier": "flex"}, "flex"),
        ("http://127.0.0.1:1/v1", {}, None),
    ],
)
def test_a_project_whose_own_tier_is_dearer_is_not_asked_for_it(
    address: str, asked: dict[str, str], sent: str | None
) -> None:
    from httpx2 import Request
    from omega_runtime.clients.gate import Gate
    from omega_runtime.clients.holding import held

    request = Request("POST", f"{address}/chat/completions", json={**ASKED, **asked})
    with budget(10_000):
        passing = Gate("openai").passing(request)
        assert passing is not None
        call = held(passing.room)
        assert json.loads(passing.outgoing(request, call).content).get("service_tier") == sent
        call.account.ledger.void(call)
