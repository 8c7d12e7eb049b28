"""The lease of this process, which all its holds have, and the thread that renews it and hears when it is called."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from threading import Lock

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres.commits import Operation
from omega_runtime.ledger.queue import call
from omega_runtime.ledger.renewing import TICKET_LEASE, Renewer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.postgres.connection import Connection, Database
    from omega_runtime.ledger.postgres.ledger import ServerLedger

# How long is listened at once.
_LISTEN_SECONDS = 1.0

# Of a lease, the part in which this process trusts it without asking the server.
_SURE = 0.9


class Lease:
    """What the server knows this process by: a number, which is another one once the lease has ended.

    `origin` is the first of the numbers. Only the server's clock tells when a lease ends; this process's, which never
    goes back, only how long it is surely there.
    """

    __slots__ = ("_ledger", "_lock", "_until", "origin", "process", "seconds")

    def __init__(self, ledger: ServerLedger, seconds: float) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self.seconds = seconds
        self.process = 0
        self.origin: int | None = None
        self._until = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the lease surely lasts."""
        return self._ledger.clock.now() < self._until

    def enter(self, ended: int) -> int:
        """This process's number, which is another one than `ended`. Raises LedgerFileError."""
        with self._lock:
            if self.process == ended:
                until = self._ledger.clock.now() + _SURE * self.seconds
                ticket_lease = min(self.seconds, TICKET_LEASE)
                entering = Operation("enter_process", self.origin, machine(), os.getpid(), self.seconds, ticket_lease)
                self.process = self._ledger.commits.run(entering)
                self._until = until
                if self.origin is None:
                    self.origin = self.process
                self._look_around()
            return self.process

    def renew(self) -> bool:
        """Put off the end of the lease; when it has ended, enter anew, and false. Raises LedgerFileError."""
        process = self.process
        until = self._ledger.clock.now() + _SURE * self.seconds
        if self._ledger.commits.run(Operation("renew", process)):
            self._until = max(until, self._until)
            self._look_around()
            return True
        self.enter(process)
        return False

    def _look_around(self) -> None:
        """Hear whether other processes have leases; until that is known, they may."""
        commits = self._ledger.commits
        commits.is_shared = True
        with suppress(LedgerFileError):
            commits.is_shared = commits.run(Operation("others", self.process)) > 0


def machine() -> str:
    """What tells this machine, since it was started, and this container from others."""
    boot, namespace = "", ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str(Path("/proc/self/ns/pid").stat().st_ino)
    return f"{socket.gethostname()} {boot} {namespace}".strip()


class LeaseKeeper(Renewer):
    """Listens on a connection of its own while calls wait."""

    __slots__ = ("_connection", "_ledger", "_listening")

    def __init__(self, ledger: ServerLedger, connection: Connection, keep: bool) -> None:
        super().__init__(ledger, "ledger leases", ledger.lease.seconds, keep)
        self._ledger = ledger
        self._connection = connection
        # As which process, on which connection.
        self._listening: tuple[int, Database] | None = None

    def stop(self) -> None:
        """End the thread, and the connection."""
        super().stop()
        self._connection.close()

    def _hear(self, seconds: float) -> None:
        # Without a connection, waiting calls look again by themselves.
        try:
            self._connection.run(lambda db: self._listen(db, min(seconds, _LISTEN_SECONDS)))
        except LedgerFileError:
            self._ledger.clock.sleep(min(seconds, 0.1))

    def _listen(self, db: Database, seconds: float) -> None:
        ledger = self._ledger
        process = ledger.lease.process
        if self._listening != (process, db):
            db.execute(f"LISTEN omega_{process:d}".encode())
            self._listening = process, db
            ledger.wake_all()  # what was said before nobody has heard
        for notice in db.notifies(timeout=seconds, stop_after=1):
            with suppress(ValueError), ledger.lock:
                call(ledger.tickets.get(int(notice.payload)))
            if not ledger.tickets or self._stopped:
                return
