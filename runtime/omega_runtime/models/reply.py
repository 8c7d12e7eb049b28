"""What a provider answers."""

from __future__ import annotations

from omega_runtime.acceleration import introduce
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from omega_runtime.models.parts import Part

# Beyond what any model takes or gives, and within what the books can hold.
MOST_TOKENS = 100_000_000


class Reply:
    """A model's answer and its cost.

    `input_tokens` counts every input token the provider bills or counts: fresh ones, cache writes and cache reads; the
    cache figures say how many of them were which, and `cache_write_1h_tokens` how many of those written are kept for an
    hour. What all of them cost is multiplied by `price_factor`. `stop_reason` "max_tokens" means the text was cut.
    `content` are the parts of an answer that calls tools, which go back to the model with what these give; `request_id`
    is the provider's name for the call, `searches` how often it searched the web;
    `is_streamed` says that its text was told as it came. Raises OmegaError when a
    count is no such number, the cache figures are no part of the input, the factor is no number from 0 to 100, or the
    text is not a string.
    """

    __slots__ = (
        "cache_read_tokens",
        "cache_write_1h_tokens",
        "cache_write_tokens",
        "content",
        "input_tokens",
        "is_streamed",
        "model",
        "output_tokens",
        "price_factor",
        "request_id",
        "searches",
        "stop_reason",
        "text",
    )

    def __init__(
        self,
        text: str,
        input_tokens: int,
        output_tokens: int,
        stop_reason: str | None = None,
        model: str | None = None,
        cache_write_tokens: int = 0,
        cache_read_tokens: int = 0,
        cache_write_1h_tokens: int = 0,
        price_factor: int | Decimal = 1,
        content: Iterable[Part] = (),
        request_id: str | None = None,
        searches: int = 0,
    ) -> None:
        if not isinstance(text, str):
            raise OmegaError(f"Reply: text must be a string, but got {type(text).__name__}")
        counts = (input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, cache_write_1h_tokens)
        names = (
            "input_tokens",
            "output_tokens",
            "cache_write_tokens",
            "cache_read_tokens",
            "cache_write_1h_tokens",
        )
        for name, count in zip(names, counts, strict=True):
            if type(count) is not int or not 0 <= count <= MOST_TOKENS:
                raise OmegaError(f"Reply: {name} must be an integer from 0 to {MOST_TOKENS:,}, but got {count!r}")
        if cache_write_tokens + cache_read_tokens > input_tokens:
            raise OmegaError("Reply: input_tokens must include the tokens written to and read from the cache")
        if cache_write_1h_tokens > cache_write_tokens:
            raise OmegaError("Reply: cache_write_tokens must include those that are kept for an hour")
        if price_factor != 1:
            _check_factor(price_factor)
        self.text = text
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        # Providers have given other things; the answer is paid for all the same.
        self.stop_reason = stop_reason if stop_reason is None else str(stop_reason)
        self.model = model
        self.cache_write_tokens = cache_write_tokens
        self.cache_read_tokens = cache_read_tokens
        self.cache_write_1h_tokens = cache_write_1h_tokens
        self.price_factor = price_factor
        self.content = () if content == () else tuple(content)
        self.request_id = request_id
        self.searches = searches
        self.is_streamed = False
        if self.calls and self.stop_reason is None:
            self.stop_reason = "tool_use"

    @property
    def calls(self) -> bool:
        """Whether it calls tools."""
        return any(part.kind == "call" for part in self.content)

    @property
    def tokens(self) -> int:
        """Input and output tokens together: what the call counts as spent."""
        return self.input_tokens + self.output_tokens

    def __repr__(self) -> str:
        return f"Reply({self.text!r}, {self.input_tokens}, {self.output_tokens})"


def _check_factor(factor: int | Decimal) -> None:
    from decimal import Decimal

    if type(factor) not in (int, Decimal) or not Decimal(factor).is_finite() or not 0 <= factor <= 100:
        raise OmegaError(f"Reply: price_factor must be an integer or a Decimal from 0 to 100, but got {factor!r}")


introduce("Reply", Reply)
