"""Time as the ledger sees it; tests pass another clock in."""

from __future__ import annotations

from time import monotonic, sleep, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Condition


class SystemClock:
    """The machine's clock; all times are seconds."""

    __slots__ = ()

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return monotonic()

    def time(self) -> float:
        """Seconds since 1970, on which processes agree."""
        return time()

    def sleep(self, seconds: float) -> None:
        """Pause this thread."""
        sleep(seconds)

    def wait(self, condition: Condition, seconds: float) -> None:
        """Release the condition's lock until it is notified, or for so many seconds at most."""
        condition.wait(seconds)
