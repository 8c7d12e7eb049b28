"""Embeddings: who makes vectors of texts, what these take at most, and what the answers say."""

from __future__ import annotations

import json
import os
import sys

from omega_runtime.models.provider import Failure, ModelError, NotBilled, Provider, text_bound
from omega_runtime.models.reply import Reply
from omega_runtime.models.tokens import count_tokens
from omega_runtime.models.usage import UnreadableAnswer
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from omega_runtime.clock import SystemClock
    from omega_runtime.models.prices import Price
    from omega_runtime.models.request import Request
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value

DEFAULT_MODEL = "text-embedding-3-small"
# What OpenAI takes at most in one request: texts, and tokens of all of them.
MOST_TEXTS = 2_048
MOST_TOKENS = 300_000
# All that is added to a request, and to each text in it: servers put some tokens around each.
OVERHEAD = 64
TEXT_OVERHEAD = 16
# Numbers in a vector of the stand-in, unless the call says it.
OFFLINE_DIMENSIONS = 64

_is_announced = False


def texts_of(request: Request) -> list[str]:
    """The texts of which a request wants vectors."""
    wanted = request.embeds
    assert wanted is not None
    return [wanted] if isinstance(wanted, str) else list(wanted)


def embeddings_bound(texts: Iterable[str], most: int | None = None) -> int:
    """A sure upper bound of the tokens of a request for vectors; `most` is what a text may have, if known."""
    bounds = (text_bound(text) + TEXT_OVERHEAD for text in texts)
    return OVERHEAD + sum(bound if most is None else min(bound, most) for bound in bounds)


def body_of(request: Request) -> dict[str, Any]:
    """What OpenAI, or a server like it, is asked."""
    return {
        "model": request.model,
        "input": texts_of(request),
        "encoding_format": "float",
        **dict(request.sampling),
    }


def read_answer(body: Any) -> Reply:
    """The reply in an answer, with the vectors as its text. Raises UnreadableAnswer for what has none."""
    from omega_runtime.models.completions import reply_of

    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise UnreadableAnswer("an answer without vectors")
    placed = sorted(enumerate(data), key=lambda each: each[1].get("index", each[0]))
    return reply_of(body, _written([each.get("embedding") for _, each in placed]), None)


def _written(vectors: Sequence[Any]) -> str:
    """Vectors as JSON. Raises UnreadableAnswer for what is none."""
    for vector in vectors:
        if not isinstance(vector, list) or not vector or not all(type(each) in (int, float) for each in vector):
            raise UnreadableAnswer("a vector that isn't made of numbers")
    try:
        return json.dumps([list(map(float, vector)) for vector in vectors], allow_nan=False)
    except (ValueError, OverflowError):
        raise UnreadableAnswer("a vector with a number that isn't finite") from None


def vectors_in(request: Request, reply: Reply) -> Value:
    """What the program gets: a vector of floats for a text, a list of these for a list. Raises ModelError."""
    vectors = [Vector(vector) for vector in json.loads(reply.text)]
    wanted = len(texts_of(request))
    if len(vectors) != wanted:
        raise ModelError(f"{request.provider.name} gave {len(vectors)} vectors for {wanted} texts")
    return vectors[0] if isinstance(request.embeds, str) else list_from(vectors)


class EmbeddingFunction(Provider):
    """Makes vectors by a function from a text to numbers; its tokens are counted by the tokenizer.

    What the function raises may have cost something, unless it is `NotBilled`.
    """

    __slots__ = ("default_model", "function", "name")
    is_priced = True
    takes_embeddings = True

    def __init__(self, function: Callable[[str], Sequence[float]]) -> None:
        self.function = function
        called = getattr(function, "__name__", type(function).__name__)
        self.name = f"embedding function {called}"
        self.default_model = str(called)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EmbeddingFunction) and other.function is self.function

    def __hash__(self) -> int:
        return hash(id(self.function))

    @property
    def identity(self) -> str:
        """Which function it is."""
        from omega_runtime.models.identity import identity_of

        return f"embedding function {identity_of(self.function)}"

    def embedding_price(self, model: str) -> Price | None:
        """The price of the model that the program names; the function's own name has none."""
        from omega_runtime.models.prices import price_of

        return None if model == self.default_model else price_of(model, None, has_output=False)

    def bound(self, request: Request) -> int:
        """A sure bound. Raises OmegaError for what a function can't be told of."""
        if request.sampling:
            raise OmegaError(f"{self.name} can't be told of dimensions; leave the option out")
        return embeddings_bound(texts_of(request))

    def count(self, request: Request, clock: SystemClock | None = None) -> int:  # noqa: ARG002
        """The tokens of the texts."""
        return sum(map(count_tokens, texts_of(request)))

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:  # noqa: ARG002
        """Ask the function for each text. Raises OmegaError when it gives anything else than numbers."""
        vectors = [self.function(text) for text in texts_of(request)]
        try:
            written = _written([list(map(float, vector)) for vector in vectors])
        except (TypeError, ValueError, UnreadableAnswer):
            raise OmegaError(f"{self.name} must give a sequence of finite numbers") from None
        return Reply(written, self.count(request), 0, model=request.model)

    def failure(self, error: Exception) -> Failure:
        """Only NotBilled says that nothing was billed."""
        if isinstance(error, NotBilled):
            return Failure(str(error), billed="no", transient=error.transient, retry_after=error.retry_after)
        return Failure(f"{self.name}: {type(error).__name__}: {error}")


def offline_embeddings(request: Request) -> Reply:
    """Vectors of length 1 by the words of each text: the same for the same words, near for like ones."""
    size = dict(request.sampling).get("dimensions", OFFLINE_DIMENSIONS)
    texts = texts_of(request)
    written = _written([_by_words(text, size) for text in texts])
    return Reply(written, sum(map(count_tokens, texts)), 0, model="offline")


def _by_words(text: str, size: int) -> list[float]:
    from hashlib import sha256
    from math import hypot

    numbers = [0.0] * size
    for word in text.lower().split() or [text]:
        digest = int.from_bytes(sha256(word.encode(errors="surrogatepass")).digest()[:8], "big")
        numbers[(digest >> 1) % size] += 1.0 if digest & 1 else -1.0
    length = hypot(*numbers)
    return [each / length for each in numbers] if length else [1.0, *numbers[1:]]


def choose_embeddings(settings: Settings, model: str | None) -> tuple[Provider, str]:
    """Who makes vectors, and the name to ask for; None for the model is the usual one.

    In order: the offline stand-in where it is named, the function of `configure(embed=…)`, the configured provider, the
    stand-in where the offline model answers all, OpenAI or the server like it. Raises OmegaError for who makes none.
    """
    if model == "offline":
        return _offline()
    if settings.embed is not None:
        function = EmbeddingFunction(settings.embed)
        return function, model or function.default_model
    provider = settings.provider
    if provider is not None:
        if not provider.takes_embeddings:
            raise OmegaError(f"embed.op: {provider.name} makes no embeddings; set configure(embed=…) to who does")
        return provider, model or provider.default_model
    if settings.model == "offline":
        return _offline()
    return _by_name(model) if model is not None else _usual()


def _by_name(model: str) -> tuple[Provider, str]:
    from omega_runtime.models.choose import PREFIX
    from omega_runtime.models.openai import openai_provider
    from omega_runtime.models.prices import price_of

    if model.startswith("claude"):
        raise OmegaError(f"embed.op: Anthropic makes no embeddings, so {model} can't; name {DEFAULT_MODEL} of OpenAI")
    name = model.removeprefix(PREFIX)
    if name == model and price_of(model, "openai", has_output=False) is None:
        raise OmegaError(
            f"embed.op: no model {model} that makes embeddings is known; name one of OpenAI's, such as "
            f"{DEFAULT_MODEL}, or one of the server at OPENAI_BASE_URL as {PREFIX}NAME"
        )
    return openai_provider(name), name


def _usual() -> tuple[Provider, str]:
    global _is_announced
    from omega_runtime.models.openai import can_ask, openai_provider

    if can_ask():
        return openai_provider(DEFAULT_MODEL), DEFAULT_MODEL
    if os.environ.get("ANTHROPIC_API_KEY"):
        raise OmegaError(
            "embed.op: Anthropic makes no embeddings; set OPENAI_API_KEY or OPENAI_BASE_URL, configure(embed=…) to a "
            "function, or ask the stand-in by model: offline"
        )
    if not _is_announced:
        _is_announced = True
        print(
            "omegac: the offline stand-in makes embeddings, as OPENAI_API_KEY is not set (--model offline drops this "
            "notice)",
            file=sys.stderr,
        )
    return _offline()


def _offline() -> tuple[Provider, str]:
    from omega_runtime.models.offline import OFFLINE

    return OFFLINE, "offline"
