"""Hash tables as Python sees them."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from omega_runtime.values.pairs import NIL, make_list
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import EqvHashTable, HashTable
from omega_runtime.values.vectors import Vector


def filled() -> HashTable:
    table = HashTable()
    table[1] = "one"
    table[True] = "true"
    table[False] = "false"
    table[0] = "zero"
    return table


def test_booleans_are_no_numbers() -> None:
    table = filled()
    assert [table[1], table[True], table[False], table[0.0]] == ["one", "true", "false", "zero"]
    assert list(table) == [1, True, False, 0]
    assert [type(key) for key in table.keys()] == [int, bool, bool, int]  # noqa: SIM118
    assert list(table.items())[1] == (True, "true")
    assert list(reversed(table))[-2] is True
    assert True in table
    assert True in table.keys()  # noqa: SIM118
    assert dict(table) == {1: "true", 0: "zero"}


@pytest.mark.parametrize(
    ("key", "same"),
    [
        (1, 1.0),
        ("a", "a"),
        (make_list(1, 2), make_list(1, 2.0)),
        (make_list(1, 2), (1, 2)),
        ([1, 2], make_list(1, 2)),
        ([], NIL),
        (Vector([1]), Vector([1])),
        (math.nan, float("nan")),
    ],
)
def test_keys_are_compared_by_equal(key: Any, same: Any) -> None:
    table = HashTable()
    table[key] = "x"
    assert table[same] == "x"
    assert same in table
    assert table.get(same) == "x"
    del table[same]
    assert len(table) == 0


def test_a_python_list_comes_back_as_an_omega_list() -> None:
    [key] = HashTable([([1, 2], "x")])
    assert repr(key) == "(1 2)"


def test_any_object_is_a_key() -> None:
    inner: dict[str, int] = {}
    table = HashTable()
    table[inner] = 1
    assert table[inner] == 1
    assert {} not in table
    assert next(iter(table)) is inner


def test_eqv_tables_compare_structures_by_identity() -> None:
    key = make_list(1)
    table = EqvHashTable()
    table[key], table[1], table["a"] = "x", "one", "str"
    assert table[key] == "x"
    assert make_list(1) not in table
    assert table[1.0] == "one"
    assert table["".join(["a"])] == "str"
    assert next(iter(table)) is key
    assert type(table.copy()) is EqvHashTable


def test_dict_methods() -> None:
    table = filled()
    assert table.setdefault(True, "new") == "true"
    assert table.pop(True) == "true"
    assert table.pop(True, None) is None
    assert table.popitem() == (0, "zero")
    table.update({"a": 1}, b=2)
    assert table["a"] + table["b"] == 3
    assert (table | {"c": 3})["c"] == 3
    table |= {"d": 4}
    assert table["d"] == 4
    assert json.loads(json.dumps(HashTable(a=1))) == {"a": 1}


@pytest.mark.parametrize("action", ["__getitem__", "__delitem__", "pop"])
def test_a_missing_key_is_a_key_error(action: str) -> None:
    with pytest.raises(KeyError) as caught:
        getattr(HashTable(), action)(Symbol("lost"))
    assert caught.value.args == (Symbol("lost"),)


@pytest.mark.parametrize("twin", [copy.copy, HashTable.copy, HashTable, copy.deepcopy])
def test_copies_are_equal_and_independent(twin: Any) -> None:
    table = filled()
    other = twin(table)
    assert other == table
    assert type(other) is HashTable
    other["new"] = 1
    assert "new" not in table
