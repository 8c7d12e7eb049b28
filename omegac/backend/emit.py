"""Emit: a lowered module as Python text that a person can read, or as a code object.

The text starts with a header that names the source and the compiler, with hashes of the source, of what it includes and
imports, and of the text, so that a file that is current isn't compiled again. It ends with a comment, a table from
its lines to the places in the Omega source, which error messages read when they need it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CodeType

from omega_runtime.places.frames import TABLE_HEAD
from omega_runtime.version import INTERFACE

from omegac import __version__
from omegac.backend.build import assign, constant, data
from omegac.backend.layout import Layout, docstring
from omegac.backend.lower import Lowered
from omegac.backend.text import WIDTH, lines_of, literal
from omegac.interface import VARIABLE
from omegac.source import Source, SourceLines, Span

_EDIT = "# Edit the source and compile again; changes made here are lost."


def emit_code(lowered: Lowered, source: Source, change: Callable[[ast.Module], None] | None = None) -> CodeType:
    """A code object whose lines and columns are those of the Omega source; `change` may change the Python before."""
    names = {"__omega_source__": constant(source.name), **_included(lowered.lines)}
    tree = lowered.tree([assign(*each) for each in names.items()])
    if change is not None:
        change(tree)
    return compile(tree, source.name, "exec", dont_inherit=True)


def emit_text(lowered: Lowered, source: Source, uses: Sequence[str] = ()) -> str:
    """The module as text; the same source always gives the same text. `uses` says what else it was made with."""
    layout = Layout()
    header = _header(source, uses, "")
    layout.add(*[""] * len(header), *docstring(lowered.docstring), "")
    first_import, check = lowered.check
    layout.add(ast.unparse(first_import), "")
    layout.statements([check])
    layout.add("")
    for previous, statement in zip([None, *lowered.imports], lowered.imports, strict=False):
        if ast.Expr in (type(previous), type(statement)):
            layout.add("")
        if isinstance(statement, ast.ImportFrom):
            layout.placed(statement, *_wrapped(ast.unparse(statement), " import ", "()"))
        else:
            layout.statements([statement])
    if lowered.imports:
        layout.add("")
    layout.add(*_wrapped(f"__all__ = [{', '.join(map(literal, lowered.exports))}]", " = ", "[]"))
    layout.add(f"__omega_source__ = {literal(source.name)}")
    interface = {VARIABLE: data(lowered.interface)} if lowered.interface else {}
    for name, value in {**_included(lowered.lines), **interface}.items():
        layout.add(*lines_of(value, 0, f"{name} = ", ""))
    if lowered.constants:
        layout.add("")
        layout.statements(lowered.constants)
    if lowered.body:
        layout.add(*[""] * (2 if isinstance(lowered.body[0], ast.FunctionDef | ast.ClassDef) else 1))
        layout.statements(lowered.body)
    layout.add("", "", *_line_table(layout.places, lowered.lines))
    body = "\n".join(layout.lines[len(header) :]) + "\n"
    return "\n".join([*_header(source, uses, body), body])


def emit_body(lowered: Lowered) -> str:
    """What the module does, as text without anything around it: for people who want to see how code is compiled."""
    layout = Layout()
    layout.statements([*lowered.constants, *lowered.body])
    return "\n".join(layout.lines).strip("\n")


def _included(lines: SourceLines) -> dict[str, ast.expr]:
    """For a source that includes others: from which number on lines are those of another file."""
    files = tuple(lines.included())
    return {"__omega_files__": data(files)} if files else {}


def is_current(text: str, source: Source) -> bool:
    """Whether a text is what this compiler made of this source, and nobody changed it since; see also `uses_of`."""
    head, edit, body = text.partition(f"{_EDIT}\n")
    return bool(edit) and (head + edit).splitlines() == _header(source, uses_of(text), body)


def uses_of(text: str) -> list[str]:
    """What a compiled module was made with, as it was said to `emit_text`."""
    lines = text.partition(f"\n{_EDIT}\n")[0].splitlines()
    return [line[2:] for line in lines[2:-1]]


def _header(source: Source, uses: Sequence[str], body: str) -> list[str]:
    name = source.name if source.name.isprintable() else literal(source.name)
    return [
        f"# Compiled by omegac {__version__} (interface {INTERFACE}) from {name}",
        f"# Source sha256:{_digest(source.text)}",
        *(f"# {use}" for use in uses),
        f"# Output sha256:{_digest(body)}",
        _EDIT,
    ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _wrapped(line: str, separator: str, brackets: str) -> list[str]:
    """A long list of names over several lines in brackets."""
    if len(line) <= WIDTH:
        return [line]
    head, names = line.split(separator, 1)
    names = names.strip(brackets)
    body = _filled((names + ",").split(" "), WIDTH - 4)
    return [f"{head}{separator}{brackets[0]}", *("    " + part for part in body), brackets[1]]


def _line_table(places: dict[int, Span], sources: SourceLines) -> list[str]:
    """A comment with "python line:line:column" wherever the place in the source changes."""
    entries = []
    previous = ""
    for number, span in places.items():
        place = f"{sources.number(span.origin, span.line)}:{span.column}"
        if place != previous:
            entries.append(f"{number}:{place}")
        previous = place
    return [TABLE_HEAD, *("# " + line for line in _filled(entries, WIDTH - 2))]


def _filled(words: Iterable[str], width: int) -> Iterator[str]:
    """Lines of as many words as fit into the width."""
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    if line:
        yield line
