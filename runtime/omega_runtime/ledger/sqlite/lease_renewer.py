"""The background thread of a ledger file: it looks for what other processes commit."""

from __future__ import annotations

from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.renewing import Renewer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.sqlite.ledger import FileLedger

# While calls wait, others' commits are looked for this often (seconds).
LOOK_EVERY = 0.01


class LeaseRenewer(Renewer):
    """Wakes who waits when somebody has committed."""

    __slots__ = ("_ledger", "_seen")

    def __init__(self, ledger: FileLedger, lease: float, keep: bool) -> None:
        super().__init__(ledger, f"ledger {ledger.path}", lease, keep)
        self._ledger = ledger
        self._seen = -1

    def _hear(self, seconds: float) -> None:
        self._ledger.clock.sleep(min(LOOK_EVERY, seconds))
        try:
            version = self._ledger.version()
        except LedgerFileError:
            return
        if version != self._seen:
            self._ledger.wake_all()
        self._seen = version
