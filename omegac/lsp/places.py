"""Places in a text: offsets, the compiler's lines and columns, and the positions of the protocol."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind, Range

from omegac.source import Span

_LINE_END = re.compile(r"\r\n|\n|\r")


class Places:
    """Translates places of a text. Offsets count characters from 0; places outside of the text become its borders.

    A position of the protocol has a line, which a lone carriage return ends too, and a number of units of the encoding
    that client and server agreed on; usually UTF-16.
    """

    def __init__(self, text: str, encoding: PositionEncodingKind | str = PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._encoding = str(getattr(encoding, "value", encoding))
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
        self._own_starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]

    def offset(self, position: Position) -> int:
        """The offset of a position; within a character it's that of the character."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._line(position.line)
        at, units = start, 0
        while at < end and (units := units + self._units(self.text[at])) <= position.character:
            at += 1
        return at

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        start, end = self._line(line)
        return Position(line, sum(map(self._units, self.text[start : min(offset, end)])))

    def range(self, start: int, end: int) -> Range:
        """The range from an offset to before another one."""
        return Range(self.position(start), self.position(end))

    def bounds(self, span: Span) -> tuple[int, int]:
        """The offsets of a range of the compiler: of its first character, and behind its last one."""
        start = self._own_offset(span.line, span.column)
        return start, max(self._own_offset(span.end_line, span.end_column) + 1, start)

    def range_of(self, span: Span) -> Range:
        """A range of the compiler as one of the protocol."""
        return self.range(*self.bounds(span))

    @property
    def whole(self) -> Range:
        """All of the text."""
        return self.range(0, len(self.text))

    def _own_offset(self, line: int, column: int) -> int:
        if line > len(self._own_starts):
            return len(self.text)
        return min(self._own_starts[max(line, 1) - 1] + max(column, 1) - 1, len(self.text))

    def _line(self, line: int) -> tuple[int, int]:
        """Where a line begins and ends, its end left out."""
        start = self._starts[line]
        if line + 1 == len(self._starts):
            return start, len(self.text)
        end = self._starts[line + 1]
        return start, end - (2 if self.text.endswith("\r\n", start, end) else 1)

    def _units(self, character: str) -> int:
        match self._encoding:
            case "utf-8":
                return len(character.encode("utf-8", "surrogatepass"))
            case "utf-32":
                return 1
        return 2 if ord(character) > 0xFFFF else 1
