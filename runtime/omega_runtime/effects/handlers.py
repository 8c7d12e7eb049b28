"""Effect handlers that resume in tail position or never."""

from __future__ import annotations

from omega_runtime.effects.context import Context, current
from omega_runtime.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Procedure, Value


class Frame:
    """One `handle` expression under way: its clauses by operation, and the frame around it."""

    __slots__ = ("clauses", "outer")

    def __init__(self, clauses: dict[str, Procedure], outer: Frame | None) -> None:
        self.clauses = clauses
        self.outer = outer


class Resume:
    """The continuation `k` that a clause gets.

    A clause that returns `k(v)` gives the effect the value v. Calling it a second time, or once the effect has
    its value, raises OmegaError.
    """

    __slots__ = ("is_used", "value")

    value: Value

    def __init__(self) -> None:
        self.is_used = False

    def __call__(self, value: Value) -> Resume:
        if self.is_used:
            raise OmegaError("handle: this continuation was already used, and it can be used once only")
        self.is_used = True
        self.value = value
        return self


class Abort(BaseException):
    """Unwinds to the `handle` expression of `frame`, whose value becomes `value`; no program can catch it."""

    def __init__(self, frame: Frame, value: Value) -> None:
        super().__init__()
        self.frame = frame
        self.value = value


def handle(thunk: Procedure, clauses: dict[str, Procedure]) -> Value:
    """Run `thunk()` with the clauses installed; its value, or that of a clause that did not resume.

    A clause is called as `clause(operand, ..., k)` with the handlers outside this `handle` expression; the
    account and the trackers stay those of the place where the effect was performed.
    """
    before = current.get()
    frame = Frame(clauses, before.handlers)
    current.set(Context(before.account, before.trackers, frame))
    try:
        return thunk()
    except Abort as abort:
        if abort.frame is not frame:
            raise
        return abort.value
    finally:
        current.set(before)


def find_frame(handlers: Frame | None, operation: str) -> Frame | None:
    """The innermost frame that has a clause for the operation."""
    while handlers is not None and operation not in handlers.clauses:
        handlers = handlers.outer
    return handlers


def ask(frame: Frame, operation: str, operands: tuple[Value, ...]) -> Value:
    """The value that the frame's clause resumes with; raises Abort when it does not resume."""
    here = current.get()
    resume = Resume()
    current.set(Context(here.account, here.trackers, frame.outer))
    try:
        value = frame.clauses[operation](*operands, resume)
    finally:
        current.set(here)
    if value is resume:
        return resume.value
    resume.is_used = True
    raise Abort(frame, value)
