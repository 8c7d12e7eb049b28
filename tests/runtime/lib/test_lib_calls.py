"""What library procedures give, theme by theme: (procedure, arguments, the result in write form)."""

from __future__ import annotations

import math
from typing import Any

import pytest
from omega_runtime.lib.registry import load
from omega_runtime.values.chars import Char
from omega_runtime.values.pairs import NIL, Pair, make_list
from omega_runtime.values.printing import write_text
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TABLE = {name: entry for name, entry in load().items() if not name.startswith("%")}
L, S, V = make_list, Symbol, Vector
a, b, c = Symbol("a"), Symbol("b"), Symbol("c")
inf, nan = math.inf, math.nan


def call(name: str, *arguments: Any) -> Any:
    return TABLE[name].function(*arguments)


def cases(text: str, *rows: tuple[str, list[Any], str]) -> Any:
    return pytest.mark.parametrize(
        ("name", "arguments", "expected"), rows, ids=[f"{name}-{i}" for i, (name, _, _) in enumerate(rows)]
    )


def check(name: str, arguments: list[Any], expected: str) -> None:
    assert write_text(call(name, *arguments)) == expected


@cases(
    "arithmetic",
    ("+", [], "0"),
    ("+", [1, 2.5, 3], "6.5"),
    ("+", [1.5, 0.5], "2"),
    ("*", [], "1"),
    ("*", [2, 3, 4], "24"),
    ("-", [5], "-5"),
    ("-", [10, 1, 2], "7"),
    ("/", [6, 3], "2"),
    ("/", [1, 2], "0.5"),
    ("/", [2], "0.5"),
    ("/", [1], "1"),
    ("/", [100, 5, 2], "10"),
    ("/", [10**30, 10**29], "10"),
    ("1+", [1], "2"),
    ("-1+", [1], "0"),
    ("quotient", [7, 2], "3"),
    ("quotient", [-7, 2], "-3"),
    ("quotient", [7, -2], "-3"),
    ("quotient", [7.0, 2], "3"),
    ("quotient", [10**30 + 1, 10], str(10**29)),
    ("remainder", [-7, 2], "-1"),
    ("remainder", [7, -2], "1"),
    ("modulo", [-7, 2], "1"),
    ("modulo", [7, -2], "-1"),
    ("modulo", [7.5 - 0.5, 4], "3"),
    ("floor/", [-7, 2], "#<values -4 1>"),
    ("truncate/", [-7, 2], "#<values -3 -1>"),
    ("floor-quotient", [-7, 2], "-4"),
    ("gcd", [], "0"),
    ("gcd", [12, -18], "6"),
    ("lcm", [4, 6], "12"),
    ("abs", [-5], "5"),
    ("min", [3, 1.5, 2], "1.5"),
    ("max", [3, 1.5, 2], "3"),
    ("max", [3, 5], "5"),
    ("max", [2.5], "2.5"),
    ("max", [1.5, nan], "+nan.0"),
    ("min", [nan, 1.5], "+nan.0"),
    ("min", [5, 3], "3"),
    ("square", [5], "25"),
    ("exact-integer-sqrt", [17], "#<values 4 1>"),
)
def test_arithmetic(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@cases(
    "comparison",
    ("=", [1, 1.0, 1], "#t"),
    ("=", [1, 1, 2], "#f"),
    ("=", [1], "#t"),
    ("<", [1, 2, 3], "#t"),
    ("<", [1, 3, 2], "#f"),
    ("<", [1, 1], "#f"),
    (">", [3, 2, 1], "#t"),
    (">", [3, 3], "#f"),
    ("<=", [1, 1, 2], "#t"),
    ("<=", [2, 1], "#f"),
    (">=", [2, 2, 1], "#t"),
    (">=", [1, 2], "#f"),
    ("=", [nan, nan], "#f"),
    ("<", [10**400, inf], "#t"),
    ("zero?", [0.0], "#t"),
    ("zero?", [1], "#f"),
    ("positive?", [1], "#t"),
    ("positive?", [0], "#f"),
    ("negative?", [-1], "#t"),
    ("negative?", [0], "#f"),
    ("odd?", [-3], "#t"),
    ("odd?", [4.0], "#f"),
    ("even?", [0], "#t"),
    ("even?", [3], "#f"),
    ("number?", [1.5], "#t"),
    ("number?", [True], "#f"),
    ("number?", ["1"], "#f"),
    ("integer?", [2.0], "#t"),
    ("integer?", [2.5], "#f"),
    ("integer?", [inf], "#f"),
    ("integer?", [True], "#f"),
    ("rational?", [2.5], "#t"),
    ("rational?", [nan], "#f"),
    ("rational?", [10**400], "#t"),
    ("real?", [nan], "#t"),
    ("exact?", [2], "#t"),
    ("exact?", [2.0], "#f"),
    ("inexact?", [2.0], "#t"),
    ("exact-integer?", [2], "#t"),
    ("exact-integer?", [2.0], "#f"),
    ("exact-integer?", [True], "#f"),
    ("exact-nonnegative-integer?", [-1], "#f"),
    ("nan?", [nan], "#t"),
    ("nan?", [10**400], "#f"),
    ("finite?", [10**400], "#t"),
    ("finite?", [inf], "#f"),
    ("infinite?", [-inf], "#t"),
    ("infinite?", [1], "#f"),
)
def test_comparison(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@cases(
    "rounding and functions",
    ("floor", [-2.5], "-3"),
    ("floor", [7], "7"),
    ("ceiling", [2.1], "3"),
    ("round", [2.5], "2"),
    ("round", [3.5], "4"),
    ("round", [-1.5], "-2"),
    ("round", [inf], "+inf.0"),
    ("truncate", [-2.7], "-2"),
    ("exact", [2.0], "2"),
    ("exact", [5], "5"),
    ("inexact", [2], "2"),
    ("exact->inexact", [1], "1"),
    ("sqrt", [16], "4"),
    ("sqrt", [2.25], "1.5"),
    ("sqrt", [10**400], "1" + "0" * 200),
    ("expt", [2, 100], str(2**100)),
    ("expt", [2, -1], "0.5"),
    ("expt", [-1, -3], "-1"),
    ("expt", [2.0, 3], "8"),
    ("expt", [-2.0, 2], "4"),
    ("expt", [0, 0], "1"),
    ("expt", [10.0, 400], "+inf.0"),
    ("expt", [-10.0, 401], "-inf.0"),
    ("expt", [0.5, 10**400], "0"),
    ("exp", [0], "1"),
    ("exp", [1000], "+inf.0"),
    ("log", [1], "0"),
    ("log", [8, 2], "3"),
    ("log", [1000, 10], "3"),
    ("log", [10**400, 10], "400"),
    ("sin", [0], "0"),
    ("cos", [0], "1"),
    ("tan", [0], "0"),
    ("asin", [0], "0"),
    ("acos", [1], "0"),
    ("atan", [0], "0"),
    ("atan", [1, 0], repr(math.pi / 2)),
    ("number->string", [255], '"255"'),
    ("number->string", [-(10**30)], f'"{-(10**30)}"'),
    ("number->string", [2.0], '"2"'),
    ("number->string", [255, 16], '"ff"'),
    ("number->string", [-5, 2], '"-101"'),
    ("number->string", [35, 36], '"z"'),
    ("string->number", ["1e3"], "1000"),
    ("string->number", ["ff", 16], "255"),
    ("string->number", ["x"], "#f"),
)
def test_rounding_and_functions(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@pytest.mark.parametrize(("limit", "kind"), [(5, int), (5.0, float)])
def test_random_stays_below_its_limit(limit: Any, kind: type) -> None:
    drawn = [call("random", limit) for _ in range(200)]
    assert all(type(each) is kind and 0 <= each < limit for each in drawn)
    assert len(set(drawn)) > 1


@cases(
    "truth and sameness",
    ("not", [False], "#t"),
    ("not", [0], "#f"),
    ("not", [NIL], "#f"),
    ("boolean?", [False], "#t"),
    ("boolean?", [0], "#f"),
    ("boolean=?", [True, True, True], "#t"),
    ("boolean=?", [True, False], "#f"),
    ("eq?", [a, a], "#t"),
    ("eq?", [1, 1.0], "#t"),
    ("eqv?", [1, True], "#f"),
    ("eqv?", [L(1), L(1)], "#f"),
    ("equal?", [L(1, V([2])), L(1, V([2]))], "#t"),
    ("equal?", ["a", a], "#f"),
)
def test_truth_and_sameness(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@cases(
    "pairs and lists",
    ("cons", [1, 2], "(1 . 2)"),
    ("cons", [1, [2]], "(1 2)"),
    ("car", [L(1, 2)], "1"),
    ("car", [[1, 2]], "1"),
    ("cdr", [L(1, 2)], "(2)"),
    ("cdr", [(1, 2)], "(2)"),
    ("cdr", [[1]], "()"),
    ("cadr", [L(1, 2, 3)], "2"),
    ("cddr", [L(1, 2, 3)], "(3)"),
    ("caar", [L(L(1))], "1"),
    ("cadr", [[1, 2]], "2"),
    ("caddr", [L(1, 2, 3)], "3"),
    ("cadddr", [L(1, 2, 3, 4)], "4"),
    ("cdadr", [L(1, L(2, 3))], "(3)"),
    ("cddddr", [L(1, 2, 3, 4, 5)], "(5)"),
    ("caadr", [Pair(1, [[7]])], "7"),
    ("pair?", [L(1)], "#t"),
    ("pair?", [[1]], "#t"),
    ("pair?", [NIL], "#f"),
    ("pair?", [V([1])], "#f"),
    ("pair?", ["a"], "#f"),
    ("null?", [NIL], "#t"),
    ("null?", [[]], "#t"),
    ("null?", [V()], "#f"),
    ("null?", [""], "#f"),
    ("list?", [L(1)], "#t"),
    ("list?", [()], "#t"),
    ("list?", [Pair(1, 2)], "#f"),
    ("list?", [Pair(1, [2])], "#t"),
    ("list?", [V()], "#f"),
    ("list", [], "()"),
    ("list", [1, "a"], '(1 "a")'),
    ("cons*", [1, 2, L(3)], "(1 2 3)"),
    ("cons*", [1], "1"),
    ("make-list", [2, a], "(a a)"),
    ("length", [L(1, 2)], "2"),
    ("length", [[1, 2, 3]], "3"),
    ("length", [Pair(1, [2])], "2"),
    ("append", [], "()"),
    ("append", [L(1), [2, 3], NIL, L(4)], "(1 2 3 4)"),
    ("append", [L(1), 2], "(1 . 2)"),
    ("append", [5], "5"),
    ("concatenate", [L(L(1), L(2))], "(1 2)"),
    ("reverse", [L(1, 2, 3)], "(3 2 1)"),
    ("append-reverse", [L(2, 1), L(3)], "(1 2 3)"),
    ("list-tail", [L(1, 2, 3), 2], "(3)"),
    ("list-tail", [[1, 2, 3], 2], "(3)"),
    ("list-tail", [5, 0], "5"),
    ("drop", [L(1, 2, 3), 1], "(2 3)"),
    ("take", [L(1, 2, 3), 2], "(1 2)"),
    ("list-head", [[1, 2, 3], 2], "(1 2)"),
    ("sublist", [L(1, 2, 3, 4), 1, 3], "(2 3)"),
    ("list-ref", [L(1, 2, 3), 2], "3"),
    ("list-ref", [[1, 2, 3], 0], "1"),
    ("list-ref", [Pair(1, [2, 3]), 2], "3"),
    ("list-copy", [Pair(1, Pair(2, 3))], "(1 2 . 3)"),
    ("last", [L(1, 2)], "2"),
    ("last-pair", [L(1, 2)], "(2)"),
    ("except-last-pair", [L(1, 2)], "(1)"),
    ("first", [L(1)], "1"),
    ("second", [L(1, 2)], "2"),
    ("third", [[1, 2, 3]], "3"),
    ("fourth", [L(1, 2, 3, 4)], "4"),
    ("fifth", [L(1, 2, 3, 4, 5)], "5"),
    ("iota", [3], "(0 1 2)"),
    ("iota", [3, 1], "(1 2 3)"),
    ("iota", [3, 0, -0.5], "(0 -0.5 -1)"),
    ("list-tabulate", [3, lambda i: i * i], "(0 1 4)"),
)
def test_pairs_and_lists(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@cases(
    "looking up",
    ("memq", [c, L(a, c, b)], "(c b)"),
    ("memq", [S("z"), L(a)], "#f"),
    ("memv", [2.0, L(1, 2, 3)], "(2 3)"),
    ("memv", [True, L(1)], "#f"),
    ("member", [L(1), L(0, L(1), 2)], "((1) 2)"),
    ("member", [2, [1, 2, 3]], "(2 3)"),
    ("member", [2, L(1, 3, 5), lambda x, y: x < y], "(3 5)"),
    ("member", [a, NIL], "#f"),
    ("member", [1, L(True, "1", 1.0, 1)], "(1 1)"),
    ("member", ["b", L(b, Char("b"), "b")], '("b")'),
    ("member", [b, L("b", a, b, a)], "(b a)"),
    ("memv", [3, L(1, 2, [3])], "#f"),
    ("assq", [b, L(Pair(a, 1), Pair(b, 2))], "(b . 2)"),
    ("assq", [c, L(Pair(a, 1))], "#f"),
    ("assv", [1.0, L(Pair(1, a))], "(1 . a)"),
    ("assoc", ["k", L(L("j", 1), L("k", 2))], '("k" 2)'),
    ("assoc", ["k", [("k", 2)]], '("k" 2)'),
    ("assoc", ["k", L(Pair(a, 0), ["j", 1], Pair("k", 2))], '("k" . 2)'),
    ("assv", ["k", L(Pair(Char("k"), 1), Pair("k", 2))], '("k" . 2)'),
    ("assq", [b, L(Pair(a, 0), ["j", 1], [b, 2])], "(b 2)"),
    ("assq", [b, L(Pair("b", 0), Pair(a, 1))], "#f"),
    ("assoc", [1, L(Pair(True, 0), Pair(1.0, 2))], "(1 . 2)"),
    ("assoc", [2, L(Pair(1, a), Pair(3, b)), lambda x, y: x < y], "(3 . b)"),
    ("delete", [1, L(1, 2, 1.0)], "(2)"),
    ("delete", [2, L(1, 2, 3), lambda x, y: x < y], "(1 2)"),
    ("delete-duplicates", [L(1, True, 1.0, L(1), [1], "a", "a")], '(1 #t (1) "a")'),
    ("delete-duplicates", [L(1, 2, 3, 4), lambda x, y: x % 2 == y % 2], "(1 2)"),
)
def test_looking_up(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


def add(*numbers: Any) -> Any:
    return sum(numbers)


def odd(n: Any) -> bool:
    return bool(n % 2)


def trace(*items: Any) -> Any:
    return L(S("f"), *items)


@cases(
    "procedures on lists",
    ("map", [lambda x: x + 1, L(1, 2)], "(2 3)"),
    ("map", [lambda x: x + 1, [1, 2]], "(2 3)"),
    ("map", [add, L(1, 2, 3), L(10, 20)], "(11 22)"),
    ("map", [add, NIL], "()"),
    ("append-map", [lambda x: [x, x], L(1, 2)], "(1 1 2 2)"),
    ("append-map", [lambda x, y: L(x, y), L(1, 2), L(3)], "(1 3)"),
    ("filter-map", [lambda x: odd(x) and x * 10, L(1, 2, 3)], "(10 30)"),
    ("filter", [odd, L(1, 2, 3)], "(1 3)"),
    ("filter", [lambda x: 0, L(1)], "(1)"),
    ("remove", [odd, [1, 2, 3]], "(2)"),
    ("partition", [odd, L(1, 2, 3)], "#<values (1 3) (2)>"),
    ("fold", [trace, 0, L(1, 2)], "(f (f 0 1) 2)"),
    ("fold", [trace, 0, L(1, 2), L(3, 4)], "(f (f 0 1 3) 2 4)"),
    ("fold-left", [trace, 0, [1]], "(f 0 1)"),
    ("fold-right", [trace, 0, L(1, 2)], "(f 1 (f 2 0))"),
    ("fold-right", [trace, 0, L(1, 2), L(3, 4)], "(f 1 3 (f 2 4 0))"),
    ("reduce", [trace, 0, L(1, 2, 3)], "(f (f 1 2) 3)"),
    ("reduce", [trace, 0, L(1)], "1"),
    ("reduce", [trace, 0, NIL], "0"),
    ("reduce-right", [trace, 0, L(1, 2, 3)], "(f 1 (f 2 3))"),
    ("find", [odd, L(2, 3, 5)], "3"),
    ("find", [odd, L(2)], "#f"),
    ("find-tail", [odd, L(2, 3, 4)], "(3 4)"),
    ("list-index", [odd, L(2, 3)], "1"),
    ("list-index", [odd, NIL], "#f"),
    ("any", [lambda x: odd(x) and x, L(2, 3)], "3"),
    ("any", [lambda x, y: x == y, L(1, 2), L(2, 2)], "#t"),
    ("any", [odd, NIL], "#f"),
    ("every", [lambda x: odd(x) and x, L(1, 3)], "3"),
    ("every", [odd, L(1, 2)], "#f"),
    ("every", [odd, NIL], "#t"),
    ("count", [odd, L(1, 2, 3)], "2"),
    ("take-while", [odd, L(1, 3, 4, 5)], "(1 3)"),
    ("drop-while", [odd, L(1, 3, 4, 5)], "(4 5)"),
    ("drop-while", [odd, [1, 2]], "(2)"),
    ("unfold", [lambda n: n > 3, lambda n: n * n, lambda n: n + 1, 1], "(1 4 9)"),
    ("apply", [add, L(1, 2)], "3"),
    ("apply", [trace, 1, 2, [3, 4]], "(f 1 2 3 4)"),
    ("apply", [trace, NIL], "(f)"),
    ("sort", [L(3, 1, 2), lambda x, y: x < y], "(1 2 3)"),
    ("sort", [lambda x, y: x > y, [3, 1, 2]], "(3 2 1)"),
    ("sort", [V([3, 1]), lambda x, y: x < y], "#(1 3)"),
    ("sort", [L(3, 1, 2), TABLE["<"].function], "(1 2 3)"),
    ("sort", [TABLE[">"].function, L(3, 1.5, 2)], "(3 2 1.5)"),
    ("list-sort", [lambda x, y: x < y, L(2, 1)], "(1 2)"),
    ("vector-map", [add, V([1, 2]), V([10])], "#(11)"),
    ("vector-map", [lambda x: x, [1, 2]], "#(1 2)"),
    ("string-map", [TABLE["char-upcase"].function, "ab"], '"AB"'),
    ("string-map", [lambda x, y: y, "abc", "xy"], '"xy"'),
)
def test_procedures_on_lists(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@pytest.mark.parametrize(
    ("name", "arguments", "seen"),
    [
        ("for-each", [L(1, 2)], "((1) (2))"),
        ("for-each", [L(1, 2), [3, 4, 5]], "((1 3) (2 4))"),
        ("vector-for-each", [V([1, 2])], "((1) (2))"),
        ("string-for-each", ["ab", "x"], "((#\\a #\\x))"),
        ("map", [L(1, 2, 3)], "((1) (2) (3))"),
    ],
)
def test_procedures_are_called_from_left_to_right(name: str, arguments: list[Any], seen: str) -> None:
    calls: list[Any] = []
    call(name, lambda *items: calls.append(L(*items)), *arguments)
    assert write_text(calls) == seen


@cases(
    "symbols and keywords",
    ("symbol?", [a], "#t"),
    ("symbol?", ["a"], "#f"),
    ("symbol?", [Keyword("a")], "#f"),
    ("symbol->string", [a], '"a"'),
    ("string->symbol", ["a b"], "|a b|"),
    ("symbol=?", [a, a, a], "#t"),
    ("symbol=?", [a, b], "#f"),
    ("symbol<?", [a, b], "#t"),
    ("symbol-append", [a, b], "ab"),
    ("keyword?", [Keyword("a")], "#t"),
    ("keyword?", [a], "#f"),
    ("keyword->symbol", [Keyword("a")], "a"),
    ("symbol->keyword", [a], "a:"),
    ("keyword->string", [Keyword("a")], '"a"'),
    ("string->keyword", ["a"], "a:"),
)
def test_symbols_and_keywords(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


def test_generated_symbols_are_all_different() -> None:
    one, other = call("gensym"), call("gensym")
    assert one is not other
    assert one is not Symbol(one.name)
    assert call("gensym", "tmp").name.startswith("tmp")


@cases(
    "chars",
    ("char?", [Char("a")], "#t"),
    ("char?", ["a"], "#f"),
    ("char->integer", [Char("A")], "65"),
    ("integer->char", [955], "#\\λ"),
    ("integer->char", [97], "#\\a"),
    ("char=?", [Char("a"), Char("a")], "#t"),
    ("char<?", [Char("a"), Char("b"), Char("c")], "#t"),
    ("char<?", [Char("a"), Char("a")], "#f"),
    ("char>?", [Char("b"), Char("a")], "#t"),
    ("char<=?", [Char("a"), Char("a")], "#t"),
    ("char>=?", [Char("a"), Char("b")], "#f"),
    ("char-ci=?", [Char("a"), Char("A")], "#t"),
    ("char-upcase", [Char("a")], "#\\A"),
    ("char-upcase", [Char("ß")], "#\\ß"),
    ("char-downcase", [Char("A")], "#\\a"),
    ("char-alphabetic?", [Char("λ")], "#t"),
    ("char-alphabetic?", [Char("1")], "#f"),
    ("char-numeric?", [Char("1")], "#t"),
    ("char-whitespace?", [Char("\n")], "#t"),
    ("char-upper-case?", [Char("A")], "#t"),
    ("char-lower-case?", [Char("A")], "#f"),
    ("digit-value", [Char("7")], "7"),
    ("digit-value", [Char("a")], "#f"),
    ("char->digit", [Char("f"), 16], "15"),
    ("char->digit", [Char("f")], "#f"),
    ("digit->char", [15, 16], "#\\f"),
)
def test_chars(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@cases(
    "strings",
    ("string?", ["a"], "#t"),
    ("string?", [a], "#f"),
    ("string", [Char("a"), Char("b")], '"ab"'),
    ("make-string", [2, Char("x")], '"xx"'),
    ("string-length", ["héλ"], "3"),
    ("string-ref", ["abc", 1], "#\\b"),
    ("substring", ["hello", 1, 3], '"el"'),
    ("substring", ["hello", 1], '"ello"'),
    ("string-head", ["hello", 2], '"he"'),
    ("string-tail", ["hello", 2], '"llo"'),
    ("string-copy", ["abc"], '"abc"'),
    ("string-append", [], '""'),
    ("string-append", ["a", "b", "c"], '"abc"'),
    ("string=?", ["a", "a"], "#t"),
    ("string<?", ["a", "b", "c"], "#t"),
    ("string<?", ["b", "a"], "#f"),
    ("string>?", ["b", "a"], "#t"),
    ("string<=?", ["a", "a"], "#t"),
    ("string>=?", ["a", "b"], "#f"),
    ("string-ci=?", ["Straße", "STRASSE"], "#t"),
    ("string-null?", [""], "#t"),
    ("string-upcase", ["ab"], '"AB"'),
    ("string-upcase", ["a1 Zß"], '"A1 ZSS"'),
    ("string-downcase", ["@AZ["], '"@az["'),
    ("string-downcase", ["AB"], '"ab"'),
    ("string-trim", [" a \n"], '"a"'),
    ("string-trim-left", [" a "], '"a "'),
    ("string-trim-right", [" a "], '" a"'),
    ("string-pad-left", ["42", 5], '"   42"'),
    ("string-pad-left", ["12345", 3], '"345"'),
    ("string-pad-left", ["12345", 0], '""'),
    ("string-pad-left", ["7", 3, Char("0")], '"007"'),
    ("string-pad-right", ["ab", 4], '"ab  "'),
    ("string-pad-right", ["abcde", 2], '"ab"'),
    ("string-reverse", ["abc"], '"cba"'),
    ("string-contains", ["hello", "ll"], "2"),
    ("string-contains", ["hello", "x"], "#f"),
    ("string-search-forward", ["l", "hello", 3], "3"),
    ("string-search-backward", ["l", "hello", 5], "4"),
    ("string-search-all", ["aa", "aaaa"], "(0 1 2)"),
    ("string-index", ["hello", Char("l")], "2"),
    ("string-index", ["hello", lambda each: each == Char("z")], "#f"),
    ("string-count", ["hello", Char("l")], "2"),
    ("string-prefix?", ["he", "hello"], "#t"),
    ("string-suffix?", ["he", "hello"], "#f"),
    ("string-join", [L("a", "b")], '"a b"'),
    ("string-join", [["a", "b"], ", "], '"a, b"'),
    ("string-split", [" a  b "], '("a" "b")'),
    ("string-split", ["a,b,,c", Char(",")], '("a" "b" "" "c")'),
    ("string-split", ["a--b", "--"], '("a" "b")'),
    ("string-split", ["aλb", Char("λ")], '("a" "b")'),
    ("string-split", ["", Char(",")], '("")'),
    ("string-split", [""], "()"),
    ("string-replace", ["a-b-c", "-", "+"], '"a+b+c"'),
    ("string->list", ["ab"], "(#\\a #\\b)"),
    ("string->list", ["abc", 1], "(#\\b #\\c)"),
    ("list->string", [L(Char("a"), Char("b"))], '"ab"'),
    ("string->vector", ["ab"], "#(#\\a #\\b)"),
    ("vector->string", [V([Char("a")])], '"a"'),
    ("string->utf8", ["λ"], "#u8(206 187)"),
    ("utf8->string", [b"\xce\xbb"], '"λ"'),
    ("format", [False, "~a and ~s: ~d~%~~", "x", "y", 2.0], '"x and \\"y\\": 2\\n~"'),
    ("format", ["~a", L("x")], '"(x)"'),
)
def test_strings(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@cases(
    "vectors",
    ("vector", [1, 2], "#(1 2)"),
    ("make-vector", [2, 0], "#(0 0)"),
    ("make-initialized-vector", [3, lambda i: i * i], "#(0 1 4)"),
    ("vector?", [V()], "#t"),
    ("vector?", [[]], "#f"),
    ("vector-length", [V([1, 2])], "2"),
    ("vector-length", [[1, 2]], "2"),
    ("vector-ref", [V([1, 2]), 1], "2"),
    ("vector-ref", [(1, 2), 1], "2"),
    ("vector-first", [V([1, 2])], "1"),
    ("vector-last", [V([1, 2])], "2"),
    ("vector->list", [V([1, 2, 3])], "(1 2 3)"),
    ("vector->list", [V([1, 2, 3]), 1], "(2 3)"),
    ("vector->list", [V([1, 2, 3]), 1, 2], "(2)"),
    ("list->vector", [L(1, 2)], "#(1 2)"),
    ("vector-copy", [V([1, 2, 3]), 1], "#(2 3)"),
    ("subvector", [V([1, 2, 3]), 0, 2], "#(1 2)"),
    ("vector-head", [V([1, 2, 3]), 2], "#(1 2)"),
    ("vector-tail", [V([1, 2, 3]), 2], "#(3)"),
    ("vector-append", [V([1]), [2], V()], "#(1 2)"),
)
def test_vectors(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


@pytest.mark.parametrize(
    ("name", "target", "arguments", "after"),
    [
        ("set-car!", L(1, 2), [9], "(9 2)"),
        ("set-cdr!", L(1, 2), [9], "(1 . 9)"),
        ("list-set!", L(1, 2, 3), [1, 9], "(1 9 3)"),
        ("list-set!", [1, 2], [0, 9], "(9 2)"),
        ("vector-set!", V([1, 2]), [1, 9], "#(1 9)"),
        ("vector-set!", [1, 2], [0, 9], "(9 2)"),
        ("vector-fill!", V([1, 2, 3]), [0], "#(0 0 0)"),
        ("vector-fill!", V([1, 2, 3]), [0, 1, 2], "#(1 0 3)"),
        ("vector-copy!", V([1, 2, 3]), [1, V([8, 9])], "#(1 8 9)"),
        ("vector-swap!", V([1, 2]), [0, 1], "#(2 1)"),
        ("sort!", V([2, 1]), [lambda x, y: x < y], "#(1 2)"),
        ("hash-table-set!", HashTable(), [a, 1], "#hash((a . 1))"),
        ("hash-table-delete!", HashTable(k=1), ["k"], "#hash()"),
        ("hash-table-delete!", HashTable(k=1), ["z"], '#hash(("k" . 1))'),
        ("hash-table-update!", HashTable(k=1), ["k", lambda v: v + 1], '#hash(("k" . 2))'),
        ("hash-table-update!", HashTable(), ["k", lambda v: v + 1, lambda: 5], '#hash(("k" . 6))'),
        ("hash-table-update!/default", HashTable(), ["k", lambda v: v + 1, 0], '#hash(("k" . 1))'),
        ("hash-table-clear!", HashTable(k=1), [], "#hash()"),
        ("hash-table-merge!", HashTable(k=1), [HashTable(k=2, j=3)], '#hash(("k" . 1) ("j" . 3))'),
        ("hash-table-set!", {"k": 1}, ["k", 2], '#hash(("k" . 2))'),
    ],
)
def test_changes(name: str, target: Any, arguments: list[Any], after: str) -> None:
    call(name, target, *arguments)
    assert write_text(target) == after


@cases(
    "hash tables",
    ("make-hash-table", [], "#hash()"),
    ("hash-table", [a, 1, b, 2], "#hash((a . 1) (b . 2))"),
    ("hash-table?", [HashTable()], "#t"),
    ("hash-table?", [{}], "#t"),
    ("hash-table?", [NIL], "#f"),
    ("hash-table-ref", [HashTable(k=1), "k"], "1"),
    ("hash-table-ref", [{"k": 1}, "k"], "1"),
    ("hash-table-ref", [HashTable(), "k", lambda: 5], "5"),
    ("hash-table-ref", [HashTable(k=1), "k", lambda: 5, lambda v: v + 1], "2"),
    ("hash-table-ref/default", [HashTable([(True, 1)]), 1, "none"], '"none"'),
    ("hash-table-contains?", [HashTable([(L(1), None)]), L(1)], "#t"),
    ("hash-table-exists?", [HashTable(), 1], "#f"),
    ("hash-table-count", [HashTable(a=1, b=2)], "2"),
    ("hash-table-size", [{}], "0"),
    ("hash-table-empty?", [HashTable()], "#t"),
    ("hash-table-keys", [HashTable([(True, 1), (1, 2)])], "(#t 1)"),
    ("hash-table-values", [HashTable(a=1, b=2)], "(1 2)"),
    ("hash-table->alist", [HashTable(a=1)], '(("a" . 1))'),
    ("alist->hash-table", [L(Pair(a, 1), Pair(a, 2), ("b", 3))], '#hash((a . 1) ("b" 3))'),
    ("hash-table-copy", [HashTable(a=1)], '#hash(("a" . 1))'),
    ("hash-table-fold", [HashTable(a=1, b=2), lambda k, v, acc: acc + v, 0], "3"),
)
def test_hash_tables(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


def test_walking_a_table_may_change_it() -> None:
    table = HashTable(a=1, b=2)
    call("hash-table-walk", table, lambda key, value: call("hash-table-delete!", table, key))
    assert len(table) == 0


def test_tables_of_each_kind_compare_keys_their_own_way() -> None:
    key = L(1)
    for maker, found in (("make-equal-hash-table", True), ("make-eqv-hash-table", False)):
        table = call(maker)
        call("hash-table-set!", table, key, "x")
        assert call("hash-table-contains?", table, key) is True
        assert call("hash-table-contains?", table, L(1)) is found


@cases(
    "control",
    ("values", [1], "1"),
    ("values", [1, 2], "#<values 1 2>"),
    ("call-with-values", [lambda: call("values", 1, 2), trace], "(f 1 2)"),
    ("call-with-values", [lambda: 1, trace], "(f 1)"),
    ("call-with-values", [lambda: call("values"), trace], "(f)"),
    ("force", [5], "5"),
    ("force", [call("make-promise", 5)], "5"),
    ("promise?", [call("make-promise", 5)], "#t"),
    ("procedure?", [len], "#t"),
    ("procedure?", [a], "#f"),
    ("void", [1, 2], "#<unspecified>"),
)
def test_control(name: str, arguments: list[Any], expected: str) -> None:
    check(name, arguments, expected)


def test_dynamic_wind_leaves_through_after() -> None:
    steps: list[str] = []

    def fail() -> None:
        steps.append("in")
        raise KeyError

    with pytest.raises(KeyError):
        call("dynamic-wind", lambda: steps.append("before"), fail, lambda: steps.append("after"))
    assert steps == ["before", "in", "after"]


def test_parameters() -> None:
    assert call("make-parameter", 5)() == 5
    assert call("make-parameter", "5", int)() == 5
