"""Settings of the runtime, replaced as a whole so that every reader sees a consistent set."""

from __future__ import annotations

from math import isfinite

from omega_runtime import forks
from omega_runtime.settings.ladder import DEFAULT_LADDER
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal
    from types import TracebackType

    from omega_runtime.settings.ladder import Ladder
    from omega_runtime.values import Value


class Settings:
    """One consistent set of settings; never changed once built.

    max_tokens   output tokens of a call that does not say otherwise
    floor        fewest output tokens a call may be clamped to
    max_wait     seconds a call waits for room in its budget; None: as long as it takes
    retries      attempts at a call altogether, when an attempt failed in passing and cost nothing
    retry_wait   seconds before the second attempt, doubled for each further one
    retry_max    most seconds between two attempts; a provider that asks for more is not tried again
    jitter       gives a random number from 0 to 1 for each wait, so that retries spread; None: `random.random`
    timeout      seconds for a call from its first connection to the last byte, with all attempts and waits between
    allow        what programs may do: "write" files, "shell" commands, "read" any file or those in a folder
                 ("read=DIR"), see environment variables ("env", or "env=NAME") but for keys and passwords
    ladder       the model ladder: tiers of quality, best first, as a table from their names to lists of models
    downgrade    whether a model of the ladder that a program names gives way to a lower one that fits the budget
    similarity   from 0 to 1: aggressive caching also takes answers to prompts that are so similar; None: never
    embed        a function from a text to numbers, by which similarity is measured; None: by the letters
    short_answer most output tokens of a call while prompts are minimal
    model        model name of calls that name none; None: chosen by what is there
    provider     a `Provider` that answers every call; None: chosen by the model's name
    prices       US dollars per million tokens (input, output) by model name; they win over the price data
    least_prices the same for `prices` from a file, which add to the price data and never lower a known price
    history      path of the ledger file that keeps the history of tasks; None: the ledger in use
    lease        seconds after which a hold in a ledger file counts as spent when its process does not renew it
    unbudgeted   a call outside every budget while one is open elsewhere: "allow", "warn" or "error"
    """

    __slots__ = (
        "allow",
        "downgrade",
        "embed",
        "floor",
        "history",
        "jitter",
        "ladder",
        "lease",
        "least_prices",
        "max_tokens",
        "max_wait",
        "model",
        "prices",
        "provider",
        "retries",
        "retry_max",
        "retry_wait",
        "short_answer",
        "similarity",
        "timeout",
        "unbudgeted",
    )

    allow: frozenset[str]
    downgrade: bool
    embed: Callable[[str], Sequence[float]] | None
    floor: int
    history: str | None
    jitter: Callable[[], float] | None
    ladder: Ladder
    lease: float
    least_prices: Mapping[str, tuple[Decimal, Decimal]]
    max_tokens: int
    max_wait: float | None
    model: str | None
    prices: Mapping[str, tuple[Decimal, Decimal]]
    provider: Value  # an omega_runtime.models.provider.Provider, or None
    retries: int
    retry_max: float
    retry_wait: float
    short_answer: int
    similarity: float | None
    timeout: float
    unbudgeted: str

    def __init__(self, **settings: Value) -> None:
        for name in self.__slots__:
            setattr(self, name, settings[name])

    def replaced(self, **changes: Value) -> Settings:
        """A copy with checked changes; raises OmegaError for an unknown name or an impossible value."""
        settings = {name: getattr(self, name) for name in self.__slots__}
        for name, value in changes.items():
            if name not in _CHECKS:
                raise OmegaError(f"configure: there is no setting {name!r}; the settings are {', '.join(_CHECKS)}")
            settings[name] = _CHECKS[name](name, value)
        return Settings(**settings)


class Restore:
    """What `configure` and the like return: used as a context manager, it brings back what was there before."""

    __slots__ = ("_undo",)

    def __init__(self, undo: Callable[[], None]) -> None:
        self._undo = undo

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._undo()


def configure(**settings: Value) -> Restore:
    """Change settings for the whole process; see `Settings` for their names.

    `with configure(...):` brings back what these settings were before at its end. Raises OmegaError, without changing
    anything, for an unknown name or an impossible value.
    """
    global active
    with _lock:
        previous = {name: getattr(active, name, None) for name in settings}
        active = active.replaced(**settings)

    def undo() -> None:
        global active
        with _lock:
            active = active.replaced(**previous)

    return Restore(undo)


def _wrong(name: str, expected: str, value: Value) -> OmegaError:
    return OmegaError(f"configure: {name} must be {expected}, but got {value!r}")


def _positive(name: str, value: Value) -> int:
    if type(value) is not int or value < 1:
        raise _wrong(name, "an integer >= 1", value)
    return value


def _is_seconds(value: Value) -> bool:
    return type(value) in (int, float) and isfinite(value) and value >= 0


def _seconds(name: str, value: Value) -> float:
    if not _is_seconds(value):
        raise _wrong(name, "a number of seconds >= 0", value)
    return float(value)


def _seconds_or_none(name: str, value: Value) -> float | None:
    return None if value is None else _seconds(name, value)


def _timeout(name: str, value: Value) -> float:
    if not _is_seconds(value) or value == 0:
        raise _wrong(name, "a number of seconds > 0", value)
    return float(value)


def _allow(name: str, value: Value) -> frozenset[str]:
    from omega_runtime.settings.permissions import PERMISSIONS, permission

    if isinstance(value, str) or not all(isinstance(each, str) for each in value):
        raise _wrong(name, f"a set out of {', '.join(PERMISSIONS)}", value)
    try:
        return frozenset(map(permission, value))
    except ValueError as error:
        raise OmegaError(f"configure: {name}: {error}") from None


def _callable_or_none(name: str, value: Value) -> Callable[[], float] | None:
    if value is not None and not callable(value):
        raise _wrong(name, "a function, or None", value)
    return value  # type: ignore[no-any-return]


def _model(name: str, value: Value) -> str | None:
    text = getattr(value, "name", value)
    if text is not None and (not isinstance(text, str) or not text):
        raise _wrong(name, "a model's name or None", value)
    return text


def _provider(name: str, value: Value) -> Value:
    if value is not None and not all(callable(getattr(value, each, None)) for each in ("bound", "complete", "failure")):
        raise _wrong(name, "an omega_runtime.models.provider.Provider or None", value)
    return value


def _ladder(name: str, value: Value) -> Ladder:
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


def _flag(name: str, value: Value) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "True or False", value)
    return value


def _share_or_none(name: str, value: Value) -> float | None:
    if value is not None and (type(value) not in (int, float) or not 0 < value <= 1):
        raise _wrong(name, "a number above 0 and up to 1, or None", value)
    return value  # type: ignore[no-any-return]


def _prices(name: str, value: Value) -> dict[str, tuple[Decimal, Decimal]]:
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


def _path_or_none(name: str, value: Value) -> str | None:
    from os import PathLike, fspath

    path = fspath(value) if isinstance(value, (str, PathLike)) else value
    if path is not None and (not isinstance(path, str) or not path):
        raise _wrong(name, "the path of a file, or None", value)
    return path


def _unbudgeted(name: str, value: Value) -> str:
    if value not in ("allow", "warn", "error"):
        raise _wrong(name, '"allow", "warn" or "error"', value)
    return str(value)


_CHECKS: dict[str, Callable[[str, Value], Value]] = {
    "max_tokens": _positive,
    "floor": _positive,
    "max_wait": _seconds_or_none,
    "retries": _positive,
    "retry_wait": _seconds,
    "retry_max": _seconds,
    "jitter": _callable_or_none,
    "timeout": _timeout,
    "allow": _allow,
    "model": _model,
    "prices": _prices,
    "least_prices": _prices,
    "ladder": _ladder,
    "downgrade": _flag,
    "similarity": _share_or_none,
    "embed": _callable_or_none,
    "short_answer": _positive,
    "lease": _timeout,
    "history": _path_or_none,
    "provider": _provider,
    "unbudgeted": _unbudgeted,
}

# US dollars per million tokens.
MOST_PRICE = 10_000

_lock = forks.lock()

active = Settings(
    max_tokens=1024,
    floor=16,
    max_wait=None,
    retries=4,
    retry_wait=0.5,
    retry_max=60.0,
    jitter=None,
    timeout=600.0,
    allow=frozenset(),
    model=None,
    prices={},
    least_prices={},
    ladder=DEFAULT_LADDER,
    downgrade=True,
    similarity=None,
    embed=None,
    short_answer=256,
    lease=60.0,
    history=None,
    provider=None,
    unbudgeted="error",
)
