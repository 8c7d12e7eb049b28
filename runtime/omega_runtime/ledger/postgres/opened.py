"""The ledgers on servers that this process has open: each once, closed at its end, left alone by children."""

from __future__ import annotations

import atexit
import os
from _thread import allocate_lock

from omega_runtime.ledger.postgres.ledger import ServerLedger
from omega_runtime.ledger.shared import LEASE

_ledgers: dict[str, ServerLedger] = {}
_opening = allocate_lock()


def server_ledger(url: str, lease: float = LEASE) -> ServerLedger:
    """The ledger at a URL, which is opened once in each process; made when there is none in that database.

    `lease` is how many seconds its holds outlast this process.
    Raises LedgerFileError for a server that cannot be used.
    """
    with _opening:
        known = _ledgers.get(url)
        if known is None or known.is_closed:
            known = _ledgers[url] = ServerLedger(url, lease=lease)
        return known


def _after_fork_in_child() -> None:
    global _opening
    _opening = allocate_lock()
    for ledger in _ledgers.values():
        ledger.forked()


def _close_all() -> None:
    for ledger in list(_ledgers.values()):
        ledger.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_close_all)
