"""How failures reach the user: the message on stderr, the exit status from the command."""

from __future__ import annotations

import linecache
from collections.abc import Iterable
from types import TracebackType
from typing import NoReturn

import attrs
import click
from omega_runtime.control.blame import translated
from omega_runtime.errors import frame_place, report

from omegac.errors import Diagnostic, OmegaSyntaxError
from omegac.source import Source, Span

BAD_SOURCE = 2
PROGRAM_ERROR = 1
BUDGET_EXCEEDED = 3
INTERRUPTED = 130
TERMINATED = 143
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
    calls = _calls(error.__traceback__)
    if not calls:
        click.echo(f"error: {_describe(error)}", err=True)
        return
    file, line, column = calls[-1].place
    click.echo(f"{file}:{line}:{column}: error: {_describe(error)}", err=True)
    text = source if source is not None and source.name == file else Source(file, _text(file))
    if text.line(line):
        click.echo(text.excerpt(Span(line, column, line, column)), err=True)
    _show_callers(calls)


def _describe(error: BaseException) -> str:
    text = report(error)
    kind = type(error)
    return text if kind.__module__.startswith("omega_runtime") else f"{kind.__name__}: {text}"


def _text(file: str) -> str:
    return "".join(linecache.getlines(file))


@attrs.define
class _Call:
    """An Omega place of a traceback, and how often in a row it stands there."""

    entry: TracebackType
    times: int = 1

    @property
    def place(self) -> tuple[str, int, int]:
        """File, line and column."""
        found = frame_place(self.entry)
        assert found is not None
        return found


def _calls(traceback: TracebackType | None) -> list[_Call]:
    """The Omega frames of a traceback, outermost first; a place that repeats, as in a recursion, is one call."""
    calls: list[_Call] = []
    while traceback is not None:
        frame = traceback.tb_frame
        if "__omega_source__" in frame.f_globals:
            last = calls[-1].entry if calls else None
            if last and last.tb_frame.f_code is frame.f_code and last.tb_lasti == traceback.tb_lasti:
                calls[-1].times += 1
            else:
                calls.append(_Call(traceback))
        traceback = traceback.tb_next
    return calls


def _show_callers(calls: list[_Call]) -> None:
    """The calls that led to the innermost place, latest first."""
    *callers, innermost = calls
    if innermost.times > 1:
        callers.append(attrs.evolve(innermost, times=innermost.times - 1))
    for call in callers[::-1][:_TRACE_MAX]:
        name = call.entry.tb_frame.f_code.co_name
        where = "at the top level" if name.startswith(("<module>", "_line_")) else f"in {name}"
        times = f", {call.times:,} times" if call.times > 1 else ""
        click.echo("  called {} ({}:{}:{}){}".format(where, *call.place, times), err=True)
    if len(callers) > _TRACE_MAX:
        click.echo(f"  … and {len(callers) - _TRACE_MAX:,} calls more", err=True)
