"""Continuations that escape: `call/cc` as long as its continuation is called before it returns."""

from __future__ import annotations

from omega_runtime.control.tail import TAIL
from omega_runtime.lib.arguments import callee as procedure_argument
from omega_runtime.lib.control import values
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError

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
    *("call/cc", "call-with-current-continuation", "call-with-escape-continuation", "call/ec"),
    calls=(0,),
    row="control",
    last=0,
)
def call_with_current_continuation(procedure: Any) -> Any:
    """The value of `(procedure k)`, or what `k` is called with before that returns."""
    continuation = Continuation()
    try:
        return bounce_within(continuation, (TAIL, call_with_current_continuation, procedure))
    except _Escape as escape:
        if escape.continuation is not continuation:
            raise
        return escape.value
    finally:
        continuation.is_live = False


def bounce_within(continuation: Continuation, result: Any) -> Any:
    """As `bounce`; the call/cc that it meets would return where this one does, and pass on its continuation."""
    before: Any = None
    asked: Any = None
    callee: Any = None
    while result.__class__ is tuple and result and result[0] is TAIL:
        before = asked  # noqa: F841 - `tail_sites` reads these when the call fails
        asked = callee
        callee, arguments = result[1], result[2:]
        if callee is call_with_current_continuation and len(arguments) == 1:
            callee, arguments = procedure_argument("call/cc", 1, arguments[0]), (continuation,)
        result = getattr(callee, "tail", callee)(*arguments)
    return result
