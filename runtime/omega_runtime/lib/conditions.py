"""Errors and signals: raising and handling them.

Handlers form a stack. `raise` calls the innermost handler where the error happens, before anything unwinds.
Errors that Python code raises reach a handler on arriving at its `with-exception-handler` or `handler-bind`, or at a
form that establishes restarts, after unwinding so far.
A guard is on the stack too: an error raised under it is thrown as a Python exception, for the guard to catch.
The handlers of a `handler-bind` decline by returning; then the next one out is asked.
"""

from __future__ import annotations

from omega_runtime.diagnostics.conditions import condition
from omega_runtime.lib.arguments import callee
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, Raised, condition_text, handler_scope, wrong_type
from omega_runtime.values.pairs import NIL, make_list
from omega_runtime.values.printing import write_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from typing import NoReturn

    from omega_runtime.values import List, Procedure, Value


class Scope:
    """The dynamic extent of a handler, of a `handler-bind` when there are `bindings`, and else of a guard."""

    __slots__ = ("bindings", "handler", "outer")

    def __init__(
        self, handler: Procedure | None, outer: Scope | None, bindings: tuple[tuple[Procedure, Procedure], ...] = ()
    ) -> None:
        self.handler = handler
        self.outer = outer
        self.bindings = bindings


def enter_guard() -> Token[Scope | None]:
    """Opens the extent of a guard's body; the token closes it."""
    return handler_scope.set(Scope(None, handler_scope.get()))


def leave_guard(token: Token[Scope | None]) -> None:
    """Closes the extent of a guard's body, before any clause of the guard runs."""
    handler_scope.reset(token)


def throw(error: BaseException, scope: Scope | None) -> NoReturn:
    """Raises the Python exception, noting which handlers it has been past: those within `scope`."""
    error.__omega_scope__ = scope  # type: ignore[attr-defined]
    raise error


def _call(handler: Procedure, error: BaseException, outer: Scope | None) -> Value:
    """Calls a handler where the handlers outside of it are installed."""
    token = handler_scope.set(outer)
    try:
        return handler(condition(error))
    except Exception as another:
        if not is_past(another, outer):
            another.__omega_scope__ = outer  # type: ignore[attr-defined]
        raise
    finally:
        handler_scope.reset(token)


def _declined(error: BaseException, scope: Scope | None) -> Scope | None:
    """Offers an error to the handlers of the `handler-bind`s that come first; gives the scope around those."""
    while scope is not None and scope.bindings:
        _offer(error, scope)
        scope = scope.outer
    return scope


def _offer(error: BaseException, scope: Scope) -> None:
    """Calls the handlers of one `handler-bind` whose predicates hold."""
    for predicate, handler in scope.bindings:
        if _call(predicate, error, scope.outer) is not False:
            _call(handler, error, scope.outer)


def _raise_from(error: BaseException, scope: Scope | None) -> NoReturn:
    """Offers an error to the innermost handler; if that returns, a second error goes to the next one out."""
    scope = _declined(error, scope)
    if scope is None or scope.handler is None:
        throw(error, scope)
    _call(scope.handler, error, scope.outer)
    _returned(error, scope)


def _raise(error: BaseException) -> NoReturn:
    _raise_from(error, handler_scope.get())


def raise_here(error: Exception) -> NoReturn:
    """Raises an error that is on its way out: the handlers around this place that haven't seen it see it here."""
    if is_past(error, handler_scope.get()):
        raise error
    _raise(error)


def _returned(error: BaseException, scope: Scope) -> NoReturn:
    """Raises the second error that a handler's return is."""
    second = OmegaError("the handler returned from an error that cannot be continued:", condition(error))
    second.__cause__ = error
    token = handler_scope.set(scope.outer)
    try:
        _raise(second)
    finally:
        handler_scope.reset(token)


def raisable(value: Value) -> BaseException:
    """The exception for an object given to `raise`."""
    return value if isinstance(value, BaseException) else Raised(value)


@primitive("error")
def error(message: Value, *irritants: Value) -> NoReturn:
    """Raises an error object; a message that is no string shows in write form."""
    _raise(OmegaError(message if isinstance(message, str) else write_text(message), *irritants))


@primitive("raise")
def raise_(value: Value) -> NoReturn:
    """Raises any object."""
    _raise(raisable(value))


@primitive("raise-continuable")
def raise_continuable(value: Value) -> Value:
    """Raises any object; what a handler returns for it is the result."""
    exception = raisable(value)
    scope = _declined(exception, handler_scope.get())
    if scope is None or scope.handler is None:
        throw(exception, scope)
    return _call(scope.handler, exception, scope.outer)


@primitive("signal", row="control")
def signal(value: Value) -> bool:
    """Shows any object to the handlers of `handler-bind`; #f when all decline. Guards don't see it."""
    exception = raisable(value)
    scope = handler_scope.get()
    while scope is not None:
        _offer(exception, scope)
        scope = scope.outer
    return False


@primitive("%handler-bind")
def handler_bind(*operands: Value) -> Value:
    """Calls the last operand with handlers: predicate, handler, predicate, handler, …, thunk."""
    *procedures, thunk = operands
    if not procedures:
        return thunk()
    return _within(bound_scope(procedures), thunk, _raise_from)


def bound_scope(procedures: list[Value]) -> Scope:
    """The scope of a `handler-bind`, from its predicates and handlers."""
    for i, procedure in enumerate(procedures):
        callee("handler-bind", i + 1, procedure)
    return Scope(None, handler_scope.get(), tuple(zip(procedures[::2], procedures[1::2], strict=True)))


@primitive("with-exception-handler", calls=(0, 1))
def with_exception_handler(handler: Value, thunk: Value) -> Value:
    """Calls the thunk while `handler` is the innermost handler."""
    callee("with-exception-handler", 1, handler)
    callee("with-exception-handler", 2, thunk)
    return _within(Scope(handler, handler_scope.get()), thunk, _offered)


def _offered(failure: Exception, scope: Scope) -> NoReturn:
    assert scope.handler is not None
    _call(scope.handler, failure, scope.outer)
    _returned(failure, scope)


def _within(scope: Scope, thunk: Procedure, answer: Callable[[Exception, Scope], NoReturn]) -> Value:
    """Calls the thunk in a scope; an error that no handler there has seen yet goes to `answer`, outside of it."""
    token = handler_scope.set(scope)
    try:
        return thunk()
    except Exception as exception:
        if is_past(exception, scope):
            raise
        failure = exception
    finally:
        handler_scope.reset(token)
    return answer(failure, scope)


def is_past(error: Exception, scope: Scope | None) -> bool:
    """Whether an error was raised where this handler was not, or no longer, installed."""
    if not hasattr(error, "__omega_scope__"):
        return False
    at = error.__omega_scope__
    while at is not None and at is not scope:
        at = at.outer
    return at is None


@primitive("error?", "error-object?", "condition?")
def is_error(value: Value) -> bool:
    """Whether a value is an error object: any Python exception."""
    return isinstance(value, Exception)


@primitive("error-object-message", "error-message")
def error_object_message(error_object: Value) -> str:
    """The message of an error object."""
    found = _error("error-object-message", error_object)
    return found.message if isinstance(found, OmegaError) else str(found)


@primitive("error-object-irritants", "error-irritants")
def error_object_irritants(error_object: Value) -> List:
    """The list of the irritants of an error object."""
    found = _error("error-object-irritants", error_object)
    return make_list(*found.irritants) if isinstance(found, OmegaError) else NIL


@primitive("condition/report-string")
def condition_report_string(error_object: Value) -> str:
    """The message and the irritants of an error object."""
    return condition_text(_error("condition/report-string", error_object))


def _error(procedure: str, value: Value) -> Exception:
    if isinstance(value, Exception):
        return value
    raise wrong_type(procedure, 1, "an error object", value)


@primitive("file-error?")
def is_file_error(value: Value) -> bool:
    """Whether a value is the error object of a file operation."""
    return isinstance(value, OSError)


@primitive("read-error?")
def is_read_error(value: Value) -> bool:
    """Whether a value is the error object of reading source text."""
    return isinstance(value, SyntaxError)


@primitive("assert")
def assert_(value: Value, message: Value = "assertion failed", *irritants: Value) -> None:
    """An error when the value is #f."""
    if value is False:
        error(message, *irritants)


@primitive("exit", "emergency-exit", row="io")
def exit_(status: Value = True) -> NoReturn:
    """Ends the program: with status 0 for #t, 1 for #f, or the integer given.

    The system keeps the last eight bits; those of an integer that isn't 0 are 1 rather than none.
    """
    if isinstance(status, bool):
        status = 0 if status else 1
    if type(status) is not int:
        raise wrong_type("exit", 1, "an exact integer or boolean", status)
    raise SystemExit(status and (status % 256 or 1))
