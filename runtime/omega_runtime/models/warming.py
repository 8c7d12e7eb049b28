"""Prompts with a common beginning that the provider keeps in a cache: one call writes it, and the others wait for that.

Without waiting, calls that go at once each write the beginning, which costs more than fresh input; after the first has
been answered, they read it, for a tenth.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event

from cachetools import LRUCache

from omega_runtime import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from omega_runtime.clock import SystemClock
    from omega_runtime.models.request import Request

# What providers keep at least, in tokens, and how many bytes a token has about.
LEAST_TOKENS = 1_024
BYTES = 4
LIFETIMES = {"5m": 300.0, "1h": 3_600.0}
"""Seconds."""

_MOST = 10_000
_lock = forks.lock()
_known: LRUCache[tuple[object, ...], Beginning] = LRUCache(_MOST)
# Of what the parent's threads were writing, a child would never hear that it is done.
forks.in_child(_known.clear)


class Beginning:
    """A beginning of prompts that a call writes, or has written; the provider keeps it until a moment."""

    __slots__ = ("_done", "until")

    def __init__(self) -> None:
        self._done = Event()
        # On the ledger's clock; None where the call has failed.
        self.until: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether the call has been answered, or has failed."""
        return self._done.is_set()

    def wait(self) -> None:
        """Wait until it is."""
        # Not at a stretch, as an interrupt comes between two waits only.
        while not self._done.wait(0.25):
            pass

    def end(self, until: float | None) -> None:
        """The call is over."""
        self.until = until
        self._done.set()


class Writer:
    """What the call has that writes a beginning; when it is lost, as by an interrupt, nobody waits for it any more."""

    __slots__ = ("_beginning", "_lifetime")

    def __init__(self, beginning: Beginning, lifetime: float) -> None:
        self._beginning = beginning
        self._lifetime = lifetime

    def end(self, clock: SystemClock | None) -> None:
        """It was answered or, without a clock, has failed: then the next call writes."""
        self._beginning.end(None if clock is None else clock.now() + self._lifetime)

    def __del__(self) -> None:
        if not self._beginning.is_done:
            self._beginning.end(None)


def beginning(request: Request, clock: SystemClock) -> tuple[Beginning | None, Writer | None]:
    """What a request has to wait for before it asks again, or what it is to write; neither when it may go."""
    key = _key(request)
    if key is None or request.cache is None:
        return None, None
    lifetime = LIFETIMES[request.cache]
    with _lock:
        found = _known.get(key)
        if found is not None and not found.is_done:
            return found, None
        if found is not None and found.until is not None and clock.now() < found.until:
            found.until = clock.now() + lifetime
            return None, None
        _known[key] = mine = Beginning()
        return None, Writer(mine, lifetime)


@contextmanager
def in_turn(request: Request, clock: SystemClock) -> Iterator[None]:
    """Let one call write the common beginning of prompts before the others go."""
    waits_for, writer = beginning(request, clock)
    while waits_for is not None:
        waits_for.wait()
        waits_for, writer = beginning(request, clock)
    with written(writer, clock):
        yield


@contextmanager
def written(writer: Writer | None, clock: SystemClock) -> Iterator[None]:
    """While a call is under way that writes a beginning, if it does."""
    done = None
    try:
        yield
        done = clock
    finally:
        if writer is not None:
            writer.end(done)


def _key(request: Request) -> tuple[object, ...] | None:
    """What tells beginnings apart: what comes before the messages; None for what is too short to be kept."""
    size = len(request.system or "") + sum(len(text) for tool in request.tools for text in tool)
    if not request.provider.takes_cache_marks or size < LEAST_TOKENS * BYTES:
        return None
    return request.provider, request.model, request.cache, request.system, request.tools
