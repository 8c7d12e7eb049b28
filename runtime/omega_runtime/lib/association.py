"""Looking things up in lists, and lists without what was looked up."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, elements
from omega_runtime.lib.lists import car
from omega_runtime.lib.registry import primitive
from omega_runtime.values.equality import is_equal, is_eqv
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Procedure, Value


@primitive("memq")
def memq(key: Value, items: Value) -> List | bool:
    """The list from the first element on that is `eq?` to the key, or #f."""
    return _member("memq", is_eqv, key, items)


@primitive("memv")
def memv(key: Value, items: Value) -> List | bool:
    """The list from the first element on that is `eqv?` to the key, or #f."""
    return _member("memv", is_eqv, key, items)


@primitive("member", calls=(2,))
def member(key: Value, items: Value, same: Value = ABSENT) -> List | bool:
    """The list from the first element on that is `equal?` to the key, or (same key element); or #f."""
    return _member("member", is_equal if same is ABSENT else callee("member", 3, same), key, items)


def _member(procedure: str, same: Procedure, key: Value, items: Value) -> Value:
    rest = items
    kind = type(key)
    if kind is Symbol and (same is is_eqv or same is is_equal):
        while type(rest) is Pair and rest.car is not key:
            rest = rest.cdr
    elif (kind is str or kind is int) and (same is is_eqv or same is is_equal):
        while type(rest) is Pair:
            item = rest.car
            if item == key if type(item) is kind else same(key, item):
                break
            rest = rest.cdr
    else:
        while type(rest) is Pair and same(key, rest.car) is False:
            rest = rest.cdr
    if type(rest) is Pair:
        return rest
    if rest is NIL:
        return False
    if not is_plain_list(rest):
        raise wrong_type(procedure, 2, "a list", items)
    return _member(procedure, same, key, list_from(rest))


@primitive("assq")
def assq(key: Value, entries: Value) -> List | bool:
    """The first pair of a list of pairs whose car is `eq?` to the key, or #f."""
    return entry_of("assq", is_eqv, key, entries)


@primitive("assv")
def assv(key: Value, entries: Value) -> List | bool:
    """The first pair of a list of pairs whose car is `eqv?` to the key, or #f."""
    return entry_of("assv", is_eqv, key, entries)


@primitive("assoc", calls=(2,))
def assoc(key: Value, entries: Value, same: Value = ABSENT) -> List | bool:
    """The first pair of a list of pairs whose car is `equal?` to the key, or (same key car); or #f."""
    return entry_of("assoc", is_equal if same is ABSENT else callee("assoc", 3, same), key, entries)


def entry_of(procedure: str, same: Procedure, key: Value, entries: Value, position: int = 2) -> Value:
    """The first entry whose key is the same, or #f; `position` is that of the entries."""
    rest = entries
    if type(key) is str and (same is is_equal or same is is_eqv):
        # Strings are the same as Python says, however many entries are passed by.
        while type(rest) is Pair:
            entry = rest.car
            if type(entry) is not Pair:
                break
            if entry.car == key and isinstance(entry.car, str):
                return entry
            rest = rest.cdr
    elif type(key) is Symbol and (same is is_equal or same is is_eqv):
        while type(rest) is Pair:
            entry = rest.car
            if type(entry) is not Pair:
                break
            if entry.car is key:
                return entry
            rest = rest.cdr
    while type(rest) is Pair:
        entry = rest.car
        if type(entry) is Pair:
            candidate = entry.car
        elif is_plain_list(entry) and entry:
            candidate = car(entry)
        else:
            raise wrong_type(procedure, position, "a list of pairs", entries)
        if same(key, candidate) is not False:
            return entry
        rest = rest.cdr
    if rest is NIL:
        return False
    if not is_plain_list(rest):
        raise wrong_type(procedure, position, "a list of pairs", entries)
    return entry_of(procedure, same, key, list_from(rest), position)


@primitive("delete", "delete!", calls=(2,))
def delete(key: Value, items: Value, same: Value = ABSENT) -> List:
    """The elements that are not `equal?` to the key, or that (same key element) does not hold for."""
    test = is_equal if same is ABSENT else callee("delete", 3, same)
    return list_from([item for item in elements("delete", 2, items) if test(key, item) is False])


@primitive("delete-duplicates", "delete-duplicates!", calls=(1,))
def delete_duplicates(items: Value, same: Value = ABSENT) -> List:
    """The elements without any that is the same as an earlier one."""
    parts = elements("delete-duplicates", 1, items)
    if same is ABSENT:
        table = HashTable()
        for item in parts:
            table.setdefault(item, item)
        return list_from(list(table.values()))
    callee("delete-duplicates", 2, same)
    kept: list[Value] = []
    for item in parts:
        if all(same(other, item) is False for other in kept):
            kept.append(item)
    return list_from(kept)
