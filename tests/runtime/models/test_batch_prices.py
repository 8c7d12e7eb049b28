"""What batches cost: half of what calls one by one do, for every model whose price in batches is known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from genai_prices.data_snapshot import get_snapshot
from omega_runtime.models.prices import HalfPrice, Price, price_of
from omega_runtime.models.reply import Reply

# After all prices that the data knows have begun.
LATER = datetime(2027, 1, 1, tzinfo=UTC)
MODELS = {
    model.id: model
    for provider in get_snapshot().providers
    if provider.id == "anthropic"
    for model in provider.models
    if any(variant.when == {"processing": "batch"} for variant in model.price_variants or ())
}
REPLY = Reply("", 1_000_000, 70_001, cache_write_tokens=300_000, cache_write_1h_tokens=1_000, cache_read_tokens=200_001)


@pytest.mark.parametrize("name", MODELS)
def test_known_prices(name: str) -> None:
    whole = Price(MODELS[name].get_prices(LATER, {}))
    batched = Price(MODELS[name].get_prices(LATER, {"processing": "batch"}))
    half = HalfPrice(whole)
    assert half.of(REPLY) == batched.of(REPLY)
    assert half.worst(90_000, 5_000) == batched.worst(90_000, 5_000)


def test_there_are_some() -> None:
    assert len(MODELS) > 5


def test_a_half_is_rounded_up() -> None:
    price = price_of("claude-sonnet-4-5", "anthropic")
    assert price is not None
    half = HalfPrice(price)
    for output in range(1, 50):
        enough = half.worst(10, output)
        assert half.affordable(enough - 1, 10, 100) < output <= half.affordable(enough, 10, 100)
        assert 2 * enough >= price.worst(10, output)
