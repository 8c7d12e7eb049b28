"""Ledgers hear of forks: what a child process inherits is a copy, and a copied budget would be spent twice."""

from __future__ import annotations

from _weakrefset import WeakSet

from omega_runtime import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.memory import MemoryLedger

_ledgers: WeakSet[MemoryLedger] = WeakSet()


def watch(ledger: MemoryLedger) -> None:
    """From now on tell this ledger when it finds itself in a forked child."""
    _ledgers.add(ledger)


def _forked() -> None:
    for ledger in _ledgers:
        ledger.forked()


forks.in_child(_forked)
