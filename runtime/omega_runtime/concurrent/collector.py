"""Python's collector while many calls are in flight: a full collection would look at all that they are made of.

A call in an HTTP client is some 500 objects; to look at those of a thousand calls holds up every thread and event loop
for a tenth of a second, and finds nothing, as all of them are in use.
"""

from __future__ import annotations

import gc

from omega_runtime import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

MANY = 50
"""From so many calls at once on, full collections are put off."""

OBJECTS = 7_000_000
"""How many objects may be added to those in use until there is one all the same."""

_PORTIONS = 2


class Calls:
    """A context around each call of the runtime's loop, whose thread alone enters and leaves it."""

    __slots__ = ("_own", "_set", "in_flight")

    def __init__(self) -> None:
        self.in_flight = 0
        self._own: tuple[int, int, int] | None = None
        self._set: tuple[int, int, int] | None = None

    def __enter__(self) -> None:
        self.in_flight += 1
        if self.in_flight == MANY:
            self._put_off()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.in_flight -= 1
        if self.in_flight == MANY - 1:
            self._take_back()

    def forget(self) -> None:
        """In a forked child there are none."""
        self.in_flight = 0
        self._take_back()

    def _put_off(self) -> None:
        # What is young is looked at in smaller portions.
        young, middle, old = own = gc.get_threshold()
        if young and middle and gc.isenabled():
            self._own, self._set = own, (young, _PORTIONS, max(old, OBJECTS // (young * _PORTIONS)))
            gc.set_threshold(*self._set)

    def _take_back(self) -> None:
        if self._own is not None and gc.get_threshold() == self._set:  # else the program has set its own meanwhile
            gc.set_threshold(*self._own)
        self._own = None


calls = Calls()
forks.in_child(calls.forget)
