"""What models cost, from the price data of the package genai-prices; it is imported when a price is first wanted."""

from __future__ import annotations

import sys

from omega_runtime.budgets import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.models.reply import Reply


class Price:
    """What calls to one model cost, in trillionths of a US dollar; each call is priced by itself.

    `rates` is genai-prices' ModelPrice: what a million tokens of each kind cost, with tiers by length of the input.
    """

    __slots__ = ("_rates",)

    def __init__(self, rates: Any) -> None:
        self._rates = rates

    def of(self, reply: Reply) -> int:
        """The cost of an answered call."""
        return self._units(
            input_tokens=reply.input_tokens,
            cache_write_tokens=reply.cache_write_tokens,
            cache_read_tokens=reply.cache_read_tokens,
            output_tokens=reply.output_tokens,
        )

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """The most that a call can cost with so many tokens: its input is fresh, or goes through a cache."""
        fresh = self._units(input_tokens=input_tokens, output_tokens=output_tokens)
        written = self._units(input_tokens=input_tokens, cache_write_tokens=input_tokens, output_tokens=output_tokens)
        read = self._units(input_tokens=input_tokens, cache_read_tokens=input_tokens, output_tokens=output_tokens)
        return max(fresh, written, read)

    def affordable(self, units: int, input_tokens: int, most: int) -> int:
        """The most output tokens, up to `most`, that so much money pays for; -1 when not even the input fits."""
        none, all_ = self.worst(input_tokens, 0), self.worst(input_tokens, most)
        if none > units:
            return -1
        if all_ <= units:
            return most
        # The cost of output is a straight line, but for rounding: the answer is next to where it meets the limit.
        guess = (units - none) * most // (all_ - none)
        low, high = max(0, guess - 1), min(most, guess + 1)
        if self.worst(input_tokens, low) > units or self.worst(input_tokens, high) <= units:
            low, high = 0, most
        while low < high:
            middle = (low + high + 1) // 2
            if self.worst(input_tokens, middle) <= units:
                low = middle
            else:
                high = middle - 1
        return low

    def _units(self, **tokens: int) -> int:
        from genai_prices import Usage

        from omega_runtime.ledger.money import cost_units

        return cost_units(self._rates.calc_price(Usage(**tokens))["total_price"])


class NoPrice(Price):
    """The price of models that cost nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None)

    def _units(self, **_: int) -> int:
        return 0


FREE = NoPrice()


class Dearer(Price):
    """The higher of two prices, for each call by itself."""

    __slots__ = ("_prices",)

    def __init__(self, *prices: Price) -> None:
        super().__init__(None)
        self._prices = prices

    def of(self, reply: Reply) -> int:
        """The cost of an answered call."""
        return max(each.of(reply) for each in self._prices)

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """The most that a call can cost with so many tokens."""
        return max(each.worst(input_tokens, output_tokens) for each in self._prices)


_catalogue: dict[tuple[str, str | None], Any] = {}


def price_of(model: str, provider: str | None) -> Price | None:
    """The price of a model; None when it is not known. `provider` is genai-prices' name for who bills, if known.

    What `configure(prices=…)` says comes first. What a file of settings says counts for models without a price, or
    where it is higher.
    """
    own = settings.active.prices.get(model)
    if own is not None:
        return _own_price(own)
    known = _known_price(model, provider)
    least = settings.active.least_prices.get(model)
    if least is None:
        return known
    if known is None:
        return _own_price(least)
    _tell_if_lower(model, known, _own_price(least))
    return Dearer(known, _own_price(least))


_compared: set[str] = set()


def _tell_if_lower(model: str, known: Price, least: Price) -> None:
    """Say once that a file gives a price that doesn't count."""
    if model in _compared:
        return
    _compared.add(model)
    from omega_runtime.models.reply import Reply

    if any(least.of(each) < known.of(each) for each in (Reply("", 10_000, 0), Reply("", 0, 10_000))):
        print(
            f"omegac: the settings file's price of {model} is below the known one, which counts; "
            "only configure(prices=…) can lower it",
            file=sys.stderr,
        )


def _known_price(model: str, provider: str | None) -> Price | None:
    """The price of a model by the price data."""
    key = (model, provider)
    if key not in _catalogue:
        _catalogue[key] = _find(model, provider)
    info = _catalogue[key]
    if info is None:
        return None
    from datetime import UTC, datetime

    rates = info.get_prices(datetime.now(UTC))
    return None if rates.input_mtok is None or rates.output_mtok is None else Price(rates)


def _find(model: str, provider: str | None) -> Any:
    from genai_prices.data_snapshot import get_snapshot

    try:
        return get_snapshot().find_provider_model(model, None, provider, None)[1]
    except LookupError:
        return None


def _own_price(prices: tuple[Any, Any]) -> Price:
    from genai_prices.types import ModelPrice

    return Price(ModelPrice(input_mtok=prices[0], output_mtok=prices[1]))
