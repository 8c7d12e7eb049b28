"""Tables and lines of figures: whole in pipes and logs, folded in the middle of names where a terminal is narrow."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TextIO

from omega_runtime.visible import visible
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

# Wider than any table: what isn't a terminal has no edge.
_NO_EDGE = 1_000_000
_USUAL, _HEIGHT = 80, 25
# Cells that a name is folded to at most, so that a file's name and line stay.
_LEAST = 28


def console(*, stderr: bool = False) -> Console:
    """Where tables and their headings go; text is taken as it is, not as markup."""
    width = _width(sys.stderr if stderr else sys.stdout)
    # Without a height it would take any terminal that is called dumb, also one that isn't there, for 80 cells wide.
    return Console(stderr=stderr, width=width, height=_HEIGHT, highlight=False, markup=False, emoji=False)


def _width(stream: TextIO) -> int:
    """The cells of a line: what COLUMNS says of a terminal goes before what the terminal does."""
    if not stream.isatty():
        return _NO_EDGE
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    except OSError:
        return _USUAL


class Name:
    """A name in a table, which loses its middle where there is no room for all of it."""

    def __init__(self, text: str) -> None:
        self.text = visible(text)

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        width = cell_len(self.text)
        return Measurement(min(width, _LEAST), width)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        yield Text(without_middle(self.text, options.max_width), no_wrap=True, overflow="ellipsis")


def without_middle(text: str, width: int) -> str:
    """The text in so many cells: its start and, for the most part, its end."""
    if cell_len(text) <= width:
        return text
    end = _taken(text[::-1], max(1, width * 4 // 5))[::-1]
    return f"{_taken(text, width - 1 - cell_len(end))}…{end}"


def _taken(text: str, width: int) -> str:
    """The characters at the start that fit."""
    for i in range(len(text)):
        if cell_len(text[: i + 1]) > width:
            return text[:i]
    return text


def new_table(left: tuple[str, ...], right: tuple[str, ...]) -> Table:
    """A table without lines, with columns of names on the left and of figures on the right."""
    table = Table(box=None, pad_edge=False)
    for column in left:
        table.add_column(column)
    for column in right:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def add_row(table: Table, names: tuple[str, ...], figures: tuple[str, ...]) -> None:
    """One line; the names may be anybody's."""
    table.add_row(*map(Name, names), *figures)
