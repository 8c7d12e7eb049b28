"""How failures reach the user: the message on stderr, the exit status from the command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from omega_runtime.visible import visible_lines

if TYPE_CHECKING:
    from omegac.errors import Diagnostic
    from omegac.source import Source

BAD_SOURCE = 2
PROGRAM_ERROR = 1
BUDGET_EXCEEDED = 3
UNDER_WAY = 4
INTERRUPTED = 130
TERMINATED = 143


def say(message: str) -> None:
    """Print a message of the command on stderr; what is foreign in it cannot act upon the terminal."""
    show(f"omegac: {visible_lines(message)}")


def show(text: str) -> None:
    """Print a text on stderr."""
    from click import echo

    echo(text, err=True)


def fail(message: str, status: int = BAD_SOURCE) -> NoReturn:
    """End the command with a message."""
    say(message)
    raise SystemExit(status)


def load_failed(path: str, error: Exception) -> NoReturn:
    """End the command because a source can't be read or doesn't compile."""
    from omegac.errors import OmegaSyntaxError

    if isinstance(error, OmegaSyntaxError):
        show(error.render())
        raise SystemExit(BAD_SOURCE)
    problem = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    fail(f"cannot read {path}: {problem}")


def show_findings(source: Source, findings: Iterable[Diagnostic]) -> None:
    """Print what the compiler found, with places in the given source."""
    from omegac.errors import rendered

    for text in rendered(findings, source):
        show(text)


def show_error(error: BaseException, file: str) -> None:
    """Print an uncaught error of a program: the calls that led there, where, what, and the source line."""
    from omega_runtime.diagnostics.tracebacks import format_error

    show(format_error(error, file))
