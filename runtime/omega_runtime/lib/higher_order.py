"""Procedures on lists that call procedures. Elements come in order; several lists end with the shortest."""

from __future__ import annotations

from omega_runtime.control.tail import TAIL, bounce, entry
from omega_runtime.lib.arguments import ABSENT, all_slices, callee, elements, slices, walk
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from, unlist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


@primitive("map", "map-in-order", calls=(0,))
def map_(procedure: Value, first: Value, *rest: Value) -> List:
    """The list of what the procedure gives for the elements of the lists."""
    if rest:
        callee("map", 1, procedure)
        return list_from([procedure(*items) for items in slices("map", 2, (first, *rest))])
    return list_from(map_items(procedure, first))


@primitive("%map-items", calls=(0,))
def map_items(procedure: Value, items: Value) -> list[Value]:
    """The elements of a `map`, to go through."""
    callee("map", 1, procedure)
    return [procedure(item) for item in elements("map", 2, items)]


@primitive("for-each", calls=(0,))
def for_each(procedure: Value, first: Value, *rest: Value) -> None:
    """Calls the procedure with the elements of the lists."""
    callee("for-each", 1, procedure)
    if rest:
        for items in slices("for-each", 2, (first, *rest)):
            procedure(*items)
    else:
        for item in elements("for-each", 2, first):
            procedure(item)


@primitive("append-map", "append-map!", calls=(0,))
def append_map(procedure: Value, first: Value, *rest: Value) -> List:
    """The elements, in one list, of the lists that the procedure gives."""
    callee("append-map", 1, procedure)
    found: list[Value] = []
    for items in all_slices("append-map", 2, (first, *rest)):
        part = unlist(procedure(*items))
        if part is None:
            raise wrong_type("append-map", 1, "a procedure that gives lists", procedure)
        found += part
    return list_from(found)


@primitive("filter-map", calls=(0,))
def filter_map(procedure: Value, first: Value, *rest: Value) -> List:
    """What the procedure gives for the elements, without any #f."""
    callee("filter-map", 1, procedure)
    found = [procedure(*items) for items in all_slices("filter-map", 2, (first, *rest))]
    return list_from([each for each in found if each is not False])


@primitive("filter", "filter!", calls=(0,))
def filter_(predicate: Value, items: Value) -> List:
    """The elements that the predicate holds for."""
    return list_from(filter_items(predicate, items))


@primitive("%filter-items", calls=(0,))
def filter_items(predicate: Value, items: Value) -> list[Value]:
    """The elements of a `filter`, to go through."""
    callee("filter", 1, predicate)
    return [item for item in elements("filter", 2, items) if predicate(item) is not False]


@primitive("remove", "remove!", calls=(0,))
def remove(predicate: Value, items: Value) -> List:
    """The elements that the predicate does not hold for."""
    callee("remove", 1, predicate)
    return list_from([item for item in elements("remove", 2, items) if predicate(item) is False])


@primitive("partition", "partition!", calls=(0,))
def partition(predicate: Value, items: Value) -> MultipleValues:
    """Two values: the elements that the predicate holds for, and the others."""
    callee("partition", 1, predicate)
    kept: list[Value] = []
    others: list[Value] = []
    for item in elements("partition", 2, items):
        (others if predicate(item) is False else kept).append(item)
    return MultipleValues((list_from(kept), list_from(others)))


@primitive("fold", calls=(0,))
def fold(procedure: Value, initial: Value, first: Value, *rest: Value) -> Value:
    """Calls (procedure accumulator element ...) from the left on; gives the last result."""
    return _fold("fold", procedure, initial, first, rest)


@primitive("fold-left", "foldl", calls=(0,))
def fold_left(procedure: Value, initial: Value, first: Value, *rest: Value) -> Value:
    """As `fold`."""
    return _fold("fold-left", procedure, initial, first, rest)


def _fold(name: str, procedure: Value, initial: Value, first: Value, rest: tuple[Value, ...]) -> Value:
    callee(name, 1, procedure)
    result = initial
    if rest:
        for items in slices(name, 3, (first, *rest)):
            result = procedure(result, *items)
    else:
        for item in elements(name, 3, first):
            result = procedure(result, item)
    return result


@primitive("fold-right", "foldr", calls=(0,))
def fold_right(procedure: Value, initial: Value, first: Value, *rest: Value) -> Value:
    """Calls (procedure element ... accumulator) from the right on; gives the last result."""
    callee("fold-right", 1, procedure)
    result = initial
    if rest:
        for items in reversed(all_slices("fold-right", 3, (first, *rest))):
            result = procedure(*items, result)
    else:
        for item in reversed(elements("fold-right", 3, first)):
            result = procedure(item, result)
    return result


@primitive("reduce", "reduce-left", calls=(0,))
def reduce(procedure: Value, initial: Value, items: Value) -> Value:
    """Calls (procedure accumulator element), starting with the first element; `initial` for an empty list."""
    callee("reduce", 1, procedure)
    parts = elements("reduce", 3, items)
    if not parts:
        return initial
    result = parts[0]
    for item in parts[1:]:
        result = procedure(result, item)
    return result


@primitive("reduce-right", calls=(0,))
def reduce_right(procedure: Value, initial: Value, items: Value) -> Value:
    """Calls (procedure element accumulator), starting with the last element; `initial` for an empty list."""
    callee("reduce-right", 1, procedure)
    parts = elements("reduce-right", 3, items)
    if not parts:
        return initial
    result = parts.pop()
    for item in reversed(parts):
        result = procedure(item, result)
    return result


@primitive("find", calls=(0,))
def find(predicate: Value, items: Value) -> Value:
    """The first element that the predicate holds for, or #f."""
    callee("find", 1, predicate)
    for item in walk("find", 2, items):
        if predicate(item) is not False:
            return item
    return False


@primitive("find-tail", calls=(0,))
def find_tail(predicate: Value, items: Value) -> List | bool:
    """The list from the first element on that the predicate holds for, or #f."""
    callee("find-tail", 1, predicate)
    rest = _as_pairs(items)
    while type(rest) is Pair:
        if predicate(rest.car) is not False:
            return rest
        rest = _as_pairs(rest.cdr)
    if rest is not NIL:
        raise wrong_type("find-tail", 2, "a list", items)
    return False


def _as_pairs(items: Value) -> Value:
    return list_from(items) if is_plain_list(items) else items


@primitive("list-index", calls=(0,))
def list_index(predicate: Value, first: Value, *rest: Value) -> int | bool:
    """The index of the first elements that the predicate holds for, or #f."""
    callee("list-index", 1, predicate)
    for i, items in enumerate(slices("list-index", 2, (first, *rest))):
        if predicate(*items) is not False:
            return i
    return False


@primitive("any", "ormap", calls=(0,))
def any_(predicate: Value, first: Value, *rest: Value) -> Value:
    """The first result of the predicate that is not #f, or #f."""
    callee("any", 1, predicate)
    for items in slices("any", 2, (first, *rest)):
        result = predicate(*items)
        if result is not False:
            return result
    return False


@primitive("every", "andmap", calls=(0,))
def every(predicate: Value, first: Value, *rest: Value) -> Value:
    """#f when the predicate gives #f for some elements, otherwise its last result; #t for empty lists."""
    callee("every", 1, predicate)
    result: Value = True
    for items in slices("every", 2, (first, *rest)):
        result = predicate(*items)
        if result is False:
            return False
    return result


@primitive("count", calls=(0,))
def count(predicate: Value, first: Value, *rest: Value) -> int:
    """How many elements the predicate holds for."""
    callee("count", 1, predicate)
    return sum(1 for items in all_slices("count", 2, (first, *rest)) if predicate(*items) is not False)


@primitive("take-while", "take-while!", calls=(0,))
def take_while(predicate: Value, items: Value) -> List:
    """The elements before the first one that the predicate does not hold for."""
    callee("take-while", 1, predicate)
    taken: list[Value] = []
    for item in walk("take-while", 2, items):
        if predicate(item) is False:
            break
        taken.append(item)
    return list_from(taken)


@primitive("drop-while", calls=(0,))
def drop_while(predicate: Value, items: Value) -> List:
    """The list from the first element on that the predicate does not hold for."""
    callee("drop-while", 1, predicate)
    rest = _as_pairs(items)
    while type(rest) is Pair and predicate(rest.car) is not False:
        rest = _as_pairs(rest.cdr)
    if type(rest) is not Pair and rest is not NIL:
        raise wrong_type("drop-while", 2, "a list", items)
    return rest


@primitive("unfold", calls=(0, 1, 2, 4))
def unfold(stop: Value, mapper: Value, successor: Value, seed: Value, tail: Value = ABSENT) -> Value:
    """The list of (mapper seed), (mapper (successor seed)), ... until (stop seed); then (tail seed)."""
    for i, procedure in enumerate((stop, mapper, successor)):
        callee("unfold", i + 1, procedure)
    made: list[Value] = []
    while stop(seed) is False:
        made.append(mapper(seed))
        seed = successor(seed)
    return list_from(made, NIL if tail is ABSENT else callee("unfold", 5, tail)(seed))


@primitive("unfold-right", calls=(0, 1, 2))
def unfold_right(stop: Value, mapper: Value, successor: Value, seed: Value, tail: Value = NIL) -> Value:
    """The list of ... (mapper (successor seed)), (mapper seed), the first one last and then the tail."""
    for i, procedure in enumerate((stop, mapper, successor)):
        callee("unfold-right", i + 1, procedure)
    result = tail
    while stop(seed) is False:
        result = Pair(mapper(seed), result)
        seed = successor(seed)
    return result


def _tail_apply(procedure: Value, first: Value, *rest: Value) -> Value:
    callee("apply", 1, procedure)
    if not rest:
        return (TAIL, procedure, *elements("apply", 2, first))
    return (TAIL, procedure, first, *rest[:-1], *elements("apply", len(rest) + 2, rest[-1]))


@primitive("apply", calls=(0,), last=0)
@entry(_tail_apply)
def apply(procedure: Value, first: Value, *rest: Value) -> Value:
    """Calls the procedure with the arguments given and the elements of the list that comes last."""
    return bounce(_tail_apply(procedure, first, *rest))
