"""Wrong arguments: every message names the procedure, the position, what was wanted and the value."""

from __future__ import annotations

import inspect
import math
from typing import Any

import pytest
from omega_runtime.lib.registry import load
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import ArgumentError, DivisionByZero, OmegaError
from omega_runtime.values.pairs import NIL, Pair, make_list
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

from tests.support.permissions import nothing_allowed

TABLE = {name: entry for name, entry in load().items() if not name.startswith("%")}
L, V, a = make_list, Vector, Symbol("a")
RING = L(1, 2)
RING.cdr.cdr = RING

WRONG = [
    ("car", [5], "car: argument 1 must be a pair, but got 5"),
    ("car", [NIL], "car: argument 1 must be a pair, but got ()"),
    ("car", [[]], "car: argument 1 must be a pair, but got ()"),
    ("car", [V([1])], "car: argument 1 must be a pair, but got #(1)"),
    ("cdr", ["ab"], 'cdr: argument 1 must be a pair, but got "ab"'),
    ("cadr", [L(1)], "cadr: argument 1 must be a pair that has a cadr, but got (1)"),
    ("cadr", [[1]], "cadr: argument 1 must be a pair that has a cadr, but got (1)"),
    ("set-car!", [[1], 2], "set-car!: argument 1 must be a pair, but got (1)"),
    ("length", [Pair(1, 2)], "length: argument 1 must be a list, but got (1 . 2)"),
    ("length", [RING], "length: argument 1 must be a list, but got (1 2 1 2"),
    ("length", [V([1])], "length: argument 1 must be a list, but got #(1)"),
    ("append", [L(1), 2, L(3)], "append: argument 2 must be a list, but got 2"),
    ("reverse", [RING], "reverse: argument 1 must be a list"),
    ("list-ref", [L(1, 2), 2], "list-ref: argument 2 must be an index below 2, but got 2"),
    ("list-ref", [Pair(1, [2]), 5], "list-ref: argument 2 must be an index below 2, but got 5"),
    ("list-ref", [L(1), -1], "list-ref: argument 2 must be a non-negative exact integer, but got -1"),
    ("list-ref", [L(1), True], "list-ref: argument 2 must be a non-negative exact integer, but got #t"),
    ("list-ref", [5, 0], "list-ref: argument 1 must be a list, but got 5"),
    ("list-tail", [L(1), 2], "list-tail: argument 2 must be at most 1, the length of the list, but got 2"),
    ("take", [L(1), 2], "take: argument 2 must be at most 1, the length of the list, but got 2"),
    ("take", [5, 1], "take: argument 1 must be a list, but got 5"),
    ("list-set!", [L(1), 1, 0], "list-set!: argument 2 must be an index below 1, but got 1"),
    ("list-set!", [[1], 1, 0], "list-set!: argument 2 must be an index below 1, but got 1"),
    ("third", [L(1, 2)], "third: argument 1 must be a list of at least 3 elements, but got (1 2)"),
    ("last", [NIL], "last: argument 1 must be a list that is not empty, but got ()"),
    ("iota", [-1], "iota: argument 1 must be a non-negative exact integer, but got -1"),
    ("map", [5, L(1)], "map: argument 1 must be a procedure, but got 5"),
    ("map", [len, 5], "map: argument 2 must be a list, but got 5"),
    ("map", [max, L(1), 5], "map: argument 3 must be a list, but got 5"),
    ("map", [str, RING], "map: argument 2 must be a list"),
    ("for-each", [len, V([1])], "for-each: argument 2 must be a list, but got #(1)"),
    ("filter", [len, "ab"], 'filter: argument 2 must be a list, but got "ab"'),
    ("fold", [max, 0, 5], "fold: argument 3 must be a list, but got 5"),
    ("reduce", [max, 0, {}], "reduce: argument 3 must be a list, but got #hash()"),
    ("append-map", [abs, L(1)], "append-map: argument 1 must be a procedure that gives lists, but got"),
    ("apply", [max, 1, 2], "apply: argument 3 must be a list, but got 2"),
    ("apply", [5, NIL], "apply: argument 1 must be a procedure, but got 5"),
    ("sort", [L(2, 1), 5], "sort: argument 2 must be a procedure, but got 5"),
    ("sort", [5, max], "sort: argument 1 must be a list, but got 5"),
    ("sort", [max, 5], "sort: argument 2 must be a list, but got 5"),
    ("memq", [a, Pair(1, 2)], "memq: argument 2 must be a list, but got (1 . 2)"),
    ("assq", [a, L(1)], "assq: argument 2 must be a list of pairs, but got (1)"),
    ("member", [1, L(1), 5], "member: argument 3 must be a procedure, but got 5"),
    ("+", [1, "2"], '+: argument 2 must be a number, but got "2"'),
    ("+", [True, 1], "+: argument 1 must be a number, but got #t"),
    ("-", ["1"], '-: argument 1 must be a number, but got "1"'),
    ("*", [1, 2, NIL], "*: argument 3 must be a number, but got ()"),
    ("<", [1, 2, a], "<: argument 3 must be a number, but got a"),
    ("<", [2, 1, a], "<: argument 3 must be a number, but got a"),
    ("=", [a], "=: argument 1 must be a number, but got a"),
    ("quotient", [1.5, 2], "quotient: argument 1 must be an integer, but got 1.5"),
    ("remainder", [5, math.inf], "remainder: argument 2 must be an integer, but got +inf.0"),
    ("modulo", [5.5, a], "modulo: argument 2 must be a number, but got a"),
    ("even?", [1.5], "even?: argument 1 must be an integer, but got 1.5"),
    ("exact", [2.5], "exact: argument 1 must be an integer, but got 2.5"),
    ("sqrt", [-4], "sqrt: argument 1 must be a non-negative number, but got -4"),
    ("expt", [-8, 0.5], "expt: argument 1 must be a non-negative number, but got -8"),
    ("log", [0], "log: argument 1 must be a positive number, but got 0"),
    ("log", [2, 1], "log: argument 2 must be a positive number other than 1, but got 1"),
    ("asin", [2], "asin: argument 1 must be a number from -1 to 1, but got 2"),
    ("random", [0], "random: argument 1 must be a positive number, but got 0"),
    ("number->string", [1, 99], "number->string: argument 2 must be a radix from 2 to 36, but got 99"),
    ("number->string", [1.5, 2], "number->string: argument 1 must be an integer for radix 2, but got 1.5"),
    ("make-list", [10**30], f"make-list: argument 1 must be a size that fits into memory, but got {10**30}"),
    ("make-vector", [-1], "make-vector: argument 1 must be a non-negative exact integer, but got -1"),
    ("make-string", [2.0], "make-string: argument 1 must be a non-negative exact integer, but got 2"),
    ("string-pad-left", ["a", 3, "b"], 'string-pad-left: argument 3 must be a char, but got "b"'),
    ("boolean=?", [True, 1], "boolean=?: argument 2 must be a boolean, but got 1"),
    ("symbol->string", ["a"], 'symbol->string: argument 1 must be a symbol, but got "a"'),
    ("char->integer", ["a"], 'char->integer: argument 1 must be a char, but got "a"'),
    ("integer->char", [0xD800], "integer->char: argument 1 must be a Unicode scalar value, but got 55296"),
    ("integer->char", [-1], "integer->char: argument 1 must be a Unicode scalar value, but got -1"),
    ("integer->char", [True], "integer->char: argument 1 must be an exact integer, but got #t"),
    ("string-length", [a], "string-length: argument 1 must be a string, but got a"),
    ("string-append", ["a", 5], "string-append: argument 2 must be a string, but got 5"),
    ("string-ref", ["abc", 3], "string-ref: argument 2 must be an index below 3, but got 3"),
    ("string-ref", ["abc", -1], "string-ref: argument 2 must be a non-negative exact integer, but got -1"),
    ("substring", ["abc", 2, 1], "substring: argument 2 must be an index from 0 to 1, but got 2"),
    ("substring", ["abc", 0, 9], "substring: argument 3 must be an index from 0 to 3, but got 9"),
    ("substring", ["abc", True, 2], "substring: argument 2 must be an index from 0 to 2, but got #t"),
    ("list->string", [[Char("a"), "b"]], 'list->string: argument 1 must be chars only, but got (#\\a "b")'),
    ("string-join", [L("a", 1)], 'string-join: argument 1 must be a list of strings, but got ("a" 1)'),
    ("string-split", ["a", ""], 'string-split: argument 2 must be a string that is not empty, but got ""'),
    ("string-index", ["a", 5], "string-index: argument 2 must be a char or procedure, but got 5"),
    ("list->string", [L(Char("a"), 1)], "list->string: argument 1 must be chars only, but got (#\\a 1)"),
    ("utf8->string", [b"\xff"], "utf8->string: argument 1 must be bytes in UTF-8, but got #u8(255)"),
    ("vector-ref", [V([1, 2, 3]), 7], "vector-ref: argument 2 must be an index below 3, but got 7"),
    ("vector-ref", [V([1]), -1], "vector-ref: argument 2 must be a non-negative exact integer, but got -1"),
    ("vector-ref", [V([1]), 0.0], "vector-ref: argument 2 must be an exact integer, but got 0"),
    ("vector-ref", [V([1]), True], "vector-ref: argument 2 must be an exact integer, but got #t"),
    ("vector-ref", [L(1), 0], "vector-ref: argument 1 must be a vector, but got (1)"),
    ("vector-set!", [(1, 2), 0, 1], "vector-set!: argument 1 must be a vector that can be changed"),
    ("vector-copy!", [V([1]), 0, V([1, 2])], "vector-copy!: argument 3 must be at most 1 elements"),
    ("subvector", [V([1]), 0, 2], "subvector: argument 3 must be an index from 0 to 1, but got 2"),
    ("hash-table-ref", [5, 1], "hash-table-ref: argument 1 must be a hash table, but got 5"),
    ("hash-table-ref", [HashTable(), a], "hash-table-ref: argument 2 must be a key of the table, but got a"),
    ("hash-table-ref", [HashTable(), a, 5], "hash-table-ref: argument 3 must be a procedure, but got 5"),
    ("hash-table-ref", [{}, [1]], "hash-table-ref: argument 2 must be a key that a Python dict takes"),
    ("hash-table-set!", [{}, [1], 2], "hash-table-set!: argument 2 must be a key that a Python dict takes"),
    ("alist->hash-table", [L(1)], "alist->hash-table: argument 1 must be a list of pairs, but got (1)"),
    ("display", [1, 5], "display: argument 2 must be a textual output port, but got 5"),
    ("read-line", [5], "read-line: argument 1 must be a textual input port, but got 5"),
    ("error-object-message", [5], "error-object-message: argument 1 must be an error object, but got 5"),
    ("exit", ["x"], 'exit: argument 1 must be an exact integer or boolean, but got "x"'),
    ("call-with-values", [5, max], "call-with-values: argument 1 must be a procedure, but got 5"),
    ("format", [False, "~d", a], "format: argument 3 must be a number, but got a"),
    ("format", [False, "~q"], "format: argument 2 must be a template of ~a, ~s, ~d, ~% and ~~"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), WRONG, ids=[row[0] for row in WRONG])
def test_wrong_arguments(name: str, arguments: list[Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        TABLE[name].function(*arguments)
    assert caught.value.message.startswith(message)
    assert caught.value.irritants == ()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("/", [1, 0]), ("/", [1.0, 0]), ("/", [0]), ("quotient", [1, 0]), ("modulo", [1, 0.0]),
     ("floor/", [1, 0]), ("remainder", [1, 0]), ("expt", [0, -1])],
)  # fmt: skip
def test_division_by_zero(name: str, arguments: list[Any]) -> None:
    with pytest.raises(DivisionByZero, match=f"^{name}: division by zero$"):
        TABLE[name].function(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("+", [10**400, 0.5]), ("*", [10**400, 0.5]), ("-", [0.5, 10**400]), ("/", [10**400, 3]),
     ("quotient", [10**400, 2.0]), ("inexact", [10**400]), ("sqrt", [10**400 + 1]), ("exp", [10**400])],
)  # fmt: skip
def test_numbers_that_no_real_can_hold(name: str, arguments: list[Any]) -> None:
    with pytest.raises(OmegaError, match=f"^{'[+]' if name == '+' else '[*]' if name == '*' else name}: "):
        TABLE[name].function(*arguments)


@pytest.mark.parametrize("message", ["too few", "too many"])
def test_templates_and_arguments_must_agree(message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        TABLE["format"].function(False, "~a", *([] if message == "too few" else [1, 2]))


def test_an_odd_number_of_keys_and_values() -> None:
    with pytest.raises(ArgumentError, match="a key that a value follows"):
        TABLE["hash-table"].function(1, 2, 3)


@pytest.mark.parametrize(
    "name", ["map", "for-each", "filter", "fold-left", "fold-right", "sort", "vector-map", "hash-table-walk"]
)
def test_an_error_of_the_procedure_passes_through(name: str) -> None:
    class Own(Exception): ...

    def fail(*_: Any) -> None:
        raise Own

    items = V([1, 2]) if name.startswith("vector") else HashTable(a=1) if "hash" in name else L(2, 1)
    arguments = [items, fail] if name in ("sort", "hash-table-walk") else [fail, items]
    if name.startswith("fold"):
        arguments.insert(1, 0)
    with pytest.raises(Own):
        TABLE[name].function(*arguments)


JUNK = [5, "text", NIL, L(1, 2), V([1]), a, True, None, HashTable(), Char("c"), 1.5, print]
CHANGES_THE_PROCESS = {"exit", "emergency-exit", "make-list", "make-string", "make-vector"}
READS = {"read", "read-line", "read-char", "peek-char", "read-string", "char-ready?"}


@pytest.mark.parametrize("name", sorted(set(TABLE) - CHANGES_THE_PROCESS - READS))
def test_nonsense_gives_an_omega_error_or_a_value(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the arguments, a procedure gives a value or an OmegaError, no other exception."""
    function = TABLE[name].function
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        sizes = {max(1, len(parameters) - 1), len(parameters)}
    else:
        sizes = {sum(p.default is p.empty for p in parameters), len(parameters)}
    for size in sizes:
        for i, first in enumerate(JUNK):
            arguments = [first, *JUNK[i + 1 :], *JUNK[:i]][:size]
            # Switches that a procedure turns on end with the ledger.
            with fresh_ledger(), nothing_allowed():
                try:
                    function(*arguments)
                except OmegaError as error:
                    assert error.message  # noqa: PT017
