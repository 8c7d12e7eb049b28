"""Hash functions: equal values have equal hashes, within one run of a program. A hash stays below a bound given."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, string
from omega_runtime.lib.registry import primitive
from omega_runtime.lib.symbols import symbol_to_string
from omega_runtime.values.equality import structural_hash
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.tables import EqvHashTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

_LARGEST = 2**60 - 1
_by_identity = EqvHashTable()


def _bounded(procedure: str, code: int, bound: Value) -> int:
    if bound is ABSENT:
        return code & _LARGEST
    if type(bound) is not int or bound <= 0:
        raise wrong_type(procedure, 2, "a positive exact integer", bound)
    return code % bound


@primitive("equal-hash", "hash")
def equal_hash(value: Value, bound: Value = ABSENT) -> int:
    """A hash that is the same for values that are `equal?`."""
    return _bounded("equal-hash", structural_hash(value), bound)


@primitive("eqv-hash", "eq-hash", "hash-by-identity")
def hash_by_identity(value: Value, bound: Value = ABSENT) -> int:
    """A hash that is the same for values that are `eqv?`."""
    return _bounded("eqv-hash", hash(_by_identity.stored(value)), bound)


@primitive("string-hash")
def string_hash(text: Value, bound: Value = ABSENT) -> int:
    """A hash of a string."""
    return _bounded("string-hash", hash(string("string-hash", 1, text)), bound)


@primitive("string-ci-hash")
def string_ci_hash(text: Value, bound: Value = ABSENT) -> int:
    """A hash of a string that is the same whatever the case of its letters."""
    return _bounded("string-ci-hash", hash(string("string-ci-hash", 1, text).casefold()), bound)


@primitive("symbol-hash")
def symbol_hash(symbol: Value, bound: Value = ABSENT) -> int:
    """A hash of a symbol."""
    return _bounded("symbol-hash", hash(symbol_to_string(symbol)), bound)
