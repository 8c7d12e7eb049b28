"""Emit: a lowered module as Python text that a person can read, or as a code object.

The text starts with a header that names the source and the compiler, with hashes of the source and of the text, so that
a file that is current isn't compiled again. It ends with a comment, a table from
its lines to the places in the Omega source, which error messages read when they need it.
"""

from __future__ import annotations

import ast
import hashlib
import textwrap
from types import CodeType

from omega_runtime.places.frames import TABLE_HEAD
from omega_runtime.version import INTERFACE

from omegac import __version__
from omegac.backend.build import assign, constant
from omegac.backend.layout import Layout, Place, docstring
from omegac.backend.lower import Lowered
from omegac.backend.text import WIDTH, literal
from omegac.source import Source

_HEADER_LINES = 4


def emit_code(lowered: Lowered, source: Source) -> CodeType:
    """A code object whose lines and columns are those of the Omega source."""
    origin = assign("__omega_source__", constant(source.name))
    tree = lowered.tree([ast.fix_missing_locations(origin)])
    return compile(tree, source.name, "exec", dont_inherit=True)


def emit_text(lowered: Lowered, source: Source) -> str:
    """The module as text; the same source always gives the same text."""
    layout = Layout()
    layout.add(*[""] * _HEADER_LINES, *docstring(lowered.docstring), "")
    first_import, check = lowered.check
    layout.add(ast.unparse(first_import), "")
    layout.statements([check])
    layout.add("")
    for statement in lowered.imports:
        layout.add(*_wrapped(ast.unparse(statement), " import ", "()"))
    if lowered.imports:
        layout.add("")
    layout.add(*_wrapped(f"__all__ = [{', '.join(map(literal, lowered.exports))}]", " = ", "[]"))
    layout.add(f"__omega_source__ = {literal(source.name)}")
    if lowered.constants:
        layout.add("")
        layout.statements(lowered.constants)
    if lowered.body:
        layout.add(*[""] * (2 if isinstance(lowered.body[0], ast.FunctionDef | ast.ClassDef) else 1))
        layout.statements(lowered.body)
    layout.add("", "", *_line_table(layout.places, source))
    body = "\n".join(layout.lines[_HEADER_LINES:]) + "\n"
    return _header(source, body) + body


def is_current(text: str, source: Source) -> bool:
    """Whether a text is what this compiler made of this source, and nobody changed it since."""
    parts = text.split("\n", _HEADER_LINES)
    return len(parts) > _HEADER_LINES and text == _header(source, parts[_HEADER_LINES]) + parts[_HEADER_LINES]


def _header(source: Source, body: str) -> str:
    name = source.name if source.name.isprintable() else literal(source.name)
    return (
        f"# Compiled by omegac {__version__} (interface {INTERFACE}) from {name}\n"
        f"# Source sha256:{_digest(source.text)}\n"
        f"# Output sha256:{_digest(body)}\n"
        "# Edit the source and compile again; changes made here are lost.\n"
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _wrapped(line: str, separator: str, brackets: str) -> list[str]:
    """A long list of names over several lines in brackets."""
    if len(line) <= WIDTH:
        return [line]
    head, names = line.split(separator, 1)
    names = names.strip(brackets)
    body = textwrap.wrap(names + ",", WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return [f"{head}{separator}{brackets[0]}", *("    " + part for part in body), brackets[1]]


def _line_table(places: dict[int, Place], source: Source) -> list[str]:
    """A comment with "python line:line:column" wherever the place in the source changes."""
    entries = []
    previous: Place | None = None
    for number, (line, byte) in sorted(places.items()):
        if (line, byte) != previous:
            entries.append(f"{number}:{line}:{source.column(line, byte)}")
        previous = (line, byte)
    body = textwrap.wrap(" ".join(entries), WIDTH - 2)
    return [TABLE_HEAD, *("# " + part for part in body)]
