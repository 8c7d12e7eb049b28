"""Continuations that escape: `call/cc` as long as its continuation is called before it returns."""

from __future__ import annotations

from omega_runtime.errors import OmegaError, wrong_type
from omega_runtime.lib.control import values
from omega_runtime.lib.registry import primitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _Escape(BaseException):
    """Unwinds to the `call/cc` of its continuation; no guard or handler sees it."""

    def __init__(self, continuation: Continuation, value: Any) -> None:
        super().__init__()
        self.continuation = continuation
        self.value = value


class Continuation:
    """What `call/cc` passes on: calling it ends the `call/cc` with the values given."""

    __slots__ = ("is_live",)

    def __init__(self) -> None:
        self.is_live = True

    def __repr__(self) -> str:
        return "#<continuation>"

    def __call__(self, *results: Any) -> NoReturn:
        if not self.is_live:
            raise OmegaError("this continuation's call/cc has returned; continuations can only escape, not re-enter")
        raise _Escape(self, values(*results))


@primitive(
    "call/cc", "call-with-current-continuation", "call-with-escape-continuation", "call/ec", calls=(0,), row="control"
)
def call_with_current_continuation(procedure: Any) -> Any:
    """The value of `(procedure k)`, or what `k` is called with before that returns."""
    if not callable(procedure):
        raise wrong_type("call/cc", 1, "a procedure", procedure)
    continuation = Continuation()
    try:
        return procedure(continuation)
    except _Escape as escape:
        if escape.continuation is not continuation:
            raise
        return escape.value
    finally:
        continuation.is_live = False
