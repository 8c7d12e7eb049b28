"""What a program displays on a terminal: answers of models and files of others may hold what a terminal would obey."""

from __future__ import annotations

import io
import sys

from omega_runtime.visible import without_controls


class _Shown(io.TextIOWrapper):
    """Text on its way to a terminal, which does nothing but show it."""

    def write(self, text: str) -> int:
        super().write(without_controls(text))
        return len(text)


def protect_terminal() -> None:
    """From here on nothing that is written to stdout controls the terminal, where stdout is one."""
    plain = sys.stdout
    if isinstance(plain, io.TextIOWrapper) and plain.isatty():
        plain.flush()
        sys.stdout = _Shown(plain.detach(), plain.encoding, "backslashreplace", line_buffering=True)
