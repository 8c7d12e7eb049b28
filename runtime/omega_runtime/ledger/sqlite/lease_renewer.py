"""A background thread for each open ledger file: renews leases, and hears of what other processes commit."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Lock, Thread

from omega_runtime.ledger.errors import LedgerFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.sqlite.ledger import FileLedger

# While calls wait, others' commits are looked for this often (seconds).
LOOK_EVERY = 0.01


# The longest lease (seconds) of a place in a queue: when its process is killed, those behind it wait for no longer.
TICKET_LEASE = 15.0


class LeaseRenewer:
    """Renews each lease three times before it ends. Starts with the first hold or waiting call, and then stays."""

    __slots__ = ("_ledger", "_starting", "_stopped", "_thread", "_wanted", "keep", "lease")

    def __init__(self, ledger: FileLedger, lease: float, keep: bool) -> None:
        self._ledger = ledger
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
                    thread = Thread(target=self._run, name=f"ledger {self._ledger.path}", daemon=True)
                    thread.start()
                    self._thread = thread
        if self._ledger.tickets:
            self._wanted.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        ledger = self._ledger
        clock = ledger.clock
        renewed = clock.now()
        seen = -1
        while not self._stopped:
            lease = self.ticket_lease if ledger.tickets else self.lease
            left = renewed + lease / 3 - clock.now()
            if left <= 0:
                renewed = clock.now()
                self._renew()
            elif ledger.tickets:
                clock.sleep(min(LOOK_EVERY, left))
                seen = self._look(seen)
            else:
                self._wanted.wait(left)
                self._wanted.clear()

    def _look(self, seen: int) -> int:
        """Wake who waits when somebody has committed since `seen`."""
        try:
            version = self._ledger.version()
        except LedgerFileError:
            return seen
        if version != seen:
            self._ledger.wake_all()
        return version

    def _renew(self) -> None:
        """A renewal that fails is tried again when the next is due; the leases are long enough for two more."""
        with suppress(LedgerFileError):
            self._ledger.renew()
