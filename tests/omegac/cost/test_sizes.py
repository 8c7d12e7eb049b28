"""What the library's procedures make of sizes: the real value lies within, whatever they are given."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from typing import Any

import pytest
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import NIL, Pair, list_from
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

from omegac.analyse.cost.library import result_of
from omegac.analyse.cost.sized import SIZES
from omegac.analyse.cost.sizes import Anything, Cause, Library, Size
from omegac.library import arity, library
from omegac.source import Span
from tests.omegac.cost.sizes import check_within, views_of

_CAUSE = Cause("not followed", Span(1, 1, 1, 1))
_PROCEDURES = {"<", "string?", "number?", "string<?"}
_SAMPLES: list[Any] = [
    0,
    1,
    3,
    -2,
    7.5,
    "",
    "b",
    "a ß, c",
    True,
    False,
    Symbol("b"),
    Char("b"),
    NIL,
    list_from(["b"]),
    list_from([1, 2, 3, 2]),
    list_from(["bbb", "a", "bb"]),
    list_from([list_from(["b", 1]), list_from([1, "a"])]),
    list_from([list_from(["b"]), list_from(["a"])]),
    Pair("b", 1),
    Vector(["bbb", "b"]),
    Vector([]),
    Vector([3, 1]),
    HashTable({"b": 1}),
    *sorted(_PROCEDURES),
]
# With three arguments not all combinations are tried.
_FEW: list[Any] = [0, 2, "b", list_from(["bbb", "a", "bb"]), list_from([1, 2, 3]), Vector(["bbb", "b", 3]), HashTable()]
# What is given is taken for a list here.
_OF_LISTS = {
    *("append", "append!", "cons", "cons*", "drop", "list*", "list-tail", "null?", "pair?", "%list-of?"),
}


def _arguments(name: str) -> Iterator[tuple[Any, ...]]:
    accepted = arity(name)
    for count in range(4):
        if accepted.accepts(count):
            yield from product(_FEW if count == 3 else _SAMPLES, repeat=count)


def _views(value: Any, name: str, procedure: str) -> list[tuple[Size, dict[str, int]]]:
    if isinstance(value, str) and value in _PROCEDURES:
        return [(Library(value), {})]
    if isinstance(value, HashTable):
        return [(Anything(), {})]
    views = list(views_of(value, name))
    is_taken_for_list = procedure in _OF_LISTS and not isinstance(value, Pair)
    return views[:2] if is_taken_for_list or procedure == "concatenate" else views


def _real(value: Any) -> Any:
    return library()[value].function if isinstance(value, str) and value in _PROCEDURES else deepcopy(value)


@pytest.mark.parametrize("name", sorted(SIZES.keys() - {"%receive"}))
def test_a_value_lies_within_its_size(name: str) -> None:
    tried = 0
    for arguments in _arguments(name):
        try:
            value = library()[name].function(*map(_real, arguments))
        except (OmegaError, TypeError, ValueError, ArithmeticError, AttributeError):
            continue
        tried += 1
        for views in product(*(_views(each, "abc"[i], name) for i, each in enumerate(arguments))):
            known = {key: size for _, sizes in views for key, size in sizes.items()}
            found = result_of(name, tuple(size for size, _ in views), _CAUSE)
            try:
                check_within(value, found, known)
            except AssertionError as error:
                raise AssertionError(f"({name} {arguments}) as {[size for size, _ in views]} is {value!r}") from error
    assert tried
