"""Source texts and places in them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate

import attrs
from hy.models import Object
from omega_runtime.diagnostics.tracebacks import excerpt


@attrs.frozen
class Span:
    """A range of characters: lines and columns count from 1, the end is inclusive, as Hy's reader counts.

    `origin` is the source that the range is in, where that's known; otherwise it is the one being compiled.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    origin: Source | None = attrs.field(default=None, eq=False, repr=False)

    @classmethod
    def of(cls, form: Object) -> Span:
        """The range that a form was read from; START for one that has no place."""
        span: Span = getattr(form, "span", START)
        return span


START = Span(1, 1, 1, 1)


@attrs.frozen(slots=False)
class Source:
    """A named source text. `name` is what generated code calls it.

    `path` is the file that it was read from, where that has another name; messages show it.
    """

    name: str
    text: str
    path: str | None = None

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.path or self.name

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; only the line ends that the reader counts."""
        return tuple(line.removesuffix("\r") for line in self.text.split("\n"))

    @property
    def heading(self) -> str:
        """The text of the comment that the source begins with, "" when there is none."""
        found: list[str] = []
        for line in self.lines:
            text = line.strip()
            if text.startswith(";"):
                found.append(text.lstrip(";").removeprefix(" ").rstrip())
            elif text or found:
                break
        return "\n".join(found).strip()

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


class SourceLines:
    """The lines of a source and of those that it includes, all `sources`, numbered in one row; its own come first."""

    def __init__(self, main: Source) -> None:
        self.sources = [main]
        self._before = [0]

    def number(self, origin: Source | None, line: int) -> int:
        """The number of a line of one of the sources; None stands for the first."""
        if origin is None or origin is self.sources[0]:
            return line
        if origin not in self.sources:
            self._before.append(self._before[-1] + len(self.sources[-1].lines))
            self.sources.append(origin)
        return self._before[self.sources.index(origin)] + line

    def included(self) -> Iterator[tuple[int, str]]:
        """For each other source, how many lines come before it, and its name."""
        yield from [(before, each.name) for before, each in zip(self._before, self.sources, strict=True)][1:]
