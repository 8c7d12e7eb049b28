"""What a provider answers."""

from __future__ import annotations

from omega_runtime.errors import OmegaError

# Beyond what any model takes or gives, and within what the books can hold.
MOST_TOKENS = 100_000_000


class Reply:
    """A model's answer and its cost.

    `input_tokens` counts every input token the provider bills or counts: fresh ones, cache writes and cache
    reads; the two cache figures say how many of them were which. `stop_reason` "max_tokens" means the text
    was cut. Raises OmegaError when a count is no such number, the
    cache figures are no part of the input, or the text is not a string.
    """

    __slots__ = (
        "cache_read_tokens",
        "cache_write_tokens",
        "input_tokens",
        "model",
        "output_tokens",
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
    ) -> None:
        if not isinstance(text, str):
            raise OmegaError(f"Reply: text must be a string, but got {type(text).__name__}")
        counts = (input_tokens, output_tokens, cache_write_tokens, cache_read_tokens)
        names = ("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens")
        for name, count in zip(names, counts, strict=True):
            if type(count) is not int or not 0 <= count <= MOST_TOKENS:
                raise OmegaError(f"Reply: {name} must be an integer from 0 to {MOST_TOKENS:,}, but got {count!r}")
        if cache_write_tokens + cache_read_tokens > input_tokens:
            raise OmegaError("Reply: input_tokens must include the tokens written to and read from the cache")
        self.text = text
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        # Providers have given other things; the answer is paid for all the same.
        self.stop_reason = stop_reason if stop_reason is None else str(stop_reason)
        self.model = model
        self.cache_write_tokens = cache_write_tokens
        self.cache_read_tokens = cache_read_tokens

    @property
    def tokens(self) -> int:
        """Input and output tokens together: what the call counts as spent."""
        return self.input_tokens + self.output_tokens

    def __repr__(self) -> str:
        return f"Reply({self.text!r}, {self.input_tokens}, {self.output_tokens})"
