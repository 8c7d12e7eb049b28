"""A hold: the worst case of one attempt at a call, set aside until the call is settled or voided."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.context import Context
    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.turns import Turn
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value

# States of a hold; all but ENDED are true.
ENDED = 0
HELD = 1
SENT = 2


class Hold:
    """Tokens held on an account and its ancestors for one attempt at one request.

    `open` is HELD from the reservation on, SENT once the provider may know of it, and ENDED after `settle` or `void`;
    then `value` is the answer. `amount` is what is held in tokens, `cost` in trillionths of a dollar. Built by a
    ledger alone, which sets every slot.
    """

    __slots__ = ("__weakref__", "amount", "context", "open", "request", "value")

    amount: int
    context: Context
    open: int
    request: Request
    value: Value

    # Of calls without a price and outside ledger files, which need no slots for them: the cost, the number of the
    # call in its file, and the periods in which it began.
    cost: int = 0
    call: int = 0
    turns: tuple[Turn, ...] = ()

    @property
    def account(self) -> Account:
        """The account that pays, innermost of its chain."""
        return self.context.account

    def __del__(self) -> None:
        # A hold lost between reserve and settle (Ctrl-C) is handed back; no lock here, as this may run anywhere.
        try:
            is_open = self.open
        except AttributeError:
            return  # lost before it was set up
        if is_open:
            self.context.account.ledger.lost.append(self)


def ended_hold(value: Value) -> Hold:
    """A hold that holds nothing and has its answer already."""
    hold = Hold()
    hold.open = ENDED
    hold.value = value
    return hold


class DetailedHold(Hold):
    """A hold of a call whose price is known, or that stands in a ledger file."""

    __slots__ = ("call", "cost")

    call: int
    cost: int


class PeriodHold(DetailedHold):
    """A hold in memory on accounts with limits per period; `turns` are the periods that it is booked in."""

    __slots__ = ("turns",)

    turns: tuple[Turn, ...]
