"""Ports: text and bytes, onto the console, files, strings and bytevectors."""

from __future__ import annotations

import sys

from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, TextIO


class Eof:
    """What reading gives at the end of input; `EOF` is its one instance."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "#<eof>"


EOF = Eof()


class OutputPort:
    """Something that text is written to: what `file` gives at the time of each write, or else a string.

    Closing the port closes the file if it `owns` that.
    """

    __slots__ = ("_file", "_owns", "_pieces", "is_open")

    def __init__(self, file: Callable[[], TextIO] | None = None, owns: bool = False) -> None:
        self._pieces: list[str] = []
        self._file = file
        self._owns = owns
        self.is_open = True

    def write(self, text: str) -> None:
        """Writes the text. Raises OmegaError for what a file can't hold."""
        if self._file is None:
            self._pieces.append(text)
            return
        try:
            self._file().write(text)
        except UnicodeEncodeError as error:
            raise OmegaError("a file cannot hold half a character (a lone surrogate):", text) from error

    def flush(self) -> None:
        """Has the file pass on what it may still keep."""
        if self._file is not None:
            self._file().flush()

    def close(self) -> None:
        """Ends the use of the port; what was written to a string stays there."""
        self.is_open = False
        if self._owns and self._file is not None:
            self._file().close()

    def text(self) -> str | None:
        """All that was written to a string so far; None for a port onto a file."""
        if self._file is not None:
            return None
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def __repr__(self) -> str:
        return "#<output-port>"


class InputPort:
    """Text to read; `more` gives further text when what is there has been read, "" at the end.

    `folds_case` is whether the names of data count as written in lower case.
    """

    __slots__ = ("_more", "_position", "_text", "folds_case", "is_open")

    def __init__(self, text: str = "", more: Callable[[], str] | None = None) -> None:
        self._text = text
        self._position = 0
        self._more = more
        self.folds_case = False
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
        start = self._position
        if start + count <= len(self._text):
            self._position += count
            return self._text[start : start + count]
        pieces = []
        while count > 0 and self.peek():
            piece = self._text[self._position : self._position + count]
            self._position += len(piece)
            count -= len(piece)
            pieces.append(piece)
        return "".join(pieces)

    def read_line(self) -> str | None:
        """The next line without its end, which is a newline, a return or a return and a newline; None at the end."""
        if not self.peek():
            return None
        pieces = []
        while self.peek():
            start, size = self._position, len(self._text)
            newline = self._text.find("\n", start)
            before_newline = size if newline < 0 else newline
            back = self._text.find("\r", start, before_newline)
            self._position = before_newline if back < 0 else back
            pieces.append(self._text[start : self._position])
            if self._position < size:
                if self.read(1) == "\r" and self.peek() == "\n":
                    self.read(1)
                break
        return "".join(pieces)

    def read_until(self, stops: frozenset[str]) -> str:
        """The characters before the first one of `stops`, which is left to be read, or all at the end."""
        pieces = []
        while self.peek():
            start = end = self._position
            while end < len(self._text) and self._text[end] not in stops:
                end += 1
            self._position = end
            pieces.append(self._text[start:end])
            if end < len(self._text):
                break
        return "".join(pieces)

    def close(self) -> None:
        """Ends the use of the port."""
        self.is_open = False

    def __repr__(self) -> str:
        return "#<input-port>"


class BinaryInputPort:
    """Bytes to read."""

    __slots__ = ("_data", "_position", "is_open")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self.is_open = True

    def peek(self) -> bytes:
        """The next byte, which stays there; empty at the end."""
        return self._data[self._position : self._position + 1]

    def read(self, count: int) -> bytes:
        """Up to `count` bytes, fewer only at the end."""
        piece = self._data[self._position : self._position + count]
        self._position += len(piece)
        return piece

    def close(self) -> None:
        """Ends the use of the port."""
        self.is_open = False

    def __repr__(self) -> str:
        return "#<binary-input-port>"


class BinaryOutputPort:
    """Something that bytes are written to: a file of its own, or else a bytevector."""

    __slots__ = ("_data", "_file", "is_open")

    def __init__(self, file: BinaryIO | None = None) -> None:
        self._data = bytearray()
        self._file = file
        self.is_open = True

    def write(self, data: bytes | bytearray) -> None:
        """Writes the bytes."""
        if self._file is None:
            self._data += data
        else:
            self._file.write(data)

    def flush(self) -> None:
        """Has the file pass on what it may still keep."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Ends the use of the port; what was written to a bytevector stays there."""
        self.is_open = False
        if self._file is not None:
            self._file.close()

    def data(self) -> Bytevector | None:
        """All that was written to a bytevector so far; None for a port onto a file."""
        return Bytevector(self._data) if self._file is None else None

    def __repr__(self) -> str:
        return "#<binary-output-port>"


def console_output() -> OutputPort:
    """A port onto whatever sys.stdout is at the time of each write."""
    return OutputPort(lambda: sys.stdout)


def console_error() -> OutputPort:
    """A port onto whatever sys.stderr is at the time of each write."""
    return OutputPort(lambda: sys.stderr)


def console_input() -> InputPort:
    """A port onto whatever sys.stdin is at the time of each read; it takes whole lines."""
    return InputPort(more=lambda: sys.stdin.readline())
