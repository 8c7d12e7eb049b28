"""Forms of texts that are being written: what isn't closed is taken to end before the next form that begins a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hy.models import Object

from omegac.errors import Diagnostics
from omegac.formatting.tokens import Kind, Token, tokens
from omegac.reader import read
from omegac.source import Source

_CLOSED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def forms_of(source: Source, diagnostics: Diagnostics) -> tuple[Object, ...]:
    """The forms of a source with their places, as many as can be read; what is wrong goes to `diagnostics`."""
    forms = read(source, diagnostics)
    if diagnostics.unclosed is None:
        return forms
    return tuple(form for part in _parts(source) for form in read(part, Diagnostics(part)))


def _parts(source: Source) -> Iterator[Source]:
    """The text in pieces that are closed, each with as many lines before it as there are."""
    text, start = source.text, 0
    piece: list[Token] = []
    for token in tokens(text):
        if token.kind is Kind.OPEN and text[token.start - 1 : token.start] == "\n" and piece:
            yield _closed(source, text, start, piece)
            start, piece = token.start, []
        piece.append(token)
    if piece:
        yield _closed(source, text, start, piece)


def _closed(source: Source, text: str, start: int, piece: list[Token]) -> Source:
    """A piece of a text, with what closes it."""
    last, depth = piece[-1], 0
    for token in piece:
        depth = max(depth + {Kind.OPEN: 1, Kind.CLOSE: -1}.get(token.kind, 0), 0)
    end = "\n" if last.kind is Kind.COMMENT else ""
    if last.kind is Kind.STRING and not _CLOSED.fullmatch(last.text):
        end = ' "'
    elif last.kind is Kind.BLOCK:
        end = "|#" * (last.text.count("#|") - last.text.count("|#"))
    return Source(
        source.name, "\n" * text.count("\n", 0, start) + text[start : last.end] + end + ")" * depth, source.path
    )
