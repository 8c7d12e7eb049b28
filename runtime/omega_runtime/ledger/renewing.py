"""A background thread for each open ledger that processes share: renews leases, and hears of what others do."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Lock, Thread

from omega_runtime.ledger.errors import LedgerFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sized
    from typing import Protocol

    from omega_runtime.clock import SystemClock

    class Leased(Protocol):
        """A ledger whose holds, and places in queues, end unless they are renewed."""

        clock: SystemClock

        @property
        def tickets(self) -> Sized: ...

        def renew(self) -> None: ...


# The longest lease (seconds) of a place in a queue: when its process is killed, those behind it wait for no longer.
TICKET_LEASE = 15.0


class Renewer:
    """Renews each lease three times before it ends. Starts with the first hold or waiting call, and then stays.

    `name` is the thread's; without `keep` there is none. `lease` are the seconds that a hold lasts unrenewed.
    """

    __slots__ = ("_leased", "_name", "_starting", "_stopped", "_thread", "_wanted", "keep", "lease")

    def __init__(self, ledger: Leased, name: str, lease: float, keep: bool) -> None:
        self._leased = ledger
        self._name = name
        self.lease = lease
        self.keep = keep
        self._thread: Thread | None = None
        self._starting = Lock()
        self._stopped = False
        # Set when a call begins to wait, so that a sleeping thread looks more often.
        self._wanted = Event()

    @property
    def ticket_lease(self) -> float:
        """Seconds that a place in a queue lasts without being renewed."""
        return min(self.lease, TICKET_LEASE)

    def start(self) -> None:
        """Begin, unless it has."""
        if not self.keep:
            return
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    thread = Thread(target=self._run, name=self._name, daemon=True)
                    thread.start()
                    self._thread = thread
        if self._leased.tickets:
            self._wanted.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        ledger = self._leased
        clock = ledger.clock
        renewed = clock.now()
        while not self._stopped:
            lease = self.ticket_lease if ledger.tickets else self.lease
            left = renewed + lease / 3 - clock.now()
            if left <= 0:
                renewed = clock.now()
                with suppress(LedgerFileError):  # tried again when it is due next: there is time for two more
                    ledger.renew()
            elif ledger.tickets:
                self._hear(left)
            else:
                self._wanted.wait(left)
                self._wanted.clear()

    def _hear(self, seconds: float) -> None:
        """While calls wait: hear of what other processes do, for so many seconds at most."""
        raise NotImplementedError
