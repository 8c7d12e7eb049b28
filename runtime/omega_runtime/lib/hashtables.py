"""Hash tables under their R6RS names, as far as these differ in more than spelling."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee
from omega_runtime.lib.registry import primitive
from omega_runtime.lib.tables import kind_of, table_of
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


@primitive("make-hashtable")
def make_hashtable(hash_function: Value, same: Value, _size: Value = ABSENT) -> HashTable:
    """An empty table whose keys are compared by a procedure of the library: `equal?`, `eqv?`, `string=?` ..."""
    callee("make-hashtable", 1, hash_function)
    return kind_of("make-hashtable", 2, same)()


@primitive("hashtable-clear!", row="state")
def hashtable_clear(table: Value, _size: Value = ABSENT) -> None:
    """Removes every key; an expected size may be given."""
    table_of("hashtable-clear!", table).clear()


@primitive("hashtable-keys")
def hashtable_keys(table: Value) -> Vector:
    """The vector of the keys, in order of insertion."""
    return Vector(table_of("hashtable-keys", table))


@primitive("hashtable-values")
def hashtable_values(table: Value) -> Vector:
    """The vector of the values, in order of insertion."""
    return Vector(table_of("hashtable-values", table).values())


@primitive("hashtable-entries")
def hashtable_entries(table: Value) -> MultipleValues:
    """Two values: the vector of the keys and the vector of the values, in order of insertion."""
    return MultipleValues((hashtable_keys(table), hashtable_values(table)))


@primitive("hashtable-mutable?")
def is_hashtable_mutable(table: Value) -> bool:
    """Whether a table can be changed: every one can."""
    table_of("hashtable-mutable?", table)
    return True
