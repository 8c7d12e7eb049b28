"""Association lists: lists of pairs of a key and its value."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, elements
from omega_runtime.lib.association import entry_of
from omega_runtime.lib.lists import car, cdr, is_pair
from omega_runtime.lib.registry import primitive
from omega_runtime.values.equality import is_equal, is_eqv
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import Pair, list_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Procedure, Value


def _entries(procedure: str, position: int, entries: Value) -> list[Value]:
    found = elements(procedure, position, entries)
    if not all(is_pair(entry) for entry in found):
        raise wrong_type(procedure, position, "a list of pairs", entries)
    return found


@primitive("alist-cons")
def alist_cons(key: Value, value: Value, entries: Value) -> Pair:
    """The association list with one more entry in front."""
    return Pair(Pair(key, value), entries)


@primitive("alist-copy")
def alist_copy(entries: Value) -> List:
    """A new list of new pairs with the same keys and values."""
    return list_from([Pair(car(entry), cdr(entry)) for entry in _entries("alist-copy", 1, entries)])


def _without(procedure: str, same: Procedure, key: Value, position: int, entries: Value) -> Value:
    found = _entries(procedure, position, entries)
    return list_from([entry for entry in found if same(key, car(entry)) is False])


@primitive("alist-delete", "alist-delete!", calls=(2,))
def alist_delete(key: Value, entries: Value, same: Value = ABSENT) -> List:
    """The entries whose key is not `equal?` to the key, or that (same key other) does not hold for."""
    test = is_equal if same is ABSENT else callee("alist-delete", 3, same)
    return _without("alist-delete", test, key, 2, entries)


@primitive("del-assq", "del-assq!")
def del_assq(key: Value, entries: Value) -> List:
    """The entries whose key is not `eq?` to the key."""
    return _without("del-assq", is_eqv, key, 2, entries)


@primitive("del-assv", "del-assv!")
def del_assv(key: Value, entries: Value) -> List:
    """The entries whose key is not `eqv?` to the key."""
    return _without("del-assv", is_eqv, key, 2, entries)


@primitive("del-assoc", "del-assoc!")
def del_assoc(key: Value, entries: Value) -> List:
    """The entries whose key is not `equal?` to the key."""
    return _without("del-assoc", is_equal, key, 2, entries)


def _ref(procedure: str, same: Procedure, entries: Value, key: Value) -> Value:
    entry = entry_of(procedure, same, key, entries, 1)
    return False if entry is False else cdr(entry)


@primitive("assq-ref")
def assq_ref(entries: Value, key: Value) -> Value:
    """The value of the first entry whose key is `eq?` to the key, or #f."""
    return _ref("assq-ref", is_eqv, entries, key)


@primitive("assv-ref")
def assv_ref(entries: Value, key: Value) -> Value:
    """The value of the first entry whose key is `eqv?` to the key, or #f."""
    return _ref("assv-ref", is_eqv, entries, key)


@primitive("assoc-ref")
def assoc_ref(entries: Value, key: Value) -> Value:
    """The value of the first entry whose key is `equal?` to the key, or #f."""
    return _ref("assoc-ref", is_equal, entries, key)


def _set(procedure: str, same: Procedure, entries: Value, key: Value, value: Value) -> Value:
    entry = entry_of(procedure, same, key, entries, 1)
    if entry is False:
        return Pair(Pair(key, value), entries)
    if type(entry) is not Pair:
        raise wrong_type(procedure, 1, "a list of pairs that can be changed", entries)
    entry.cdr = value
    return entries


@primitive("assq-set!", row="state")
def assq_set(entries: Value, key: Value, value: Value) -> List:
    """Gives the first entry whose key is `eq?` to the key a new value, or adds one in front; the whole list."""
    return _set("assq-set!", is_eqv, entries, key, value)


@primitive("assv-set!", row="state")
def assv_set(entries: Value, key: Value, value: Value) -> List:
    """Gives the first entry whose key is `eqv?` to the key a new value, or adds one in front; the whole list."""
    return _set("assv-set!", is_eqv, entries, key, value)


@primitive("assoc-set!", row="state")
def assoc_set(entries: Value, key: Value, value: Value) -> List:
    """Gives the first entry whose key is `equal?` to the key a new value, or adds one in front; the whole list."""
    return _set("assoc-set!", is_equal, entries, key, value)
