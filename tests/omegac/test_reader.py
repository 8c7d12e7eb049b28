"""Reading: tokens, comments, places and errors."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.values.chars import Char
from omega_runtime.values.equality import is_equal
from omega_runtime.values.pairs import NIL, list_from
from omega_runtime.values.printing import write_text
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector

from omegac.errors import Diagnostics
from omegac.forms import datum, text_of
from omegac.reader import read
from omegac.source import Source, Span
from tests.support.omega import table, value_of


def read_text(text: str) -> tuple[list[Any], list[str]]:
    """The forms of a text, and what was wrong with it."""
    diagnostics = Diagnostics(Source("test.omega", text))
    forms = read(diagnostics.source, diagnostics)
    return list(forms), [f"{d.span.line}:{d.span.column} {d.message}" for d in diagnostics.in_order]


@contextmanager
def ending_soon() -> Iterator[None]:
    """Fails what doesn't end within two seconds."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(2)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def written(text: str) -> str:
    forms, problems = read_text(text)
    assert problems == []
    return " ".join(map(text_of, forms))


@pytest.mark.parametrize(
    ("text", "forms"),
    table(r"""
42                       ⇒ 42
+5                       ⇒ 5
-17                      ⇒ -17
1.5                      ⇒ 1.5
-.5                      ⇒ -0.5
1e3                      ⇒ 1000
1e-7                     ⇒ 1e-07
4/2                      ⇒ 2
1/2                      ⇒ 0.5
#xff                     ⇒ 255
#x-FF                    ⇒ -255
#b101                    ⇒ 5
#o17                     ⇒ 15
#d10                     ⇒ 10
#e2.0                    ⇒ 2
#i3                      ⇒ 3
+inf.0 -inf.0 +nan.0     ⇒ +inf.0 -inf.0 +nan.0
123456789012345678901    ⇒ 123456789012345678901
#t #f #true #false       ⇒ #t #f #t #f
foo                      ⇒ foo
infer.op                 ⇒ infer.op
gpt-3.5                  ⇒ gpt-3.5
+ - ... 1+ -1+           ⇒ + - ... 1+ -1+
<=? !x $y %z &a *b* /c   ⇒ <=? !x $y %z &a *b* /c
->x x->y                 ⇒ ->x x->y
1_000                    ⇒ 1_000
0x10                     ⇒ 0x10
a#b                      ⇒ a#b
λ Ω äöü 日本              ⇒ λ Ω äöü 日本
|a symbol|               ⇒ |a symbol|
||                       ⇒ ||
|a\|b|                   ⇒ |a\|b|
|x\x3bb;|                ⇒ xλ
nil None True            ⇒ nil None True
priority:                ⇒ priority:
:priority                ⇒ priority:
|odd key|:               ⇒ |odd key|:
a:b                      ⇒ a:b
: ::                     ⇒ |:| |::|
#\a #\A #\λ #\( #\) #\;  ⇒ #\a #\A #\λ #\( #\) #\;
#\space #\newline #\tab  ⇒ #\space #\newline #\tab
#\x41 #\x #\U+3bb        ⇒ #\A #\x #\λ
#\nul #\null #\delete    ⇒ #\null #\null #\delete
""
                         ⇒ ""
"a\"b\\c"                ⇒ "a\"b\\c"
"\n\t\x3bb;"             ⇒ "\n\tλ"
"it's"                   ⇒ "it's"
()                       ⇒ ()
(a b c)                  ⇒ (a b c)
(a . b)                  ⇒ (a . b)
(a b . c)                ⇒ (a b . c)
(a . (b . (c . ())))     ⇒ (a b c)
(a . #;x b)              ⇒ (a . b)
(a . b #;x)              ⇒ (a . b)
#(1 #(2) "x")            ⇒ #(1 #(2) "x")
#()                      ⇒ #()
'a '(b) '()              ⇒ 'a '(b) '()
`(a ,b ,@c)              ⇒ `(a ,b ,@c)
(a,b)(c'd)"e"f           ⇒ (a ,b) (c 'd) "e" f
(quote . a)              ⇒ (quote . a)
a ; comment
b                        ⇒ a b
a #| block #| nested |# |# b
                         ⇒ a b
#;a b                    ⇒ b
#;#;a b c                ⇒ c
(a #;(b c) d)            ⇒ (a d)
(a #| x |# . b)          ⇒ (a . b)
"""),
)
def test_tokens(text: str, forms: str) -> None:
    assert written(text) == forms


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"two\nlines"', "two\nlines"),
        ('"two\r\nlines"', "two\nlines"),
        ('"joined \\\n    lines"', "joined lines"),
        ('"joined \\  \n    lines"', "joined lines"),
        ('"joined \\\r\n    lines"', "joined lines"),
        ('"\\a\\b\\t\\n\\r\\0\\\\\\""', '\a\b\t\n\r\0\\"'),
        ('"\\x1F600;"', "😀"),
    ],
)
def test_strings(text: str, value: str) -> None:
    forms, problems = read_text(text)
    assert problems == []
    assert str(forms[0]) == value


@pytest.mark.parametrize("text", ["~", "~a", "~@a", "(~ 1)"])
def test_a_tilde_is_a_letter(text: str) -> None:
    assert written(text) == text


def test_a_script_may_start_with_a_shebang() -> None:
    assert written("#!/usr/bin/env omegac run\n(a)") == "(a)"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("(a))", ["1:4 unbalanced parentheses: this ) closes nothing"]),
        ("(a (b)", ["1:1 unbalanced parentheses: this ( is never closed"]),
        ("x\n  #(a", ["2:3 unbalanced parentheses: this ( is never closed"]),
        ('(a "bc)', ["1:4 this string is never closed"]),
        ("(a |bc)", ["1:4 this symbol is never closed"]),
        ("a #| b", ["1:3 this comment is never closed"]),
        ("(a . . b)", ["1:6 a dot belongs before the last item of a list"]),
        ("a . b", ["1:3 a dot belongs before the last item of a list"]),
        ("(a .)", ["1:1 a dot must be followed by exactly one item"]),
        ("(a . b c)", ["1:1 a dot must be followed by exactly one item"]),
        ("#(1 . 2)", ["1:1 a vector has no dot"]),
        ("a [b", ["1:3 [ is not Omega syntax"]),
        ("{", ["1:1 { is not Omega syntax"]),
        ("'", ["1:1 ' needs a form after it"]),
        ("(a ')", ["1:4 ' needs a form after it"]),
        ("(a '. b)", ["1:4 ' needs a form after it, not a dot"]),
        ("(#;)", ["1:2 #; needs a form after it"]),
        ("#q", ["1:1 unknown reader syntax #q"]),
        ("#xFG", ["1:1 unknown reader syntax #xFG"]),
        ("#tx", ["1:1 unknown reader syntax #tx"]),
        ("#\\foo", ["1:1 unknown character name #\\foo"]),
        ("#\\xD800", ["1:1 unknown character name #\\xD800"]),
        ("1/0", ["1:1 1/0 divides by zero"]),
        ('"a\\qb"', ["1:3 unknown escape \\q in a string"]),
        ('"ab\\x41"', ["1:4 the escape \\x41 needs hexadecimal digits of a character and a semicolon"]),
        ('"\\xD800;"', ["1:2 the escape \\xD800 needs hexadecimal digits of a character and a semicolon"]),
        ('"a\\ b"', ["1:3 unknown escape \\  in a string"]),
        ('"a\\ "', ["1:3 unknown escape \\  in a string"]),
    ],
)
def test_errors(text: str, problems: list[str]) -> None:
    assert read_text(text)[1] == problems


def test_a_backslash_and_a_space_at_the_end_of_the_text_end_the_reading() -> None:
    with ending_soon():
        problems = read_text('"\\ ')[1]
    assert "1:1 this string is never closed" in problems


@pytest.mark.parametrize("token", ["1" + "0" * 400 + "/3", "#i1" + "0" * 400, "9" * 5000])
def test_a_number_out_of_range_is_reported(token: str) -> None:
    _, problems = read_text(token)
    assert [problem[:4] for problem in problems] == ["1:1 "]


def test_three_independent_errors_are_three_findings() -> None:
    text = '(define a #q)\n(define b "\\z")\n(define c (list 1 . ))\n(define d 4)\n'
    forms, problems = read_text(text)
    assert [problem.split()[0] for problem in problems] == ["1:11", "2:12", "3:11"]
    assert len(forms) == 4


def test_what_starts_a_line_in_a_list_that_is_not_closed_is_a_form_of_its_own() -> None:
    forms, problems = read_text("(define (f)\n  (g 1)\n\n(define b #q)\n(define (h\n(define c 3)\n")
    unclosed = "unbalanced parentheses: this ( is never closed"
    assert problems == [f"1:1 {unclosed}", "4:11 unknown reader syntax #q", f"5:1 {unclosed}"]
    assert [text_of(form[1]) for form in forms] == ["b", "c"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("abc", [(1, 1, 1, 3)]),
        ("  (a b)", [(1, 3, 1, 7), (1, 4, 1, 4), (1, 6, 1, 6)]),
        ("(ä 日本 x)", [(1, 1, 1, 8), (1, 2, 1, 2), (1, 4, 1, 5), (1, 7, 1, 7)]),
        ("(😀\n  é)", [(1, 1, 2, 4), (1, 2, 1, 2), (2, 3, 2, 3)]),
        ("'(a)", [(1, 1, 1, 4), (1, 1, 1, 1), (1, 2, 1, 4), (1, 3, 1, 3)]),
        ("#(1 22)", [(1, 1, 1, 7), (1, 3, 1, 3), (1, 5, 1, 6)]),
        ('"a\nb" c', [(1, 1, 2, 2), (2, 4, 2, 4)]),
        ("#;a b", [(1, 5, 1, 5)]),
        ("#| x\n |# b", [(2, 5, 2, 5)]),
        ("a\r\n b", [(1, 1, 1, 1), (2, 2, 2, 2)]),
        ("#\\space x", [(1, 1, 1, 7), (1, 9, 1, 9)]),
        ("\tx", [(1, 2, 1, 2)]),
    ],
)
def test_places_count_characters_from_1(text: str, spans: list[tuple[int, ...]]) -> None:
    def spans_in(form: Any) -> list[Span]:
        inner = [] if isinstance(form, str) or not hasattr(form, "__iter__") else list(form)
        return [Span.of(form), *(span for item in inner for span in spans_in(item))]

    forms, _ = read_text(text)
    assert [span for form in forms for span in spans_in(form)] == [Span(*span) for span in spans]


def test_non_ascii_source_and_its_places_in_python() -> None:
    assert value_of('(define größe "ä") (list größe (string-length "日本"))') == '("ä" 2)'


_CHARACTERS = st.characters(exclude_categories=["Cs"])
_ATOMS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(_CHARACTERS),
    st.text(_CHARACTERS).map(Symbol),
    st.from_regex(r"[a-z][a-z0-9-]*", fullmatch=True).map(Keyword),
    _CHARACTERS.map(Char),
    st.just(NIL),
)
_DATA = st.recursive(
    _ATOMS,
    lambda item: st.one_of(
        st.lists(item).map(list_from),
        st.builds(list_from, st.lists(item, min_size=1), item),
        st.lists(item).map(Vector),
    ),
    max_leaves=8,
)


@given(_DATA)
def test_what_write_prints_reads_back(value: Any) -> None:
    forms, problems = read_text(write_text(value))
    assert problems == []
    assert len(forms) == 1
    assert is_equal(datum(forms[0]), value)


@given(st.text(st.sampled_from(list("()[]'`,@#\\|\";:. \n\tab1x-λ")), max_size=30))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    with ending_soon():
        read_text(text)
