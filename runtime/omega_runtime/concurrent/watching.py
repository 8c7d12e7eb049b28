"""Watching concurrent maps: how many of their calls have ended, for who tells how far a run is."""

from __future__ import annotations

from collections.abc import Sized
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from omega_runtime import forks
from omega_runtime.concurrent import library, maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any


_is_inside: ContextVar[bool] = ContextVar("omega_inside_watched_map", default=False)


class MapUnderWay:
    """A map of `total` calls; `since` is when it began, in seconds of the monotonic clock."""

    __slots__ = ("_lock", "begun", "done", "since", "total")

    def __init__(self, total: int) -> None:
        self.total = total
        self.begun = self.done = 0
        self.since = monotonic()
        self._lock = forks.lock()

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose calls count here."""

        def counting(*arguments: Any) -> Any:
            with self._lock:
                self.begun += 1
            token = _is_inside.set(True)
            try:
                result = function(*arguments)
            finally:
                _is_inside.reset(token)
            with self._lock:
                self.done += 1
            return result

        return counting

    def seconds_left(self) -> float | None:
        """How long it goes on at the pace so far; None while that can't be said. Calls under way count as half done."""
        done = (self.begun + self.done) / 2
        if self.done < 2 or self.done == self.total:
            return None
        return (monotonic() - self.since) * (self.total - done) / done


@contextmanager
def watching_maps() -> Iterator[list[MapUnderWay]]:
    """The maps under way that are in no other and whose length is known, until the end of the block.

    Only one may watch at a time.
    """
    under_way: list[MapUnderWay] = []
    map_ = maps._map

    def watched(function: Callable[..., Any], items: Iterable[tuple[Any, ...]], jobs: int) -> list[Any]:
        if _is_inside.get() or function is library.value_of or not isinstance(items, Sized):
            return map_(function, items, jobs)
        here = MapUnderWay(len(items))
        under_way.append(here)
        try:
            return map_(here.counted(function), items, jobs)
        finally:
            under_way.remove(here)

    maps._map = watched
    try:
        yield under_way
    finally:
        maps._map = map_
