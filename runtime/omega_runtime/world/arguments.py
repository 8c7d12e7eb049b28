"""The arguments that a program was started with."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_command_line: list[str] | None = None


def set_command_line(arguments: Iterable[str]) -> None:
    """Sets what `(command-line)` gives, in the whole process."""
    global _command_line
    _command_line = list(arguments)


def arguments() -> list[str]:
    """The program's arguments."""
    return sys.argv[1:] if _command_line is None else _command_line
