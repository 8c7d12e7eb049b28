"""Which element of which maps code works on, and where the work of a helping thread comes from."""

from __future__ import annotations

from contextvars import ContextVar

from omega_runtime import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


# Seconds that a map waits altogether for elements to ask in order. It may wait in vain: an element that is to ask first
# may need something that another one has, such as a lock of a Python function.
_PATIENCE = 1.0


class Cancelled(BaseException):
    """Ends an element of a map that has asked for nothing yet, when one before it has failed; no program catches it."""


class Turns:
    """Has the elements of a map ask for room in a budget in their order, each for the first time.

    So a budget grants, cuts and refuses what it would in a loop, as long as each element makes one call.
    """

    def __init__(self) -> None:
        from threading import Condition

        self._lock = forks.fresh_lock()
        self._changed = Condition(self._lock)
        self._next = 0
        self._passed: set[int] = set()
        self._is_open = False
        self._is_queued = False
        self._failed: int | None = None

    def wait(self, number: int) -> None:
        """Wait until all elements before this one have asked, or have come to their end.

        Raises Cancelled when one of them failed.
        """
        if number > self._next and not self._is_open:
            with self._lock:
                while not self._changed.wait_for(lambda: self._may_go_on(number), _PATIENCE):
                    self._is_open = not self._is_queued
                self._changed.notify_all()
        if self._failed is not None and self._failed < number:
            raise Cancelled

    def _may_go_on(self, number: int) -> bool:
        return number <= self._next or self._is_open or self._failed is not None

    def failed(self, number: int) -> None:
        """An element has failed: those behind it that have not asked never do."""
        with self._lock:
            self._failed = number if self._failed is None else min(number, self._failed)
            self._changed.notify_all()

    def queued(self) -> None:
        """The element whose turn it is has asked and waits for room, which may take long."""
        self._is_queued = True

    def passed(self, number: int) -> None:
        """An element has got room, or has come to its end."""
        with self._lock:
            self._is_queued = False
            self._passed.add(number)
            while self._next in self._passed:
                self._passed.remove(self._next)
                self._next += 1
            self._changed.notify_all()


class Position:
    """An element of a map: its number, after those of the maps around; `outer` is the position of the map itself.

    `frame` is where the map was called, in a thread that helps with it, whose own frames end there; else None. `turns`
    are those of a map whose elements go on at once. `around` are the procedures around a map in another process.
    """

    __slots__ = ("_has_asked", "around", "frame", "indices", "outer", "turns")

    def __init__(
        self, index: int, outer: Position | None, turns: Turns | None = None, frame: FrameType | None = None
    ) -> None:
        self.indices: tuple[int, ...] = (index,) if outer is None else (*outer.indices, index)
        self.outer = outer
        self.turns = turns
        self.frame = frame
        self.around: tuple[str, ...] = ()
        self._has_asked = False

    @classmethod
    def elsewhere(cls, indices: tuple[int, ...], around: tuple[str, ...]) -> Position:
        """An element of a map that another process makes."""
        found = cls(indices[-1], None)
        found.indices, found.around = indices, around
        return found

    def wait(self) -> None:
        """Wait until it is this element's turn to ask for room, in its map and in those around."""
        here: Position | None = self
        while here is not None:
            if here.turns is not None and not here._has_asked:
                here.turns.wait(here.indices[-1])
            here = here.outer

    def queue(self) -> None:
        """This element has asked and waits for room; those behind it go on waiting for it."""
        here: Position | None = self
        while here is not None and not here._has_asked:
            if here.turns is not None:
                here.turns.queued()
            here = here.outer

    def pass_on(self) -> None:
        """Let the next element ask: this one has got room."""
        here: Position | None = self
        while here is not None and not here._has_asked:
            here._has_asked = True
            if here.turns is not None:
                here.turns.passed(here.indices[-1])
            here = here.outer


position: ContextVar[Position | None] = ContextVar("omega_position", default=None)
"""The innermost element that code works on here; None outside of all maps."""

place = position.get
"""That element."""
