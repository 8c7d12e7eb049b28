"""Hash tables. Python dicts pass for hash tables; their keys are compared as Python does."""

from __future__ import annotations

from omega_runtime.acceleration import IS_ACCELERATED
from omega_runtime.lib.arguments import ABSENT, callee, elements
from omega_runtime.lib.booleans import is_equal, is_eqv
from omega_runtime.lib.chars import chars_equal
from omega_runtime.lib.lists import car, cdr, is_pair
from omega_runtime.lib.numbers import numbers_equal
from omega_runtime.lib.registry import primitive
from omega_runtime.lib.strings import strings_equal
from omega_runtime.lib.symbols import symbols_equal
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.pairs import Pair, list_from
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import PLAIN, EqvHashTable, HashTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


_get, _set = dict.get, dict.__setitem__


def table_of(procedure: str, value: Value, position: int = 1) -> dict[Value, Value]:
    """A hash table, or a dict of Python."""
    if isinstance(value, dict):
        return value
    raise wrong_type(procedure, position, "a hash table", value)


def find(procedure: str, table: Value, key: Value) -> Value:
    """The value at a key, or ABSENT."""
    if isinstance(table, HashTable):
        return _get(table, key if type(key) in PLAIN else table.stored(key), ABSENT)
    try:
        return table_of(procedure, table).get(key, ABSENT)
    except TypeError as error:
        if isinstance(table, dict):
            raise wrong_type(procedure, 2, "a key that a Python dict takes", key) from error
        raise


def store(procedure: str, table: Value, key: Value, value: Value) -> None:
    """Stores a value at a key; raises ArgumentError in the name of the procedure."""
    if isinstance(table, HashTable):
        _set(table, key if type(key) in PLAIN else table.stored(key), value)
        return
    try:
        table_of(procedure, table)[key] = value
    except TypeError as error:
        if isinstance(table, dict):
            raise wrong_type(procedure, 2, "a key that a Python dict takes", key) from error
        raise


def kind_of(procedure: str, position: int, same: Value) -> type[HashTable]:
    """The kind of table whose keys a library procedure compares."""
    if same is is_eqv:
        return EqvHashTable
    if same in _AS_EQUAL:
        return HashTable
    raise wrong_type(procedure, position, "eq?, eqv?, equal?, =, string=?, char=? or symbol=?", same)


_AS_EQUAL = (is_equal, numbers_equal, strings_equal, chars_equal, symbols_equal)


def _new(procedure: str, position: int, options: tuple[Value, ...]) -> HashTable:
    """An empty table, of the kind that the first of the options asks for if that is a procedure."""
    if options and callable(options[0]):
        return kind_of(procedure, position, options[0])()
    return HashTable()


@primitive("make-hash-table")
def make_hash_table(*options: Value) -> HashTable:
    """An empty table whose keys are compared by `equal?`, or by what is given first: `eq?`, `eqv?`, `string=?` ...

    A hash function and an expected size may be given, too; they don't matter.
    """
    return _new("make-hash-table", 1, options)


@primitive("make-equal-hash-table", "make-string-hash-table")
def make_equal_hash_table(_size: Value = ABSENT) -> HashTable:
    """An empty table whose keys are compared by `equal?`; an expected size may be given."""
    return HashTable()


@primitive(
    "make-eqv-hash-table", "make-eq-hash-table", "make-strong-eqv-hash-table", "make-eqv-hashtable", "make-eq-hashtable"
)
def make_eqv_hash_table(_size: Value = ABSENT) -> HashTable:
    """An empty table whose keys are compared by `eqv?`; an expected size may be given."""
    return EqvHashTable()


@primitive("hash-table")
def hash_table(*keys_and_values: Value) -> HashTable:
    """The table of the arguments: a key, its value, another key and its value, and so on.

    An odd number of them begins with what compares the keys, as `make-hash-table` takes it.
    """
    odd = len(keys_and_values) % 2
    if odd and not callable(keys_and_values[0]):
        raise wrong_range("hash-table", len(keys_and_values), "a key that a value follows", keys_and_values[-1])
    table = _new("hash-table", 1, keys_and_values[:odd])
    table.update(zip(keys_and_values[odd::2], keys_and_values[odd + 1 :: 2], strict=True))
    return table


@primitive("hash-table?", "hashtable?")
def is_hash_table(value: Value) -> bool:
    """Whether a value is a hash table or a Python dict."""
    return isinstance(value, dict)


@primitive("hash-table-ref", calls=(2, 3))
def hash_table_ref(table: Value, key: Value, fail: Value = ABSENT, succeed: Value = ABSENT) -> Value:
    """The value at the key, or (succeed value); without one (fail), which otherwise is an error."""
    value = find("hash-table-ref", table, key)
    if value is ABSENT:
        if fail is ABSENT or fail is False:
            raise wrong_range("hash-table-ref", 2, "a key of the table", key)
        return callee("hash-table-ref", 3, fail)()
    return value if succeed is ABSENT else callee("hash-table-ref", 4, succeed)(value)


@primitive("hash-table-ref/default", "hash-table/get", "hashtable-ref")
def hash_table_ref_default(table: Value, key: Value, default: Value) -> Value:
    """The value at the key, or the default."""
    kind = type(key)
    if (kind is int or kind is str or kind is Symbol) and isinstance(table, HashTable):
        return _get(table, key, default)
    value = find("hash-table-ref/default", table, key)
    return default if value is ABSENT else value


@primitive("hash-table-set!", "hash-table/put!", "hashtable-set!", row="state")
def hash_table_set(table: Value, key: Value, value: Value, *more: Value) -> None:
    """Stores a value at the key; further keys and values may follow."""
    kind = type(key)
    if (kind is int or kind is str or kind is Symbol) and isinstance(table, HashTable) and not more:
        _set(table, key, value)
        return
    if len(more) % 2:
        raise wrong_range("hash-table-set!", len(more) + 3, "a key that a value follows", more[-1])
    store("hash-table-set!", table, key, value)
    for i in range(0, len(more), 2):
        store("hash-table-set!", table, more[i], more[i + 1])


# For a table of Omega's and a key that it holds as it is.
table_get = hash_table_ref_default if IS_ACCELERATED else _get
table_put = hash_table_set if IS_ACCELERATED else _set


@primitive("hash-table-delete!", "hash-table/remove!", "hashtable-delete!", row="state")
def hash_table_delete(table: Value, *keys: Value) -> None:
    """Removes the keys that are there."""
    table_of("hash-table-delete!", table)
    for key in keys:
        if find("hash-table-delete!", table, key) is not ABSENT:
            table.pop(key, None)


@primitive("hash-table-contains?", "hash-table-exists?", "hashtable-contains?")
def is_hash_table_contains(table: Value, key: Value) -> bool:
    """Whether the table has the key."""
    return find("hash-table-contains?", table, key) is not ABSENT


@primitive("hash-table-update!", calls=(2, 3, 4), row="state")
def hash_table_update(
    table: Value, key: Value, procedure: Value, fail: Value = ABSENT, succeed: Value = ABSENT
) -> None:
    """Stores (procedure value) at the key; a missing value is (fail), or an error without `fail`.

    With `succeed` the value that the procedure gets is (succeed value) where it isn't missing.
    """
    value = find("hash-table-update!", table, key)
    callee("hash-table-update!", 3, procedure)
    if value is ABSENT:
        if fail is ABSENT or fail is False:
            raise wrong_range("hash-table-update!", 2, "a key of the table", key)
        value = callee("hash-table-update!", 4, fail)()
    elif succeed is not ABSENT:
        value = callee("hash-table-update!", 5, succeed)(value)
    store("hash-table-update!", table, key, procedure(value))


@primitive("hash-table-update!/default", "hashtable-update!", calls=(2,), row="state")
def hash_table_update_default(table: Value, key: Value, procedure: Value, default: Value) -> None:
    """Stores (procedure value) at the key; a missing value is the default."""
    value = find("hash-table-update!/default", table, key)
    callee("hash-table-update!/default", 3, procedure)
    store("hash-table-update!/default", table, key, procedure(default if value is ABSENT else value))


@primitive("hash-table-size", "hash-table/count", "hashtable-size")
def hash_table_size(table: Value) -> int:
    """The number of keys."""
    return len(table_of("hash-table-size", table))


@primitive("hash-table-count", calls=(0,))
def hash_table_count(predicate: Value, table: Value = ABSENT) -> int:
    """How many entries (predicate key value) holds for; the number of keys of a table given alone."""
    if table is ABSENT:
        return len(table_of("hash-table-count", predicate))
    entries = list(table_of("hash-table-count", table, 2).items())
    callee("hash-table-count", 1, predicate)
    return sum([1 for key, value in entries if predicate(key, value) is not False])


@primitive("hash-table-empty?")
def is_hash_table_empty(table: Value) -> bool:
    """Whether the table has no keys."""
    return not table_of("hash-table-empty?", table)


@primitive("hash-table-keys", "hash-table/key-list")
def hash_table_keys(table: Value) -> List:
    """The list of the keys, in order of insertion."""
    return list_from(list(table_of("hash-table-keys", table)))


@primitive("hash-table-values", "hash-table/datum-list")
def hash_table_values(table: Value) -> List:
    """The list of the values, in order of insertion."""
    return list_from(list(table_of("hash-table-values", table).values()))


@primitive("hash-table->alist")
def hash_table_to_alist(table: Value) -> List:
    """The list of the pairs (key . value), in order of insertion."""
    return list_from([Pair(key, value) for key, value in table_of("hash-table->alist", table).items()])


@primitive("alist->hash-table")
def alist_to_hash_table(entries: Value, *options: Value) -> HashTable:
    """The table of a list of pairs (key . value); the first of several pairs with the same key counts.

    Options are those of `make-hash-table`.
    """
    table = _new("alist->hash-table", 2, options)
    for entry in elements("alist->hash-table", 1, entries):
        if not is_pair(entry):
            raise wrong_type("alist->hash-table", 1, "a list of pairs", entries)
        table.setdefault(car(entry), cdr(entry))
    return table


@primitive("hash-table-walk", "hash-table-for-each", calls=(0, 1))
def hash_table_walk(table: Value, procedure: Value) -> None:
    """Calls (procedure key value) for every key that is there at the start. The arguments may change places."""
    position = 1
    if isinstance(procedure, dict):
        table, procedure, position = procedure, table, 2
    entries = list(table_of("hash-table-walk", table, position).items())
    callee("hash-table-walk", 3 - position, procedure)
    for key, value in entries:
        procedure(key, value)


@primitive("hash-table-fold", calls=(0, 1))
def hash_table_fold(table: Value, procedure: Value, initial: Value) -> Value:
    """Calls (procedure key value accumulator) for every key; gives the last result. The table may stand last."""
    if callable(table) and isinstance(initial, dict):
        table, procedure, initial = initial, table, procedure
    entries = list(table_of("hash-table-fold", table).items())
    callee("hash-table-fold", 2, procedure)
    result = initial
    for key, value in entries:
        result = procedure(key, value, result)
    return result


@primitive("hash-table-copy", "hashtable-copy")
def hash_table_copy(table: Value, _is_mutable: Value = True) -> dict[Value, Value]:
    """A new table with the same entries."""
    return table_of("hash-table-copy", table).copy()


@primitive("hash-table-clear!", row="state")
def hash_table_clear(table: Value) -> None:
    """Removes every key."""
    table_of("hash-table-clear!", table).clear()
