"""Parts of lists, kinds of lists, and lists by the rests of lists."""

from __future__ import annotations

from itertools import pairwise

from omega_runtime.lib.arguments import callee, count, elements, slices
from omega_runtime.lib.lists import head, nth, tail
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from, list_length

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


@primitive("sixth")
def sixth(items: Value) -> Value:
    """The sixth element of a list."""
    return nth("sixth", items, 5)


@primitive("seventh")
def seventh(items: Value) -> Value:
    """The seventh element of a list."""
    return nth("seventh", items, 6)


@primitive("eighth")
def eighth(items: Value) -> Value:
    """The eighth element of a list."""
    return nth("eighth", items, 7)


@primitive("ninth")
def ninth(items: Value) -> Value:
    """The ninth element of a list."""
    return nth("ninth", items, 8)


@primitive("tenth")
def tenth(items: Value) -> Value:
    """The tenth element of a list."""
    return nth("tenth", items, 9)


@primitive("xcons")
def xcons(cdr: Value, car: Value) -> Pair:
    """A new pair of the second argument and the first."""
    return Pair(car, cdr)


@primitive("car+cdr")
def car_and_cdr(pair: Value) -> MultipleValues:
    """The two parts of a pair, as two values."""
    part = list_from(pair) if is_plain_list(pair) else pair
    if type(part) is not Pair:
        raise wrong_type("car+cdr", 1, "a pair", pair)
    return MultipleValues((part.car, part.cdr))


def _pairs_of(items: Value) -> tuple[list[Value], Value]:
    """The elements of a list that may be dotted, but is not circular, and its end."""
    parts: list[Value] = []
    rest = items
    while type(rest) is Pair:
        parts.append(rest.car)
        rest = rest.cdr
    if is_plain_list(rest):
        parts.extend(rest)
        rest = NIL
    return parts, rest


def _counted(procedure: str, items: Value, k: Value) -> tuple[list[Value], Value, int]:
    """As `_pairs_of`, and how many elements there are before the last `k`."""
    if is_circular_list(items):
        raise wrong_type(procedure, 1, "a list that ends", items)
    parts, end = _pairs_of(items)
    if count(procedure, 2, k) > len(parts):
        raise wrong_range(procedure, 2, f"at most {len(parts)}, the length of the list", k)
    return parts, end, len(parts) - k


@primitive("take-right")
def take_right(items: Value, k: Value) -> Value:
    """The last `k` elements, and the end of a dotted list; it shares them."""
    _, _, before = _counted("take-right", items, k)
    return tail("take-right", items, before)


@primitive("drop-right", "drop-right!")
def drop_right(items: Value, k: Value) -> List:
    """The list of all elements but the last `k`."""
    parts, _, before = _counted("drop-right", items, k)
    return list_from(parts[:before])


@primitive("split-at", "split-at!")
def split_at(items: Value, k: Value) -> MultipleValues:
    """Two values: the list of the first `k` elements, and the list without them."""
    return MultipleValues((head("split-at", items, k), tail("split-at", items, k)))


@primitive("span", "span!", calls=(0,))
def span(predicate: Value, items: Value) -> MultipleValues:
    """Two values: the elements before the first one that the predicate does not hold for, and the rest."""
    return _split("span", predicate, items, True)


@primitive("break", "break!", calls=(0,))
def break_(predicate: Value, items: Value) -> MultipleValues:
    """Two values: the elements before the first one that the predicate holds for, and the rest."""
    return _split("break", predicate, items, False)


def _split(procedure: str, predicate: Value, items: Value, wanted: bool) -> MultipleValues:
    callee(procedure, 1, predicate)
    taken: list[Value] = []
    rest = list_from(items) if is_plain_list(items) else items
    while type(rest) is Pair and (predicate(rest.car) is not False) is wanted:
        taken.append(rest.car)
        rest = list_from(rest.cdr) if is_plain_list(rest.cdr) else rest.cdr
    if type(rest) is not Pair and rest is not NIL:
        raise wrong_type(procedure, 2, "a list", items)
    return MultipleValues((list_from(taken), rest))


@primitive("length+")
def length_or_false(items: Value) -> int | bool:
    """The number of elements of a list; #f for a circular one."""
    found = list_length(items)
    if found is not None:
        return found
    if is_circular_list(items):
        return False
    raise wrong_type("length+", 1, "a list", items)


@primitive("circular-list?")
def is_circular_list(value: Value) -> bool:
    """Whether a list never ends."""
    slow = fast = value
    while type(fast) is Pair and type(fast.cdr) is Pair:
        slow, fast = slow.cdr, fast.cdr.cdr
        if slow is fast:
            return True
    return False


@primitive("dotted-list?")
def is_dotted_list(value: Value) -> bool:
    """Whether a value is neither a proper list nor a circular one."""
    return list_length(value) is None and not is_circular_list(value)


@primitive("not-pair?")
def is_not_pair(value: Value) -> bool:
    """Whether a value is no pair."""
    return type(value) is not Pair and not (is_plain_list(value) and len(value) > 0)


@primitive("circular-list")
def circular_list(first: Value, *rest: Value) -> Pair:
    """The list that repeats its arguments for ever."""
    ring = last = Pair(first, NIL)
    for item in rest:
        last.cdr = Pair(item, NIL)
        last = last.cdr
    last.cdr = ring
    return ring


@primitive("zip")
def zip_(first: Value, *rest: Value) -> List:
    """The list of the lists of the first elements, of the second ones, and so on, up to the shortest list."""
    if not rest:
        return list_from([list_from([item]) for item in elements("zip", 1, first)])
    return list_from([list_from(row) for row in slices("zip", 1, (first, *rest))])


@primitive("list=", calls=(0,))
def are_lists_equal(same: Value, *lists: Value) -> bool:
    """Whether the lists have the same number of elements, and (same a b) holds for those of each list and the next."""
    callee("list=", 1, same)
    columns = [elements("list=", i + 2, each) for i, each in enumerate(lists)]
    for ours, theirs in pairwise(columns):
        if len(ours) != len(theirs) or any(same(a, b) is False for a, b in zip(ours, theirs, strict=True)):
            return False
    return True


def _rests(procedure: str, position: int, items: Value) -> list[Pair]:
    """The pairs that a proper list is made of."""
    rest = list_from(elements(procedure, position, items)) if is_plain_list(items) else items
    if list_length(rest) is None:
        raise wrong_type(procedure, position, "a list", items)
    found = []
    while type(rest) is Pair:
        found.append(rest)
        rest = list_from(rest.cdr) if is_plain_list(rest.cdr) else rest.cdr
    return found


@primitive("pair-for-each", calls=(0,))
def pair_for_each(procedure: Value, items: Value) -> None:
    """Calls the procedure with the list, the list without its first element, and so on down to its last pair."""
    callee("pair-for-each", 1, procedure)
    for rest in _rests("pair-for-each", 2, items):
        procedure(rest)


@primitive("pair-fold", calls=(0,))
def pair_fold(procedure: Value, initial: Value, items: Value) -> Value:
    """Calls (procedure pair accumulator) for the pairs of the list from the first on; gives the last result."""
    callee("pair-fold", 1, procedure)
    result = initial
    for rest in _rests("pair-fold", 3, items):
        result = procedure(rest, result)
    return result
