"""Lists as sets. The first argument says whether two elements are the same."""

from __future__ import annotations

from itertools import pairwise

from omega_runtime.lib.arguments import callee, elements
from omega_runtime.lib.registry import primitive
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import Pair, list_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from omega_runtime.values import List, Procedure, Value


def _has(same: Procedure, items: Sequence[Value], wanted: Value) -> bool:
    return any(same(item, wanted) is not False for item in items)


def _sets(procedure: str, same: Value, position: int, lists: tuple[Value, ...]) -> list[list[Value]]:
    """The elements of the lists, of which the first stands at the position."""
    callee(procedure, 1, same)
    return [elements(procedure, position + i, each) for i, each in enumerate(lists)]


@primitive("lset-adjoin", calls=(0,))
def lset_adjoin(same: Value, items: Value, *more: Value) -> List:
    """The list with those of the other arguments in front that it lacks."""
    (found,) = _sets("lset-adjoin", same, 2, (items,))
    result = items if isinstance(items, Pair) else list_from(found)
    for each in more:
        if not _has(same, found, each):
            found.append(each)
            result = Pair(each, result)
    return result


@primitive("lset-union", "lset-union!", calls=(0,))
def lset_union(same: Value, *lists: Value) -> List:
    """The elements of the first list, and before them those of the others that are not there yet."""
    first, *others = _sets("lset-union", same, 2, lists) or [[]]
    found, added = list(first), []
    for other in others:
        for each in other:
            if not _has(same, found, each):
                found.append(each)
                added.append(each)
    return list_from([*reversed(added), *first])


@primitive("lset-intersection", "lset-intersection!", calls=(0,))
def lset_intersection(same: Value, first: Value, *rest: Value) -> List:
    """The elements of the first list that are in all others."""
    ours, *others = _sets("lset-intersection", same, 2, (first, *rest))
    return list_from([each for each in ours if all(_has(same, other, each) for other in others)])


@primitive("lset-difference", "lset-difference!", calls=(0,))
def lset_difference(same: Value, first: Value, *rest: Value) -> List:
    """The elements of the first list that are in none of the others."""
    ours, *others = _sets("lset-difference", same, 2, (first, *rest))
    return list_from([each for each in ours if not any(_has(same, other, each) for other in others)])


@primitive("lset-diff+intersection", "lset-diff+intersection!", calls=(0,))
def lset_difference_and_intersection(same: Value, first: Value, *rest: Value) -> MultipleValues:
    """Two values: the elements of the first list that are in none of the others, and those that are in some."""
    ours, *others = _sets("lset-diff+intersection", same, 2, (first, *rest))
    only: list[Value] = []
    common: list[Value] = []
    for each in ours:
        (common if any(_has(same, other, each) for other in others) else only).append(each)
    return MultipleValues((list_from(only), list_from(common)))


@primitive("lset-xor", "lset-xor!", calls=(0,))
def lset_xor(same: Value, *lists: Value) -> List:
    """The elements that are in an odd number of the lists."""
    found: list[Value] = []
    for other in _sets("lset-xor", same, 2, lists):
        kept = [each for each in found if not _has(same, other, each)]
        found = kept + [each for each in other if not _has(same, found, each)]
    return list_from(found)


@primitive("lset<=", calls=(0,))
def is_subset(same: Value, *lists: Value) -> bool:
    """Whether each list has its elements in the next."""
    sets = _sets("lset<=", same, 2, lists)
    return all(_is_within(same, ours, theirs) for ours, theirs in pairwise(sets))


@primitive("lset=", calls=(0,))
def are_sets_equal(same: Value, *lists: Value) -> bool:
    """Whether the lists have the same elements."""
    sets = _sets("lset=", same, 2, lists)
    return all(_is_within(same, ours, theirs) and _is_within(same, theirs, ours) for ours, theirs in pairwise(sets))


def _is_within(same: Procedure, ours: list[Value], theirs: list[Value]) -> bool:
    return all(_has(same, theirs, each) for each in ours)
