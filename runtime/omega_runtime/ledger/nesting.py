"""Calls made by the code that answers a call: while it has that call's room, it must not wait for more."""

from __future__ import annotations

from contextvars import ContextVar

from omega_runtime.errors import OmegaError


class Performance:
    """A call that code is answering, the outermost one in its context and in copies of that; built by `perform`."""

    __slots__ = ("is_over",)

    is_over: bool


performing: ContextVar[Performance | None] = ContextVar("omega_performing", default=None)


def check_not_nested() -> None:
    """Raise OmegaError where waiting for room might last for ever, as a call that waits for this one has it."""
    performance = performing.get()
    # A context that was copied may outlive the call that it was copied in.
    if performance is not None and not performance.is_over:
        raise OmegaError(
            "a model function calls a model, and there is no room for both calls; "
            "give the inner call its own room, or call the model from the program instead"
        )
