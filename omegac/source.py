"""Source text and places in it."""

from __future__ import annotations

from functools import cached_property

import attrs
from hy.models import Object
from omega_runtime.diagnostics.tracebacks import carets
from omega_runtime.visible import visible


@attrs.frozen
class Span:
    """A range of characters: lines and columns count from 1, the end is inclusive, as Hy's reader counts."""

    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, form: Object) -> Span:
        """The range that a form was read from."""
        return cls(form.start_line, form.start_column, form.end_line, form.end_column)


START = Span(1, 1, 1, 1)


@attrs.frozen(slots=False)
class Source:
    """A named source text. `name` is what messages and generated code call it."""

    name: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; only the line ends that the reader counts."""
        return tuple(line.removesuffix("\r") for line in self.text.split("\n"))

    def line(self, number: int) -> str:
        """Line `number` (from 1), or "" past the end."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def byte_offset(self, line: int, column: int) -> int:
        """The UTF-8 byte offset from 0, as Python's ast counts, of a column from 1."""
        return len(self.line(line)[: column - 1].encode("utf-8", "surrogatepass"))

    def column(self, line: int, byte: int) -> int:
        """The column from 1 of a UTF-8 byte from 1: the opposite of `byte_offset`."""
        return len(self.line(line).encode("utf-8", "surrogatepass")[: byte - 1].decode("utf-8", "replace")) + 1

    def excerpt(self, span: Span) -> str:
        """The source line of a span with carets below the part it covers."""
        text = self.line(span.line)
        last = span.end_column if span.end_line == span.line else len(text)
        before, marked = text[: span.column - 1], text[span.column - 1 : max(last, span.column)]
        number = str(span.line)
        return f"  {number} | {visible(text)}\n  {' ' * len(number)} | {carets(before, marked)}"
