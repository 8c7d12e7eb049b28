"""How failures reach the user: the message on stderr, the exit status from the command."""

from __future__ import annotations

import linecache
from collections.abc import Iterable
from types import TracebackType
from typing import NoReturn

import click
from omega_runtime.control.blame import translated
from omega_runtime.errors import frame_place, report

from omegac.errors import Diagnostic, OmegaSyntaxError
from omegac.source import Source, Span

BAD_SOURCE = 2
PROGRAM_ERROR = 1
BUDGET_EXCEEDED = 3
INTERRUPTED = 130
_TRACE_MAX = 12


def fail(message: str, status: int = BAD_SOURCE) -> NoReturn:
    """End the command with a message."""
    click.echo(f"omegac: {message}", err=True)
    raise SystemExit(status)


def load_failed(path: str, error: Exception) -> NoReturn:
    """End the command because a source can't be read or doesn't compile."""
    if isinstance(error, OmegaSyntaxError):
        click.echo(error.render(), err=True)
        raise SystemExit(BAD_SOURCE)
    problem = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    fail(f"cannot read {path}: {problem}")


def show_findings(source: Source, findings: Iterable[Diagnostic]) -> None:
    """Print what the compiler found, with places in the given source."""
    for finding in findings:
        click.echo(finding.render(source), err=True)


def show_error(error: BaseException, source: Source | None = None) -> None:
    """Print an uncaught error of a program: where, what, the source line, and the calls that led there."""
    error = translated(error)
    places = list(_places(error.__traceback__))
    if not places:
        click.echo(f"error: {_describe(error)}", err=True)
        return
    (file, line, column, _), callers = places[-1], places[:-1]
    click.echo(f"{file}:{line}:{column}: error: {_describe(error)}", err=True)
    text = source if source is not None and source.name == file else Source(file, _text(file))
    if text.line(line):
        click.echo(text.excerpt(Span(line, column, line, column)), err=True)
    _show_callers(callers)


def _describe(error: BaseException) -> str:
    text = report(error)
    kind = type(error)
    return text if kind.__module__.startswith("omega_runtime") else f"{kind.__name__}: {text}"


def _text(file: str) -> str:
    return "".join(linecache.getlines(file))


def _places(traceback: TracebackType | None) -> Iterable[tuple[str, int, int, str]]:
    """The Omega frames of a traceback, outermost first: file, line, column and procedure."""
    while traceback is not None:
        found = frame_place(traceback)
        if found is not None:
            yield (*found, traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next


def _show_callers(callers: list[tuple[str, int, int, str]]) -> None:
    shown = callers[::-1][:_TRACE_MAX]
    for file, line, column, name in shown:
        where = "at the top level" if name.startswith(("<module>", "_line_")) else f"in {name}"
        click.echo(f"  called {where} ({file}:{line}:{column})", err=True)
    if len(callers) > len(shown):
        click.echo(f"  … and {len(callers) - len(shown)} calls more", err=True)
