"""Text ports: onto the console, and onto strings."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


class Eof:
    """What reading gives at the end of input; `EOF` is its one instance."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "#<eof>"


EOF = Eof()


class OutputPort:
    """Something that text is written to: what `file` gives at the time of each write, or else a string."""

    __slots__ = ("_file", "_pieces", "is_open")

    def __init__(self, file: Callable[[], TextIO] | None = None) -> None:
        self._pieces: list[str] = []
        self._file = file
        self.is_open = True

    def write(self, text: str) -> None:
        """Writes the text."""
        if self._file is None:
            self._pieces.append(text)
        else:
            self._file().write(text)

    def flush(self) -> None:
        """Has the file pass on what it may still keep."""
        if self._file is not None:
            self._file().flush()

    def text(self) -> str | None:
        """All that was written to a string so far; None for a port onto a file."""
        if self._file is not None:
            return None
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def __repr__(self) -> str:
        return "#<output-port>"


class InputPort:
    """Text to read; `more` gives further text when what is there has been read, "" at the end."""

    __slots__ = ("_more", "_position", "_text", "is_open")

    def __init__(self, text: str = "", more: Callable[[], str] | None = None) -> None:
        self._text = text
        self._position = 0
        self._more = more
        self.is_open = True

    def peek(self) -> str:
        """The next character, which stays there; "" at the end."""
        if self._position == len(self._text) and self._more is not None:
            self._text, self._position = self._more(), 0
        return self._text[self._position : self._position + 1]

    def is_ready(self) -> bool:
        """Whether reading a character would not wait for more text."""
        return self._more is None or self._position < len(self._text)

    def read(self, count: int) -> str:
        """Up to `count` characters, fewer only at the end."""
        pieces = []
        while count > 0 and self.peek():
            piece = self._text[self._position : self._position + count]
            self._position += len(piece)
            count -= len(piece)
            pieces.append(piece)
        return "".join(pieces)

    def read_line(self) -> str:
        """Up to and with the next newline, or all that is left; "" at the end."""
        pieces = []
        while self.peek():
            end = self._text.find("\n", self._position) + 1
            pieces.append(self._text[self._position : end or None])
            self._position = end or len(self._text)
            if end:
                break
        return "".join(pieces)

    def __repr__(self) -> str:
        return "#<input-port>"


def console_output() -> OutputPort:
    """A port onto whatever sys.stdout is at the time of each write."""
    return OutputPort(lambda: sys.stdout)


def console_error() -> OutputPort:
    """A port onto whatever sys.stderr is at the time of each write."""
    return OutputPort(lambda: sys.stderr)


def console_input() -> InputPort:
    """A port onto whatever sys.stdin is at the time of each read; it takes whole lines."""
    return InputPort(more=lambda: sys.stdin.readline())
