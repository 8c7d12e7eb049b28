"""Sorting; equal elements keep their order."""

from __future__ import annotations

from omega_runtime.lib.arguments import callee, elements, is_number, vector_items
from omega_runtime.lib.numbers import greater, less
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import list_from, unlist
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Procedure, Value


@primitive("sort", "stable-sort", calls=(0, 1))
def sort(items: Value, before: Value) -> List | Vector:
    """The elements of a list or vector, sorted; `before` says whether its first argument must come first.

    The two arguments may change places, here and in the other procedures.
    """
    items, before, position = _in_order("sort", items, before)
    if type(items) is Vector:
        return Vector(_sorted(list(items), before))
    return list_from(_sorted(elements("sort", position, items), before))


@primitive("list-sort", calls=(0, 1))
def list_sort(before: Value, items: Value) -> List:
    """The elements of a list, sorted."""
    items, before, position = _in_order("list-sort", before, items)
    return list_from(_sorted(elements("list-sort", position, items), before))


@primitive("vector-sort", calls=(0, 1))
def vector_sort(vector: Value, before: Value) -> Vector:
    """The elements of a vector, sorted, in a new one."""
    items, before, position = _in_order("vector-sort", vector, before)
    return Vector(_sorted(list(vector_items("vector-sort", position, items)), before))


@primitive("sort!", "vector-sort!", row="state", calls=(0, 1))
def sort_in_place(vector: Value, before: Value) -> None:
    """Sorts a vector in place."""
    items, before, position = _in_order("sort!", vector, before)
    if not isinstance(items, list):
        raise wrong_type("sort!", position, "a vector", items)
    items[:] = _sorted(list(items), before)


def _in_order(procedure: str, first: Value, second: Value) -> tuple[Value, Procedure, int]:
    """What is to be sorted, the procedure that says how, and the position of what is to be sorted."""
    if callable(first) and not callable(second):
        return second, first, 2
    return first, callee(procedure, 2, second), 1


def _are_ordered(items: list[Value]) -> bool:
    """Whether Python orders values as Omega orders numbers."""
    if _INTEGERS.issuperset(map(type, items)):
        return True
    return all(is_number(item) and item == item for item in items)


_INTEGERS = frozenset({int})


@primitive("%sort-by", calls=(1, 2))
def sort_by(items: Value, before: Value, key: Value, reverse: bool) -> List | Vector:
    """A `sort` whose `before` compares, by < or > with `reverse`, what a key without effects gives.

    Where a key fails or is no number, it is `before` that sorts, and raises.
    """
    found = list(items) if type(items) is Vector else unlist(items)
    if found is not None:
        try:
            keys = [key(item) for item in found]
        except Exception:
            return sort(items, before)
        if _are_ordered(keys):
            from functools import partial

            # Python asks for the key of one item after the other, and `next` ignores which one it is.
            found.sort(key=partial(next, iter(keys)), reverse=reverse)
            return Vector(found) if type(items) is Vector else list_from(found)
    return sort(items, before)


def _sorted(items: list[Value], before: Procedure) -> list[Value]:
    if (before is less or before is greater) and _are_ordered(items):
        items.sort(reverse=before is greater)
        return items
    from functools import cmp_to_key

    # Python's sort only ever asks whether one element comes before another.
    items.sort(key=cmp_to_key(lambda a, b: 0 if before(a, b) is False else -1))
    return items
