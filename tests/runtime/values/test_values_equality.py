"""eqv?, equal? and hashing."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.values.chars import Char
from omega_runtime.values.equality import is_equal, is_eqv, structural_hash
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import NIL, Pair, list_from, make_list
from omega_runtime.values.records import Record
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

SAME = [
    (1, 1.0),
    (10**30, 10**30),
    (math.nan, float("nan")),
    (0.0, -0.0),
    ("ab", "".join(["a", "b"])),
    (Char("λ"), Char("λ")),
    (b"ab", bytes([97, 98])),
    (True, True),
    (None, None),
    (NIL, []),
    ((), []),
]
ALIKE = [
    (make_list(1, 2), make_list(1.0, 2)),
    (make_list(1, 2), [1, 2]),
    ((1, [2]), make_list(1, make_list(2))),
    (Pair(1, (2,)), [1, 2]),
    (Pair(1, 2), Pair(1, 2)),
    (Vector([1, "a"]), Vector([1, "a"])),
    (Vector(), Vector()),
    (MultipleValues((1, 2)), MultipleValues((1, 2))),
    (Decimal("1.50"), Decimal("1.5")),
]
DIFFERENT = [
    (1, True),
    (0, False),
    (1.0, True),
    (1, 2),
    (1, "1"),
    ("a", Char("a")),
    ("a", Symbol("a")),
    (Symbol("a"), Keyword("a")),
    (NIL, False),
    (NIL, None),
    (NIL, Vector()),
    (NIL, MultipleValues()),
    (make_list(1), make_list(True)),
    (make_list(1), Vector([1])),
    (make_list(1, 2), make_list(1, 2, 3)),
    (make_list(1), Pair(1, 2)),
    (Vector([1]), [1]),
    (Vector([1]), Vector([1, 2])),
    (HashTable(), HashTable()),
    (Record(), Record()),
    (Decimal(1), 1),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_the_same_by_value(a: Any, b: Any) -> None:
    assert is_eqv(a, b) is True
    assert is_eqv(b, a) is True
    assert is_equal(a, b) is True


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_alike_but_not_the_same(a: Any, b: Any) -> None:
    assert is_eqv(a, b) is False
    assert is_equal(a, b) is True
    assert is_equal(b, a) is True


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different(a: Any, b: Any) -> None:
    assert is_eqv(a, b) is False
    assert is_equal(a, b) is False
    assert is_equal(b, a) is False


@pytest.mark.parametrize(("a", "b"), SAME + ALIKE)
def test_equal_values_have_equal_hashes(a: Any, b: Any) -> None:
    assert structural_hash(a) == structural_hash(b)
    assert structural_hash(make_list(0, a)) == structural_hash(make_list(0, b))


def test_pairs_and_vectors_compare_as_equal_in_python() -> None:
    assert make_list(1, Vector([2])) == make_list(1, Vector([2.0]))
    assert make_list(True) != make_list(1)
    assert Vector([1]) != [1]
    assert make_list(1) != 5


def ring(period: int) -> Pair:
    start = end = Pair(1, NIL)
    for _ in range(period - 1):
        start = Pair(1, start)
    end.cdr = start
    return start


def test_circular_structures_compare_and_hash() -> None:
    assert is_equal(ring(2), ring(3))
    odd = Pair(1, Pair(2, NIL))
    odd.cdr.cdr = odd
    assert not is_equal(ring(2), odd)
    own: list[Any] = []
    own.append(own)
    assert isinstance(structural_hash(own), int)
    assert structural_hash(ring(2)) == structural_hash(ring(4))


atoms = (
    st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, 2.5, math.nan])
    | st.booleans()
    | st.sampled_from(["", "a", "1"])
    | st.sampled_from([NIL, None, Symbol("a"), Keyword("a"), Char("a"), b"a"])
)
values = st.recursive(
    atoms,
    lambda parts: (
        st.lists(parts, max_size=3).flatmap(
            lambda items: st.sampled_from([list_from(items), items, tuple(items), Vector(items)])
        )
        | st.builds(Pair, parts, parts)
    ),
    max_leaves=8,
)


@given(values, values, values)
def test_equality_is_an_equivalence_that_hashing_respects(a: Any, b: Any, c: Any) -> None:
    assert is_equal(a, a)
    assert is_equal(a, b) == is_equal(b, a)
    if is_equal(a, b):
        assert structural_hash(a) == structural_hash(b)
        assert is_equal(b, c) == is_equal(a, c)
    if is_eqv(a, b):
        assert is_equal(a, b)


@given(values)
def test_a_value_is_found_in_a_table_by_an_equal_key(value: Any) -> None:
    table = HashTable()
    table[value] = "here"
    twin = list_from(list(value)) if isinstance(value, (list, tuple)) and type(value) is not Vector else value
    assert table[twin] == "here"
    [key] = table
    assert is_equal(key, value)
