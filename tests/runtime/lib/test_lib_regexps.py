"""Regular expressions, and numbers as text."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

import re
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.lib import regexps
from omega_runtime.values.errors import OmegaError

from tests.support.omega import error_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(regexp-match "b+" "abbbc")                                      ⇒ ("bbb")
(regexp-match "x" "abc")                                         ⇒ #f
(regexp-match "(\\w+)@(\\w+)(\\.com)?" "mail ada@example now")   ⇒ ("ada@example" "ada" "example" #f)
(regexp-match "(?i)ABC" "xabc")                                  ⇒ ("abc")
(regexp-match "^$" "")                                           ⇒ ("")
(regexp-match-all "\\d+" "a1 b22")                               ⇒ (("1") ("22"))
(regexp-match-all "(\\w)=(\\d)" "a=1 b=2")                       ⇒ (("a=1" "a" "1") ("b=2" "b" "2"))
(regexp-match-all "x" "abc")                                     ⇒ ()
(regexp-replace "b" "abcb" "x")                                  ⇒ "axcx"
(regexp-replace "(\\w+) (\\w+)" "ada lovelace" "\\2, \\1")       ⇒ "lovelace, ada"
(regexp-replace "(?P<first>\\w)(\\w*)" "ada" "\\g<first>.")      ⇒ "a."
(regexp-replace "\\d+" "a1 b22" (lambda (m) (number->string (* 2 (string->number (car m))))))  ⇒ "a2 b44"
(regexp-replace "x" "abc" "y")                                   ⇒ "abc"
(regexp-replace "" "ab" "-")                                     ⇒ "-a-b-"
(regexp-split ",\\s*" "a, b,c")                                  ⇒ ("a" "b" "c")
(regexp-split "(,)" "a,b")                                       ⇒ ("a" "b")
(regexp-split "," "")                                            ⇒ ("")
(regexp-split "," ",a,")                                         ⇒ ("" "a" "")
(regexp-quote "a.b*")                                            ⇒ "a\\.b\\*"
(regexp-match (regexp-quote "a.b") "a.b")                        ⇒ ("a.b")
(regexp-match "\\." "a.b")                                       ⇒ (".")
"""),
)
def test_regular_expressions(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(regexp-match "(" "x")                                           ⇒ regexp-match: argument 1 is no pattern: missing ) at position 1 "("
(regexp-split "*" "x")                                           ⇒ regexp-split: argument 1 is no pattern: nothing to repeat at position 0 "*"
(regexp-match 'a "x")                                            ⇒ regexp-match: argument 1 must be a string, but got a
(regexp-match "a" 5)                                             ⇒ regexp-match: argument 2 must be a string, but got 5
(regexp-replace "a" "a" 5)                                       ⇒ regexp-replace: argument 3 must be a string or procedure, but got 5
(regexp-replace "a" "a" (lambda (m) m))                          ⇒ regexp-replace: argument 3 must be a procedure that gives strings, but got #<procedure>
"""),
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message


def test_a_replacement_that_names_no_group() -> None:
    assert error_of(r'(regexp-replace "a" "a" "\\2")').startswith("regexp-replace: argument 3 is no replacement: ")


@pytest.mark.parametrize("search", ["match", "match-all", "split"])
def test_a_pattern_that_takes_for_ever_is_an_error(search: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexps, "_SECONDS_MAX", 0.2)
    begun = time.process_time()
    message = error_of(f'(regexp-{search} "(x+x+)+y" (make-string 30000 #\\x))')
    assert message.startswith(f'regexp-{search}: the pattern "(x+x+)+y" takes more than 0.2 seconds on this text;')
    assert time.process_time() - begun < 10


def test_a_pattern_that_is_nested_too_deep() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(2_000)  # others may have raised it
    try:
        with pytest.raises(OmegaError, match="argument 1 is no pattern: it is nested too deep"):
            regexps.regexp_match("(" * 5_000 + ")" * 5_000, "x")
    finally:
        sys.setrecursionlimit(limit)


@given(st.text("ab,. "), st.sampled_from([",", "a+", "[ab]", "(a)|(b)", r"\s", "a*", r"\b"]))
def test_patterns_mean_what_they_mean_to_python(text: str, pattern: str) -> None:
    found = [list(each) for each in regexps.regexp_match_all(pattern, text)]
    expected = [[m[0], *(False if g is None else g for g in m.groups())] for m in re.finditer(pattern, text)]
    assert found == expected
    assert list(regexps.regexp_split(pattern, text)) == re.split(pattern, text)[:: re.compile(pattern).groups + 1]
    assert regexps.regexp_replace(pattern, text, "<>") == re.sub(pattern, "<>", text)


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(format-number 1234567.891)                                      ⇒ "1,234,567.89"
(format-number 1234567 0)                                        ⇒ "1,234,567"
(format-number 0.5 3)                                            ⇒ "0.500"
(format-number -1234.5 1)                                        ⇒ "-1,234.5"
(format-number 0.256 ".1%")                                      ⇒ "25.6%"
(format-number 3.14159 ".2f")                                    ⇒ "3.14"
(format-number 42 "05d")                                         ⇒ "00042"
(format-number 255 "x")                                          ⇒ "ff"
(format-number 12345.678 ".2e")                                  ⇒ "1.23e+04"
"""),
)
def test_numbers_as_text(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(format-number "5")                                              ⇒ format-number: argument 1 must be a number, but got "5"
(format-number 5 'x)                                             ⇒ format-number: argument 2 must be a string, but got x
(format-number 5 -1)                                             ⇒ format-number: argument 2 must be a string, but got -1
(format-number 2.5 "d")                                          ⇒ format-number: this form doesn't fit the number: Unknown format code 'd' for object of type 'float' 2.5 "d"
"""),
)
def test_errors_of_formats(program: str, message: str) -> None:
    assert error_of(program) == message
