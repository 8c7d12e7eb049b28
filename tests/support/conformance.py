"""Every provider beside a server that bills all that it may: random calls, what was billed, and what was booked."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from threading import Lock
from typing import Any
from unittest.mock import patch

import attrs
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from omega_runtime import BudgetExceeded, ModelRequest, OmegaError, Reply, ask_async, budget, configure, use_model
from omega_runtime.calls.conversation import Conversation
from omega_runtime.calls.embedding import embedded
from omega_runtime.calls.tools import conversation, converse, describe_tool, tool_error, tool_result
from omega_runtime.calls.woven import infer
from omega_runtime.lib.conversations import assistant, user
from omega_runtime.models import openai_hosts
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.function import FunctionProvider
from omega_runtime.models.openai import OpenAIProvider
from omega_runtime.models.parts import tool_call
from omega_runtime.models.provider import NotBilled, Provider
from omega_runtime.models.request import Request
from omega_runtime.models.server_tools import ServerTool
from omega_runtime.models.tokens import count_tokens
from omega_runtime.places import Site
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.attachments import Attachment
from omega_runtime.values.pairs import list_from, unlist

from tests.support.ledgers import SITE
from tests.support.messages_api import Answer, Behaviour, CutOff, Handler, Server, gateway
from tests.support.wires import Billed, Body, Completions, Embeddings, Messages, OpenAI, Wire

ANTHROPIC_MODELS = ("claude-sonnet-4-6", "claude-opus-5-5", "claude-haiku-5-5")
EMBEDDING_MODELS = ("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002")
OPENAI_MODELS = ("gpt-4o", "o3", "gpt-5.6-cyber", "gpt-6-sol", "gpt-6-luna")

EMBEDDING_SITE = Site("test.omega", 1, 1, "embed.op", "embed", 1)

_numbers = count()


@attrs.frozen
class Subject:
    """A provider, asked in one way."""

    name: str
    models: tuple[str, ...]
    kind: type[Provider]
    wire: Callable[[], Wire] | None = None
    is_async: bool = False
    variables: tuple[str, str] = ("", "")
    path: str = ""
    is_openai: bool = False
    # Whether the server's own word counts that a passing failure cost nothing.
    is_trusted: bool = True
    is_embedding: bool = False
    # What the factors of dear answers make of a price, and genai-prices' name for who bills.
    factor: Decimal = Decimal(1)
    biller: str | None = None

    def __str__(self) -> str:
        return self.name


_ANTHROPIC: dict[str, Any] = {
    "models": ANTHROPIC_MODELS,
    "kind": AnthropicProvider,
    "wire": Messages,
    "variables": ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
    "factor": Decimal("1.1"),
    "biller": "anthropic",
}
_OPENAI: dict[str, Any] = {
    "models": OPENAI_MODELS,
    "kind": OpenAIProvider,
    "wire": OpenAI,
    "variables": ("OPENAI_API_KEY", "OPENAI_BASE_URL"),
    "path": "/v1",
    "is_openai": True,
    "biller": "openai",
}
_OWN: dict[str, Any] = {
    **_OPENAI,
    "models": tuple(f"openai:{name}" for name in OPENAI_MODELS),
    "wire": lambda: Completions(own=True),
    "is_openai": False,
    "is_trusted": False,
    "factor": Decimal(3),
}
SUBJECTS = (
    Subject("anthropic", **_ANTHROPIC),
    Subject("anthropic, async", **_ANTHROPIC, is_async=True),
    Subject("openai", **_OPENAI),
    Subject("openai, async", **_OPENAI, is_async=True),
    Subject("own server", **_OWN),
    Subject("own server, async", **_OWN, is_async=True),
    Subject("function", OPENAI_MODELS, FunctionProvider),
)
_EMBEDDINGS: dict[str, Any] = {"wire": lambda: Embeddings(own=False), "is_embedding": True}
EMBEDDING_SUBJECTS = (
    Subject("openai, vectors", **{**_OPENAI, **_EMBEDDINGS, "models": EMBEDDING_MODELS}),
    Subject(
        "own server, vectors",
        **{
            **_OWN,
            **_EMBEDDINGS,
            "wire": lambda: Embeddings(own=True),
            "models": tuple(f"openai:{name}" for name in EMBEDDING_MODELS),
        },
    ),
)
"""Those that are asked for vectors."""


class Bill:
    """What was charged, request by request, and what a tokenizer counts of them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.charged: list[tuple[str, Billed]] = []
        self.counted = 0
        self.events: Counter[str] = Counter()
        self._lock = Lock()

    def charge(self, model: str, most: int, limit: int, text: str, searches: int = 0) -> Billed:
        """Charge a request: four in five for all that it may cost, as the dearest kinds."""
        with self._lock:
            is_whole = self.chance.random() < 0.8
            share = 1.0 if is_whole else self.chance.random()
            billed = Billed(int(most * share), int(limit * share), is_whole, int(searches * share))
            self.charged.append((model, billed))
            self.counted += count_tokens(text)
            return billed

    @property
    def tokens(self) -> int:
        """All that was charged."""
        return sum(billed.input_tokens + billed.output_tokens for _, billed in self.charged)


class ProtocolServer(Server):
    """Speaks a provider's protocol; what it counts and answers is up to its kind."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.RequestHandlerClass = ProtocolHandler
        self.wire = wire

    def count(self, body: Body) -> Answer:
        """What a count of tokens gets: that there is none now."""
        return self.wire.refusal()

    def answer(self, body: Body) -> Behaviour:
        """What a request gets."""
        raise NotImplementedError


class ProtocolHandler(Handler):
    """Answers one connection."""

    server: ProtocolServer

    def do_POST(self) -> None:  # noqa: N802 (http.server names it)
        """Counts, and all else, which is recorded."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path.endswith(("/count_tokens", "/input_tokens")):
            self.server.count(body).answer(self)
        else:
            self.server.requests.append((self.path, body))
            self.server.answer(body).answer(self)


class GreedyServer(ProtocolServer):
    """Answers a protocol's requests as chance has it, and bills them; what it has counted, it charges as much as."""

    def __init__(self, wire: Wire, bill: Bill) -> None:
        super().__init__(wire)
        self.bill = bill
        self._counted: dict[str, int] = {}

    def count(self, body: Body) -> Answer:
        """A number of tokens from what a tokenizer says to the most, or a failure."""
        chance, texts = self.bill.chance, self.wire.texts(body)
        if chance.random() < 0.1:
            return self.wire.refusal()
        most = self.wire.most(body)
        tokens = self._counted.setdefault(texts, chance.randint(min(most, count_tokens(texts)), most))
        self.bill.events["counts"] += 1
        return Answer(200, json.dumps({"input_tokens": tokens}).encode())

    def answer(self, body: Body) -> Behaviour:
        """An answer or a failure, and the bill."""
        chance, wire = self.bill.chance, self.wire
        fate = chance.random()
        if fate < 0.06:
            self.bill.events["refused by the provider"] += 1
            return wire.refusal()
        texts = wire.texts(body)
        most = self._counted.get(texts, wire.most(body))
        searches = wire.searches(body)
        billed = self.bill.charge(body["model"], most, wire.limit(body), texts, searches)
        self.bill.events["searches"] += billed.searches
        if fate < 0.10:
            self.bill.events["billed, and failed"] += 1
            return chance.choice([gateway(), CutOff(), Answer(500, b"{}"), Answer(200, b'{"id": '), _error_page()])
        if searches and chance.random() < 0.3:
            self.bill.events["answers that go on"] += 1
            return wire.pause(body, billed)
        tool = wire.may_call(body)
        call = None
        if tool is not None and chance.random() < 0.6:
            arguments = chance.choice(['{"place": "Rome"}', '{"place": "Ünï", "days": 3}', '{"days": "x"}', "{}"])
            call = (tool, arguments)
            self.bill.events["calls of tools"] += 1
        text = chance.choice(['{"n": 7}', '{"n": "no"}', "so"]) if wire.has_schema(body) else "An answer."
        return wire.answer(body, text, billed, call)


def _error_page() -> Answer:
    return Answer(400, b'{"error": {"message": "no", "upstream": 1}}')


def greedy_function(bill: Bill) -> Callable[..., Reply]:
    """A function that is the model, and bills what the tokenizer counts, as functions are taken at their word."""

    def model(request: ModelRequest) -> Reply:
        chance = bill.chance
        fate = chance.random()
        if fate < 0.06:
            bill.events["refused by the provider"] += 1
            raise NotBilled("busy", transient=True, retry_after=0)
        said = [text for _, content in request.said for text in _texts(content)] or [request.prompt]
        said.append(request.system or "")
        most = sum(map(count_tokens, said))
        billed = bill.charge(request.model, most, request.max_tokens, "\n".join(said))
        if fate < 0.10:
            bill.events["billed, and failed"] += 1
            raise ValueError("no")
        reply = Reply(chance.choice(['{"n": 7}', "An answer."]), billed.input_tokens, billed.output_tokens)
        reply.cache_write_tokens = billed.input_tokens if billed.dear else 0
        if request.tools and chance.random() < 0.6:
            bill.events["calls of tools"] += 1
            reply.content = (tool_call(request.tools[0]["name"], place="Rome"),)
        return reply

    return model


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part.text for part in content]


@attrs.define
class Result:
    """What became of some random calls of a subject; money in picodollars."""

    subject: str
    calls: int = 0
    requests: int = 0
    answered: int = 0
    refused: int = 0
    failed: int = 0
    overruns: int = 0
    beyond: list[str] = attrs.field(factory=list)
    events: Counter[str] = attrs.field(factory=Counter)
    bounded: int = 0
    charged: int = 0
    counted: int = 0

    def add(self, other: Result) -> None:
        """Put what became of other calls to it."""
        for name in ("calls", "requests", "answered", "refused", "failed", "overruns", "bounded", "charged", "counted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.beyond += other.beyond
        self.events += other.events

    def __str__(self) -> str:
        most, plain = (self.bounded / max(1, part) for part in (self.charged, self.counted))
        told = ", ".join(f"{number} {what}" for what, number in sorted(self.events.items()))
        return (
            f"{self.subject:18} {self.calls:6,} calls, {self.requests:6,} requests; {self.answered:,} answered, "
            f"{self.refused:,} refused by the budget, {self.failed:,} failed ({told}); {self.overruns} overruns; "
            f"input bound/most billed {most:.3f}, bound/tokenizer's count {plain:.2f}"
        )


def random_calls(subject: Subject, seed: int, calls: int) -> Result:
    """Make some random calls, each in budgets of its own, and compare what was billed with what was booked."""
    chance = random.Random(f"{subject.name} {seed}")
    result = Result(subject.name)
    bill = Bill(chance)
    with _asked(subject, bill) as watched:
        for number in range(calls):
            _one_call(subject, chance, bill, watched, result, f"seed {seed}, call {number}")
    result.events += bill.events
    result.requests = len(bill.charged)
    result.counted = bill.counted
    return result


@contextmanager
def _asked(subject: Subject, bill: Bill) -> Iterator[list[tuple[int, int]]]:
    """The subject answers; the list gets the bound of the input and of the output of each request that is sent."""
    watched: list[tuple[int, int]] = []
    with ExitStack() as stack:
        stack.enter_context(configure(retries=3, retry_wait=0.0, jitter=lambda: 0.0, unbudgeted="allow", floor=1))
        if subject.wire is None:
            stack.enter_context(use_model(greedy_function(bill)))
        else:
            server = stack.enter_context(GreedyServer(subject.wire(), bill))
            # A key of its own: the client of an earlier server that had the same port is closed.
            stack.enter_context(environment_of(subject, server.url, f"test-key-{next(_numbers)}"))
            stack.enter_context(configure(provider=None))
        stack.enter_context(_watched(subject.kind, watched))
        yield watched


@contextmanager
def environment_of(subject: Subject, address: str, key: str) -> Iterator[None]:
    """The subject asks the server at an address."""
    variables = dict(zip(subject.variables, (key, address + subject.path), strict=True))
    host = "127.0.0.1" if subject.is_openai else openai_hosts.OPENAI
    with patch.dict(os.environ, variables), patch.object(openai_hosts, "OPENAI", host):
        yield


@contextmanager
def _watched(kind: Any, watched: list[tuple[int, int]]) -> Iterator[None]:
    complete, complete_async = kind.complete, getattr(kind, "complete_async", None)

    def note(provider: Provider, request: Request, max_tokens: int) -> None:
        watched.append((provider.bound(request) // request.attempts, max_tokens))

    def plain(provider: Provider, request: Request, max_tokens: int, *rest: Any) -> Reply:
        note(provider, request, max_tokens)
        reply: Reply = complete(provider, request, max_tokens, *rest)
        return reply

    async def asynchronous(provider: Provider, request: Request, max_tokens: int, *rest: Any) -> Reply:
        note(provider, request, max_tokens)
        reply: Reply = await complete_async(provider, request, max_tokens, *rest)
        return reply

    with ExitStack() as stack:
        stack.enter_context(patch.object(kind, "complete", plain))
        if complete_async is not None:
            stack.enter_context(patch.object(kind, "complete_async", asynchronous))
        yield


def _one_call(
    subject: Subject, chance: random.Random, bill: Bill, watched: list[tuple[int, int]], result: Result, where: str
) -> None:
    operand, options, tools = random_call(chance, subject)
    before, sent = len(bill.charged), len(watched)
    limits: dict[str, Any] = {}
    # Searches may take all that a model does.
    searches = any(isinstance(tool, ServerTool) for tool in tools)
    if chance.random() < 0.7:
        limits["tokens"] = int(10 ** (chance.uniform(6.0, 8.0) if searches else chance.uniform(2.3, 4.7)))
    if not limits or chance.random() < 0.5:
        limits["dollars"] = f"{10 ** (chance.uniform(0.5, 3.0) if searches else chance.uniform(-3.5, 0.5)):.6f}"
    result.calls += 1
    with fresh_ledger() as ledger, configure(downgrade=chance.random() < 0.5):
        with budget(**limits) as account:
            try:
                ask(subject, operand, options, tools)
                result.answered += 1
            except BudgetExceeded:
                result.refused += 1
            except OmegaError:
                result.failed += 1
        spent, cost = account.spent, account.dollars.spent
        overruns = ledger.root.overrun + account.overrun
    charged = bill.charged[before:]
    tokens = sum(billed.input_tokens + billed.output_tokens for _, billed in charged)
    dollars = sum((price_of(subject, model, billed) for model, billed in charged), Decimal(0))
    result.charged += sum(billed.input_tokens for _, billed in charged if billed.dear)
    result.overruns += bool(overruns)
    past = [name for name, limit in limits.items() if (spent if name == "tokens" else cost) > Decimal(limit)]
    if overruns or past or tokens > spent or dollars > cost or account.held:
        result.beyond.append(f"{where}: billed {tokens} and ${dollars}, booked {spent} and ${cost}, limits {limits}")
    # What was refused by the provider is on no bill, so the bounds of the others are those that go with it.
    bounds = iter(watched[sent:])
    for _, billed in charged:
        bound = next((each for each in bounds if each[0] >= billed.input_tokens), None)
        if bound is None or billed.output_tokens > bound[1]:
            result.beyond.append(f"{where}: {billed} is beyond {watched[sent:]}")
        elif billed.dear:
            result.bounded += bound[0]


def price_of(subject: Subject, model: str, billed: Billed) -> Decimal:
    """What a request was charged in US dollars."""
    info = get_snapshot().find_provider_model(model, None, subject.biller, None)[1]
    prices = info.get_prices(datetime.now(UTC))
    known: dict[str, int] = {"input_tokens": billed.input_tokens, "output_tokens": billed.output_tokens}
    if billed.dear and prices.cache_write_mtok is not None:
        known["cache_write_tokens"] = billed.input_tokens
    cost = prices.calc_price(Usage(**known))["total_price"]
    fees = Decimal(prices.web_searches_kcount) * billed.searches / 1_000 if billed.searches else 0
    return Decimal(cost) * (subject.factor if billed.dear else 1) + fees


_WORDS = ("the tide", "Über Brücken", "港口", "\ufdfa", "🚢", "a" * 40, '{"k": "\\n"}', "<b>", "\x00", "ﬃ", " ", "0123")


def _text(chance: random.Random, most: int = 30) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, most)))


_SCHEMAS = (
    '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": false}',
    '{"type": "object", "properties": {"n": {"type": "integer", "description": "wie viele Schiffe"}}}',
    '{"type": "integer"}',
)


def random_call(chance: random.Random, subject: Subject) -> tuple[Any, dict[str, Any], tuple[Any, ...]]:
    """A prompt or a conversation, options, and the tools that may be called; or texts to embed."""
    operand: Any = _text(chance)
    if subject.is_embedding:
        texts = list_from([_text(chance) for _ in range(chance.randint(1, 8))])
        return operand if chance.random() < 0.3 else texts, {"model": chance.choice(subject.models)}, ()
    if subject.wire is not None and chance.random() < 0.05:
        operand = list_from([operand, Attachment("image", "image/png", b"a picture")])
    elif chance.random() < 0.3:
        turns = [user(_text(chance, 8))]
        for _ in range(chance.randint(0, 4)):
            turns += [assistant(_text(chance, 8)), user(_text(chance, 8))]
        operand = list_from(turns)
    options: dict[str, Any] = {"model": chance.choice(subject.models), "max_tokens": chance.randint(1, 800)}
    more = {
        "system": lambda: _text(chance, 5),
        "stop": lambda: [chance.choice(("END", "\n\n", "Ende")) for _ in range(chance.randint(1, 3))],
        "temperature": lambda: chance.choice((0, 0.5, 1)),
        "top_p": lambda: 0.9,
        "effort": lambda: chance.choice(("low", "high")),
        "clamp": lambda: chance.random() < 0.5,
    }
    options |= {name: value() for name, value in more.items() if chance.random() < 0.3}
    if subject.kind is AnthropicProvider:
        if chance.random() < 0.2:
            options["cache"] = chance.choice((True, "hour"))
        if chance.random() < 0.1:
            options["thinking"] = 1_024
    uses_tools = not subject.is_async and chance.random() < 0.25
    if not uses_tools and chance.random() < 0.25:
        options["schema"] = chance.choice(_SCHEMAS)
        options["attempts"] = chance.randint(1, 3)
    if not uses_tools:
        return operand, options, ()
    if subject.kind is not AnthropicProvider or chance.random() < 0.5:
        return operand, options, (_weather,)
    search = ServerTool(chance.choice((1, 3, 12)))
    return operand, options, (search,) if chance.random() < 0.5 else (_weather, search)


def ask(subject: Subject, operand: Any, options: dict[str, Any], tools: tuple[Any, ...] | bool = ()) -> Any:
    """Make a call in the subject's way; with True, the tool that it may use is called weather."""
    tools = (_weather,) if tools is True else tools or ()
    if subject.is_embedding:
        return embedded(EMBEDDING_SITE, operand, **options)
    if subject.is_async:
        return asyncio.run(_asked_async(operand, options))
    return _converse(operand, options, tools) if tools else infer(SITE, operand, **options)


async def _asked_async(operand: Any, options: dict[str, Any]) -> Any:
    return await ask_async(operand, **options)


def _weather(place: Any, days: Any) -> str:
    if place == "Rome":
        raise OmegaError("no weather today")
    return "Regen und Wind, " * 20


_TOOL_SCHEMA = (
    '{"type": "object", "properties": {"place": {"type": "string", "description": "wo"}, "days": {"type": "integer"}}}'
)


def _converse(operand: Any, options: dict[str, Any], tools: tuple[Any, ...]) -> Any:
    describe_tool(_weather, "weather", "The weather in a place; Wetter für Städte.", _TOOL_SCHEMA)  # type: ignore[arg-type]

    def turn(now: Conversation) -> Any:
        return infer(SITE, now.operand, tools=now, **options)

    def call(tool: Any, arguments: Any) -> Any:
        try:
            return tool_result(tool(*(unlist(arguments) or [])))
        except OmegaError as error:
            return tool_error(error)

    return converse(conversation(operand, list_from(tools), 3), turn, call)  # type: ignore[arg-type]
