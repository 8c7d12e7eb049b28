"""Error objects, and where in the Omega source an error happened."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


handler_scope: ContextVar[Value] = ContextVar("handler_scope", default=None)
"""The innermost error handler or guard around the running code, kept by `lib.conditions`."""


class OmegaError(Exception):
    """An Omega error object: a message and the objects it is about.

    `str` gives the message, the irritants in write form and, once the error has been raised from
    Omega code, the place: `Budget exceeded 1 2 (summarize.omega:12:9)`. `partial` holds the answers that were paid
    for, in order, within the budgets that the error has left. `raised_at` is the place as "file:line:column" of one
    that another process raised.
    """

    partial: tuple[Value, ...] = ()
    raised_at: str | None = None

    def __init__(self, message: str, *irritants: Value) -> None:
        super().__init__(message, *irritants)

    @property
    def message(self) -> str:
        """The message alone."""
        return self.args[0]  # type: ignore[no-any-return]

    @property
    def irritants(self) -> tuple[Value, ...]:
        """The objects given after the message."""
        return self.args[1:]

    def __str__(self) -> str:
        from omega_runtime.places.frames import place

        at = place(self)
        return f"{condition_text(self)} ({at})" if at else condition_text(self)


class ArgumentError(OmegaError, TypeError):
    """A library procedure was called with an argument that it does not take."""


class FileError(OmegaError, OSError):
    """A file that can't be read or written."""


class ReadError(OmegaError, SyntaxError):
    """A text that is no datum."""


class DivisionByZero(OmegaError, ZeroDivisionError):
    """A number was divided by zero."""


class Raised(OmegaError):
    """Carries an object given to `raise` that is no exception itself."""

    def __init__(self, payload: Value) -> None:
        Exception.__init__(self, payload)

    @property
    def payload(self) -> Value:
        """The object that was raised."""
        return self.args[0]

    @property
    def message(self) -> str:
        """Says what was raised; built when asked for, as most raised objects are caught."""
        from omega_runtime.values.printing import write_text

        return f"uncaught raise: {write_text(self.payload)}"

    @property
    def irritants(self) -> tuple[Value, ...]:
        """Always empty: the payload is part of the message."""
        return ()


def condition_text(error: BaseException) -> str:
    """The message and the irritants of an error, without its place."""
    if not isinstance(error, OmegaError):
        return str(error)
    from omega_runtime.values.printing import write_text

    return " ".join([error.message, *map(write_text, error.irritants)])


def wrong_type(procedure: str, position: int, expected: str, value: Value) -> ArgumentError:
    """The error "car: argument 1 must be a pair, but got 5"; positions count from 1."""
    from omega_runtime.values.printing import short_text

    return ArgumentError(f"{procedure}: argument {position} must be {expected}, but got {short_text(value)}")


def wrong_range(procedure: str, position: int, expected: str, value: Value) -> ArgumentError:
    """As `wrong_type`, for an argument of the right type whose value is outside its range."""
    return wrong_type(procedure, position, expected, value)
