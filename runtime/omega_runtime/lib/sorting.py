"""Sorting; equal elements keep their order."""

from __future__ import annotations

from omega_runtime.lib.arguments import callee, elements, is_number
from omega_runtime.lib.numbers import greater, less
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Procedure, Value


@primitive("sort", "stable-sort", calls=(0, 1))
def sort(items: Value, before: Value) -> List | Vector:
    """The elements of a list or vector, sorted; `before` says whether its first argument must come first.

    The two arguments may change places.
    """
    position = 1
    if callable(items) and not callable(before):
        items, before, position = before, items, 2
    callee("sort", 3 - position, before)
    if type(items) is Vector:
        return Vector(_sorted(list(items), before))
    return list_from(_sorted(elements("sort", position, items), before))


@primitive("list-sort", calls=(0,))
def list_sort(before: Value, items: Value) -> List:
    """The elements of a list, sorted."""
    callee("list-sort", 1, before)
    return list_from(_sorted(elements("list-sort", 2, items), before))


@primitive("sort!", row="state", calls=(1,))
def sort_in_place(vector: Value, before: Value) -> None:
    """Sorts a vector in place."""
    if not isinstance(vector, list):
        raise wrong_type("sort!", 1, "a vector", vector)
    vector[:] = _sorted(list(vector), callee("sort!", 2, before))


def _sorted(items: list[Value], before: Procedure) -> list[Value]:
    if (before is less or before is greater) and all(is_number(item) and item == item for item in items):
        items.sort(reverse=before is greater)
        return items
    from functools import cmp_to_key

    # Python's sort only ever asks whether one element comes before another.
    items.sort(key=cmp_to_key(lambda a, b: 0 if before(a, b) is False else -1))
    return items
