"""What a program displays on a terminal: answers of models and files of others may hold what a terminal would obey."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any, TextIO

from omega_runtime.visible import without_controls


class Output(io.TextIOWrapper):
    """Standard output that shows text and nothing else, unless it `may_control` the terminal.

    `is_at_start` is whether the next text begins a line; `before_text` is called before each text.
    """

    def __init__(self, plain: io.TextIOWrapper, may_control: bool) -> None:
        self._may_control = may_control
        self.is_at_start = True
        self.before_text: Callable[[], None] | None = None
        is_terminal, encoding = plain.isatty(), plain.encoding
        plain.flush()
        super().__init__(plain.detach(), encoding, "backslashreplace", line_buffering=is_terminal)

    def write(self, text: str) -> int:
        if self.before_text is not None:
            self.before_text()
        super().write(text if self._may_control else without_controls(text))
        if text:
            self.is_at_start = text.endswith("\n")
        return len(text)


class Errors:
    """Standard error that calls `before_text` before each text, and is the plain one otherwise."""

    def __init__(self, plain: TextIO, before_text: Callable[[], None]) -> None:
        self._plain = plain
        self._before_text = before_text

    def write(self, text: str) -> int:
        """Write a text; gives its length."""
        self._before_text()
        return self._plain.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


def protect_terminal() -> None:
    """From here on nothing that is written to stdout controls the terminal, where stdout is one."""
    plain = sys.stdout
    if isinstance(plain, io.TextIOWrapper) and plain.isatty():
        sys.stdout = Output(plain, may_control=False)


def follow_lines(*, may_control: bool) -> None:
    """From here on `start_line` works; on a terminal nothing that is written controls it, unless it may."""
    plain = sys.stdout
    if isinstance(plain, io.TextIOWrapper):
        sys.stdout = Output(plain, may_control or not plain.isatty())


def start_line() -> None:
    """Begin a new line of stdout, unless the next text begins one anyway."""
    if isinstance(sys.stdout, Output) and not sys.stdout.is_at_start:
        sys.stdout.write("\n")
    sys.stdout.flush()
