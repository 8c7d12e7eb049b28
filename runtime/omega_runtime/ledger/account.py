"""Accounts: a limit in tokens, what was spent and what is held."""

from __future__ import annotations

from math import inf
from sys import maxsize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.memory import MemoryLedger
    from omega_runtime.ledger.queue import Ticket


class Account:
    """An account of a ledger; all figures are tokens, `limit` None means no limit.

    Always `spent + held <= limit + overrun`, where `overrun` is what providers billed beyond their holds.
    The figures are written only by the ledger, under its lock; it keeps `committed`, which is spent + held, as
    reserving needs only that.
    """

    __slots__ = (
        "ceiling",
        "chain",
        "committed",
        "ledger",
        "limit",
        "limited",
        "name",
        "overrun",
        "parent",
        "spent",
        "waiters",
    )

    ledger: MemoryLedger

    def __init__(self, name: str, limit: int | None, parent: Account | None) -> None:
        self.name = name
        self.limit = limit
        self.parent = parent
        self.ceiling = maxsize if limit is None else limit
        self.spent = 0
        self.committed = 0
        self.overrun = 0
        # Calls waiting for this account, oldest first.
        self.waiters: list[Ticket] = []
        # Both tuples run from this account outwards and never change, so that a call only walks them.
        self.chain: tuple[Account, ...] = (self, *(parent.chain if parent else ()))
        self.limited: tuple[Account, ...] = tuple(account for account in self.chain if account.limit is not None)

    @property
    def held(self) -> int:
        """Tokens set aside for calls under way."""
        return self.committed - self.spent

    @property
    def free(self) -> int | float:
        """`limit - spent - held` of this account alone, at least 0; `inf` without a limit."""
        return inf if self.limit is None else max(0, self.limit - self.committed)

    @property
    def remaining(self) -> int | float:
        """What could still be spent here: the least `free` over this account and its ancestors."""
        return min(account.free for account in self.chain)

    def __repr__(self) -> str:
        limit = "no limit" if self.limit is None else self.limit
        return f"<account {self.name}: {self.spent} spent, {self.held} held, limit {limit}>"
