"""What Python prints for an error that nothing caught: Omega's places, where the error comes from Omega code.

This module is imported with every compiled module; what prints is imported when there is something to print.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


_python_shows = sys.excepthook
_is_installed = False


def install(*, politely: bool = False) -> None:
    """Make uncaught errors that come from Omega code print with Omega places, in the whole process.

    Politely: only where nobody else prints errors in a way of their own.
    """
    global _python_shows, _is_installed
    if _is_installed or (politely and sys.excepthook is not sys.__excepthook__):
        return
    _python_shows, sys.excepthook = sys.excepthook, _show
    _is_installed = True


def _show(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    from omega_runtime.diagnostics import tracebacks

    error.__traceback__ = traceback
    if isinstance(error, Exception) and tracebacks.is_omegas(error):
        print(tracebacks.format_error(error), file=sys.stderr)
        return
    if isinstance(error, SyntaxError):
        error.__traceback__ = traceback = tracebacks.without_hidden(traceback)
    _python_shows(kind, error, traceback)
