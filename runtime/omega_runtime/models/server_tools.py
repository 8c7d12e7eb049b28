"""Tools that the provider runs by itself, within one request: what they may cost at most, and their fees.

Their results are input of the same request: each round of it may take all that the model takes. A tool has at most so
many uses; the model may ask for more in vain, which are rounds as well, and the provider ends them all after some.
"""

from __future__ import annotations

import json

from omega_runtime.models.bounds import Unbounded
from omega_runtime.models.parts import OWN
from omega_runtime.models.prices import Price, context_window, search_fee

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal
    from typing import Any

    from omega_runtime.models.parts import Content
    from omega_runtime.models.reply import Reply
    from omega_runtime.settings import Settings

WEB_SEARCH = "web_search_20250305"
"""The only one whose cost can be bounded. Later ones run programs besides."""

# After so many rounds Anthropic's documentation says that a request ends, whatever the model still wants.
MOST_ROUNDS = 10


class ServerTool:
    """A search of the web by the provider: at most `max_uses` in a request, in some domains only or not in some."""

    __slots__ = ("allowed", "blocked", "max_uses")

    def __init__(self, max_uses: int, allowed: tuple[str, ...] = (), blocked: tuple[str, ...] = ()) -> None:
        self.max_uses = max_uses
        self.allowed = allowed
        self.blocked = blocked

    def __str__(self) -> str:
        return f"#<web-search max-uses: {self.max_uses}>"

    __repr__ = __str__

    @property
    def described(self) -> dict[str, Any]:
        """The tool as the Messages API has it."""
        tool: dict[str, Any] = {"type": WEB_SEARCH, "name": "web_search", "max_uses": self.max_uses}
        if self.allowed:
            tool["allowed_domains"] = list(self.allowed)
        if self.blocked:
            tool["blocked_domains"] = list(self.blocked)
        return tool


def input_most(model: str, biller: str | None, uses: int) -> int:
    """The most input tokens of a request with so many uses. Raises Unbounded where nobody knows what a model takes."""
    window = context_window(model, biller)
    if window is None:
        raise Unbounded(
            f'a search of the web has no sure bound for the model "{model}", of which nobody knows how much it takes; '
            "name another model, or give it a tool of your own"
        )
    return window * most_rounds(uses)


def most_rounds(uses: int) -> int:
    """The most rounds of a request with so many uses."""
    return max(uses + 1, MOST_ROUNDS)


def with_fees(settings: Settings, price: Price | None, model: str, biller: str | None, uses: int) -> Price | None:
    """A price with the fees of so many searches at most. Raises Unbounded where nobody knows what they cost."""
    fee = search_fee(settings, model, biller)
    if fee is None:
        raise Unbounded(
            f'what a search of the web costs with the model "{model}" is not known, so it isn\'t asked; give its price '
            "in US dollars per 1,000 searches with configure(search_fee=…)"
        )
    return None if price is None else WithFees(price, fee, uses)


class WithFees(Price):
    """A price of tokens, and of at most so many searches; `fee` is that of 1,000, in US dollars."""

    __slots__ = ("_fee", "_most", "_price")

    def __init__(self, price: Price, fee: Decimal, most: int) -> None:
        self._price = price
        self._fee = fee
        self._most = most

    def of(self, reply: Reply) -> int:
        """The cost of an answered call."""
        return self._price.of(reply) + self._of_searches(reply.searches)

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """The most that a call can cost with so many tokens."""
        return self._price.worst(input_tokens, output_tokens) + self._of_searches(self._most)

    def _of_searches(self, number: int) -> int:
        from omega_runtime.money import cost_in_picodollars

        return cost_in_picodollars(self._fee * number / 1_000)


def is_used_in(messages: Iterable[tuple[str, Content]]) -> bool:
    """Whether a conversation has uses of such tools, or their results, of which nobody knows how long they are."""
    return any("tool_use_id" in block or block.get("type") == "server_tool_use" for block in _blocks(messages))


def unfinished_uses(messages: Iterable[tuple[str, Content]]) -> int:
    """How many uses have no result yet: the provider makes them when the conversation goes on."""
    blocks = _blocks(messages)
    asked = {block.get("id") for block in blocks if block.get("type") == "server_tool_use"}
    return len(asked - {block.get("tool_use_id") for block in blocks})


def _blocks(messages: Iterable[tuple[str, Content]]) -> list[dict[str, Any]]:
    parts = [part for _, content in messages if not isinstance(content, str) for part in content]
    return [json.loads(part.text) for part in parts if part.kind == OWN]
