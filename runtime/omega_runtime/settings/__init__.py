"""Settings of the runtime, replaced as a whole so that every reader sees a consistent set."""

from __future__ import annotations

from omega_runtime import forks
from omega_runtime.settings.table import SETTINGS
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal
    from types import TracebackType

    from omega_runtime.settings.ladder import Ladder
    from omega_runtime.values import Value


class Settings:
    """One consistent set of settings, those of `omega_runtime.settings.table`; never changed once built."""

    __slots__ = (*SETTINGS, "plan")

    allow: frozenset[str]
    downgrade: bool
    embed: Callable[[str], Sequence[float]] | None
    floor: int
    history: str | None
    jitter: Callable[[], float] | None
    jobs: int
    ladder: Ladder
    lease: float
    least_prices: Mapping[str, tuple[Decimal, Decimal]]
    max_tokens: int
    max_wait: float | None
    model: str | None
    prices: Mapping[str, tuple[Decimal, Decimal]]
    provider: Value  # an omega_runtime.models.provider.Provider, or None
    requests_per_minute: Mapping[str, int]
    retries: int
    retry_max: float
    retry_wait: float
    search_fee: Decimal | None
    short_answer: int
    similarity: float | None
    stream: bool
    timeout: float
    tokens_per_minute: Mapping[str, int]
    unbudgeted: str
    plan: Value  # what omega_runtime.calls.plan makes of them at the first call that needs it; None before

    def __init__(self, **settings: Value) -> None:
        for name in SETTINGS:
            setattr(self, name, settings[name])
        self.plan = None

    def replaced(self, **changes: Value) -> Settings:
        """A copy with checked changes; raises OmegaError for an unknown name or an impossible value."""
        settings = {name: getattr(self, name) for name in SETTINGS}
        for name, value in changes.items():
            if name not in SETTINGS:
                raise OmegaError(f"configure: there is no setting {name!r}; the settings are {', '.join(SETTINGS)}")
            settings[name] = SETTINGS[name].check(name, value)
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
    """Change settings for the whole process; `omega_runtime.settings.table` has their names and what they are.

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


_lock = forks.lock()

active = Settings(**{row.name: row.default for row in SETTINGS.values()})
