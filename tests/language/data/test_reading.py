"""What data read as: quoted in a program, and by `read` at run time, which agree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.chars import Char
from omega_runtime.values.equality import is_equal
from omega_runtime.values.errors import ReadError, condition_text
from omega_runtime.values.labels import linked
from omega_runtime.values.pairs import NIL, Pair, list_from
from omega_runtime.values.ports import EOF, InputPort
from omega_runtime.values.printing import shared_text, string_literal, write_text
from omega_runtime.values.reading import read_datum
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector

from omegac.errors import Diagnostics
from omegac.forms import datum
from omegac.reader import read
from omegac.source import Source
from tests.support.omega import error_of, findings_of, python_of, table, value_of


@pytest.mark.parametrize(
    ("text", "written"),
    table(r"""
abc                                  ⇒ abc
ABC                                  ⇒ ABC
|H\x65;llo|                          ⇒ Hello
|a b|                                ⇒ |a b|
#!fold-case ABC                      ⇒ abc
#!fold-case (A |B| #\C #\SPACE Key:) ⇒ (a B #\C #\space key:)
#!fold-case #!no-fold-case ABC       ⇒ ABC
#; abc def                           ⇒ def
#;(a b) #;c d                        ⇒ d
#| abc |# def                        ⇒ def
#| abc #| def |# |# ghi              ⇒ ghi
(a #;b c #| d |# e)                  ⇒ (a c e)
(a . #;b c)                          ⇒ (a . c)
42                                   ⇒ 42
-1.5e2                               ⇒ -150
#xff                                 ⇒ 255
#e1.0                                ⇒ 1
#\a                                  ⇒ #\a
#\space                              ⇒ #\space
#\x3bb                               ⇒ #\λ
#\(                                  ⇒ #\(
"a\tb\\\"\x41;"                      ⇒ "a\tb\\\"A"
#t                                   ⇒ #t
#false                               ⇒ #f
()                                   ⇒ ()
(a (b . c) d)                        ⇒ (a (b . c) d)
(a . (b . (c)))                      ⇒ (a b c)
#(a #(b) ())                         ⇒ #(a #(b) ())
#u8(0 #xff 7)                        ⇒ #u8(0 255 7)
#u8()                                ⇒ #u8()
'a                                   ⇒ 'a
`(a ,b ,@c)                          ⇒ `(a ,b ,@c)
(quote a b)                          ⇒ (quote a b)
:key                                 ⇒ key:
|odd key|:                           ⇒ |odd key|:
#0=(a b)                             ⇒ (a b)
#0=(a b . #0#)                       ⇒ #0=(a b . #0#)
(#0=(x) #0# . #0#)                   ⇒ ((x) (x) x)
#1=(1 #2=(2 #1#) #2#)                ⇒ #0=(1 (2 #0#) (2 #0#))
#0=#(#0# a)                          ⇒ #0=#(#0# a)
(#5="text" #5#)                      ⇒ ("text" "text")
#0=#1=(a #0# #1#)                    ⇒ #0=(a #0# #0#)
'#0=(a . #0#)                        ⇒ '#0=(a . #0#)
"""),
)
def test_data(text: str, written: str) -> None:
    assert value_of(f"(read (open-input-string {string_literal(text)}))") == written
    assert value_of(f"(quote {text})") == written


def test_lines_in_strings() -> None:
    text = '"a\\\n   b\\  \r\n\t c\nd\r\ne"'
    assert read_datum(InputPort(text)) == "abc\nd\ne"
    assert datum(_forms(text)[0]) == "abc\nd\ne"


def test_several_data() -> None:
    program = '(define p (open-input-string "a (b) #;c \\"d\\" ; end")) (define (all) (let ((x (read p)))'
    assert value_of(f"{program} (if (eof-object? x) '() (cons x (all))))) (all)") == '(a (b) "d")'


def test_what_is_behind_a_datum_is_left() -> None:
    program = '(define p (open-input-string "(a)b c\\nnext")) (read p) (read p)'
    assert value_of(f"{program} (list (read-char p) (read-line p) (read-line p))") == '(#\\space "c" "next")'


def test_folding_stays_for_what_follows_on_the_port() -> None:
    program = '(define p (open-input-string "#!fold-case A B")) (read p) (list (read p) (read (open-input-string "C")))'
    assert value_of(program) == "(b C)"


@pytest.mark.parametrize(
    ("text", "message"),
    table(r"""
(a b                ⇒ the text ends where ( still needs something
(a #(b              ⇒ the text ends where #( still needs something
'                   ⇒ the text ends where ' still needs something
#0=                 ⇒ the text ends where #0= still needs something
)                   ⇒ this ) closes nothing
(a ')               ⇒ ' needs a datum after it
(#;)                ⇒ #; needs a datum after it
(. a)               ⇒ a dot belongs before the last item of a list
.                   ⇒ a dot belongs before the last item of a list
(a . b . c)         ⇒ a dot belongs before the last item of a list
(a . b c)           ⇒ a dot must be followed by exactly one item
(a .)               ⇒ a dot must be followed by exactly one item
#(a . b)            ⇒ a vector has no dot
#(. a b)            ⇒ a dot belongs before the last item of a list
#u8(1 256)          ⇒ a bytevector holds exact integers from 0 to 255
#u8(1 . 2)          ⇒ a bytevector holds exact integers from 0 to 255
[a]                 ⇒ [ is not Omega syntax; lists are written with ( and )
"abc                ⇒ the text ends within a string
|abc                ⇒ the text ends within a symbol
#| abc              ⇒ the text ends within a comment
"\q"                ⇒ unknown escape \q in a string
"\x41"              ⇒ the escape \x41 needs hexadecimal digits of a character and a semicolon
"\xd800;"           ⇒ the escape \xd800 needs hexadecimal digits of a character and a semicolon
#\                  ⇒ #\ needs a character after it
#\foo               ⇒ unknown character name #\foo
#<eof>              ⇒ unknown syntax #<eof>
#!eof               ⇒ unknown syntax #!eof
#                   ⇒ unknown syntax #
1/0                 ⇒ 1/0 divides by zero
#e1.5               ⇒ #e1.5 is no integer, and there are no exact fractions
#0#                 ⇒ nothing before #0# has this label
(#0# #0=a)          ⇒ nothing before #0# has this label
(#0=a #0=b)         ⇒ the label #0= stands twice
#0=#0#              ⇒ a label stands for itself
#1=#2=#1#           ⇒ a label stands for itself
#0a                 ⇒ unknown syntax #0a
#1234567890=a       ⇒ unknown syntax #1234567890=a
"""),
)
def test_texts_that_are_no_data(text: str, message: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_datum(InputPort(text))
    assert condition_text(caught.value) == f"read: {message}"
    assert _problems(" " + text)


def test_what_cannot_be_read_is_a_read_error() -> None:
    program = "(guard (e (#t (list (read-error? e) (file-error? e) (error-object? e)))) (read (open-input-string {})))"
    assert value_of(program.format('"(a"')) == "(#t #f #t)"
    assert error_of('(read (open-input-string ")"))') == "read: this ) closes nothing"


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(define x '#0=(a b . #0#)) (list (eq? x (cddr x)) (list-ref x 1001)) ⇒ (#t b)
(define x '(#0=(a) #0#)) (eq? (car x) (cadr x))         ⇒ #t
(define x '#0=#(1 #0#)) (eq? x (vector-ref x 1))        ⇒ #t
(define x #0=#(1 #0#)) (eq? x (vector-ref x 1))         ⇒ #t
(equal? '#0=(a b . #0#) '#1=(a b a b . #1#))            ⇒ #t
(equal? '#0=(a b . #0#) '#1=(a c . #1#))                ⇒ #f
`(1 #0=(b . #0#) ,(+ 1 1))                              ⇒ (1 #0=(b . #0#) 2)
(case 'b ((#0=a) 1) ((b) 2))                            ⇒ 2
(define-syntax m (syntax-rules () ((_ x) '(x #0=(y . #0#))))) (m 5) ⇒ (5 #0=(y . #0#))
"""),
)
def test_labels_in_programs(program: str, value: str) -> None:
    assert value_of(program) == value


def test_a_circular_literal_is_legible_python() -> None:
    assert "LIST = linked(Label(0, cons_star(A, 2.5, Label(0))))" in python_of("(define x '#0=(a 2.5 . #0#))")


@pytest.mark.parametrize(
    ("program", "finding"),
    table("""
(list '#0=(a) '#0#)            ⇒ 1:16: error: the label of #0# stands outside of this datum
`(#0=(a) #0#)                  ⇒ 1:10: error: the label of #0# stands outside of this datum
'(#0#)                         ⇒ 1:3: error: nothing before #0# has this label
(define x #0=(list 1))         ⇒ 1:11: error: a datum label is no expression
(define x #0=5)                ⇒ 1:11: error: a datum label is no expression
'#0=#0#                        ⇒ 1:2: error: the label #0= stands for itself
'(#0=a #0=b)                   ⇒ 1:8: error: the label #0= stands twice
"""),
)
def test_labels_that_mean_nothing(program: str, finding: str) -> None:
    assert findings_of(program)[0] == finding


def _problems(text: str) -> list[str]:
    diagnostics = Diagnostics(Source("test.omega", text))
    read(diagnostics.source, diagnostics)
    return [each.message for each in diagnostics.in_order]


def _forms(text: str) -> tuple[Any, ...]:
    diagnostics = Diagnostics(Source("test.omega", text))
    forms = read(diagnostics.source, diagnostics)
    assert not diagnostics.items
    return forms


def _all(text: str) -> list[Any]:
    """All data of a text, by `read`; raises ReadError."""
    port, found = InputPort(text), []
    while (value := read_datum(port)) is not EOF:
        found.append(value)
    return found


TOKENS = st.sampled_from(
    ["(", ")", "#(", "#u8(", "'", "`", ",", ",@", " ", ".", " . ", "\n", "a", "B", "1", "255", "256", "-1.5", "#e1.0",
     "1/2", "1/0", "#t", "#false", "#\\a", "#\\space", "#\\(", "#\\nope", '"s"', '"a\\n\\x41;"', "|x y|", "k:", ":k",
     ":", "#;", "#|", "|#", "; c\n", "#0=", "#1=", "#0#", "#1#", "#!fold-case ", "#!no-fold-case ", "\\", '"', "|", "#",
     "λ", "\r\n"]
)  # fmt: skip


@given(st.lists(TOKENS, max_size=14).map("".join))
def test_both_readers_agree(text: str) -> None:
    text = " " + text  # a script's first line is the compiler's alone
    problems = _problems(text)
    try:
        data = _all(text)
    except ReadError:
        assert problems
        return
    assert not problems
    compiled = [datum(form) for form in _forms(text)]
    assert [write_text(each) for each in data] == [write_text(each) for each in compiled]
    assert [shared_text(each) for each in data] == [shared_text(each) for each in compiled]


CHARACTERS = st.characters(exclude_categories=["Cs"])
ATOMS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(CHARACTERS),
    st.text(CHARACTERS).map(Symbol),
    st.from_regex(r"[a-z][a-z0-9-]*", fullmatch=True).map(Keyword),
    CHARACTERS.map(Char),
    st.binary(max_size=4).map(Bytevector),
    st.just(NIL),
)
DATA = st.recursive(
    ATOMS,
    lambda item: st.one_of(
        st.lists(item).map(list_from),
        st.builds(list_from, st.lists(item, min_size=1), item),
        st.lists(item).map(Vector),
        item.map(lambda each: list_from([each, each])),
    ),
    max_leaves=8,
)


@given(DATA)
def test_what_write_prints_is_read(value: Any) -> None:
    assert is_equal(read_datum(InputPort(write_text(value))), value)
    again = read_datum(InputPort(shared_text(value)))
    assert is_equal(again, value)
    assert shared_text(again) == shared_text(value)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=6))
def test_graphs_are_written_and_read(edges: list[tuple[int, int]]) -> None:
    pairs = [Pair(None, None) for _ in range(6)]
    for i, each in enumerate(pairs):
        each.car, each.cdr = (pairs[j] for j in edges[i % len(edges)])
    text = shared_text(pairs[0])
    assert shared_text(read_datum(InputPort(text))) == text
    assert shared_text(datum(_forms(text)[0])) == text
    assert is_equal(read_datum(InputPort(write_text(pairs[0]))), pairs[0])


def test_deep_data_need_no_stack() -> None:
    text = "(" * 200_000 + ")" * 200_000
    assert write_text(read_datum(InputPort(text))) == text
    assert read_datum(InputPort("#;" * 100_000 + "a " * 100_000 + "b")) is Symbol("b")


def test_labels_of_long_lists_need_no_stack() -> None:
    text = "#0=(" + "a " * 200_000 + ". #0#)"
    found = read_datum(InputPort(text))
    for _ in range(200_000):
        found = found.cdr
    assert found.car is Symbol("a")
    assert linked(5) == 5
