"""A hold: the worst case of one attempt at a call, set aside until the call is settled or voided."""

from __future__ import annotations

from omega_runtime.acceleration import accelerated
from omega_runtime.ledger.generic import A, Generic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.periods import Period
    from omega_runtime.ledger.wish import Wish

# States of a hold; all but ENDED are true.
ENDED = 0
HELD = 1
SENT = 2


class Hold(Generic[A]):
    """The most that one attempt at what a request wishes can cost, held on an account and its ancestors.

    Whoever asks for room makes one, with its account and request; a ledger fills in the rest. `open` is HELD from the
    reservation on, SENT once the provider may know of it, and ENDED after it was settled or voided. Held are
    `tokens`, of which `output` for the answer, and `picodollars`. `call` is its number in a ledger file; in memory,
    `periods` are those in which it began. `attempt` counts from 1; room that is kept for a later call has 0.
    """

    __slots__ = ("__weakref__", "account", "call", "open", "output", "periods", "picodollars", "request", "tokens")

    account: A
    request: Wish
    tokens: int
    output: int
    picodollars: int
    call: int
    periods: tuple[Period, ...]
    open: int
    attempt: int = 1

    def count(self) -> int | None:
        """A closer figure of the input tokens that is still sure, where there is one; may take time."""
        return None

    def waits(self) -> None:
        """It is about to wait for room, and has its place in a queue."""

    @accelerated
    def __del__(self) -> None:
        # A hold lost between reserve and settle (Ctrl-C) is handed back; no lock here, as this may run anywhere.
        try:
            is_open = self.open
        except AttributeError:
            return  # lost before it was set up
        if is_open:
            self.account.ledger.lost.append(self)
