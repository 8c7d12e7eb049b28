"""Tokens to text: which line each token stands on, and in which column.

Line ends stay where they are, but for those before a closing parenthesis and behind an opening one or a prefix, which
go. So the columns follow from the tokens and the line ends alone, and laying out a text twice changes nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from omegac.formatting.shapes import CLAUSE_BODIES, CLAUSES, FORMALS, body_of
from omegac.formatting.tokens import Kind, Token

BLANK_LINES_MAX = 2
COMMENT_GAP = 2
_LINE_END = re.compile(r"\r\n?|\n")
_NO_SYMBOL = re.compile(r"#|[+-]?\.?[0-9]")


@attrs.define
class _Line:
    """A line of the result: its code, some blanks, a comment; `comment_column` is where that stood before."""

    code: str
    comment: str = ""
    comment_column: int = -1
    gap: int = 0

    def __str__(self) -> str:
        return self.code + " " * self.gap + self.comment

    @property
    def has_code(self) -> bool:
        """Whether there is more than blanks before the comment."""
        return bool(self.code.strip())

    @property
    def width(self) -> int:
        """The column behind the code."""
        return len(self.code) - (self.code.rfind("\n") + 1)


@attrs.define
class _List:
    """A list that is not closed yet.

    `column` is where it opens, and `first` where its first item belongs. `head` is its first item when it's a form
    with a name. `second` is the column of the item behind that, when both stand on one line.
    """

    column: int
    first: int
    is_data: bool
    parent: _List | None
    index: int
    items: int = 0
    head: str | None = None
    head_line: int = -1
    second: int | None = None
    body: int | None = None

    def add(self, token: Token, column: int, line: int, bodies: Mapping[str, int]) -> None:
        """Note that an item begins with a token, at a column of a line."""
        is_name = token.kind is Kind.ATOM and not _NO_SYMBOL.match(token.text)
        if self.items == 0 and is_name and not self.is_data:
            self.head, self.head_line = token.text, line
            self.body = self._body(bodies)
        elif self.items == 1 and self.head is not None:
            if line == self.head_line and not (self.is_clause and token.text == "when"):
                self.second = column
            if self.head == "let" and is_name:
                self.body = 2
        self.items += 1

    def _body(self, bodies: Mapping[str, int]) -> int | None:
        assert self.head is not None
        around = self.parent.head if self.parent else None
        if around == "restart-case" and self.index >= 2:
            return 1
        if self.is_clause:
            return None
        return CLAUSE_BODIES.get(around or "", {}).get(self.head, body_of(self.head, bodies))

    @property
    def is_clause(self) -> bool:
        """Whether it is a clause, such as those of `cond`."""
        around = self.parent.head if self.parent else None
        return self.head == "else" or self.index >= CLAUSES.get(around or "", self.index + 1)

    def next_column(self) -> int:
        """The column of the next item, when it begins a line."""
        if self.head is None or self.items == 0:
            return self.first
        if self.body is not None:
            return self.column + (4 if self.items <= self.body else 2)
        if self.second is not None:
            return self.second
        return self.column + (1 if self.is_clause else 2)


class Layout:
    """Lays out the tokens that `add` is given; `bodies` is a table such as `shapes.BODIES`."""

    def __init__(self, text: str, bodies: Mapping[str, int]) -> None:
        self._text = text
        self._bodies = bodies
        self._lines: list[_Line] = []
        self._lists: list[_List] = []
        self._prefixes: list[str] = []
        self._prefix_column = 0
        self._previous: Token | None = None
        self._breaks = 0

    def text(self) -> str:
        """What was laid out, with line ends such as the given text has last."""
        end = "\r\n" if self._text.rpartition("\n")[0].endswith("\r") else "\n"
        _align(self._lines)
        return "".join(f"{line}{end}" for line in self._lines)

    def add_all(self, tokens: Iterable[Token]) -> None:
        """Lay out tokens that follow each other."""
        for token in tokens:
            self.add(token)

    def add(self, token: Token) -> None:
        """Lay out one token."""
        if token.kind is Kind.SPACE:
            self._breaks = len(_LINE_END.findall(token.text))
            return
        self._begin(token)
        text = token.text
        match token.kind:
            case Kind.COMMENT:
                line = self._lines[-1]
                line.comment = text.rstrip()
                line.gap = COMMENT_GAP if line.has_code else 0
                line.comment_column = token.start - (self._text.rfind("\n", 0, token.start) + 1)
            case Kind.BLOCK:
                self._lines[-1].code += text
            case Kind.CLOSE:
                self._lines[-1].code += text
                if self._lists:
                    self._lists.pop()
            case _:
                self._item(token)
        self._previous, self._breaks = token, 0

    def add_verbatim(self, text: str) -> None:
        """Take over lines as they are."""
        self._lines += [_Line("")] * self._blank_lines() + [_Line(text)]
        self._previous, self._breaks = Token(Kind.COMMENT, "", 0), 0

    def _begin(self, token: Token) -> None:
        """Begin a new line, or leave a blank, before a token."""
        last = self._previous.kind if self._previous else None
        is_stuck = token.kind is Kind.CLOSE or last in (Kind.OPEN, Kind.PREFIX)
        if token.kind in (Kind.COMMENT, Kind.BLOCK):
            is_stuck = last is Kind.OPEN and token.kind is Kind.BLOCK and not self._breaks
        if last is None or last is Kind.COMMENT or (self._breaks and not is_stuck):
            blanks = 0 if token.kind is Kind.CLOSE else self._blank_lines()
            self._lines += [_Line("")] * blanks + [_Line(" " * self.next_column())]
        elif token.kind is not Kind.COMMENT and (not is_stuck or _would_join(self._previous, token)):
            self._lines[-1].code += " "

    def _blank_lines(self) -> int:
        if self._previous is None or self._previous.kind is Kind.OPEN:
            return 0
        return min(max(self._breaks - 1, 0), 1 if self._lists else BLANK_LINES_MAX)

    def next_column(self) -> int:
        """The column of what would begin a line now."""
        if self._prefixes:
            return self._prefix_column
        return self._lists[-1].next_column() if self._lists else 0

    def _item(self, token: Token) -> None:
        """Lay out a token that begins an item, or is one."""
        line = self._lines[-1]
        around = self._lists[-1] if self._lists else None
        if not self._prefixes:
            self._prefix_column = line.width
        if around and not self._prefixes and token.text != "#;":
            around.add(token, line.width, len(self._lines), self._bodies)
        if token.kind is Kind.OPEN:
            is_data = "'" in self._prefixes or token.text != "(" or (around is not None and around.is_data)
            index = around.items - 1 if around else 0
            is_data = is_data or (around is not None and around.head in FORMALS and index == 1)
            first = line.width + len(token.text)
            self._lists.append(_List(line.width, first, is_data, around, index))
        line.code += token.text
        if token.kind is Kind.PREFIX:
            self._prefixes.append(token.text)
        else:
            self._prefixes.clear()


class AsTyped(Layout):
    """Takes tokens where they stand, to tell where the line after them begins."""

    def _begin(self, token: Token) -> None:
        column = token.start - (self._text.rfind("\n", 0, token.start) + 1)
        if self._breaks or not self._lines:
            self._lines.append(_Line(""))
        self._lines[-1].code += " " * (column - self._lines[-1].width)


def _would_join(previous: Token | None, token: Token) -> bool:
    """Whether two tokens are another one when nothing is between them."""
    return previous is not None and previous.text == "," and token.text.startswith("@")


def _align(lines: list[_Line]) -> None:
    """Keep comments below each other that were: those behind code, and what follows them on lines without code."""
    group: list[_Line] = []
    for line in [*lines, _Line("")]:
        if group and line.comment and line.comment_column == group[0].comment_column:
            group.append(line)
            continue
        column = max([each.width for each in group if each.has_code], default=0) + COMMENT_GAP
        for each in group:
            each.code = each.code if each.has_code else ""
            each.gap = column - each.width
        group = [line] if line.comment and line.has_code else []
