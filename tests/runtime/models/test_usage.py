"""What answers say that they cost: kinds of tokens, regions and speeds, known or not, and that the hold covers it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import Site, infer
from omega_runtime.calls.report import report
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.reply import Reply
from omega_runtime.settings import configure

from tests.support.messages_api import Start, message

SITE = Site("call.omega", 3, 7, "infer.op", "ask", 1)
# $2 for input, $2.50 and $4 for cache writes, $10 for output.
MODEL = "claude-sonnet-5"
INPUT, SHORT, HOUR, READ, OUTPUT = (Decimal(price) / 1_000_000 for price in ("2", "2.5", "4", "0.2", "10"))


def parts(short: int, hour: int, **more: int) -> dict[str, Any]:
    return {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": hour, **more}


# usage besides 10 tokens of input and 5 of output -> tokens, dollars
PLAIN = 10 * INPUT + 5 * OUTPUT
USAGE = {
    "nothing": ({}, 15, PLAIN),
    "an hour": ({"cache_creation_input_tokens": 20, "cache_creation": parts(0, 20)}, 35, PLAIN + 20 * HOUR),
    "both": ({"cache_creation_input_tokens": 20, "cache_creation": parts(8, 12)}, 35, PLAIN + 8 * SHORT + 12 * HOUR),
    "no division": ({"cache_creation_input_tokens": 20}, 35, PLAIN + 20 * HOUR),
    "an empty division": ({"cache_creation_input_tokens": 20, "cache_creation": None}, 35, PLAIN + 20 * HOUR),
    "division alone": ({"cache_creation": parts(8, 12)}, 35, PLAIN + 8 * SHORT + 12 * HOUR),
    "a longer time": (
        {"cache_creation_input_tokens": 20, "cache_creation": parts(8, 0, ephemeral_1d_input_tokens=12)},
        35,
        PLAIN + 8 * SHORT + 12 * HOUR,
    ),
    "anywhere": ({"inference_geo": "global"}, 15, PLAIN),
    "no region": ({"inference_geo": "not_available"}, 15, PLAIN),
    "null": ({"inference_geo": None, "speed": None, "service_tier": None}, 15, PLAIN),
    "a region": ({"inference_geo": "us", "service_tier": "priority"}, 15, PLAIN * Decimal("1.1")),
    "a new region": ({"inference_geo": "mars"}, 15, PLAIN * Decimal("1.1")),
    "a region that is no text": ({"inference_geo": ["us"]}, 15, PLAIN * Decimal("1.1")),
    "standard speed": ({"speed": "standard"}, 15, PLAIN),
    "fast": ({"speed": "fast"}, 15, PLAIN * 6),
    "thinking is output": ({"output_tokens_details": {"thinking_tokens": 4}}, 15, PLAIN),
    "more thinking than output": ({"output_tokens_details": {"thinking_tokens": 9}}, 19, 10 * INPUT + 9 * OUTPUT),
    "other details": ({"input_tokens_details": {"image_tokens": 4}}, 15, PLAIN),
    "tools": ({"server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0}}, 15, PLAIN),
    "a new kind of output": ({"thought_tokens": 7}, 22, PLAIN + 7 * OUTPUT),
    "a new kind of input": ({"video_input_tokens": 7}, 22, PLAIN + 7 * HOUR),
    "rounds": ({"iterations": [{"input_tokens": 3, "output_tokens": 4}]}, 22, PLAIN + 7 * OUTPUT),
    "nonsense": ({"thought_tokens": "many", "more_tokens": -5, "yes_tokens": True}, 15, PLAIN),
}


@pytest.mark.parametrize(("usage", "tokens", "dollars"), USAGE.values(), ids=USAGE)
def test_what_an_answer_costs(serve: Start, usage: dict[str, Any], tokens: int, dollars: Decimal) -> None:
    serve(message("Hi.", 10, 5, **usage))
    with budget(tokens=1000, dollars=1) as account:
        assert infer(SITE, "Say hello to everybody.", model=MODEL) == "Hi."
    assert (account.spent, account.dollars.spent) == (tokens, dollars)
    assert account.dollars.held == 0


@pytest.mark.parametrize("geo", ["us", None])
def test_the_hold_covers_any_region_and_an_hour_in_the_cache(serve: Start, geo: str | None) -> None:
    """The dearest answer within its tokens fits a limit that the hold just fits."""
    price = AnthropicProvider("k", None).price(MODEL)
    assert price is not None
    held = Decimal(price.worst(42, 5)) / 10**12
    assert held == (42 * HOUR + 5 * OUTPUT) * Decimal("1.1")
    serve(message("Hi.", 0, 5, cache_creation_input_tokens=42, cache_creation=parts(0, 42), inference_geo=geo))
    with budget(dollars=held) as account:
        infer(SITE, "Say hello.", model=MODEL, max_tokens=5)
    assert account.dollars.spent == (held if geo else held / Decimal("1.1"))
    assert report()["totals"]["overruns"] == 0


def test_own_prices_are_those_of_plain_calls(serve: Start) -> None:
    """Where the prices are the user's, Anthropic's multiples of them hold all the same."""
    serve(message("Hi.", 10, 5, cache_creation_input_tokens=20, cache_creation=parts(8, 12), inference_geo="us"))
    with configure(prices={"claude-own": (2, 10)}), budget(dollars=1) as account:
        infer(SITE, "Say hello to everybody.", model="claude-own")
    assert account.dollars.spent == (PLAIN + 8 * SHORT + 12 * HOUR) * Decimal("1.1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"cache_write_1h_tokens": 1},
        {"cache_write_tokens": 1, "cache_write_1h_tokens": 2},
        {"price_factor": -1},
        {"price_factor": Decimal("NaN")},
        {"price_factor": 1.1},
        {"price_factor": 101},
    ],
)
def test_impossible_replies(wrong: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="Reply: "):
        Reply("", 10, 5, **wrong)
