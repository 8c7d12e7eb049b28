"""Places in texts, as the protocol counts and as the compiler does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position

from omegac.errors import Diagnostics
from omegac.formatting.tokens import Kind, tokens
from omegac.lsp.places import Places
from omegac.lsp.reading import forms_of
from omegac.reader import read
from omegac.source import Source, Span

TEXTS = st.text(st.sampled_from("a(é😀\u2028\x0c\r\n \t"), max_size=30)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest.mark.parametrize(
    ("text", "encoding", "offset", "place"),
    [
        ("abc", "utf-16", 2, (0, 2)),
        ("a\nbc", "utf-16", 3, (1, 1)),
        ("a\r\nbc", "utf-16", 3, (1, 0)),
        ("a\rbc", "utf-16", 3, (1, 1)),
        ("a\u2028bc\x0c", "utf-16", 5, (0, 5)),
        ("😀a", "utf-16", 1, (0, 2)),
        ("😀a", "utf-8", 1, (0, 4)),
        ("😀a", "utf-32", 1, (0, 1)),
        ("é", "utf-8", 1, (0, 2)),
        ("", "utf-16", 0, (0, 0)),
    ],
)
def test_positions(text: str, encoding: str, offset: int, place: tuple[int, int]) -> None:
    places = Places(text, encoding)
    assert places.position(offset) == Position(*place)
    assert places.offset(Position(*place)) == offset


@pytest.mark.parametrize(("place", "offset"), [((0, 9), 1), ((1, 1), 2), ((7, 0), 3), ((1, 3), 3)])
def test_positions_that_are_not_there(place: tuple[int, int], offset: int) -> None:
    assert Places("a\n😀", "utf-16").offset(Position(*place)) == offset


@given(TEXTS, st.sampled_from(ENCODINGS))
def test_there_and_back(text: str, encoding: str) -> None:
    places = Places(text, encoding)
    for offset in range(len(text) + 1):
        is_within_line_end = text[offset - 1 : offset + 1] == "\r\n"
        assert places.offset(places.position(offset)) == offset - is_within_line_end


@given(TEXTS)
def test_ranges_of_the_compiler(text: str) -> None:
    places = Places(text)
    source = Source("a", text)
    for form in read(source, Diagnostics(source)):
        start, end = places.bounds(Span.of(form))
        [token] = [each for each in tokens(text[start:end]) if each.kind is not Kind.SPACE]
        assert (token.text, token.kind) == (text[start:end], Kind.ATOM)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("(a) (b)\n(c)", [1, 1, 2]),
        ("(a (b\n(c)", [1, 2]),
        ("(a\n  (b\n\n(c (d)\n; e", [1, 4]),
        ('(a)\n(b "c', [1, 2]),
        ("(a) #| b", [1]),
        ("(a))\n(b", [1, 2]),
        ("", []),
        ("(", [1]),
    ],
)
def test_forms_of_texts_that_are_being_written(text: str, lines: list[int]) -> None:
    source = Source("a", text)
    assert [Span.of(form).line for form in forms_of(source, Diagnostics(source))] == lines
