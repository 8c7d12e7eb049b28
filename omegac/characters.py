"""The characters of a text for Hy's reader: slices found by patterns, where Hy's own stream gives one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hy import HyReader
from hy.reader.exceptions import PrematureEndOfInput

_SPACE = " \t\n\r\f\v"
_SPACES = re.compile(f"[{_SPACE}]*")
_LINE = re.compile(r"[^\n]*\n?")


def until(delimiters: str) -> re.Pattern[str]:
    """The pattern of what comes before a delimiter or white space; may be nothing."""
    return re.compile(f"[^{re.escape(delimiters)}{_SPACE}]*")


class TextReader(HyReader):
    """Hy's reader on a text that is there as a whole; `IDENTIFIER` is the pattern of what `read_ident` reads."""

    IDENTIFIER = until("")

    def _set_source(self, stream: Any = None, filename: str | None = None) -> None:
        if filename is not None:
            self._filename = filename
        if stream is not None:
            self._source = self._text = stream.read()
            self._at = self._line_start = 0
            self._line = 1

    @property
    def pos(self) -> tuple[int, int]:
        """The line and the column of the character that was read last, from 1; the column is 0 after a line's end."""
        return self._line, self._at - self._line_start

    # Hy's own name for it.
    _pos = pos

    @property
    def _eof_tracker(self) -> tuple[int, int]:
        """Where the last character stands that is no white space: the end of the text, for messages."""
        end = len(self._text[: self._at].rstrip(_SPACE))
        return self._text.count("\n", 0, end) + 1, end - (self._text.rfind("\n", 0, end) + 1)

    def peekc(self) -> str:
        """The next character, "" at the end."""
        return self._text[self._at : self._at + 1]

    def getc(self) -> str:
        """Read a character, "" at the end."""
        c = self._text[self._at : self._at + 1]
        if c:
            self._at += 1
            if c == "\n":
                self._line += 1
                self._line_start = self._at
        return c

    def peeking(self, eof_ok: bool = False) -> Iterator[str]:
        """The characters that come next, which stay unread."""
        yield from self._text[self._at :]
        if not eof_ok:
            raise PrematureEndOfInput.from_reader("Premature end of input while peeking", self)

    def take(self, pattern: re.Pattern[str]) -> str:
        """Read what a pattern matches here; nothing where it doesn't."""
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        begin, self._at = self._at, found.end()
        lines = self._text.count("\n", begin, self._at)
        if lines:
            self._line += lines
            self._line_start = self._text.rindex("\n", begin, self._at) + 1
        return found[0]

    def slurp_space(self) -> str:
        """Read white space."""
        return self.take(_SPACES)

    def read_ident(self, just_peeking: bool = False) -> str:
        """Read up to a delimiter or white space."""
        if just_peeking:
            found = self.IDENTIFIER.match(self._text, self._at)
            return found[0] if found else ""
        return self.take(self.IDENTIFIER)

    def line_comment(self, _: str) -> None:
        """Read to the end of the line."""
        self.take(_LINE)
