"""What settings may be: each check gives the value as it is kept, or raises OmegaError that says what it must be."""

from __future__ import annotations

from math import isfinite

from omega_runtime.settings.ladder import DEFAULT_LADDER
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from omega_runtime.settings.ladder import Ladder
    from omega_runtime.values import Value

# US dollars per million tokens.
MOST_PRICE = 10_000

# The laxest first.
UNBUDGETED = ("allow", "warn", "error")


def _wrong(name: str, expected: str, value: Value) -> OmegaError:
    return OmegaError(f"configure: {name} must be {expected}, but got {value!r}")


def positive(name: str, value: Value) -> int:
    """A whole number from 1 on."""
    if type(value) is not int or value < 1:
        raise _wrong(name, "an integer >= 1", value)
    return value


def _is_seconds(value: Value) -> bool:
    return type(value) in (int, float) and isfinite(value) and value >= 0


def seconds(name: str, value: Value) -> float:
    """A time, which may be none at all."""
    if not _is_seconds(value):
        raise _wrong(name, "a number of seconds >= 0", value)
    return float(value)


def seconds_or_none(name: str, value: Value) -> float | None:
    """A time, or None for as long as it takes."""
    return None if value is None else seconds(name, value)


def some_seconds(name: str, value: Value) -> float:
    """A time that is not over at once."""
    if not _is_seconds(value) or value == 0:
        raise _wrong(name, "a number of seconds > 0", value)
    return float(value)


def permissions(name: str, value: Value) -> frozenset[str]:
    """What programs may do."""
    from omega_runtime.settings.permissions import PERMISSIONS, permission

    if isinstance(value, str) or not all(isinstance(each, str) for each in value):
        raise _wrong(name, f"a set out of {', '.join(PERMISSIONS)}", value)
    try:
        return frozenset(map(permission, value))
    except ValueError as error:
        raise OmegaError(f"configure: {name}: {error}") from None


def function_or_none(name: str, value: Value) -> Callable[..., Value] | None:
    """Something to call, or None."""
    if value is not None and not callable(value):
        raise _wrong(name, "a function, or None", value)
    return value  # type: ignore[no-any-return]


def model_or_none(name: str, value: Value) -> str | None:
    """A model's name, which may be a symbol, or None."""
    text = getattr(value, "name", value)
    if text is not None and (not isinstance(text, str) or not text):
        raise _wrong(name, "a model's name or None", value)
    return text


def provider_or_none(name: str, value: Value) -> Value:
    """A provider of answers, or None."""
    if value is not None and not all(callable(getattr(value, each, None)) for each in ("bound", "complete", "failure")):
        raise _wrong(name, "an omega_runtime.models.provider.Provider or None", value)
    return value


def ladder(name: str, value: Value) -> Ladder:
    """The tiers of a table, whose lists may be single names; None for the ladder that is built in."""
    if value is None:
        return DEFAULT_LADDER
    expected = "a table from the names of tiers, best first, to lists of models, the first of each without *"
    try:
        tiers = tuple(
            (str(tier), (models,) if isinstance(models, str) else tuple(models)) for tier, models in dict(value).items()
        )
    except (TypeError, ValueError):
        raise _wrong(name, expected, value) from None
    for _, models in tiers:
        if not models or not all(isinstance(model, str) and model for model in models) or "*" in models[0]:
            raise _wrong(name, expected, value)
    if not tiers:
        raise _wrong(name, expected, value)
    return tiers


def flag(name: str, value: Value) -> bool:
    """True or False, and nothing that counts as one of them."""
    if not isinstance(value, bool):
        raise _wrong(name, "True or False", value)
    return value


def share_or_none(name: str, value: Value) -> float | None:
    """A share of the whole that is more than nothing, or None."""
    if value is not None and (type(value) not in (int, float) or not 0 < value <= 1):
        raise _wrong(name, "a number above 0 and up to 1, or None", value)
    return value  # type: ignore[no-any-return]


def prices(name: str, value: Value) -> dict[str, tuple[Decimal, Decimal]]:
    """US dollars per million tokens, for input and for output, by model."""
    from omega_runtime.money import money

    try:
        prices = {str(model): (money(fresh), money(output)) for model, (fresh, output) in dict(value).items()}
        if any(price > MOST_PRICE for pair in prices.values() for price in pair):
            raise ValueError("beyond what the books can hold")
        return prices
    except (TypeError, ValueError):
        expected = (
            "a table from model names to pairs of US dollars per million tokens, up to 10,000, for input and output"
        )
        raise _wrong(name, expected, value) from None


def fee_or_none(name: str, value: Value) -> Decimal | None:
    """US dollars, or None."""
    if value is None:
        return None
    from omega_runtime.money import money

    try:
        fee = money(value)
        if fee > MOST_PRICE:
            raise ValueError("beyond what the books can hold")
        return fee
    except (TypeError, ValueError):
        raise _wrong(name, "US dollars from 0 to 10,000, or None", value) from None


def rates(name: str, value: Value) -> dict[str, int]:
    """Numbers per minute by model; one number stands for every model, None for no limit."""
    table = {} if value is None else {"*": value} if type(value) is int else value
    try:
        limits = {str(getattr(model, "name", model)): limit for model, limit in dict(table).items()}
    except (TypeError, ValueError):
        limits = {"": 0}
    if not all(model and type(limit) is int and limit >= 1 for model, limit in limits.items()):
        raise _wrong(name, "an integer >= 1, or a table from models to such numbers", value)
    return limits


def path_or_none(name: str, value: Value) -> str | None:
    """A path as a text, or None."""
    from os import PathLike, fspath

    path = fspath(value) if isinstance(value, (str, PathLike)) else value
    if path is not None and (not isinstance(path, str) or not path):
        raise _wrong(name, "the path of a file, or None", value)
    return path


def unbudgeted(name: str, value: Value) -> str:
    """One of UNBUDGETED."""
    if value not in UNBUDGETED:
        raise _wrong(name, '"allow", "warn" or "error"', value)
    return str(value)
