"""What was counted for one effect site and one model."""

from __future__ import annotations


class Statistics:
    """Counters of one site and model: calls, tokens, and what went differently than asked.

    `calls` are settled calls, `unknown` those that failed but may have been billed (their whole hold is in
    `unknown_tokens`), `voided` those that were not billed. `truncated` answers ran into max_tokens, `clamped`
    calls got less output room than they asked for, `overruns` were billed more than was held.
    """

    __slots__ = (
        "calls",
        "clamped",
        "input_tokens",
        "output_tokens",
        "overruns",
        "truncated",
        "unknown",
        "unknown_tokens",
        "voided",
    )

    def __init__(self) -> None:
        self.calls = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.unknown = 0
        self.unknown_tokens = 0
        self.voided = 0
        self.overruns = 0
        self.truncated = 0
        self.clamped = 0

    def add(self, other: Statistics) -> None:
        """Add another's counters to these."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, int]:
        """The counters by name, and `tokens`, the sum of all that counts as spent."""
        counters = {name: getattr(self, name) for name in self.__slots__}
        return {**counters, "tokens": self.input_tokens + self.output_tokens + self.unknown_tokens}
