"""Source text and places in it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import cached_property
from itertools import accumulate

import attrs
from hy.models import Object
from omega_runtime.diagnostics.tracebacks import excerpt


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
        text = self.line(line)
        index = min(column - 1, len(text))
        return index if text.isascii() else self._offsets(line)[index]

    def column(self, line: int, byte: int) -> int:
        """The column from 1 of a UTF-8 byte from 1: the opposite of `byte_offset`."""
        text = self.line(line)
        index = byte - 1 if text.isascii() else bisect_left(self._offsets(line), byte - 1)
        return min(index, len(text)) + 1

    def _offsets(self, line: int) -> array[int]:
        """The byte offset of each character of a line, and of its end."""
        if line not in self._known_offsets:
            sizes = [len(character.encode("utf-8", "surrogatepass")) for character in self.line(line)]
            self._known_offsets[line] = array("q", accumulate(sizes, initial=0))
        return self._known_offsets[line]

    @cached_property
    def _known_offsets(self) -> dict[int, array[int]]:
        return {}

    def excerpt(self, span: Span) -> str:
        """The source line of a span, cut when it's long, with carets below the part it covers."""
        text = self.line(span.line)
        shown, carets = excerpt(text, span.column - 1, span.end_column if span.end_line == span.line else len(text))
        number = str(span.line)
        return f"  {number} | {shown}\n  {' ' * len(number)} | {carets}"
