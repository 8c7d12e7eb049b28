"""Vectors. Python lists and tuples pass for vectors where they are only read."""

from __future__ import annotations

from omega_runtime.lib.arguments import (
    ABSENT,
    callee,
    count,
    elements,
    index,
    is_number,
    repeated,
    span,
    vector_items,
)
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.values import List, Value


@primitive("vector?")
def is_vector(value: Value) -> bool:
    """Whether a value is a vector."""
    return isinstance(value, Vector)


@primitive("vector")
def vector(*items: Value) -> Vector:
    """The vector of the arguments."""
    return Vector(items)


@primitive("make-vector")
def make_vector(size: Value, fill: Value = None) -> Vector:
    """A vector of `size` times the same element."""
    return Vector(make_items(size, fill))


@primitive("%make-items")
def make_items(size: Value, fill: Value = None) -> list[Value]:
    """The elements of a `make-vector` that nobody else sees."""
    return repeated("make-vector", 1, [fill], size)


@primitive("make-initialized-vector", calls=(1,))
def make_initialized_vector(size: Value, procedure: Value) -> Vector:
    """The vector of what the procedure gives for 0, 1, ... up to below `size`."""
    n = count("make-initialized-vector", 1, size)
    callee("make-initialized-vector", 2, procedure)
    return Vector([procedure(i) for i in range(n)])


@primitive("vector-length")
def vector_length(items: Value) -> int:
    """The number of elements."""
    return len(vector_items("vector-length", 1, items))


@primitive("vector-ref")
def vector_ref(items: Value, k: Value) -> Value:
    """The element at index `k`, from 0."""
    if (type(items) is Vector or type(items) is list) and type(k) is int and 0 <= k < len(items):
        return items[k]
    return vector_items("vector-ref", 1, items)[index("vector-ref", 2, k, len(items))]


@primitive("vector-first")
def vector_first(items: Value) -> Value:
    """The first element of a vector that is not empty."""
    return _not_empty("vector-first", items)[0]


@primitive("vector-last")
def vector_last(items: Value) -> Value:
    """The last element of a vector that is not empty."""
    return _not_empty("vector-last", items)[-1]


def _not_empty(procedure: str, items: Value) -> list[Value]:
    found = vector_items(procedure, 1, items)
    if not found:
        raise wrong_range(procedure, 1, "a vector that is not empty", items)
    return found


def _changeable(procedure: str, items: Value, position: int = 1) -> list[Value]:
    if isinstance(items, list):
        return items
    raise wrong_type(procedure, position, "a vector that can be changed", items)


@primitive("vector-set!", row="state")
def vector_set(items: Value, k: Value, value: Value) -> None:
    """Replaces the element at index `k`."""
    if (type(items) is Vector or type(items) is list) and type(k) is int and 0 <= k < len(items):
        items[k] = value
        return
    _changeable("vector-set!", items)[index("vector-set!", 2, k, len(items))] = value


def vector_set_each(items: Value, indices: Iterable[Value], value: Value) -> None:
    """What a loop does whose rounds are `vector-set!` with the same value; at once where all is as it should be."""
    if (type(items) is Vector or type(items) is list) and type(indices) is range and indices:
        up = indices if indices.step > 0 else indices[::-1]
        if up.start >= 0 and up[-1] < len(items):
            items[up.start : up.stop : up.step] = [value] * len(up)
            return
    for k in indices:
        vector_set(items, k, value)


@primitive("vector-fill!", row="state")
def vector_fill(items: Value, fill: Value, start: Value = 0, end: Value = ABSENT) -> None:
    """Replaces the elements from index `start` to before index `end` by the same one."""
    target = _changeable("vector-fill!", items)
    first, stop = span("vector-fill!", 3, start, end, len(target))
    target[first:stop] = [fill] * (stop - first)


@primitive("vector-copy!", row="state")
def vector_copy_into(target: Value, at: Value, items: Value, start: Value = 0, end: Value = ABSENT) -> None:
    """Replaces the elements of the target from index `at` on by those of another vector."""
    changed = _changeable("vector-copy!", target)
    source = vector_items("vector-copy!", 3, items)
    first, stop = span("vector-copy!", 4, start, end, len(source))
    to, _ = span("vector-copy!", 2, at, ABSENT, len(changed))
    if stop - first > len(changed) - to:
        raise wrong_range("vector-copy!", 3, f"at most {len(changed) - to} elements", items)
    changed[to : to + stop - first] = source[first:stop]


@primitive("vector-swap!", row="state")
def vector_swap(items: Value, i: Value, j: Value) -> None:
    """Exchanges two elements."""
    target = _changeable("vector-swap!", items)
    a, b = index("vector-swap!", 2, i, len(target)), index("vector-swap!", 3, j, len(target))
    target[a], target[b] = target[b], target[a]


def _part(procedure: str, items: Value, start: Value, end: Value) -> list[Value]:
    whole = vector_items(procedure, 1, items)
    first, stop = span(procedure, 2, start, end, len(whole))
    return whole[first:stop]


@primitive("vector->list")
def vector_to_list(items: Value, start: Value = 0, end: Value = ABSENT) -> List:
    """The list of the elements from index `start` to before index `end`."""
    return list_from(_part("vector->list", items, start, end))


@primitive("list->vector")
def list_to_vector(items: Value) -> Vector:
    """The vector of the elements of a list."""
    return Vector(elements("list->vector", 1, items))


@primitive("vector-copy")
def vector_copy(items: Value, start: Value = 0, end: Value = ABSENT) -> Vector:
    """A new vector of the elements from index `start` to before index `end`."""
    return Vector(_part("vector-copy", items, start, end))


@primitive("subvector")
def subvector(items: Value, start: Value, end: Value) -> Vector:
    """A new vector of the elements from index `start` to before index `end`."""
    return Vector(_part("subvector", items, start, end))


@primitive("vector-head")
def vector_head(items: Value, end: Value) -> Vector:
    """A new vector of the elements before index `end`."""
    whole = vector_items("vector-head", 1, items)
    return Vector(whole[: index("vector-head", 2, end, len(whole) + 1)])


@primitive("vector-tail")
def vector_tail(items: Value, start: Value) -> Vector:
    """A new vector of the elements from index `start` on."""
    return Vector(_part("vector-tail", items, start, ABSENT))


@primitive("vector-append")
def vector_append(*vectors: Value) -> Vector:
    """The elements of all vectors in a new one."""
    joined = Vector()
    for i, each in enumerate(vectors):
        joined.extend(vector_items("vector-append", i + 1, each))
    return joined


def _rows(procedure: str, first: Value, rest: tuple[Value, ...], position: int = 2) -> list[tuple[Value, ...]]:
    columns = [vector_items(procedure, i + position, each) for i, each in enumerate((first, *rest))]
    return list(zip(*columns, strict=False))


@primitive("vector-map", calls=(0,))
def vector_map(procedure: Value, first: Value, *rest: Value) -> Vector:
    """The vector of what the procedure gives for the elements of the vectors, up to the shortest."""
    callee("vector-map", 1, procedure)
    return Vector([procedure(*row) for row in _rows("vector-map", first, rest)])


@primitive("vector-for-each", calls=(0,))
def vector_for_each(procedure: Value, first: Value, *rest: Value) -> None:
    """Calls the procedure with the elements of the vectors, up to the shortest."""
    callee("vector-for-each", 1, procedure)
    for row in _rows("vector-for-each", first, rest):
        procedure(*row)


@primitive("vector-map!", calls=(0,), row="state")
def vector_map_in_place(procedure: Value, items: Value) -> None:
    """Replaces each element by what the procedure gives for it."""
    callee("vector-map!", 1, procedure)
    target = _changeable("vector-map!", items, 2)
    for i in range(len(target)):
        target[i] = procedure(target[i])


@primitive("vector-fold", calls=(0,))
def vector_fold(procedure: Value, initial: Value, first: Value, *rest: Value) -> Value:
    """Calls (procedure accumulator element ...) from the left on; gives the last result."""
    callee("vector-fold", 1, procedure)
    result = initial
    for row in _rows("vector-fold", first, rest, 3):
        result = procedure(result, *row)
    return result


@primitive("vector-fold-right", calls=(0,))
def vector_fold_right(procedure: Value, initial: Value, first: Value, *rest: Value) -> Value:
    """Calls (procedure accumulator element ...) from the right on; gives the last result."""
    callee("vector-fold-right", 1, procedure)
    result = initial
    for row in reversed(_rows("vector-fold-right", first, rest, 3)):
        result = procedure(result, *row)
    return result


@primitive("vector-count", calls=(0,))
def vector_count(predicate: Value, first: Value, *rest: Value) -> int:
    """How many elements the predicate holds for."""
    callee("vector-count", 1, predicate)
    return sum([1 for row in _rows("vector-count", first, rest) if predicate(*row) is not False])


@primitive("vector-index", calls=(0,))
def vector_index(predicate: Value, first: Value, *rest: Value) -> int | bool:
    """The index of the first elements that the predicate holds for, or #f."""
    callee("vector-index", 1, predicate)
    return next((i for i, row in enumerate(_rows("vector-index", first, rest)) if predicate(*row) is not False), False)


@primitive("vector-any", calls=(0,))
def vector_any(predicate: Value, first: Value, *rest: Value) -> Value:
    """The first result of the predicate that is not #f, or #f."""
    callee("vector-any", 1, predicate)
    for row in _rows("vector-any", first, rest):
        result = predicate(*row)
        if result is not False:
            return result
    return False


@primitive("vector-every", calls=(0,))
def vector_every(predicate: Value, first: Value, *rest: Value) -> Value:
    """#f when the predicate gives #f for some elements, otherwise its last result; #t for empty vectors."""
    callee("vector-every", 1, predicate)
    result: Value = True
    for row in _rows("vector-every", first, rest):
        result = predicate(*row)
        if result is False:
            return False
    return result


@primitive("vector-binary-search", calls=(2,))
def vector_binary_search(items: Value, wanted: Value, compare: Value) -> int | bool:
    """An index at which (compare element wanted) is 0, or #f.

    The vector is sorted so that `compare` gives negative numbers first and positive ones last.
    """
    whole = vector_items("vector-binary-search", 1, items)
    callee("vector-binary-search", 3, compare)
    low, high = 0, len(whole)
    while low < high:
        middle = (low + high) // 2
        order = compare(whole[middle], wanted)
        if not is_number(order):
            raise wrong_type("vector-binary-search", 3, "a procedure that gives numbers", compare)
        if order == 0:
            return middle
        low, high = (middle + 1, high) if order < 0 else (low, middle)
    return False


@primitive("vector-reverse!", row="state")
def vector_reverse(items: Value, start: Value = 0, end: Value = ABSENT) -> None:
    """Turns the elements from index `start` to before index `end` round."""
    target = _changeable("vector-reverse!", items)
    first, stop = span("vector-reverse!", 2, start, end, len(target))
    target[first:stop] = target[first:stop][::-1]


@primitive("vector-grow")
def vector_grow(items: Value, size: Value) -> Vector:
    """A new vector of `size` elements, the first ones those of the vector and the others unspecified."""
    whole = vector_items("vector-grow", 1, items)
    if count("vector-grow", 2, size) < len(whole):
        raise wrong_range("vector-grow", 2, f"at least {len(whole)}, the length of the vector", size)
    return Vector([*whole, *repeated("vector-grow", 2, [None], size - len(whole))])


@primitive("subvector->list")
def subvector_to_list(items: Value, start: Value, end: Value) -> List:
    """The list of the elements from index `start` to before index `end`."""
    return list_from(_part("subvector->list", items, start, end))


@primitive("subvector-fill!", row="state")
def subvector_fill(items: Value, start: Value, end: Value, fill: Value) -> None:
    """Replaces the elements from index `start` to before index `end` by the same one."""
    target = _changeable("subvector-fill!", items)
    first, stop = span("subvector-fill!", 2, start, end, len(target))
    target[first:stop] = [fill] * (stop - first)
