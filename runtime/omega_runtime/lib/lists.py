"""Pairs and lists."""

from __future__ import annotations

from operator import attrgetter

from omega_runtime.lib.arguments import count, elements, number, repeated
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import ArgumentError, wrong_range, wrong_type
from omega_runtime.values.pairs import NIL, NO_LISTS, Pair, is_plain_list, list_from, list_length

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from omega_runtime.values import List, Procedure, Value


@primitive("cons")
def cons(car: Value, cdr: Value) -> Pair:
    """A new pair."""
    return Pair(car, cdr)


@primitive("car")
def car(pair: Value) -> Value:
    """The first part of a pair."""
    if type(pair) is Pair:
        return pair.car
    if is_plain_list(pair) and pair:
        return pair[0]
    raise wrong_type("car", 1, "a pair", pair)


@primitive("cdr")
def cdr(pair: Value) -> Value:
    """The second part of a pair."""
    if type(pair) is Pair:
        return pair.cdr
    if is_plain_list(pair) and pair:
        return list_from(pair[1:])
    raise wrong_type("cdr", 1, "a pair", pair)


# Those that are called most, without a call of their own.


@primitive("cadr")
def cadr(pair: Value) -> Value:
    """The car of the cdr of a pair."""
    try:
        return pair.cdr.car
    except AttributeError:
        return _follow("cadr", pair)


@primitive("cddr")
def cddr(pair: Value) -> Value:
    """The cdr of the cdr of a pair."""
    try:
        return pair.cdr.cdr
    except AttributeError:
        return _follow("cddr", pair)


@primitive("caddr")
def caddr(pair: Value) -> Value:
    """The car of the cdr of the cdr of a pair."""
    try:
        return pair.cdr.cdr.car
    except AttributeError:
        return _follow("caddr", pair)


def _steps(name: str) -> list[str]:
    return ["car" if letter == "a" else "cdr" for letter in reversed(name[1:-1])]


def _accessor(name: str) -> Procedure:
    steps = _steps(name)
    quick = attrgetter(".".join(steps))

    def access(pair: Value) -> Value:
        try:
            return quick(pair)
        except AttributeError:
            return _follow(name, pair)

    access.__name__ = access.__qualname__ = name
    access.__doc__ = f"The {' of the '.join(reversed(steps))} of a pair."
    return access


def _follow(name: str, pair: Value) -> Value:
    """The way of an accessor through Python lists, and its error."""
    part = pair
    for step in _steps(name):
        if type(part) is not Pair and not (is_plain_list(part) and part):
            raise wrong_type(name, 1, f"a pair that has a {name}", pair)
        part = car(part) if step == "car" else cdr(part)
    return part


for _depth in (2, 3, 4):
    for _choice in range(2**_depth):
        _name = f"c{_choice:0{_depth}b}r".replace("0", "a").replace("1", "d")
        if _name not in globals():
            globals()[_name] = primitive(_name)(_accessor(_name))


@primitive("set-car!", row="state")
def set_car(pair: Value, value: Value) -> None:
    """Replaces the first part of a pair."""
    if type(pair) is not Pair:
        raise wrong_type("set-car!", 1, "a pair", pair)
    pair.car = value


@primitive("set-cdr!", row="state")
def set_cdr(pair: Value, value: Value) -> None:
    """Replaces the second part of a pair."""
    if type(pair) is not Pair:
        raise wrong_type("set-cdr!", 1, "a pair", pair)
    pair.cdr = value


@primitive("pair?")
def is_pair(value: Value) -> bool:
    """Whether a value is a pair, or a Python list or tuple that is not empty."""
    kind = type(value)  # as `is_plain_list` looks at it: atoms are asked so often that a call less counts
    return kind is Pair or (kind not in NO_LISTS and is_plain_list(value) and len(value) > 0)


@primitive("null?")
def is_null(value: Value) -> bool:
    """Whether a value is the empty list, or an empty Python list or tuple."""
    return value is NIL or (is_plain_list(value) and not value)


@primitive("list?", "proper-list?")
def is_list(value: Value) -> bool:
    """Whether a value is a proper list."""
    return list_length(value) is not None


@primitive("list")
def list_(*items: Value) -> List:
    """The list of the arguments."""
    result: List = NIL
    for item in reversed(items):
        result = Pair(item, result)
    return result


@primitive("cons*", "list*")
def cons_star(first: Value, *rest: Value) -> List:
    """The list of all arguments but the last, which is its tail."""
    items = (first, *rest)
    return list_from(items[:-1], items[-1])


@primitive("make-list")
def make_list_(size: Value, fill: Value = None) -> List:
    """A list of `size` times the same element."""
    return list_from(repeated("make-list", 1, [fill], size))


@primitive("list-tabulate", "make-initialized-list", calls=(1,))
def list_tabulate(size: Value, procedure: Value) -> List:
    """The list of what the procedure gives for 0, 1, ... up to below `size`."""
    n = count("list-tabulate", 1, size)
    if not callable(procedure):
        raise wrong_type("list-tabulate", 2, "a procedure", procedure)
    return list_from([procedure(i) for i in range(n)])


@primitive("iota")
def iota(size: Value, start: Value = 0, step: Value = 1) -> List:
    """The list of `size` numbers from `start` on, each `step` more than the one before."""
    n = count("iota", 1, size)
    first, by = number("iota", 2, start), number("iota", 3, step)
    return list_from([first + i * by for i in range(n)])


@primitive("%iota-items")
def iota_items(size: Value, start: Value = 0, step: Value = 1) -> Sequence[Value]:
    """The elements of an `iota`, to go through."""
    if type(size) is type(start) is type(step) is int and size >= 0 and step:
        return range(start, start + size * step, step)
    return elements("iota", 1, iota(size, start, step))


@primitive("length")
def length(items: Value) -> int:
    """The number of elements of a list."""
    found = list_length(items)
    if found is None:
        raise wrong_type("length", 1, "a list", items)
    return found


@primitive("append", "append!")
def append(*lists: Value) -> List:
    """The elements of all lists in one; the last argument becomes the tail and may be anything."""
    if not lists:
        return NIL
    result = list_from(lists[-1]) if is_plain_list(lists[-1]) else lists[-1]
    for i in range(len(lists) - 2, -1, -1):
        for item in reversed(elements("append", i + 1, lists[i])):
            result = Pair(item, result)
    return result


@primitive("concatenate", "concatenate!")
def concatenate(lists: Value) -> List:
    """The elements of all lists of a list in one."""
    return append(*elements("concatenate", 1, lists))


@primitive("reverse", "reverse!")
def reverse(items: Value) -> List:
    """The elements of a list from last to first."""
    result: Value = NIL
    for item in elements("reverse", 1, items):
        result = Pair(item, result)
    return result


@primitive("append-reverse", "append-reverse!")
def append_reverse(items: Value, tail: Value) -> List:
    """The elements of a list from last to first, and then the tail."""
    result = tail
    for item in elements("append-reverse", 1, items):
        result = Pair(item, result)
    return result


def tail(procedure: str, items: Value, k: Value) -> Value:
    """What is left of a list without its first `k` elements."""
    rest = items
    for done in range(count(procedure, 2, k)):
        if type(rest) is Pair:
            rest = rest.cdr
        elif is_plain_list(rest) and len(rest) >= k - done:
            return list_from(rest[k - done :])
        else:
            raise _too_short(procedure, 2, items, k, done)
    return rest


def _too_short(procedure: str, position: int, items: Value, k: Value, found: int) -> ArgumentError:
    if found == 0 and items is not NIL and not is_plain_list(items):
        return wrong_type(procedure, 1, "a list", items)
    return wrong_range(procedure, position, f"at most {found}, the length of the list", k)


def head(procedure: str, items: Value, k: Value) -> Value:
    """The list of the first `k` elements; raises ArgumentError in the name of the procedure."""
    head: list[Value] = []
    rest = items
    for done in range(count(procedure, 2, k)):
        if type(rest) is Pair:
            head.append(rest.car)
            rest = rest.cdr
        elif is_plain_list(rest) and len(rest) >= k - done:
            return list_from([*head, *rest[: k - done]])
        else:
            raise _too_short(procedure, 2, items, k, done)
    return list_from(head)


@primitive("list-tail")
def list_tail(items: Value, k: Value) -> Value:
    """The list without its first `k` elements; it shares the rest."""
    return tail("list-tail", items, k)


@primitive("drop")
def drop(items: Value, k: Value) -> Value:
    """As `list-tail`."""
    return tail("drop", items, k)


@primitive("list-head")
def list_head(items: Value, k: Value) -> List:
    """The list of the first `k` elements."""
    return head("list-head", items, k)


@primitive("take", "take!")
def take(items: Value, k: Value) -> List:
    """As `list-head`."""
    return head("take", items, k)


@primitive("sublist")
def sublist(items: Value, start: Value, end: Value) -> List:
    """The elements from index `start` to before index `end`."""
    if count("sublist", 2, start) > count("sublist", 3, end):
        raise wrong_range("sublist", 2, f"at most {end}", start)
    return tail("sublist", head("sublist", items, end), start)


@primitive("list-ref")
def list_ref(items: Value, k: Value) -> Value:
    """The element at index `k`, from 0."""
    if type(k) is int and k >= 0:
        rest = items
        for _ in range(k):
            if type(rest) is not Pair:
                break
            rest = rest.cdr
        else:
            if type(rest) is Pair:
                return rest.car
    return _list_ref(items, k)


def _list_ref(items: Value, k: Value) -> Value:
    rest = items
    for done in range(count("list-ref", 2, k) + 1):
        if is_plain_list(rest) and len(rest) > k - done:
            return rest[k - done]
        if type(rest) is not Pair:
            if done == 0 and rest is not NIL and not is_plain_list(rest):
                raise wrong_type("list-ref", 1, "a list", items)
            size = done + (len(rest) if is_plain_list(rest) else 0)
            raise wrong_range("list-ref", 2, f"an index below {size}", k)
        rest = rest.cdr
    raise wrong_type("list-ref", 1, "a list", items)


@primitive("list-set!", row="state")
def list_set(items: Value, k: Value, value: Value) -> None:
    """Replaces the element at index `k`."""
    if isinstance(items, list) and is_plain_list(items):
        if count("list-set!", 2, k) >= len(items):
            raise wrong_range("list-set!", 2, f"an index below {len(items)}", k)
        items[k] = value
        return
    rest = tail("list-set!", items, k)
    if type(rest) is not Pair:
        raise wrong_range("list-set!", 2, f"an index below {k}", k)
    rest.car = value


@primitive("list-copy")
def list_copy(items: Value) -> List:
    """A new list of the same elements; an improper tail is kept, anything but a list returned as it is."""
    parts = []
    rest = items
    while type(rest) is Pair:
        parts.append(rest.car)
        rest = rest.cdr
    return list_from(parts, list_from(rest) if is_plain_list(rest) else rest)


@primitive("last-pair")
def last_pair(items: Value) -> Pair:
    """The last pair of a list that is not empty."""
    rest = list_from(items) if is_plain_list(items) else items
    if type(rest) is not Pair:
        raise wrong_type("last-pair", 1, "a pair", items)
    while type(rest.cdr) is Pair:
        rest = rest.cdr
    return rest


@primitive("last")
def last(items: Value) -> Value:
    """The last element of a list that is not empty."""
    parts = elements("last", 1, items)
    if not parts:
        raise wrong_type("last", 1, "a list that is not empty", items)
    return parts[-1]


@primitive("except-last-pair", "except-last-pair!")
def except_last_pair(items: Value) -> List:
    """The list without its last element."""
    parts = elements("except-last-pair", 1, items)
    if not parts:
        raise wrong_type("except-last-pair", 1, "a list that is not empty", items)
    return list_from(parts[:-1])


def nth(procedure: str, items: Value, k: int) -> Value:
    """The element at index `k`; raises ArgumentError in the name of the procedure."""
    rest = items
    for _ in range(k):
        if type(rest) is not Pair:
            break
        rest = rest.cdr
    if type(rest) is Pair:
        return rest.car
    parts = elements(procedure, 1, items)
    if len(parts) <= k:
        raise wrong_range(procedure, 1, f"a list of at least {k + 1} elements", items)
    return parts[k]


@primitive("first")
def first(items: Value) -> Value:
    """The first element of a list."""
    return nth("first", items, 0)


@primitive("second")
def second(items: Value) -> Value:
    """The second element of a list."""
    return nth("second", items, 1)


@primitive("third")
def third(items: Value) -> Value:
    """The third element of a list."""
    return nth("third", items, 2)


@primitive("fourth")
def fourth(items: Value) -> Value:
    """The fourth element of a list."""
    return nth("fourth", items, 3)


@primitive("fifth")
def fifth(items: Value) -> Value:
    """The fifth element of a list."""
    return nth("fifth", items, 4)
