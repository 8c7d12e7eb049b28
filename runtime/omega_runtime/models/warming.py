"""Prompts with a common beginning that the provider keeps in a cache: one call writes it, and the others wait for that.

Without waiting, calls that go at once each write the beginning, which costs more than fresh input; after the first has
been answered, they read it, for a tenth.
"""

from __future__ import annotations

from threading import Event

from cachetools import LRUCache

from omega_runtime import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.clock import SystemClock
    from omega_runtime.models.request import Request

# What providers keep at least, in tokens, and how many bytes a token has about.
LEAST_TOKENS = 1_024
BYTES = 4
LIFETIMES = {"5m": 300.0, "1h": 3_600.0}
"""Seconds."""

_MOST = 10_000
_lock = forks.lock()
# When a beginning was last written or read, on the ledger's clock, or who writes it.
_known: LRUCache[tuple[object, ...], float | Writing] = LRUCache(_MOST)


class Writing:
    """A call that writes a beginning; others with that beginning wait until it `is_done`."""

    __slots__ = ("_done", "_key", "_lifetime")

    def __init__(self, key: tuple[object, ...], lifetime: float) -> None:
        self._key = key
        self._lifetime = lifetime
        self._done = Event()

    @property
    def is_done(self) -> bool:
        """Whether it has been answered, or has failed."""
        return self._done.is_set()

    def wait(self) -> None:
        """Wait until it is."""
        # Not at a stretch, as an interrupt comes between two waits only.
        while not self._done.wait(0.25):
            pass

    def end(self, clock: SystemClock | None) -> None:
        """It was answered or, without a clock, has failed: then the next call writes."""
        with _lock:
            if clock is None:
                _known.pop(self._key, None)
            else:
                _known[self._key] = clock.now() + self._lifetime
        self._done.set()


def beginning(request: Request, clock: SystemClock) -> tuple[Writing | None, bool]:
    """Who writes the beginning of a request, and whether the request is to do it itself; nobody when it may go."""
    key = _key(request)
    if key is None or request.cache is None:
        return None, False
    with _lock:
        found = _known.get(key)
        if isinstance(found, Writing):
            return found, False
        if found is not None and clock.now() < found:
            _known[key] = clock.now() + LIFETIMES[request.cache]
            return None, False
        mine = _known[key] = Writing(key, LIFETIMES[request.cache])
        return mine, True


def _key(request: Request) -> tuple[object, ...] | None:
    """What tells beginnings apart: what comes before the messages; None for what is too short to be kept."""
    size = len(request.system or "") + sum(len(text) for tool in request.tools for text in tool)
    if not request.provider.takes_cache_marks or size < LEAST_TOKENS * BYTES:
        return None
    return request.provider, request.model, request.cache, request.system, request.tools
