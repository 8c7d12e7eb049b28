"""Laws of the library, the table of procedures, and data of any size."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.lib.association import assoc, delete_duplicates, member
from omega_runtime.lib.higher_order import apply, filter_, fold, fold_right, map_, partition, reduce
from omega_runtime.lib.lists import append, cons, length, list_head, list_ref, list_tail, reverse
from omega_runtime.lib.numbers import add, floor_divide, number_to_string, string_to_number, truncate_divide
from omega_runtime.lib.registry import EFFECTS, PRIMITIVES, load, primitive, register
from omega_runtime.lib.sorting import sort
from omega_runtime.lib.strings import string_join, string_split
from omega_runtime.lib.vectors import vector_set, vector_set_each
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import NIL, Pair, list_from, make_list
from omega_runtime.values.vectors import Vector

load()
lists = st.lists(st.integers())
kinds = st.sampled_from([list, tuple, list_from])


@given(lists, lists, lists, kinds)
def test_append_is_associative_and_reverse_turns_it_round(a: list[int], b: list[int], c: list[int], kind: Any) -> None:
    assert append(kind(a), append(kind(b), kind(c))) == append(append(kind(a), kind(b)), kind(c)) == a + b + c
    assert reverse(append(kind(a), kind(b))) == append(reverse(kind(b)), reverse(kind(a)))
    assert reverse(reverse(kind(a))) == a
    assert length(append(kind(a), kind(b))) == len(a) + len(b)


@given(lists, st.data())
def test_head_and_tail_make_the_list(items: list[int], data: st.DataObject) -> None:
    k = data.draw(st.integers(0, len(items)))
    made = list_from(items)
    assert append(list_head(made, k), list_tail(made, k)) == items
    if k < len(items):
        assert list_ref(made, k) == items[k]


@given(lists, kinds)
def test_folds_agree_with_python(items: list[int], kind: Any) -> None:
    assert fold(lambda acc, x: acc * 2 + x, 0, kind(items)) == sum(
        x * 2 ** (len(items) - 1 - i) for i, x in enumerate(items)
    )
    assert fold_right(cons, NIL, kind(items)) == items
    assert reduce(max, None, kind(items)) == (max(items) if items else None)
    assert apply(add, kind(items)) == sum(items)
    assert map_(lambda x: x, kind(items)) == items


@given(st.integers(0, 9), st.integers(-3, 12), st.integers(-3, 12), st.integers(-4, 4).filter(bool))
def test_to_store_one_value_at_many_places_is_to_store_it_at_each(size: int, start: int, stop: int, step: int) -> None:
    def outcome(store: Callable[[Vector, range], None]) -> tuple[Vector, str]:
        items = Vector(range(size))
        try:
            store(items, range(start, stop, step))
        except OmegaError as error:
            return items, str(error)
        return items, ""

    def one_by_one(items: Vector, indices: range) -> None:
        for k in indices:
            vector_set(items, k, "x")

    assert outcome(lambda items, indices: vector_set_each(items, indices, "x")) == outcome(one_by_one)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers())))
def test_sorting_is_stable(items: list[tuple[int, int]]) -> None:
    expected = sorted(items, key=lambda each: each[0])
    assert list(sort(list_from(items), lambda a, b: a[0] < b[0])) == expected


@given(st.lists(st.integers() | st.floats(allow_nan=False)))
def test_sorting_by_the_library_order_is_sorting(items: list[Any]) -> None:
    less, greater = PRIMITIVES["<"].function, PRIMITIVES[">"].function
    assert list(sort(items, less)) == sorted(items)
    assert list(sort(items, greater)) == sorted(items, reverse=True)
    assert list(sort(items, lambda a, b: a < b)) == sorted(items)


@given(lists)
def test_partition_is_filter_and_the_rest(items: list[int]) -> None:
    kept, others = partition(lambda x: x > 0, items)
    assert kept == filter_(lambda x: x > 0, items)
    assert sorted([*kept, *others]) == sorted(items)


@given(lists, st.integers())
def test_looking_up_agrees_with_python(items: list[int], key: int) -> None:
    found = member(key, list_from(items))
    assert found == (items[items.index(key) :] if key in items else False)
    entries = [(item, i) for i, item in enumerate(items)]
    expected = next((entry for entry in entries if entry[0] == key), False)
    assert assoc(key, entries) == expected
    assert list(delete_duplicates(items)) == list(dict.fromkeys(items))


@given(st.integers(), st.integers().filter(bool))
def test_division_adds_up(n: int, d: int) -> None:
    for divide in (floor_divide, truncate_divide):
        quotient, remainder = divide(n, d)
        assert quotient * d + remainder == n
        assert abs(remainder) < abs(d)


@given(st.integers() | st.floats(allow_nan=False))
def test_numbers_come_back_from_strings(n: Any) -> None:
    assert string_to_number(number_to_string(n)) == n


@given(st.lists(st.text(alphabet="ab"), min_size=1))
def test_joining_undoes_splitting(parts: list[str]) -> None:
    assert list(string_split(string_join(parts, ","), ",")) == parts


BIG = 300_000


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("length", []),
        ("reverse", []),
        ("list->vector", []),
        ("list-copy", []),
        ("last", []),
        ("delete-duplicates", []),
        ("map", [abs]),
        ("filter", [bool]),
        ("fold-right", [lambda x, acc: acc, 0]),
        ("apply", [lambda *rest: len(rest)]),
        ("every", [bool]),
        ("find", [lambda x: x < 0]),
        ("member", [-1]),
    ],
)
def test_long_lists_need_no_stack(name: str, arguments: list[Any]) -> None:
    items = list_from(list(range(1, BIG)))
    result = PRIMITIVES[name].function(*arguments, items)
    if name in ("length", "last", "apply"):
        assert result == BIG - 1


def test_procedures_that_stop_early_take_endless_lists() -> None:
    ring = make_list(1, 2)
    ring.cdr.cdr = ring
    assert map_(add, make_list(10, 20, 30), ring) == [11, 22, 31]
    assert PRIMITIVES["any"].function(lambda x: x == 2, ring) is True
    assert PRIMITIVES["find"].function(lambda x: x == 2, ring) == 2
    assert list_head(ring, 5) == [1, 2, 1, 2, 1]
    assert list_ref(ring, 1001) == 2


@pytest.mark.parametrize("name", sorted(name for name in PRIMITIVES if not name.startswith("%")))
def test_the_table_tells_the_truth(name: str) -> None:
    entry = PRIMITIVES[name]
    assert getattr(import_module(entry.module), entry.python_name) is entry.function
    assert entry.row <= EFFECTS
    assert entry.function.__doc__
    parameters = list(inspect.signature(entry.function).parameters.values())
    assert all(p.kind in (p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL) for p in parameters)
    assert all(position < len(parameters) for position in entry.calls)
    pure = PRIMITIVES.get(name.removesuffix("!"))
    if name.endswith("!") and (pure is None or pure.function is not entry.function):
        assert "state" in entry.row


def test_the_table_refuses_mistakes() -> None:
    with pytest.raises(ValueError, match="defined twice"):
        primitive("car")(lambda pair: pair)
    with pytest.raises(ValueError, match="unknown effects"):
        register("new", len, "builtins", "len", row="magic")
    assert "new" not in PRIMITIVES


def test_importing_the_library_is_cheap() -> None:
    program = "import sys; from omega_runtime.lib.registry import load; load(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    ).stdout.split()
    heavy = {
        "typing",
        "re",
        "functools",
        "collections",
        "asyncio",
        "hy",
        "attr",
        "inspect",
        "random",
        "decimal",
    }
    assert heavy.isdisjoint(loaded)


def test_pairs_share_the_tail_that_append_gets() -> None:
    tail = Pair(3, NIL)
    assert append(make_list(1, 2), tail).cdr.cdr is tail
