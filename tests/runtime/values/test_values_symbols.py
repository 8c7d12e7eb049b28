"""Symbols, keywords and chars: identity, immutability and text."""

from __future__ import annotations

import copy
import operator
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from omega_runtime.values.chars import Char
from omega_runtime.values.symbols import Keyword, Symbol


@pytest.mark.parametrize("kind", [Symbol, Keyword])
def test_names_are_interned(kind: Any) -> None:
    name = kind("".join(["pri", "ority"]))
    assert name is kind("priority")
    assert name is not kind("Priority")
    assert copy.copy(name) is name
    assert copy.deepcopy([name])[0] is name
    assert pickle.loads(pickle.dumps(name)) is name


def test_a_symbol_is_no_keyword_and_no_string() -> None:
    assert Symbol("a") != Keyword("a")
    assert Symbol("a") != "a"


@pytest.mark.parametrize("kind", [Symbol, Keyword])
def test_interning_is_safe_under_threads(kind: Any) -> None:
    names = [f"race-{i}" for i in range(200)] * 20
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(kind, names))
    assert len({id(each) for each in made}) == 200


def test_an_uninterned_symbol_is_only_itself() -> None:
    odd = Symbol.uninterned("a")
    assert odd is not Symbol("a")
    assert odd != Symbol("a")
    assert str(odd) == "a"


@pytest.mark.parametrize("value", [Symbol("a"), Keyword("a"), Char("a")])
def test_names_and_chars_cannot_be_changed(value: Any) -> None:
    with pytest.raises(AttributeError):
        value.name = "b"
    with pytest.raises(AttributeError):
        value.value = "b"


@pytest.mark.parametrize("name", [5, None, b"a"])
@pytest.mark.parametrize("kind", [Symbol, Keyword])
def test_a_name_is_a_str(kind: Any, name: Any) -> None:
    with pytest.raises(TypeError):
        kind(name)


@pytest.mark.parametrize("value", [Symbol("a"), Keyword("a"), Char("a")])
@pytest.mark.parametrize("operation", [operator.lt, operator.add, operator.mul])
def test_arithmetic_on_names_and_chars_is_a_type_error(operation: Any, value: Any) -> None:
    with pytest.raises(TypeError):
        operation(value, value)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("car", "car"),
        ("gpt-3.5", "gpt-3.5"),
        ("infer.op", "infer.op"),
        ("+", "+"),
        ("...", "..."),
        ("1+", "1+"),
        ("-1+", "-1+"),
        ("->x", "->x"),
        ("λ", "λ"),
        ("a#", "a#"),
        ("", "||"),
        (".", "|.|"),
        ("two words", "|two words|"),
        ("(", "|(|"),
        ("a;b", "|a;b|"),
        ("a'b", "|a'b|"),
        (",x", "|,x|"),
        ("#t", "|#t|"),
        ("a:", "|a:|"),
        (":a", "|:a|"),
        ("12", "|12|"),
        ("-1.5e3", "|-1.5e3|"),
        ("1/2", "|1/2|"),
        ("+inf.0", "|+inf.0|"),
        ("a|b", "|a\\|b|"),
        ("a\\b", "|a\\\\b|"),
        ("a\nb", "|a\\xa;b|"),
    ],
)
def test_a_symbol_writes_in_bars_where_it_would_not_read_back(name: str, written: str) -> None:
    assert repr(Symbol(name)) == written
    assert str(Symbol(name)) == name


def test_a_keyword_shows_its_colon() -> None:
    assert str(Keyword("priority")) == repr(Keyword("priority")) == "priority:"
    assert repr(Keyword("two words")) == "|two words|:"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", "#\\a"),
        ("(", "#\\("),
        (" ", "#\\space"),
        ("\n", "#\\newline"),
        ("\t", "#\\tab"),
        ("\0", "#\\null"),
        ("\x7f", "#\\delete"),
        ("λ", "#\\λ"),
        ("\u200b", "#\\x200b"),
        ("\x01", "#\\x1"),
    ],
)
def test_a_char_displays_raw_and_writes_named(value: str, written: str) -> None:
    assert str(Char(value)) == value
    assert repr(Char(value)) == written


def test_chars_are_equal_by_value() -> None:
    assert Char("a") is Char("a")
    assert Char("λ") == Char("λ")
    assert hash(Char("λ")) == hash(Char("λ"))
    assert Char("a") != "a"
    assert copy.deepcopy(Char("λ")) == Char("λ")


@pytest.mark.parametrize("value", ["", "ab"])
def test_a_char_is_one_character(value: str) -> None:
    with pytest.raises(ValueError, match="one character"):
        Char(value)
