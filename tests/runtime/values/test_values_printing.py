"""The display and write forms."""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError, Raised
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.numerals import integer_text, parse_number
from omega_runtime.values.pairs import NIL, Pair, list_from, make_list
from omega_runtime.values.parameters import Parameter
from omega_runtime.values.ports import EOF, InputPort, OutputPort
from omega_runtime.values.printing import display_text, short_text, write_text
from omega_runtime.values.promises import make_promise
from omega_runtime.values.records import Record
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector


class Point(Record):
    __slots__ = ("at", "x_")
    __omega_name__ = "point"
    __omega_fields__ = ("x!", "at")

    def __init__(self, x: Any, at: Any) -> None:
        self.at, self.x_ = x, at


def named(x: Any) -> Any:
    return x


class Counter:
    def __call__(self) -> None: ...


def quoted(mark: str, value: Any) -> Any:
    return make_list(Symbol(mark), value)


BOTH_FORMS = [
    (True, "#t"),
    (False, "#f"),
    (None, "#<unspecified>"),
    (NIL, "()"),
    (12, "12"),
    (-0.5, "-0.5"),
    (2.0, "2"),
    (1e21, "1e21"),
    (1.5e-7, "1.5e-07"),
    (math.inf, "+inf.0"),
    (-math.inf, "-inf.0"),
    (math.nan, "+nan.0"),
    (Keyword("priority"), "priority:"),
    (make_list(1, 2), "(1 2)"),
    (Pair(1, 2), "(1 . 2)"),
    (Pair(1, Pair(2, 3)), "(1 2 . 3)"),
    (Pair(1, [2, 3]), "(1 2 3)"),
    (Pair(1, Vector([2])), "(1 . #(2))"),
    ([1, (2, [])], "(1 (2 ()))"),
    (Vector(), "#()"),
    (Vector([1, Vector([2.0])]), "#(1 #(2))"),
    (quoted("quote", Symbol("x")), "'x"),
    (quoted("quasiquote", quoted("unquote", 1)), "`,1"),
    (make_list(quoted("unquote-splicing", 1), 2), "(,@1 2)"),
    (quoted("quote", NIL), "'()"),
    (make_list(Symbol("quote")), "(quote)"),
    (make_list(Symbol("quote"), 1, 2), "(quote 1 2)"),
    (Pair(1, quoted("quote", 2)), "(1 quote 2)"),
    (HashTable(), "#hash()"),
    ({1: 2}, "#hash((1 . 2))"),
    (HashTable([(True, make_list(1)), (1, 2)]), "#hash((#t 1) (1 . 2))"),
    (MultipleValues(), "#<values>"),
    (MultipleValues((1, NIL)), "#<values 1 ()>"),
    (Point(1, make_list(2)), "#<point x!: 1 at: (2)>"),
    (Point, "#<record-type point>"),
    (named, "#<procedure named>"),
    (len, "#<procedure len>"),
    (lambda: 1, "#<procedure>"),
    (Parameter(1), "#<parameter>"),
    (make_promise(1), "#<promise>"),
    (EOF, "#<eof>"),
    (InputPort("x"), "#<input-port>"),
    (OutputPort(), "#<output-port>"),
    (b"\x01\xff", "#u8(1 255)"),
    (OmegaError("Budget exceeded", 1, "a"), '#<error Budget exceeded 1 "a">'),
    (OmegaError("outer", make_list(OmegaError("inner", "b"))), '#<error outer (#<error inner "b">)>'),
    (ValueError("bad"), "#<error ValueError: bad>"),
    (Raised(make_list("x")), '#<error uncaught raise: ("x")>'),
    (Decimal("1.5"), "#<python Decimal('1.5')>"),
]


@pytest.mark.parametrize(("value", "text"), BOTH_FORMS)
def test_what_displays_as_it_writes(value: Any, text: str) -> None:
    assert write_text(value) == text
    assert display_text(value) == text


@pytest.mark.parametrize(
    ("value", "displayed", "written"),
    [
        ("a b", "a b", '"a b"'),
        ('say "hi"\\', 'say "hi"\\', '"say \\"hi\\"\\\\"'),
        ("a\n\t\r\a", "a\n\t\r\a", '"a\\n\\t\\r\\a"'),
        ("\x00\x7f\x9f", "\x00\x7f\x9f", '"\\x0;\\x7f;\\x9f;"'),
        ("\ud800", "\ud800", '"\\xd800;"'),
        ("héλ\u00a0", "héλ\u00a0", '"héλ\u00a0"'),
        (Char("a"), "a", "#\\a"),
        (Symbol("a b"), "a b", "|a b|"),
        (make_list("a", Char("b"), make_list("c")), "(a b (c))", '("a" #\\b ("c"))'),
        (Vector(["a", ["b"]]), "#(a (b))", '#("a" ("b"))'),
        (HashTable(k="v"), "#hash((k . v))", '#hash(("k" . "v"))'),
        (make_list(OmegaError("e", "a"), "b"), '(#<error e "a"> b)', '(#<error e "a"> "b")'),
    ],
)
def test_display_never_quotes_and_write_does(value: Any, displayed: str, written: str) -> None:
    assert display_text(value) == displayed
    assert write_text(value) == written


@pytest.mark.parametrize(
    "value",
    [make_list("a"), Vector(["a"]), HashTable(a=1), MultipleValues(("a", 1)), Point("a", 1), Symbol("a b")],
)
def test_str_is_display_and_repr_is_write(value: Any) -> None:
    assert str(value) == display_text(value)
    assert repr(value) == write_text(value)


def test_an_object_without_a_name_prints_its_class_as_a_procedure() -> None:
    assert write_text(Counter()) == "#<procedure>"


def self_containing() -> list[tuple[Any, str]]:
    ring = Pair(1, NIL)
    ring.cdr = ring
    inside = make_list(1, 2)
    inside.cdr.car = inside
    vector = Vector([1])
    vector.append(vector)
    table = HashTable()
    table["me"] = table
    plain: list[Any] = [1]
    plain.append(plain)
    error = OmegaError("e", inside)
    inside_error = make_list(error)
    error.args = ("e", inside_error)
    shared = make_list("s")
    late = make_list(0, 1, 2)
    late.cdr.cdr.cdr = late.cdr
    quote = make_list(Symbol("quote"), 1)
    quote.cdr.car = quote
    return [
        (ring, "#0=(1 . #0#)"),
        (inside, "#0=(1 #0#)"),
        (vector, "#0=#(1 #0#)"),
        (table, '#0=#hash(("me" . #0#))'),
        (plain, "#0=(1 #0#)"),
        (Pair(0, plain), "(0 . #0=(1 #0#))"),
        (inside_error, "#0=(#<error e #0#>)"),
        (make_list(shared, shared), '(("s") ("s"))'),
        (late, "(0 . #0=(1 2 . #0#))"),
        (make_list(ring, vector, ring), "(#0=(1 . #0#) #1=#(1 #1#) #0#)"),
        (quote, "#0='#0#"),
    ]


@pytest.mark.parametrize(("value", "text"), self_containing())
def test_cycles_print_with_labels(value: Any, text: str) -> None:
    assert write_text(value) == text


def test_a_deep_list_prints() -> None:
    deep: Any = NIL
    for _ in range(1_000_000):
        deep = Pair(deep, NIL)
    assert write_text(deep) == "(" * 1_000_001 + ")" * 1_000_001


def test_a_long_list_prints() -> None:
    assert len(display_text(list_from([1] * 100_000))) == 200_001


@pytest.mark.parametrize("digits", [4299, 4300, 4301, 20_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_integer_of_any_size_prints_and_reads(digits: int, sign: int) -> None:
    number = sign * (10**digits - 7)
    text = write_text(number)
    assert text == "-" * (sign < 0) + "9" * (digits - 1) + "3"
    assert parse_number(text) == number


def test_a_small_limit_of_the_process_does_not_matter() -> None:
    limit = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(640)
        assert write_text(10**700) == "1" + "0" * 700
        assert parse_number("1" + "0" * 700) == 10**700
    finally:
        sys.set_int_max_str_digits(limit)


@given(st.integers(), st.integers(2, 36))
def test_integers_print_and_read_in_every_radix(number: int, radix: int) -> None:
    assert parse_number(integer_text(number, radix), radix) == number


@given(st.floats())
def test_floats_print_and_read(number: float) -> None:
    back = parse_number(write_text(number))
    assert back is not None
    assert back == number or (back != back and number != number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", 42),
        ("+42", 42),
        ("-42", -42),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1e3", -1000.0),
        ("1/2", 0.5),
        ("-6/3", -2),
        ("#xff", 255),
        ("#b-101", -5),
        ("#o17", 15),
        ("+inf.0", math.inf),
    ],
)
def test_literals_that_are_numbers(text: str, number: Any) -> None:
    assert parse_number(text) == number
    assert type(parse_number(text)) is type(number)


@pytest.mark.parametrize(
    "text",
    ["", "+", "-", ".", "...", "1+", "e5", "1_000", "1,000", "0x10", "0b1", "1e", "--1", "1/0", "1/-2", "/2",
     "inf", "nan", "1 ", "٣", "1j", "#xg", "1.2.3", "+-5"],
)  # fmt: skip
def test_texts_that_are_no_numbers(text: str) -> None:
    assert parse_number(text) is None


def test_short_text_cuts() -> None:
    assert short_text(make_list(1, "a")) == '(1 "a")'
    cut = short_text(list_from(range(10**6)))
    assert len(cut) == 60
    assert cut.startswith("(0 1 2")
    assert cut.endswith("…")
    assert len(short_text("x" * 10**6)) == 60
    ring = Pair(1, NIL)
    ring.cdr = ring
    assert len(short_text(ring)) == 60


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.builds(Symbol, st.text()),
    lambda parts: (
        st.lists(parts).map(Vector)
        | st.lists(parts).map(list_from)
        | st.lists(parts)
        | st.builds(Pair, parts, parts)
        | st.lists(st.tuples(parts, parts)).map(HashTable)
        | st.builds(OmegaError, st.text(), parts)
        | st.builds(Raised, parts)
        | st.builds(Point, parts, parts)
    ),
)


@given(anything)
def test_printing_never_fails(value: Any) -> None:
    assert isinstance(write_text(value), str)
    assert isinstance(display_text(value), str)
    assert len(short_text(value)) <= 60


def test_no_text_shows_an_address() -> None:
    from omega_runtime.lib.continuations import Continuation

    assert write_text(Continuation()) == display_text(Continuation()) == "#<continuation>"
    assert write_text(make_list(object())) == "(#<python <object object>>)"
    assert write_text(OmegaError("wrong", object())) == "#<error wrong #<python <object object>>>"
    assert short_text(iter([1])) == "#<python <list_iterator object>>"
