"""JSON and CSV: texts to data, and back."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.control.deep import deep
from omega_runtime.lib.csv import csv_emit, csv_parse
from omega_runtime.lib.json import json_emit, json_parse, json_ref
from omega_runtime.values.equality import is_equal
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import Pair, list_from, make_list
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable

from tests.support.omega import error_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(json-parse "[1, -2.5, 1e3, 12345678901234567890]")              ⇒ (1 -2.5 1000 12345678901234567890)
(json-parse "[\"a\\n\\u00fc\", true, false, null]")              ⇒ ("a\nü" #t #f null)
(json-parse "{\"a\": {\"b\": []}, \"c\": {}}")                   ⇒ #hash(("a" . #hash(("b"))) ("c" . #hash()))
(json-parse " 5 ")                                               ⇒ 5
(json-parse "{\"a\": 1, \"a\": 2}")                              ⇒ #hash(("a" . 2))
(eq? (json-parse "null") 'null)                                  ⇒ #t
(json-emit '(1 2.5 2.0 "a\n\"ü" #t #f null))                     ⇒ "[1, 2.5, 2, \"a\\n\\\"ü\", true, false, null]"
(json-emit #(1 #(2) ()))                                         ⇒ "[1, [2], []]"
(json-emit (hash-table "a" 1 'b '(c)))                           ⇒ "{\"a\": 1, \"b\": [\"c\"]}"
(json-emit (void))                                               ⇒ "null"
(json-emit '(1) 2)                                               ⇒ "[\n  1\n]"
(json-emit (hash-table "a" '(1)) 1)                              ⇒ "{\n \"a\": [\n  1\n ]\n}"
(json-emit 1e300)                                                ⇒ "1e+300"
(json-ref (json-parse "{\"a\": [1, {\"b\": 2}]}") "a" 1 "b")     ⇒ 2
(json-ref (json-parse "{\"a\": [1, {\"b\": 2}]}") 'a 1 'b)       ⇒ 2
(json-ref (hash-table 'a #(5 6)) "a" 1)                          ⇒ 6
(json-ref '(1 2))                                                ⇒ (1 2)
(json-ref (json-parse "{\"a\": null}") "a")                      ⇒ null
(json-ref/default (json-parse "{\"a\": [1]}") 'none "a" 0)       ⇒ 1
(json-ref/default (json-parse "{\"a\": [1]}") 'none "a" 1)       ⇒ none
(json-ref/default (json-parse "{\"a\": [1]}") 'none "b" "c")     ⇒ none
(json-ref/default 5 'none "b")                                   ⇒ none
"""),
)
def test_json(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(json-parse "{\"a\": }")                                         ⇒ json-parse: this is no JSON: Expecting value (line 1, column 7)
(json-parse "[1,\n 2")                                           ⇒ json-parse: this is no JSON: Expecting ',' delimiter (line 2, column 3)
(json-parse "")                                                  ⇒ json-parse: this is no JSON: Expecting value (line 1, column 1)
(json-parse "[NaN]")                                             ⇒ json-parse: this is no JSON: NaN is no number there
(json-parse '(1))                                                ⇒ json-parse: argument 1 must be a string, but got (1)
(json-emit car)                                                  ⇒ json-emit: argument 1 must be made of lists, hash tables, strings, numbers and booleans, but got #<procedure car>
(json-emit '(1 . 2))                                             ⇒ json-emit: argument 1 must be made of lists, hash tables, strings, numbers and booleans, but got (1 . 2)
(json-emit +inf.0)                                               ⇒ json-emit: argument 1 must be made of lists, hash tables, strings, numbers and booleans, but got +inf.0
(json-emit (hash-table 1 2))                                     ⇒ json-emit: argument 1 must be made with strings or symbols for keys, but got 1
(json-emit '(1) -1)                                              ⇒ json-emit: argument 2 must be a non-negative exact integer, but got -1
(json-ref (json-parse "{\"a\": [1]}") "b")                       ⇒ json-ref: there is no "b" in the data
(json-ref (json-parse "{\"a\": [1]}") "a" 1)                     ⇒ json-ref: there is no 1 at ("a")
(json-ref (json-parse "{\"a\": [1]}") "a" 0 'x)                  ⇒ json-ref: there is no x at ("a" 0)
(json-ref '(1 2) -1)                                             ⇒ json-ref: argument 2 must be a non-negative exact integer, but got -1
(json-ref '(1 2) 1.5)                                            ⇒ json-ref: argument 2 must be a string, symbol or exact integer, but got 1.5
"""),
)
def test_errors_of_json(program: str, message: str) -> None:
    assert error_of(program) == message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.none() | st.integers(0, 4))
def test_what_is_emitted_parses_to_the_same(value: Any, indent: int | None) -> None:
    data = json_parse(json.dumps(value))
    again = json_emit(data, False if indent is None else indent)
    assert json.loads(again) == value
    assert json_emit(json_parse(again)) == json_emit(data)


def test_deep_data() -> None:
    # From 3.12 on Python has a limit of its own for calls within C, however large the stack is.
    depth = 20_000 if sys.version_info < (3, 12) else 1_000
    text = "[" * depth + "]" * depth
    assert deep(lambda: json_emit(json_parse(text))) == text
    with pytest.raises(OmegaError, match="nested too deep"):
        json_parse("[" * 100_000 + "]" * 100_000)
    ring = make_list(1)
    ring.car = ring
    with pytest.raises(OmegaError, match="nested too deep, or contains itself"):
        json_emit(ring)


def test_data_of_python() -> None:
    assert json_emit({"a": [1, (2, None)]}) == '{"a": [1, [2, null]]}'
    assert json_ref({"a": [1, {"b": 2}]}, "a", 1, Symbol("b")) == 2


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(csv-parse "a,b\n1,2\n")                                         ⇒ (("a" "b") ("1" "2"))
(csv-parse "a,b\r\n1,2")                                         ⇒ (("a" "b") ("1" "2"))
(csv-parse "")                                                   ⇒ ()
(csv-parse "a\n\n\nb\n")                                         ⇒ (("a") ("b"))
(csv-parse "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"")          ⇒ (("a,b" "say \"hi\"" "two\nlines"))
(csv-parse "a,,\n")                                              ⇒ (("a" "" ""))
(csv-parse "a;b\n1,5;2" #f ";")                                  ⇒ (("a" "b") ("1,5" "2"))
(csv-parse "a\tb" #f #\tab)                                      ⇒ (("a" "b"))
(csv-parse "\xfeff;a,b\n1,2" #t)                                 ⇒ (#hash(("a" . "1") ("b" . "2")))
(csv-parse "name,age\nAda,36\nBob,40\n" #t)                      ⇒ (#hash(("name" . "Ada") ("age" . "36")) #hash(("name" . "Bob") ("age" . "40")))
(csv-parse "Ada,36\n" '("name" age))                             ⇒ (#hash(("name" . "Ada") (age . "36")))
(csv-parse "name,age\n" #t)                                      ⇒ ()
(hash-table-ref (car (csv-parse "name,age\nAda,36" #t)) "age")   ⇒ "36"
(csv-emit '(("a" b 1.0 #\c) (#t "x,y" "say \"hi\"" "two\nlines")))  ⇒ "a,b,1,c\n#t,\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\"\n"
(csv-emit '(#(1 2) ()))                                          ⇒ "1,2\n\n"
(csv-emit '((1 2)) '("a" "b"))                                   ⇒ "a,b\n1,2\n"
(csv-emit (list (hash-table "b" 2 "a" 1) (hash-table "a" 3)) '("a" "b"))  ⇒ "a,b\n1,2\n3,\n"
(csv-emit (list (hash-table "b" 2 "a" 1) (hash-table "a" 3)) #t) ⇒ "b,a\n2,1\n,3\n"
(csv-emit '() #t)                                                ⇒ ""
(csv-emit '((1 2)) #f ";")                                       ⇒ "1;2\n"
(csv-emit (list (list (void) "")))                               ⇒ ",\n"
"""),
)
def test_csv(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(csv-parse "a,b\n1\n" #t)                                        ⇒ csv-parse: line 2 has 1 field, but there are 2 columns
(csv-parse "a,b\n\"1\n2\",3,4\n" #t)                             ⇒ csv-parse: line 3 has 3 fields, but there are 2 columns
(csv-parse "a,\"b\"c\n")                                         ⇒ csv-parse: line 1 is no CSV: ',' expected after '"'
(csv-parse "a" #f ",,")                                          ⇒ csv-parse: argument 3 must be a char, or a string of one, but got ",,"
(csv-parse "a" 5)                                                ⇒ csv-parse: argument 2 must be a boolean or a list of names, but got 5
(csv-emit '(1))                                                  ⇒ csv-emit: argument 1 must be a list of lists, vectors or tables, but got 1
(csv-emit (list (hash-table "a" 1)))                             ⇒ csv-emit: argument 2 must be a list of columns, or #t, for rows that are tables, but got #f
(csv-emit '((1)) #t)                                             ⇒ csv-emit: argument 1 must be a list of tables, where the header is #t, but got (1)
"""),
)
def test_errors_of_csv(program: str, message: str) -> None:
    assert error_of(program) == message


FIELDS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(FIELDS, min_size=2, max_size=3), max_size=5))
def test_rows_come_back(rows: list[list[str]]) -> None:
    made = list_from([list_from(row) for row in rows])
    assert is_equal(csv_parse(csv_emit(made)), made)
    tables = list_from([HashTable({"a": row[0], "b": row[1]}) for row in rows])
    again = [list(row.items()) for row in csv_parse(csv_emit(tables, True), True)]
    assert again == [[("a", row[0]), ("b", row[1])] for row in rows]


def test_a_pair_is_no_row() -> None:
    with pytest.raises(OmegaError, match="csv-emit: argument 1 must be a list of lists"):
        csv_emit(make_list(Pair(1, 2)))
