"""Calls of a function for many items, by the thread that wants the results and by those that are free to help."""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, get_ident
from contextvars import copy_context
from time import monotonic

from omega_runtime import forks
from omega_runtime.calls.context import current
from omega_runtime.concurrent.pool import pool
from omega_runtime.control.deep import interrupt
from omega_runtime.control.positions import Position, Turns, position
from omega_runtime.ledger.errors import BudgetExceeded, Deferred
from omega_runtime.ledger.ledger import answers_within
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextvars import Context
    from types import FrameType

    from omega_runtime.values import Value

# After an interrupt, calls under way have so many seconds to end by themselves, so that what they cost is known.
_GRACE_SECONDS = 1.0
# How often (seconds) a thread that waits looks up: an interrupt from another thread comes between two waits only.
_LOOK_UP_EVERY = 0.25


class Work:
    """Calls of `function(*arguments)`, begun in order, each in a copy of `context` and under its number in the map.

    After an error nothing more is begun, but calls that are left for a batch keep no other from that. As calls begin in
    order, all before the one that failed have begun by then, so the first error by number is the one that a loop would
    have met.
    """

    def __init__(
        self, function: Callable[..., Value], items: Iterator[tuple[Value, ...]], context: Context | None = None
    ) -> None:
        self._function = function
        self._items = items
        self._context = context or copy_context()
        self._outer = position.get()
        self._turns = Turns()
        self._frame: FrameType | None = sys._getframe(1)
        self._process = os.getpid()
        # No condition: an interrupt may come when its `with` has taken the lock, and before anything gives it back.
        self._lock = forks.fresh_lock()
        # Free when a call has ended that the thread which waits hasn't heard of.
        self._ended = allocate_lock()
        self._ended.acquire()
        self._results: list[Value] = []
        # The threads of the calls under way, by the number of the call.
        self._threads: dict[int, int] = {}
        self._failed: tuple[int, BaseException] | None = None
        self._is_deferred = False
        self._is_closed = False

    def results(self, helpers: int) -> list[Value]:
        """The results in order, with so many threads besides this one at most. Raises the first error by number.

        Raises Deferred when calls were left for a batch, and all have been tried.
        """
        here = pool()
        try:
            for _ in range(helpers):
                here.offer(self._help, helpers)
            self._take_part(None)
            self._wait(None)
        except BaseException:
            self._give_up()
            raise
        finally:
            while here.withdraw(self._help):
                pass
            self._frame = None  # else the frame and this object would keep each other
        if self._failed is not None:
            error, self._failed = self._failed[1], None
            complete(error)
            raise error
        if self._is_deferred:
            raise Deferred
        return self._results

    def _help(self) -> None:
        """What a helping thread does."""
        self._take_part(self._frame)

    def _take_part(self, frame: FrameType | None) -> None:
        """Do calls while there are some to begin; `frame` is given in a helping thread only."""
        while True:
            with self._lock:
                number = len(self._results)
                try:
                    arguments = None if self._is_closed else next(self._items, None)
                except Exception as error:
                    self._fail(number, error)
                    return
                if arguments is None:
                    self._is_closed = True
                    return
                self._results.append(None)
                self._threads[number] = get_ident()
            try:
                here = Position(number, self._outer, self._turns, frame)
                result = self._context.copy().run(self._call, here, arguments)
            except BaseException as error:
                is_own = frame is None and isinstance(error, KeyboardInterrupt)
                self._end(number, None if is_own else error)
                if is_own:
                    raise
            else:
                self._results[number] = result
                self._end(number, None)

    def _call(self, here: Position, arguments: tuple[Value, ...]) -> Value:
        position.set(here)
        return self._function(*arguments)

    def _end(self, number: int, error: BaseException | None) -> None:
        if isinstance(error, Deferred):
            self._is_deferred = True
        elif error is not None:
            with self._lock:
                self._fail(number, error)
            self._turns.failed(number)
        self._turns.passed(number)
        with self._lock:
            del self._threads[number]
            if self._ended.locked():
                self._ended.release()

    def _fail(self, number: int, error: BaseException) -> None:
        self._is_closed = True
        if self._failed is None or number < self._failed[0]:
            self._failed = number, error

    def _wait(self, seconds: float | None) -> None:
        """Wait for the calls under way, for so many seconds at most."""
        until = None if seconds is None else monotonic() + seconds
        while self._threads and (until is None or monotonic() < until):
            self._ended.acquire(timeout=_LOOK_UP_EVERY)
            if os.getpid() != self._process:
                raise OmegaError("this process was forked in a concurrent map, which its parent goes on with")

    def _give_up(self) -> None:
        """An interrupt: begin nothing more, and interrupt what does not end soon."""
        with self._lock:
            self._is_closed = True
            # The interrupt may have come before this thread has noted that its own call is over.
            self._threads = {number: each for number, each in self._threads.items() if each != get_ident()}
        self._wait(_GRACE_SECONDS)
        with self._lock:
            for thread in self._threads.values():
                interrupt(thread)


def complete(error: BaseException) -> None:
    """Let the `partial` of a refusal have what calls that were under way then have answered since."""
    if not isinstance(error, BudgetExceeded):
        return
    account = current.get().account
    for each in account.chain:
        if each.name == error.account:
            error.partial = tuple(answers_within(account, each))
            return
