"""Hash tables. Python dicts pass for hash tables; their keys are compared as Python does."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, elements
from omega_runtime.lib.lists import car, cdr, is_pair
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.pairs import Pair, list_from
from omega_runtime.values.tables import PLAIN, EqvHashTable, HashTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


def _table(procedure: str, value: Value, position: int = 1) -> dict[Value, Value]:
    if isinstance(value, dict):
        return value
    raise wrong_type(procedure, position, "a hash table", value)


def _find(procedure: str, table: Value, key: Value) -> Value:
    """The value at a key, or ABSENT."""
    if isinstance(table, HashTable):
        return dict.get(table, key if type(key) in PLAIN else table.stored(key), ABSENT)
    try:
        return _table(procedure, table).get(key, ABSENT)
    except TypeError as error:
        if isinstance(table, dict):
            raise wrong_type(procedure, 2, "a key that a Python dict takes", key) from error
        raise


def _store(procedure: str, table: Value, key: Value, value: Value) -> None:
    try:
        _table(procedure, table)[key] = value
    except TypeError as error:
        if isinstance(table, dict):
            raise wrong_type(procedure, 2, "a key that a Python dict takes", key) from error
        raise


@primitive("make-hash-table", "make-equal-hash-table", "make-string-hash-table")
def make_hash_table(_size: Value = ABSENT) -> HashTable:
    """An empty table whose keys are compared by `equal?`; an expected size may be given."""
    return HashTable()


@primitive("make-eqv-hash-table", "make-eq-hash-table", "make-strong-eqv-hash-table")
def make_eqv_hash_table(_size: Value = ABSENT) -> HashTable:
    """An empty table whose keys are compared by `eqv?`; an expected size may be given."""
    return EqvHashTable()


@primitive("hash-table")
def hash_table(*keys_and_values: Value) -> HashTable:
    """The table of the arguments: a key, its value, another key and its value, and so on."""
    if len(keys_and_values) % 2:
        key = keys_and_values[-1]
        raise wrong_range("hash-table", len(keys_and_values), "a key that a value follows", key)
    table = HashTable()
    for i in range(0, len(keys_and_values), 2):
        table[keys_and_values[i]] = keys_and_values[i + 1]
    return table


@primitive("hash-table?")
def is_hash_table(value: Value) -> bool:
    """Whether a value is a hash table or a Python dict."""
    return isinstance(value, dict)


@primitive("hash-table-ref", calls=(2, 3))
def hash_table_ref(table: Value, key: Value, fail: Value = ABSENT, succeed: Value = ABSENT) -> Value:
    """The value at the key, or (succeed value); without one (fail), which otherwise is an error."""
    value = _find("hash-table-ref", table, key)
    if value is ABSENT:
        if fail is ABSENT or fail is False:
            raise wrong_range("hash-table-ref", 2, "a key of the table", key)
        return callee("hash-table-ref", 3, fail)()
    return value if succeed is ABSENT else callee("hash-table-ref", 4, succeed)(value)


@primitive("hash-table-ref/default", "hash-table/get")
def hash_table_ref_default(table: Value, key: Value, default: Value) -> Value:
    """The value at the key, or the default."""
    value = _find("hash-table-ref/default", table, key)
    return default if value is ABSENT else value


@primitive("hash-table-set!", "hash-table/put!", row="state")
def hash_table_set(table: Value, key: Value, value: Value) -> None:
    """Stores a value at the key."""
    if isinstance(table, HashTable):
        dict.__setitem__(table, key if type(key) in PLAIN else table.stored(key), value)
    else:
        _store("hash-table-set!", table, key, value)


@primitive("hash-table-delete!", "hash-table/remove!", row="state")
def hash_table_delete(table: Value, key: Value) -> None:
    """Removes the key, if it is there."""
    if _find("hash-table-delete!", table, key) is not ABSENT:
        del table[key]


@primitive("hash-table-contains?", "hash-table-exists?")
def is_hash_table_contains(table: Value, key: Value) -> bool:
    """Whether the table has the key."""
    return _find("hash-table-contains?", table, key) is not ABSENT


@primitive("hash-table-update!", calls=(2, 3), row="state")
def hash_table_update(table: Value, key: Value, procedure: Value, fail: Value = ABSENT) -> None:
    """Stores (procedure value) at the key; a missing value is (fail), or an error without `fail`."""
    value = _find("hash-table-update!", table, key)
    callee("hash-table-update!", 3, procedure)
    if value is ABSENT:
        if fail is ABSENT or fail is False:
            raise wrong_range("hash-table-update!", 2, "a key of the table", key)
        value = callee("hash-table-update!", 4, fail)()
    _store("hash-table-update!", table, key, procedure(value))


@primitive("hash-table-update!/default", calls=(2,), row="state")
def hash_table_update_default(table: Value, key: Value, procedure: Value, default: Value) -> None:
    """Stores (procedure value) at the key; a missing value is the default."""
    value = _find("hash-table-update!/default", table, key)
    callee("hash-table-update!/default", 3, procedure)
    _store("hash-table-update!/default", table, key, procedure(default if value is ABSENT else value))


@primitive("hash-table-count", "hash-table-size", "hash-table/count")
def hash_table_count(table: Value) -> int:
    """The number of keys."""
    return len(_table("hash-table-count", table))


@primitive("hash-table-empty?")
def is_hash_table_empty(table: Value) -> bool:
    """Whether the table has no keys."""
    return not _table("hash-table-empty?", table)


@primitive("hash-table-keys", "hash-table/key-list")
def hash_table_keys(table: Value) -> List:
    """The list of the keys, in order of insertion."""
    return list_from(list(_table("hash-table-keys", table)))


@primitive("hash-table-values", "hash-table/datum-list")
def hash_table_values(table: Value) -> List:
    """The list of the values, in order of insertion."""
    return list_from(list(_table("hash-table-values", table).values()))


@primitive("hash-table->alist")
def hash_table_to_alist(table: Value) -> List:
    """The list of the pairs (key . value), in order of insertion."""
    return list_from([Pair(key, value) for key, value in _table("hash-table->alist", table).items()])


@primitive("alist->hash-table")
def alist_to_hash_table(entries: Value) -> HashTable:
    """The table of a list of pairs (key . value); the first of several pairs with the same key counts."""
    table = HashTable()
    for entry in elements("alist->hash-table", 1, entries):
        if not is_pair(entry):
            raise wrong_type("alist->hash-table", 1, "a list of pairs", entries)
        table.setdefault(car(entry), cdr(entry))
    return table


@primitive("hash-table-walk", "hash-table-for-each", calls=(1,))
def hash_table_walk(table: Value, procedure: Value) -> None:
    """Calls (procedure key value) for every key that is there at the start."""
    entries = list(_table("hash-table-walk", table).items())
    callee("hash-table-walk", 2, procedure)
    for key, value in entries:
        procedure(key, value)


@primitive("hash-table-fold", calls=(1,))
def hash_table_fold(table: Value, procedure: Value, initial: Value) -> Value:
    """Calls (procedure key value accumulator) for every key; gives the last result."""
    entries = list(_table("hash-table-fold", table).items())
    callee("hash-table-fold", 2, procedure)
    result = initial
    for key, value in entries:
        result = procedure(key, value, result)
    return result


@primitive("hash-table-copy")
def hash_table_copy(table: Value, _is_mutable: Value = True) -> dict[Value, Value]:
    """A new table with the same entries."""
    return _table("hash-table-copy", table).copy()


@primitive("hash-table-clear!", row="state")
def hash_table_clear(table: Value) -> None:
    """Removes every key."""
    _table("hash-table-clear!", table).clear()


@primitive("hash-table-merge!", "hash-table-union!", row="state")
def hash_table_merge(table: Value, other: Value) -> dict[Value, Value]:
    """Stores the entries of the other table for keys that the first one lacks; gives the first one."""
    target = _table("hash-table-merge!", table)
    for key, value in _table("hash-table-merge!", other, 2).items():
        target.setdefault(key, value)
    return target
