"""The runtime's own event loop, in a thread: what asyncio code asks of models goes on there, and blocks no other."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from threading import Thread
from weakref import WeakKeyDictionary

from omega_runtime import forks, settings
from omega_runtime.concurrent.pool import pool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


class Mailbox:
    """Functions for a loop to call, from other threads.

    A loop is woken once for all that comes until it looks: to wake it for each would have the sender wait for Python's
    lock each time.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._functions: deque[Callable[[], None]] = deque()
        self._is_told = False

    def send(self, function: Callable[[], None]) -> None:
        """Have the loop call the function soon. It never does once it is closed."""
        self._functions.append(function)
        if not self._is_told:
            self._is_told = True
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._open)

    def _open(self) -> None:
        self._is_told = False  # first, as what comes from now on may be too late for this time
        for _ in range(len(self._functions)):
            self._functions.popleft()()


_lock = forks.lock()
_mailbox: Mailbox | None = None


def runtime_loop() -> Mailbox:
    """The mailbox of the loop, which is made and started once in each process."""
    global _mailbox
    if _mailbox is None:
        with _lock:
            if _mailbox is None:
                loop = asyncio.new_event_loop()
                Thread(target=loop.run_forever, name="omega calls", daemon=True).start()
                _mailbox = Mailbox(loop)
    return _mailbox


_mailboxes: WeakKeyDictionary[asyncio.AbstractEventLoop, Mailbox] = WeakKeyDictionary()


def mailbox_here() -> Mailbox:
    """The mailbox of the loop that runs here."""
    loop = asyncio.get_running_loop()
    found = _mailboxes.get(loop)
    if found is None:
        found = _mailboxes[loop] = Mailbox(loop)
    return found


def _forget() -> None:
    global _mailbox
    _mailbox = None


forks.in_child(_forget)


async def elsewhere(function: Callable[..., T], *arguments: object) -> T:
    """What the function gives, called in a thread of the pool. What has begun goes on when the task is cancelled."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            result = function(*arguments)
        except BaseException as error:
            loop.call_soon_threadsafe(_deliver, answer.set_exception, answer, error)
        else:
            loop.call_soon_threadsafe(_deliver, answer.set_result, answer, result)

    if not pool().offer(work, settings.active.jobs):
        return function(*arguments)
    return await answer


def _deliver(deliver: Callable[..., None], answer: asyncio.Future[T], what: object) -> None:
    if not answer.done():
        deliver(what)
