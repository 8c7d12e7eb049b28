"""Effect handlers that resume in tail position or never."""

from __future__ import annotations

from omega_runtime.calls.context import Context, current
from omega_runtime.values.errors import OmegaError, handler_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Procedure, Value


class Frame:
    """One `handle` expression under way: its clauses by operation, the frame around it, and the error handlers."""

    __slots__ = ("clauses", "outer", "scope")

    def __init__(self, clauses: dict[str, Procedure], outer: Frame | None) -> None:
        self.clauses = clauses
        self.outer = outer
        self.scope = handler_scope.get()

    def ask(self, operation: str, operands: tuple[Value, ...]) -> Value:
        """The value that the clause for an operation resumes with; raises what `leaving` gives when it doesn't."""
        here = current.get()
        resume = Resume()
        current.set(Context(here.account, here.trackers, self.outer, here.policy))
        token = handler_scope.set(self.scope)
        try:
            value = self.clauses[operation](*operands, resume)
        except Exception as error:
            traceback = error.__traceback__
            if isinstance(error, TypeError) and traceback is not None and traceback.tb_next is None:
                error = wrong_operands(operation, operands)
            raise self.leaving(None, error) from None
        finally:
            handler_scope.reset(token)
            current.set(here)
        if value is resume:
            return resume.value
        resume.is_used = True
        raise self.leaving(value)

    def leaving(self, value: Value, error: Exception | None = None) -> BaseException:
        """What unwinds to the `handle` expression, which gets the value, or raises the error."""
        return Abort(self, value, error)


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
    """Unwinds to the `handle` expression of `frame`; no program can catch it.

    The expression gets `value`, or raises `error` when there is one: what a clause raises leaves the whole
    expression, past every guard inside of it.
    """

    def __init__(self, frame: Frame, value: Value, error: Exception | None = None) -> None:
        super().__init__("control leaves a `handle` that has ended, or is another thread's")
        self.frame = frame
        self.value = value
        self.error = error


def handle(
    thunk: Procedure,
    clauses: dict[str, Procedure],
    returned: Procedure | None = None,
    final: Procedure | None = None,
) -> Value:
    """Run `thunk()` with the clauses installed; its value, or that of a clause that did not resume.

    A clause is called as `clause(operand, ..., k)` with the handlers outside this `handle` expression; the
    account and the trackers stay those of the place where the effect was performed. `returned` makes of the thunk's own
    value that of the expression; `final()` is called in the end, whatever happens.
    """
    if final is not None:
        try:
            return handle(thunk, clauses, returned)
        finally:
            final()
    before = current.get()
    frame = Frame(clauses, before.handlers)
    current.set(Context(before.account, before.trackers, frame, before.policy))
    try:
        value = thunk()
    except Abort as abort:
        if abort.frame is not frame:
            raise
        if abort.error is None:
            return abort.value
        error = abort.error
    else:
        current.set(before)
        return value if returned is None else returned(value)
    finally:
        current.set(before)
    raise error


def find_frame(handlers: Frame | None, operation: str) -> Frame | None:
    """The innermost frame that has a clause for the operation."""
    while handlers is not None and operation not in handlers.clauses:
        handlers = handlers.outer
    return handlers


def wrong_operands(operation: str, operands: tuple[Value, ...]) -> OmegaError:
    """The error of a clause that takes another number of operands than its effect has."""
    count = f"{len(operands)} operand{'' if len(operands) == 1 else 's'}"
    return OmegaError(
        f"handle: wrong number of arguments: the clause for {operation} doesn't take {count} and the resumption"
    )
