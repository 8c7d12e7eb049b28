"""Calls made by the code that answers a call: while it has that call's room, it must not wait for more."""

from __future__ import annotations

from contextvars import ContextVar

from omega_runtime.ledger.hold import SENT
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _weakref import ReferenceType

    from omega_runtime.ledger.hold import Hold

performing: ContextVar[ReferenceType[Hold] | None] = ContextVar("omega_performing", default=None)
"""The hold of the outermost call that code is answering here, in this context or those that it is a copy of.

It stays when the call is over, which its hold tells: to take it out would cost as much again.
"""


def is_performing() -> bool:
    """Whether the code that runs here answers a call, or was started by code that still does."""
    reference = performing.get()
    if reference is None:
        return False
    hold = reference()
    return hold is not None and hold.open == SENT


def check_not_nested() -> None:
    """Raise OmegaError where waiting for room might last for ever, as a call that waits for this one has it."""
    if is_performing():
        raise OmegaError(
            "a model function, or a procedure given as on-text:, calls a model, and there is no room for both calls; "
            "give the inner call its own room, or call the model from the program instead"
        )
