"""Time as the ledger sees it; tests pass another clock in."""

from __future__ import annotations

import time as _time
from time import sleep, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Condition


# The monotonic clock of Linux stands still while the machine is suspended; leases don't.
_NEVER_BACK = getattr(_time, "CLOCK_BOOTTIME", _time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's clock; all times are seconds."""

    __slots__ = ()

    def now(self) -> float:
        """Seconds on a clock that never goes back, and goes on while this process or the machine is suspended."""
        return _time.clock_gettime(_NEVER_BACK)

    def time(self) -> float:
        """Seconds since 1970, on which processes agree."""
        return time()

    def sleep(self, seconds: float) -> None:
        """Pause this thread."""
        sleep(seconds)

    def wait(self, condition: Condition, seconds: float) -> None:
        """Release the condition's lock until it is notified, or for so many seconds at most."""
        condition.wait(seconds)
