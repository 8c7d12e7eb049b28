"""What models cost, from the price data of the package genai-prices; it is imported when a price is first wanted."""

from __future__ import annotations

import sys

from omega_runtime.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    from omega_runtime.models.provider import Provider
    from omega_runtime.models.reply import Reply
    from omega_runtime.settings import Settings


class Price:
    """What calls to one model cost, in picodollars; each call is priced by itself.

    `rates` is genai-prices' ModelPrice: what a million tokens of each kind cost, with tiers by length of the input.
    `most_factor` is the most that an answer may say these are to be multiplied by.
    """

    __slots__ = ("_dearest", "_most_factor", "_rates")

    def __init__(self, rates: Any, most_factor: int | Decimal = 1) -> None:
        self._rates = rates
        self._most_factor = most_factor
        self._dearest = _dearest_kinds(rates)

    def of(self, reply: Reply) -> int:
        """The cost of an answered call."""
        return self._picodollars(
            reply.price_factor,
            input_tokens=reply.input_tokens,
            cache_write_tokens=reply.cache_write_tokens,
            cache_write_1h_tokens=reply.cache_write_1h_tokens,
            cache_read_tokens=reply.cache_read_tokens,
            output_tokens=reply.output_tokens,
        )

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """The most that a call can cost with so many tokens: its input is fresh, or goes through a cache."""
        known = {"input_tokens": input_tokens, "output_tokens": output_tokens}
        return max(
            self._picodollars(self._most_factor, **known, **dict.fromkeys(kind, input_tokens)) for kind in self._dearest
        )

    def affordable(self, picodollars: int, input_tokens: int, most: int) -> int:
        """The most output tokens, up to `most`, that so much money pays for; -1 when not even the input fits."""
        none, all_ = self.worst(input_tokens, 0), self.worst(input_tokens, most)
        if none > picodollars:
            return -1
        if all_ <= picodollars:
            return most
        # The cost of output is a straight line, but for rounding: the answer is next to where it meets the limit.
        guess = (picodollars - none) * most // (all_ - none)
        low, high = max(0, guess - 1), min(most, guess + 1)
        if self.worst(input_tokens, low) > picodollars or self.worst(input_tokens, high) <= picodollars:
            low, high = 0, most
        while low < high:
            middle = (low + high + 1) // 2
            if self.worst(input_tokens, middle) <= picodollars:
                low = middle
            else:
                high = middle - 1
        return low

    def _picodollars(self, factor: int | Decimal, **tokens: int) -> int:
        from genai_prices import Usage

        from omega_runtime.money import cost_in_picodollars

        return cost_in_picodollars(self._rates.calc_price(Usage(**tokens))["total_price"], factor)


_WRITTEN = ("cache_write_tokens",)
_KEPT = ("cache_write_tokens", "cache_write_1h_tokens")
_READ = ("cache_read_tokens",)


def _dearest_kinds(rates: Any) -> list[tuple[str, ...]]:
    """The kinds of input that may cost most, each as the counts that it adds to the plain one; often there is one."""
    kinds = {_KEPT: rates.cache_write_1h_mtok, _WRITTEN: rates.cache_write_mtok, _READ: rates.cache_read_mtok}
    prices = {(): rates.input_mtok} | {kind: price for kind, price in kinds.items() if price is not None}
    if any(hasattr(price, "tiers") for price in prices.values()):
        return list(prices)
    return [max(prices, key=lambda kind: prices[kind])]


class NoPrice(Price):
    """The price of models that cost nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        self._dearest = [()]
        self._most_factor = 1

    def _picodollars(self, factor: int | Decimal, **_: int) -> int:  # noqa: ARG002
        return 0


FREE = NoPrice()


class Dearer(Price):
    """The higher of two prices, for each call by itself."""

    __slots__ = ("_prices",)

    def __init__(self, *prices: Price) -> None:
        self._prices = prices

    def of(self, reply: Reply) -> int:
        """The cost of an answered call."""
        return max(each.of(reply) for each in self._prices)

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """The most that a call can cost with so many tokens."""
        return max(each.worst(input_tokens, output_tokens) for each in self._prices)


class HalfPrice(Price):
    """Half of a price, rounded up: what batches cost."""

    __slots__ = ("_price",)

    def __init__(self, price: Price) -> None:
        self._price = price

    def of(self, reply: Reply) -> int:
        """The cost of an answered call."""
        return (self._price.of(reply) + 1) // 2

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """The most that a call can cost with so many tokens."""
        return (self._price.worst(input_tokens, output_tokens) + 1) // 2


_catalogue: dict[tuple[str, str | None], Any] = {}


def price_of(
    model: str, biller: str | None, most_factor: int | Decimal = 1, *, has_output: bool = True
) -> Price | None:
    """The price of a model by the price data; None when it is not known.

    `biller` is genai-prices' name for who bills, if known, `most_factor` the most by which prices are multiplied there.
    Without `has_output`, what output costs need not be known, as there is none.
    """
    rates = _known_rates(model, biller, has_output)
    return None if rates is None else Price(rates, most_factor)


def context_window(model: str, biller: str | None) -> int | None:
    """The most tokens that a model takes, by the price data; None when it does not know."""
    key = (model, biller)
    if key not in _catalogue:
        _catalogue[key] = _find(model, biller)
    info = _catalogue[key]
    return None if info is None else info.context_window


def search_fee(settings: Settings, model: str, biller: str | None) -> Decimal | None:
    """US dollars for 1,000 searches of the web by a model's provider; None when that is not known.

    What `configure(search_fee=…)` says comes first.
    """
    if settings.search_fee is not None:
        return settings.search_fee
    fee: Decimal | None = getattr(_known_rates(model, biller), "web_searches_kcount", None)
    return fee


def batch_price_of(model: str, biller: str | None, most_factor: int | Decimal = 1) -> Price | None:
    """What calls in a batch cost by the price data, which is as much as others where it doesn't know better."""
    rates = _known_rates(model, biller, in_batch=True)
    return None if rates is None else Price(rates, most_factor)


def price_under(settings: Settings, provider: Provider, model: str, *, has_output: bool = True) -> Price | None:
    """What a model costs where a provider answers; None when it is not known.

    What `configure(prices=…)` says comes first. What somebody else's file says counts where it is higher, and for
    models that the price data doesn't know: they never cost nothing then, nor less than the dearest model of who bills.
    """
    own = settings.prices.get(model)
    if own is not None:
        return _stated(own, provider)
    known = provider.price(model) if has_output else provider.embedding_price(model)
    least = settings.least_prices.get(model)
    if least is None:
        return known
    given = _stated(least, provider)
    if known is not None:
        _tell_if_lower(model, known, given, "the known one")
        return Dearer(known, given)
    if not all(least):
        return None
    dearest = _dearest(provider)
    if dearest is None:
        return given
    _tell_if_lower(model, dearest, given, f"that of {provider.biller}'s dearest model")
    return Dearer(dearest, given)


def _stated(prices: tuple[Decimal, Decimal], provider: Provider) -> Price:
    return Price(_own_rates(prices, provider.biller), provider.most_factor)


def _dearest(provider: Provider) -> Price | None:
    """The highest known prices of who bills, whatever their model; None where that is not known."""
    rates = [_known_rates(model, provider.biller) for model in _models_of(provider.biller)]
    known = [(_top(each.input_mtok), _top(each.output_mtok)) for each in rates if each is not None]
    if not known:
        return None
    fresh, output = zip(*known, strict=True)
    return _stated((max(fresh), max(output)), provider)


def _models_of(biller: str | None) -> list[str]:
    from genai_prices.data_snapshot import get_snapshot

    return [model.id for each in get_snapshot().providers if each.id == biller for model in each.models]


def _top(price: Any) -> Any:
    """The highest of the tiers of a price, if it has some."""
    return max([price.base, *(tier.price for tier in price.tiers)]) if hasattr(price, "tiers") else price


_compared: set[str] = set()


def _tell_if_lower(model: str, known: Price, least: Price, what: str) -> None:
    """Say once that a file gives a price that doesn't count."""
    if model in _compared:
        return
    _compared.add(model)
    from omega_runtime.models.reply import Reply

    if any(least.of(each) < known.of(each) for each in (Reply("", 10_000, 0), Reply("", 0, 10_000))):
        print(
            f"omegac: the settings file's price of {visible(model)} is below {what}, which counts; "
            "only configure(prices=…) can lower it",
            file=sys.stderr,
        )


def _known_rates(model: str, biller: str | None, has_output: bool = True, in_batch: bool = False) -> Any:
    """What the price data says now of a model; None when it does not know what it costs."""
    key = (model, biller)
    if key not in _catalogue:
        _catalogue[key] = _find(model, biller)
    info = _catalogue[key]
    if info is None:
        return None
    from datetime import UTC, datetime

    rates = info.get_prices(datetime.now(UTC), {"processing": "batch"} if in_batch else {})
    lacks = rates.input_mtok is None or (has_output and rates.output_mtok is None)
    return None if lacks else _with_writes(rates, biller)


def _find(model: str, biller: str | None) -> Any:
    from genai_prices.data_snapshot import get_snapshot

    try:
        return get_snapshot().find_provider_model(model, None, biller, None)[1]
    except LookupError:
        return None


def _own_rates(prices: tuple[Any, Any], biller: str | None) -> Any:
    from genai_prices.types import ModelPrice

    return _with_writes(ModelPrice(input_mtok=prices[0], output_mtok=prices[1]), biller)


# What a provider charges for writing to its cache, for five minutes and for an hour, in prices of fresh input.
_WRITES = {"anthropic": ("1.25", "2")}


def _with_writes(rates: Any, biller: str | None) -> Any:
    """The rates, with those of cache writes where they are not given but follow from that of fresh input."""
    if biller not in _WRITES or rates.cache_write_1h_mtok is not None or hasattr(rates.input_mtok, "tiers"):
        return rates
    from decimal import Decimal

    from genai_prices.types import ModelPrice

    short, long = (rates.input_mtok * Decimal(factor) for factor in _WRITES[biller])
    known = {name: price for name, price in vars(rates).items() if price is not None}
    return ModelPrice(**{"cache_write_mtok": short, "cache_write_1h_mtok": long, **known})
