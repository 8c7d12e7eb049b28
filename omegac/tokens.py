"""What single tokens stand for: numbers, keywords and symbols; and the pattern of the most usual ones."""

from __future__ import annotations

import re

from hy.models import Float, Integer, Keyword, Object, String, Symbol
from omega_runtime.values.notation import DELIMITERS, SPACE, keyword_name
from omega_runtime.values.numerals import NumeralError, read_number

_DIGITS_MAX = 4_300
_BLANK = r"[ \t\r\f\v]*"
_STOP = re.escape(DELIMITERS) + SPACE
USUAL = re.compile(
    rf"((?:{_BLANK}(?:;[^\n]*)?\n)*){_BLANK}"
    rf"(?:(?P<symbol>(?:[-+]|[a-zA-Z!$%&*/<=>?^_][^:{_STOP}]*)(?=[{_STOP}]))"
    rf"|(?P<integer>-?[0-9]{{1,18}}(?=[{_STOP}]))"
    rf'|(?P<string>"[^"\\\r\n]*"))?'
)
"""White space and comments, whose whole lines are the first group, and one of the most usual tokens if it follows."""


class Unreadable(Exception):
    """A token that stands for nothing; the reader goes on after it."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


def usual_form(kind: str, token: str) -> Object:
    """The form of a token that is named by its group in `USUAL`."""
    if kind == "symbol":
        return Symbol(token, from_parser=True)
    return Integer(int(token)) if kind == "integer" else String(token[1:-1])


def number(token: str) -> Object | None:
    """The number that a token spells, or None."""
    if len(token) > _DIGITS_MAX and token.lstrip("+-.")[:1] in "#0123456789":
        raise Unreadable(f"a number of {len(token):,} digits is too long")
    try:
        number = read_number(token)
    except NumeralError as error:
        raise Unreadable(f"{token if len(token) <= 30 else token[:29] + '…'} {error}") from error
    return number if number is None else Float(number) if isinstance(number, float) else Integer(number)


def symbol_or_keyword(token: str) -> Object:
    """The form of a token that is no number."""
    name = keyword_name(token)
    return Symbol(token, from_parser=True) if name is None else Keyword(name, from_parser=True)
