"""When calls may go on at once, and the maps that do so."""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from itertools import chain, islice
from threading import RLock

from omega_runtime import settings
from omega_runtime.calls.context import Context, current
from omega_runtime.concurrent.work import Work
from omega_runtime.control.positions import Position, position
from omega_runtime.ledger.errors import Deferred
from omega_runtime.values.errors import OmegaError, handler_scope, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from omega_runtime.values import Procedure, Value

    T = TypeVar("T")
    R = TypeVar("R")

is_sequential: ContextVar[bool] = ContextVar("omega_sequential", default=False)
"""Whether nothing that is begun here may go on at the same time as something else."""

mapper: ContextVar[Callable[[Procedure, list[tuple[Value, ...]]], list[Value]] | None] = ContextVar(
    "omega_mapper", default=None
)
"""What makes the calls of `parallel-map` in place of this process's threads."""


class OneAtATime:
    """A tracker that several threads may call: they wait for each other. A map within its own call is a loop."""

    __slots__ = ("_lock", "_tracker")

    def __init__(self, tracker: Procedure) -> None:
        self._tracker = tracker
        self._lock = RLock()

    def __call__(self, tokens: int) -> None:
        with self._lock:
            # Threads that helped would wait for this very lock.
            token = is_sequential.set(True)
            try:
                self._tracker(tokens)
            finally:
                is_sequential.reset(token)


def gather(function: Callable[[T], R], items: Iterable[T], jobs: int | None = None) -> list[R]:
    """`[function(item) for item in items]`, with up to `jobs` calls (the setting) at once, within the budgets around.

    This thread does its share, and threads of the process's pool help where they are free; so calls may be nested.
    Trackers are called one at a time. The first error by place in `items` is raised once the calls under way have
    ended; what has not begun never does. Raises OmegaError for a `jobs` below 1.
    """
    if not callable(function):
        raise wrong_type("gather", 1, "a function", function)
    if jobs is not None and (type(jobs) is not int or jobs < 1):
        raise OmegaError(f"gather: jobs must be an integer >= 1, but got {jobs!r}")
    return map_at_once(function, [(item,) for item in items], jobs)


def map_at_once(
    function: Callable[..., Value], items: Iterable[tuple[Value, ...]], jobs: int | None = None
) -> list[Value]:
    """The results of `function(*arguments)` for each item, in order; up to `jobs` calls (the setting) go on at once.

    Trackers are called one at a time. Raises the first error by number; calls behind it that have not begun never do.
    """
    return _map(function, items, 1 if is_sequential.get() else jobs or settings.active.jobs)


def map_independent(function: Callable[..., Value], items: Iterable[tuple[Value, ...]]) -> list[Value]:
    """As `map_at_once` for calls that the compiler knows to be independent; in turn where anything could tell."""
    return _map(function, items, settings.active.jobs if _is_unobserved() else 1)


def _map(function: Callable[..., Value], items: Iterable[tuple[Value, ...]], jobs: int) -> list[Value]:
    if jobs == 1:
        return _map_in_turn(function, items)
    rest = iter(items)
    first = list(islice(rest, jobs))
    if len(first) < 2:
        return _map_in_turn(function, first)
    return Work(function, chain(first, rest), _shared_context()).results(len(first) - 1)


def _map_in_turn(function: Callable[..., Value], items: Iterable[tuple[Value, ...]]) -> list[Value]:
    """The results, one call after the other in this thread; its calls are known by the same places in the map.

    Raises Deferred when calls were left for a batch, and all have been tried.
    """
    outer = position.get()
    results = []
    is_deferred = False
    try:
        for number, arguments in enumerate(items):
            position.set(Position(number, outer))
            try:
                results.append(function(*arguments))
            except Deferred:
                is_deferred = True
    finally:
        position.set(outer)
    if is_deferred:
        raise Deferred
    return results


def _is_unobserved() -> bool:
    """Whether nothing around can tell in which order calls are made: no tracker, handler or mode of a budget."""
    context = current.get()
    if context.trackers or context.handlers is not None or context.policy.is_active or is_sequential.get():
        return False
    scope = handler_scope.get()
    while scope is not None:
        if scope.handler is not None:
            return False
        scope = scope.outer
    return True


def _shared_context() -> contextvars.Context:
    """A copy of the context around, whose trackers are called one at a time."""
    here, context = current.get(), copy_context()
    if here.trackers:
        trackers = tuple(each if isinstance(each, OneAtATime) else OneAtATime(each) for each in here.trackers)
        context.run(current.set, Context(here.account, trackers, here.handlers, here.policy))
    return context
