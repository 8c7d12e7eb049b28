"""Errors as text with Omega places: the calls that led there, the source lines, carets.

Frames of the runtime are left out; frames of Python code stay.
"""

from __future__ import annotations

import re
import unicodedata

from omega_runtime.diagnostics.blame import translated
from omega_runtime.places.frames import (
    frame_place,
    getline,
    instruction_of,
    instruction_span,
    is_omega,
    own_line,
    procedure_of,
)
from omega_runtime.values.errors import OmegaError, condition_text
from omega_runtime.visible import visible, visible_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

_HIDDEN = ("importlib", "omega_runtime", "omegac")
# How many calls of a long traceback are shown at either end.
_OLDEST, _LATEST = 3, 12
# Of a longer source line so many characters are shown.
_LINE_MAX = 160
# What the compiler calls a procedure without a name that is no expression in Python.
_LAMBDA = re.compile(r"fn(_\d+)?")


class Activation:
    """A line of a traceback: where, in what, and how often in a row it stands there, as in a recursion."""

    __slots__ = ("column", "end", "file", "line", "name", "source", "times")

    def __init__(self, entry: TracebackType, times: int) -> None:
        code = entry.tb_frame.f_code
        self.name = procedure_name(procedure_of(entry))
        self.times = times
        place = frame_place(entry)
        if place is None:
            self.file, self.line, self.column, self.end = code.co_filename, entry.tb_lineno, 0, 0
        else:
            self.file, self.line, self.column = place
            self.end = _end_column(entry, self.file, self.line)
        self.source = source_line(entry.tb_frame, self.file, self.line)


def procedure_name(qualified: str) -> str:
    """The name of a procedure for people, by that of its Python code."""
    names = qualified.replace("<locals>.", "").split(".")
    is_top = names[0].startswith("_line_") or names == ["<module>"]
    inner = ["<lambda>" if _LAMBDA.fullmatch(name) else name for name in names[1:]]
    return visible(".".join([*names[is_top:1], *inner])) or "the top level"


def _entries(traceback: TracebackType | None, first: str | None) -> list[TracebackType]:
    """The entries to show, outermost first, each call once.

    Where a call raised an error that it had caught, the traceback has it twice; the inner entry says more.
    """
    entries: list[TracebackType] = []
    depths: dict[FrameType, int] = {}
    while traceback is not None:
        names = traceback.tb_frame.f_globals
        shown = is_omega(traceback)
        if first is not None and shown and names["__omega_source__"] == first:
            entries, depths, first = [], {}, None
        is_python = "__omega_source__" not in names and str(names.get("__name__")).split(".")[0] not in _HIDDEN
        if shown or is_python:
            again = depths.get(traceback.tb_frame)
            for each in entries[again:] if again is not None else ():
                depths.pop(each.tb_frame, None)
            del entries[len(entries) if again is None else again :]
            if entries and _is_top_level(traceback) and _is_top_level(entries[-1]):
                entries.pop()
            depths[traceback.tb_frame] = len(entries)
            entries.append(traceback)
        traceback = traceback.tb_next
    return entries


def _is_top_level(entry: TracebackType) -> bool:
    """Whether code of the top level runs: the module's own, or that of a form with variables, a function for Python."""
    name = entry.tb_frame.f_code.co_name
    return name.startswith("_line_") or (name == "<module>" and "__omega_source__" in entry.tb_frame.f_globals)


def _runs(entries: list[TracebackType]) -> list[tuple[TracebackType, int]]:
    """The entries, each with the number of times that it repeats, as in a recursion."""
    runs: list[tuple[TracebackType, int]] = []
    for entry in entries:
        last, times = runs[-1] if runs else (None, 0)
        if last and last.tb_frame.f_code is entry.tb_frame.f_code and last.tb_lasti == entry.tb_lasti:
            runs[-1] = (last, times + 1)
        else:
            runs.append((entry, 1))
    return runs


def format_error(error: BaseException, first: str | None = None) -> str:
    """The error with its calls, oldest first, and last the place it was raised at.

    With `first`, calls before the first one of that file are left out.
    """
    return "\n".join(_lines(error, first))


def activations(error: BaseException, first: str | None = None) -> list[Activation]:
    """The calls that led to an error, oldest first, the last where it was raised; see `format_error`."""
    runs = _runs(_entries(error.__traceback__, first))
    if runs and runs[-1][1] > 1:
        entry, times = runs.pop()
        runs += [(entry, times - 1), (entry, 1)]
    return [Activation(*run) for run in runs]


def _lines(error: BaseException, first: str | None) -> Iterator[str]:
    error = translated(error)
    found = activations(error, first)
    if not found:
        yield f"error: {visible_lines(describe(error))}"
        return
    *outer, innermost = found
    if outer:
        yield "Traceback (most recent call last):"
    left_out = len(outer) - _OLDEST - _LATEST
    for i, call in enumerate(outer):
        if not _OLDEST <= i < _OLDEST + left_out:
            yield from _call_lines(call)
        elif i == _OLDEST:
            yield f"  … {left_out:,} calls more"
    yield from place_lines(innermost, describe(error))
    yield from map(visible_lines, getattr(error, "__notes__", ()))


def place_lines(at: Activation, message: str) -> Iterator[str]:
    """An error message at the place of a call, the source line, and carets."""
    yield f"{visible(at.file)}:{at.line}:{at.column or 1}: error: {visible_lines(message)}"
    if at.source:
        number = str(at.line)
        shown, below = excerpt(at.source, at.column - 1, at.end)
        yield f"  {number} | {shown}"
        if at.column:
            yield f"  {' ' * len(number)} | {below}"


def _call_lines(at: Activation) -> Iterator[str]:
    again = f", {at.times:,} times" if at.times > 1 else ""
    yield f'  File "{visible(at.file)}", line {at.line}, in {at.name}{again}'
    if at.source:
        indentation = len(at.source) - len(at.source.lstrip())
        shown, below = excerpt(at.source.strip(), at.column - 1 - indentation, at.end - indentation)
        yield f"    {shown}"
        if at.column:
            yield f"    {below}"


def excerpt(line: str, start: int, end: int) -> tuple[str, str]:
    """A source line for people, and carets to stand below its characters from index `start` to before `end`.

    Of a long line it's what is around the first caret. There is always one.
    """
    start = max(0, min(start, len(line)))
    first = max(0, min(start - _LINE_MAX // 4, len(line) - _LINE_MAX))
    last = min(first + _LINE_MAX, len(line))
    head, tail = "…" if first else "", "…" if last < len(line) else ""
    marked = line[start : min(max(end, start + 1), last)]
    return visible(head + line[first:last] + tail), _carets(head + line[first:start], marked)


def _carets(before: str, marked: str) -> str:
    """Blanks below `before` and carets below `marked`, as `visible` shows them."""
    margin = "".join("\t" if c == "\t" else " " * cell_width(c) for c in visible(before))
    return margin + "^" * max(1, sum(map(cell_width, visible(marked.rstrip()))))


def cell_width(character: str) -> int:
    """Terminal cells taken by a character (Unicode Standard Annex 11)."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _end_column(entry: TracebackType, file: str, line: int) -> int:
    """The last column of the failing form, where the code knows it; 0 otherwise."""
    if entry.tb_frame.f_code.co_filename.endswith(".py"):
        return 0
    first, last, _, end = instruction_span(*instruction_of(entry))
    if first is None or end is None or own_line(first, entry.tb_frame.f_globals) != (file, line):
        return 0
    text = source_line(entry.tb_frame, file, line).encode()
    if last != first:
        return len(text.decode())
    return len(text[:end].decode(errors="ignore"))


def source_line(frame: FrameType, file: str, line: int) -> str:
    """A line of a source file; a compiled module names its source as seen from its own folder."""
    module = frame.f_code.co_filename
    if module.endswith(".py") and file != module:
        import linecache
        from os import path

        return linecache.getline(path.join(path.dirname(module), file), line).rstrip("\r\n")  # noqa: PTH118, PTH120
    return getline(file, line, frame.f_globals).rstrip("\r\n")


def describe(error: BaseException) -> str:
    """What went wrong: the message, and the class where that says more."""
    kind = type(error)
    text = condition_text(error)
    if kind.__module__.startswith("omega_runtime"):
        return text
    return f"{kind.__name__}: {text}" if text else kind.__name__


def is_omegas(error: BaseException) -> bool:
    """Whether an error is best told by Omega's places: it passed Omega code and has no causes for Python to show."""
    entry = error.__traceback__
    while entry is not None and "__omega_source__" not in entry.tb_frame.f_globals:
        entry = entry.tb_next
    if entry is None:
        return False
    has_context = error.__context__ is not None and not error.__suppress_context__
    return isinstance(translated(error), OmegaError) or (error.__cause__ is None and not has_context)


def without_hidden(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the entries of the compiler, the runtime and Python's import system."""
    from types import TracebackType

    entries = []
    while traceback is not None:
        if str(traceback.tb_frame.f_globals.get("__name__")).split(".")[0] not in _HIDDEN:
            entries.append(traceback)
        traceback = traceback.tb_next
    shown = None
    for entry in reversed(entries):
        shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shown
