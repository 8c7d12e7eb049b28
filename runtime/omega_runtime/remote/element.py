"""The journal as one element of a map in a worker sees it."""

from __future__ import annotations

from omega_runtime.ledger.journal import Journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.ledger.journal import Recorded
    from omega_runtime.ledger.shared import SharedAccount


class ElementJournal(Journal):
    """It has the map's answers, of which it takes those of its own places only: other workers have the others.

    `taken` are the numbers of the answers of earlier executions that were given again. What an element that was lost
    with its worker has paid for in this execution counts as paid for here.
    """

    def __init__(self, whole: Journal, account: SharedAccount) -> None:
        super().__init__(whole.runs, account, whole.run)
        self.recorded = whole.recorded
        self._lock = whole._lock
        self.taken: list[int] = []

    def take(self, key: str, path: Callable[[], str]) -> Recorded | None:
        """As `Journal.take`."""
        with self._lock:
            candidates = self.recorded.get(key)
            around = path() if candidates else ""
            found = next((each for each in candidates or () if each.path == around), None)
            if found is None or candidates is None:
                return None
            candidates.remove(found)
            self._credits.clear()
        if found.within:
            self.performed += 1
        else:
            self.replayed += 1
            self.taken.append(found.number)
        return found
