"""Waiting for room: first come, first served on each account."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from threading import Condition

    from omega_runtime.clock import SystemClock
    from omega_runtime.ledger.account import Account


class Bell:
    """Wakes a task of an event loop, from any thread."""

    __slots__ = ("_loop", "_rung")

    def __init__(self) -> None:
        from asyncio import Event, get_running_loop

        self._loop = get_running_loop()
        self._rung = Event()

    def notify(self) -> None:
        """Ring; nobody hears it when the loop is closed."""
        from contextlib import suppress

        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, or for so many seconds at most."""
        from asyncio import wait_for
        from contextlib import suppress

        with suppress(TimeoutError):
            await wait_for(self._rung.wait(), seconds)
        self._rung.clear()


class Ticket:
    """The place of one waiting call; numbers are given out in order of arrival.

    A ticket stands in the queue of one account at a time, the one whose room it waits for, so that it blocks
    only later calls that need this account. Everything here happens under the ledger's lock.
    """

    __slots__ = ("account", "changed", "is_called", "number")

    def __init__(self, number: int, lock: LockType) -> None:
        # Imported here, as most programs never wait.
        from threading import Condition

        self.number = number
        self.changed: Condition | Bell = Condition(lock)
        self.account: Account | None = None
        # Set when something changed, so that nobody sleeps through a call that came a moment too early.
        self.is_called = False

    def __lt__(self, other: Ticket) -> bool:
        return self.number < other.number

    def wait(self, clock: SystemClock, seconds: float) -> None:
        """Release the lock until it is this call's turn to look again, or for so many seconds at most."""
        if not self.is_called:
            assert not isinstance(self.changed, Bell)
            clock.wait(self.changed, seconds)
        self.is_called = False

    def rings(self, bell: Bell) -> bool:
        """Have the bell rung, instead of a thread woken, when it's this call's turn; whether it is so already."""
        self.changed = bell
        is_called, self.is_called = self.is_called, False
        return is_called

    def stand_at(self, account: Account) -> None:
        """Move to the queue of this account, in order of arrival."""
        if self.account is not account:
            self.leave()
            self.account = account
            # Imported here, as most programs never wait.
            from bisect import insort

            insort(account.waiters, self)

    def leave(self) -> None:
        """Leave the queue, if in one; the next in it gets its turn."""
        account = self.account
        if account is not None:
            # In steps that may be repeated, for an interrupt in between.
            if self in account.waiters:
                account.waiters.remove(self)
            wake(account)
            self.account = None


def wake(account: Account) -> None:
    """Let the first call that waits for this account look again."""
    if account.waiters:
        account.waiters[0].is_called = True
        account.waiters[0].changed.notify()


def is_queued_before(account: Account, ticket: Ticket | None) -> bool:
    """Whether an earlier call than the ticket's (any call, for None: a newcomer) waits for this account."""
    return bool(account.waiters) and (ticket is None or account.waiters[0].number < ticket.number)


def call(ticket: Ticket | None) -> None:
    """Let this very call look again, if it still waits."""
    if ticket is not None:
        ticket.is_called = True
        ticket.changed.notify()
