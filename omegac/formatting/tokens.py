"""Text to tokens, of which none is lost: put together again, they are the text.

The reader says what a text means; this says where in it what stands, comments and blanks too. It takes any text: what
the reader refuses is some token or other here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

import attrs
from omega_runtime.values.notation import DELIMITERS

_SPACE = r" \t\n\r\f\v"
_ENDS = re.escape("".join(DELIMITERS)) + _SPACE


class Kind(Enum):
    """What a token is."""

    SPACE = auto()
    COMMENT = auto()
    """`; …` up to the line's end, and the first line of a file that begins with `#!`."""
    BLOCK = auto()
    """`#| … |#`."""
    OPEN = auto()
    """`(`, `#(` or `#u8(`."""
    CLOSE = auto()
    PREFIX = auto()
    """What belongs to the form that follows: `'`, `,@`, `#;` and their like, and the label `#0=`."""
    STRING = auto()
    ATOM = auto()
    """A symbol, a number, a character or another form without parts."""


@attrs.frozen
class Token:
    """A piece of a text, and where it begins: an offset from 0."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.text)


_TOKEN = re.compile(
    rf"""(?P<SPACE>[{_SPACE}]+)
    |(?P<COMMENT>;[^\n]*)
    |(?P<BLOCK>\#\|)
    |(?P<OPEN>\(|\#\(|\#u8\()
    |(?P<CLOSE>\))
    |(?P<PREFIX>'|`|,@|,|\#;|\#[0-9]+=)
    |(?P<STRING>"(?:[^"\\]|\\.)*(?:"|\\?\Z))
    |(?P<ATOM>\#\\(?:[^{_ENDS}\s][^{_ENDS}]*|.)?
        |\|(?:[^|\\]|\\.)*(?:\|:?|\\?\Z)
        |[^{_ENDS}]+
        |.)""",
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(rf"#!(?!(?:no-)?fold-case(?:[{_ENDS}]|\Z))[^\n]*")
_BLOCK_EDGE = re.compile(r"\|#|#\|")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order."""
    at = 0
    first = _DIRECTIVE.match(text)
    if first:
        yield Token(Kind.COMMENT, first[0], 0)
        at = first.end()
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None
        kind = Kind[found.lastgroup or ""]
        end = _end_of_block(text, found.end()) if kind is Kind.BLOCK else found.end()
        yield Token(kind, text[at:end], at)
        at = end


def _end_of_block(text: str, at: int) -> int:
    """Where a block comment ends, whose inside begins at an offset; they nest."""
    depth = 1
    for edge in _BLOCK_EDGE.finditer(text, at):
        depth += 1 if edge[0] == "#|" else -1
        if depth == 0:
            return edge.end()
    return len(text)
