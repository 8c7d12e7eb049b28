"""Pairs and lists as Python sees them: sequences, of any depth."""

from __future__ import annotations

import copy
import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import (
    NIL,
    Nil,
    Pair,
    is_plain_list,
    list_from,
    list_length,
    make_list,
    unlist,
)
from omega_runtime.values.vectors import Vector

DEEP = 1_000_000


def circular(*items: Any) -> Pair:
    ring: Pair = make_list(*items)
    end = ring
    while end.cdr is not NIL:
        end = end.cdr
    end.cdr = ring
    return ring


def deep_in_car(depth: int) -> Any:
    value: Any = NIL
    for _ in range(depth):
        value = Pair(value, NIL)
    return value


@given(st.lists(st.integers()), st.data())
def test_a_list_is_a_sequence(items: list[int], data: st.DataObject) -> None:
    made = list_from(items)
    assert list(made) == items
    assert len(made) == len(items)
    assert list(reversed(made)) == items[::-1]
    assert made == items
    assert items == made
    assert unlist(made) == items
    i = data.draw(st.integers(-len(items) - 2, len(items) + 2))
    if -len(items) <= i < len(items):
        assert made[i] == items[i]
    else:
        with pytest.raises(IndexError):
            made[i]
    part = data.draw(st.slices(len(items))) if items else slice(None)
    assert made[part] == items[part]


def test_nil_is_one_false_empty_list() -> None:
    assert Nil() is NIL
    assert not NIL
    assert len(NIL) == 0
    assert list(NIL) == []
    assert list(reversed(NIL)) == []
    assert NIL == []
    assert NIL == ()
    assert Vector() != NIL
    assert NIL != ""
    assert repr(NIL) == str(NIL) == "()"
    assert copy.deepcopy(NIL) is NIL


def test_a_pair_is_true_without_being_counted() -> None:
    assert bool(Pair(False, 5)) is True


def test_make_list_and_list_from() -> None:
    assert repr(make_list(1, 2)) == "(1 2)"
    assert make_list() is NIL
    assert repr(list_from(iter([1, 2]), 3)) == "(1 2 . 3)"


@pytest.mark.parametrize("tail", [5, "x", Vector([1])])
def test_an_improper_list_is_no_sequence(tail: Any) -> None:
    improper = Pair(1, Pair(2, tail))
    items = iter(improper)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(OmegaError, match="not a proper list"):
        next(items)
    with pytest.raises(OmegaError, match="not a proper list"):
        len(improper)
    assert list_length(improper) is None
    assert unlist(improper) is None


def test_a_circular_list_never_hangs() -> None:
    ring = circular(1, 2, 3)
    with pytest.raises(OmegaError, match="not a proper list"):
        len(ring)
    with pytest.raises(OmegaError, match="circular"):
        for _ in ring:
            pass
    assert list_length(Pair(0, ring)) is None
    assert unlist(ring) is None


def test_a_python_list_may_be_the_tail() -> None:
    mixed = Pair(1, [2, 3])
    assert list(mixed) == [1, 2, 3]
    assert len(mixed) == 3
    assert mixed[2] == 3
    assert mixed == make_list(1, 2, 3)
    assert hash(mixed) == hash(make_list(1, 2, 3))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], True),
        ((1,), True),
        (Vector(), False),
        (MultipleValues(), False),
        ("", False),
        ({}, False),
        (NIL, False),
    ],
)
def test_what_counts_as_a_python_list(value: Any, expected: bool) -> None:
    assert is_plain_list(value) is expected


@pytest.mark.parametrize("operation", [operator.lt, operator.add, operator.mul])
def test_arithmetic_on_pairs_is_a_type_error(operation: Any) -> None:
    with pytest.raises(TypeError):
        operation(Pair(1, 2), Pair(1, 2))


@pytest.mark.parametrize("build", [deep_in_car, lambda n: list_from([1] * n)])
def test_depth_has_no_limit(build: Any) -> None:
    one, other = build(DEEP), build(DEEP)
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("build", [deep_in_car, lambda n: list_from([1] * n)])
def test_deep_structures_copy(build: Any) -> None:
    one = build(100_000)
    twin = copy.deepcopy(one)
    assert twin is not one
    assert twin == one


def test_copies() -> None:
    inner = make_list(1)
    original = Pair(inner, Vector([inner]))
    shallow, deep = copy.copy(original), copy.deepcopy(original)
    assert shallow.car is inner
    assert deep == original
    assert deep.car is not inner
    assert deep.car is deep.cdr[0]


def test_a_deep_copy_of_a_ring_is_a_ring() -> None:
    ring = circular(1, 2)
    twin = copy.deepcopy(ring)
    assert twin.cdr.cdr is twin
    assert twin is not ring
