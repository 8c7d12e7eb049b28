"""Hash tables as wholes: searched, changed, compared, and combined like sets of keys."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee
from omega_runtime.lib.booleans import is_equal, is_eqv
from omega_runtime.lib.hashing import equal_hash, hash_by_identity
from omega_runtime.lib.registry import primitive
from omega_runtime.lib.tables import find, kind_of, store, table_of
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import list_from
from omega_runtime.values.tables import EqvHashTable, HashTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Procedure, Value

    Table = dict[Value, Value]
    Entries = list[tuple[Value, Value]]


def _entries(name: str, procedure: Value, table: Value) -> Entries:
    """The entries of a table, which is the second argument, for a procedure, which is the first."""
    callee(name, 1, procedure)
    return list(table_of(name, table, 2).items())


@primitive("hash-table-entries")
def hash_table_entries(table: Value) -> MultipleValues:
    """Two values: the list of the keys and the list of the values, in order of insertion."""
    entries = table_of("hash-table-entries", table)
    return MultipleValues((list_from(list(entries)), list_from(list(entries.values()))))


@primitive("hash-table-find", calls=(0,))
def hash_table_find(procedure: Value, table: Value) -> Value:
    """The first result of (procedure key value) that is not #f, or #f."""
    for key, value in _entries("hash-table-find", procedure, table):
        result = procedure(key, value)
        if result is not False:
            return result
    return False


@primitive("hash-table-map->list", calls=(0,))
def hash_table_map_to_list(procedure: Value, table: Value) -> List:
    """The list of what (procedure key value) gives for every key."""
    return list_from([procedure(*entry) for entry in _entries("hash-table-map->list", procedure, table)])


@primitive("hash-table-map!", calls=(0,), row="state")
def hash_table_map_in_place(procedure: Value, table: Value) -> None:
    """Replaces the value at every key by (procedure key value)."""
    for key, value in _entries("hash-table-map!", procedure, table):
        table[key] = procedure(key, value)


@primitive("hash-table-prune!", calls=(0,), row="state")
def hash_table_prune(procedure: Value, table: Value) -> None:
    """Removes the keys for which (procedure key value) holds."""
    for key, value in _entries("hash-table-prune!", procedure, table):
        if procedure(key, value) is not False:
            table.pop(key, None)


@primitive("hash-table-intern!", "hash-table-ref!", calls=(2,), row="state")
def hash_table_intern(table: Value, key: Value, fail: Value) -> Value:
    """The value at the key; a missing one is (fail), which is stored there."""
    value = find("hash-table-intern!", table, key)
    if value is ABSENT:
        value = callee("hash-table-intern!", 3, fail)()
        store("hash-table-intern!", table, key, value)
    return value


@primitive("hash-table-pop!", row="state")
def hash_table_pop(table: Value) -> MultipleValues:
    """Removes the newest key; it and its value, as two values."""
    if not table_of("hash-table-pop!", table):
        raise wrong_range("hash-table-pop!", 1, "a hash table that is not empty", table)
    return MultipleValues(table.popitem())


@primitive("hash-table-empty-copy")
def hash_table_empty_copy(table: Value) -> Table:
    """An empty table that compares keys as this one does."""
    return type(table_of("hash-table-empty-copy", table))()


@primitive("hash-table-unfold", calls=(0, 1, 2))
def hash_table_unfold(stop: Value, mapper: Value, successor: Value, seed: Value, same: Value = is_equal) -> HashTable:
    """The table of the keys and values that (mapper seed), (mapper (successor seed)), ... give until (stop seed)."""
    for i, procedure in enumerate((stop, mapper, successor)):
        callee("hash-table-unfold", i + 1, procedure)
    table = kind_of("hash-table-unfold", 5, same)()
    while stop(seed) is False:
        made = mapper(seed)
        if type(made) is not MultipleValues or len(made) != 2:
            raise wrong_type("hash-table-unfold", 2, "a procedure that gives two values", mapper)
        table.setdefault(*made)
        seed = successor(seed)
    return table


@primitive("hash-table=?", calls=(0,))
def are_hash_tables_equal(same: Value, table: Value, other: Value) -> bool:
    """Whether two tables have the same keys, and (same a b) holds for their values."""
    entries = _entries("hash-table=?", same, table)
    theirs = table_of("hash-table=?", other, 3)
    if len(entries) != len(theirs):
        return False
    return all(key in theirs and same(value, theirs[key]) is not False for key, value in entries)


def _two(procedure: str, table: Value, other: Value) -> tuple[Table, Table]:
    return table_of(procedure, table), table_of(procedure, other, 2)


def _common(procedure: str, table: Table, other: Table) -> list[Value]:
    """The keys of a table that the other one has, too."""
    return [key for key in table if find(procedure, other, key) is not ABSENT]


@primitive("hash-table-merge!", "hash-table-union!", row="state")
def hash_table_merge(table: Value, other: Value) -> Table:
    """Stores the entries of the other table for keys that the first one lacks; gives the first one."""
    target, theirs = _two("hash-table-merge!", table, other)
    for key, value in theirs.items():
        target.setdefault(key, value)
    return target


@primitive("hash-table-intersection!", row="state")
def hash_table_intersection(table: Value, other: Value) -> Table:
    """Removes the keys that the other table lacks from the first one, and gives that."""
    target, theirs = _two("hash-table-intersection!", table, other)
    common = [(key, target[key]) for key in _common("hash-table-intersection!", target, theirs)]
    target.clear()
    target.update(common)
    return target


@primitive("hash-table-difference!", row="state")
def hash_table_difference(table: Value, other: Value) -> Table:
    """Removes the keys of the other table from the first one, and gives that."""
    target, theirs = _two("hash-table-difference!", table, other)
    for key in _common("hash-table-difference!", target, theirs):
        del target[key]
    return target


@primitive("hash-table-xor!", row="state")
def hash_table_xor(table: Value, other: Value) -> Table:
    """Removes the keys of the other table from the first one, adds those that it lacked, and gives the first one."""
    target, theirs = _two("hash-table-xor!", table, other)
    for key, value in list(theirs.items()):
        if find("hash-table-xor!", target, key) is ABSENT:
            store("hash-table-xor!", target, key, value)
        else:
            del target[key]
    return target


@primitive("hash-table-equivalence-function", "hashtable-equivalence-function")
def hash_table_equivalence_function(table: Value) -> Procedure:
    """What a table compares its keys with: `eqv?` or `equal?`."""
    return is_eqv if isinstance(table_of("hash-table-equivalence-function", table), EqvHashTable) else is_equal


@primitive("hash-table-hash-function", "hashtable-hash-function")
def hash_table_hash_function(table: Value) -> Procedure:
    """The hash function that goes with what a table compares its keys with."""
    is_by_identity = isinstance(table_of("hash-table-hash-function", table), EqvHashTable)
    return hash_by_identity if is_by_identity else equal_hash
