"""A Pygments lexer for Omega: for the terminal, and by its entry point for whatever highlights with Pygments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from omega_runtime.values.notation import DELIMITERS, keyword_name
from omega_runtime.values.numerals import NumeralError, read_number
from pygments.lexer import RegexLexer
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType

_DEFINES = frozenset(
    ("define", "define-syntax", "define-record-type", "define-values", "define-macro", "define-library")
)
_TOKEN = rf"[^\s{re.escape(''.join(DELIMITERS))}]+"


@cache
def _special_forms() -> frozenset[str]:
    import omegac.expand  # noqa: F401 - registers them
    from omegac.expand.special import SPECIAL_FORMS

    return frozenset(SPECIAL_FORMS)


@cache
def _procedures() -> frozenset[str]:
    from omegac.library import library

    return frozenset(library())


def kind_of(token: str) -> _TokenType:
    """What a number, a keyword or a symbol is."""
    if token in _DEFINES:
        return Keyword.Declaration
    if token in _special_forms():
        return Keyword
    if token in _procedures():
        return Name.Builtin
    try:
        if read_number(token) is not None:
            return Number
    except NumeralError:
        return Text
    return Name.Attribute if keyword_name(token) is not None else Name.Variable


class OmegaLexer(RegexLexer):
    """Omega programs, and transcripts: a prompt at the start of a line, and answers behind an arrow."""

    name = "Omega"
    aliases = ("omega", "omega-lisp")
    filenames = ("*.omega",)
    mimetypes = ("text/x-omega",)
    url = ""

    tokens = {
        "root": [
            (r"^(Ω>)", Generic.Prompt),
            (r"^(=>)(?=[ \t])", Generic.Prompt),
            (r"\s+", Text),
            (r"#\|", Comment.Multiline, "comment"),
            (r";[^\n]*", Comment.Single),
            (r"#;", Comment.Special),
            (r"#![^\n]*", Comment.Preproc),
            (r'"', String, "string"),
            (r"#\\(?:" + _TOKEN + r"|.)", String.Char),
            (r"#(?:t|f|true|false)(?=[\s()\";]|$)", Keyword.Constant),
            (r"#(?:u8)?(?=\()", Punctuation),
            (r"#[0-9]+[=#]", Name.Label),
            (r"\|(?:[^|\\]|\\.)*\|", Name.Variable),
            (r",@|[`',]", Operator),
            (r"[()\[\]{}]", Punctuation),
            (_TOKEN, lambda _, match: _placed(match)),
            (r".", Text),
        ],
        "string": [
            (r'[^"\\]+', String),
            (r"\\(?:x[0-9A-Fa-f]+;|.|\n)", String.Escape),
            (r'"', String, "#pop"),
        ],
        "comment": [
            (r"[^#|]+", Comment.Multiline),
            (r"#\|", Comment.Multiline, "#push"),
            (r"\|#", Comment.Multiline, "#pop"),
            (r"[#|]", Comment.Multiline),
        ],
    }


def _placed(match: re.Match[str]) -> Iterator[tuple[int, _TokenType, str]]:
    yield match.start(), kind_of(match.group()), match.group()
