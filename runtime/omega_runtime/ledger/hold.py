"""A hold: the worst case of one attempt at a call, set aside until the call is settled or voided."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.effects.context import Context
    from omega_runtime.ledger.account import Account
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value


class Hold:
    """Tokens held on an account and its ancestors for one attempt at one request.

    `open` is True from the reservation until `settle` or `void`; then `value` is the answer. `amount` is what is
    held: the input figure that the provider promised (`prompt`, with `counted` for a closer one; kept only where a
    call did not fit at once) plus `request.max_tokens`. Built by `MemoryLedger.reserve` alone, which sets every slot.
    """

    __slots__ = (
        "amount",
        "attempt",
        "context",
        "counted",
        "open",
        "prompt",
        "request",
        "sent",
        "value",
    )

    amount: int
    attempt: int
    context: Context
    counted: bool
    open: bool
    prompt: int
    request: Request
    sent: bool
    value: Value

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
            self.account.ledger.lost.append(self)
