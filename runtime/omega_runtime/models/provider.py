"""What every provider offers, and how its failures are told apart."""

from __future__ import annotations

from omega_runtime.acceleration import accelerated
from omega_runtime.models.request import Request
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from decimal import Decimal

    from omega_runtime.clock import SystemClock
    from omega_runtime.models.batches import Batches
    from omega_runtime.models.parts import Content, Part, ToolSpecification
    from omega_runtime.models.prices import Price
    from omega_runtime.models.reply import Reply
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value


# Kinds of parts that are no text.
ATTACHED = ("image", "document")


class ModelError(OmegaError):
    """A call to a model failed; the message names the provider, what happened and what to do.

    `status` is the HTTP status or None, `billed` "no", "unknown" or "yes". `__cause__` is what a model function raised;
    for a provider on the network it only names the exception, as that would hold the key and the prompt.
    """

    provider: str = ""
    status: int | None = None
    billed: str = "unknown"


class NotBilled(OmegaError):
    """Raised by a Python model function to say that the failed call cost nothing.

    With `transient=True` the call is tried again, after `retry_after` seconds when given.
    """

    def __init__(self, message: str, *, transient: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.transient = transient
        self.retry_after = retry_after


class Failure:
    """What is known about a failed attempt.

    `billed` is "no" or "unknown"; `transient` says that another attempt may succeed, not before
    `retry_after` seconds when given; `message` is for people and holds no secrets. `seconds` is how long the attempt
    took, where that is known.
    """

    __slots__ = ("billed", "message", "retry_after", "seconds", "status", "transient")

    def __init__(
        self,
        message: str,
        *,
        billed: str = "unknown",
        transient: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        self.message = message
        self.billed = billed
        self.transient = transient
        self.retry_after = retry_after
        self.seconds = 0.0
        self.status = status


def text_bound(text: str) -> int:
    """A sure upper bound of a text's tokens, for every tokenizer that works on bytes.

    It is the larger of the UTF-8 sizes of the text as it is and of its NFKC form, to which some tokenizers
    bring it first. Raises OmegaError for lone surrogates, which no provider takes.
    """
    if text.isascii():
        return len(text)
    from unicodedata import normalize

    try:
        return max(len(text.encode()), len(normalize("NFKC", text).encode()))
    except UnicodeEncodeError as error:
        raise OmegaError(f"a prompt holds half a character (a lone surrogate) at index {error.start}") from error


class Provider:
    """Answers requests. Subclasses give `complete`, and better figures where they have them.

    `name` is for messages, `default_model` the model name when none is asked for, `overhead` and
    `system_overhead` the most input tokens that come on top of the texts of a prompt and of a system prompt,
    `schema_overhead` on top of that of a schema, `tools_overhead` on top of those of all tools, `part_overhead` on top
    of that of a part of a message or of a tool. With `takes_schemas` it can make answers fit one; others are told.
    `takes_batches` says that its calls may be sent together and answered later, by its method `batches`: as many as
    `batch_limits` says, and as many bytes; in one batch those that `batch_of` says the same of.
    `takes_tools` that its models may call tools, `takes_server_tools` that it runs some by itself,
    `takes_thinking` that its models may be told how long to think,
    `takes_cache_marks` that prompts are kept in its cache where they ask for that, `takes_embeddings` that it makes
    vectors of texts, `streams` that it gives the pieces of an answer to who listens as they come.
    `has_models` says that it answers as different models, `is_priced` that what a model costs may be known, by `price`
    or by the settings' prices, `runs_programs` that `complete` may run code that calls a model in its turn. `biller` is
    genai-prices' name for who bills, if known, and `most_factor` the most by which it multiplies its prices.
    What a request asks for goes by `request.settings`.
    """

    __slots__ = ()

    name: str = "model"
    default_model: str = "model"
    overhead: int = 0
    system_overhead: int = 0
    schema_overhead: int = 0
    tools_overhead: int = 0
    part_overhead: int = 0
    takes_schemas: bool = False
    takes_tools: bool = False
    takes_server_tools: bool = False
    takes_batches: bool = False
    batch_limits: tuple[int, int] = (0, 0)
    takes_thinking: bool = False
    takes_cache_marks: bool = False
    takes_embeddings: bool = False
    streams: bool = False
    has_models: bool = True
    is_priced: bool = False
    runs_programs: bool = True
    biller: str | None = None

    @property
    def most_factor(self) -> int | Decimal:
        """The most by which it multiplies its prices."""
        return 1

    @property
    def identity(self) -> str:
        """Who answers, the same in every process: what one has answered is never given again as another's answer."""
        kind = type(self)
        return f"{kind.__module__}.{kind.__qualname__}"

    @accelerated
    def bound(self, request: Request) -> int:
        """A sure upper bound of the input tokens; cheap, no network."""
        prompt = request.prompt
        if type(request) is Request:
            return self.overhead + (len(prompt) if prompt.isascii() else text_bound(prompt))
        if request.messages:
            bound = sum(self.overhead + self.content_bound(content) for _, content in request.messages)
        else:
            bound = self.overhead + (len(prompt) if prompt.isascii() else text_bound(prompt))
        if request.system is not None:
            bound += self.system_overhead + text_bound(request.system)
        if request.schema is not None:
            bound += self.schema_overhead + text_bound(request.schema) * self.takes_schemas
        if request.tools:
            bound += self.tools_overhead + sum(map(self._tool_bound, request.tools))
        return bound * request.attempts

    def content_bound(self, content: Content) -> int:
        """A sure upper bound of the tokens of what a message says."""
        if isinstance(content, str):
            return text_bound(content)
        return sum(self.part_bound(part) for part in content)

    def part_bound(self, part: Part) -> int:
        """A sure upper bound of the tokens of a part of a message."""
        if part.kind in ATTACHED:
            return self.attachment_bound(part)
        return self.part_overhead + text_bound(part.text) + text_bound(part.name) + text_bound(part.id)

    def attachment_bound(self, part: Part) -> int:  # noqa: ARG002
        """A sure upper bound of the tokens of a picture or a document; raises OmegaError where there is none."""
        raise OmegaError(f"{self.name} takes no pictures and documents, or nothing bounds what they cost")

    def _tool_bound(self, tool: ToolSpecification) -> int:
        return self.part_overhead + sum(map(text_bound, tool))

    def count(self, request: Request, clock: SystemClock) -> int | None:  # noqa: ARG002
        """A closer figure that is still sure, or None; may take time, and waits by the clock. It must not raise."""
        return None

    def price(self, model: str) -> Price | None:  # noqa: ARG002
        """What a model costs, but for what the settings say of it; None when that is not known."""
        return None

    def embedding_price(self, model: str) -> Price | None:  # noqa: ARG002
        """What a model costs that makes vectors, and so has no output; None when that is not known."""
        return None

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        """Answer with at most so many tokens within so many seconds (None: those of the request's settings).

        Whatever it raises is told apart by `failure`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no complete method")

    def failure(self, error: Exception) -> Failure:
        """What is known about an exception that `complete` raised."""
        return Failure(f"{self.name}: {type(error).__name__}: {error}")

    def batches(self) -> Batches:
        """Its batches. Raises ImportError where its SDK can't be imported."""
        raise NotImplementedError(f"{type(self).__name__} has no batches")

    def batched(self, request: Request, max_tokens: int) -> dict[str, Value]:
        """What a batch says of a request."""
        raise NotImplementedError(f"{type(self).__name__} has no batches")

    def batch_of(self, request: Request) -> str:  # noqa: ARG002
        """What all calls of a batch have in common."""
        return ""

    def batched_reply(self, message: Value) -> Reply:
        """The reply in a result of a batch. Raises UnreadableAnswer."""
        raise NotImplementedError(f"{type(self).__name__} has no batches")

    def batch_price(self, settings: Settings, price: Price, model: str) -> Price:  # noqa: ARG002
        """What a call in a batch costs, where one by itself costs that."""
        return price


class NetworkProvider(Provider):
    """A provider that takes time to get ready, to connect above all.

    `complete_async`, where there is one, is `complete` for the runtime's own event loop.
    """

    __slots__ = ()
    runs_programs = False
    complete_async: Callable[[Request, int, float | None, Callable[[], None] | None], Awaitable[Reply]] | None = None

    def complete(
        self,
        request: Request,
        max_tokens: int,
        seconds: float | None = None,
        confirm: Callable[[], None] | None = None,
    ) -> Reply:
        """As `Provider.complete`; `confirm()` is called right before anything leaves.

        It raises when the request may not be sent any more; that passes.
        """
        raise NotImplementedError(f"{type(self).__name__} has no complete method")
