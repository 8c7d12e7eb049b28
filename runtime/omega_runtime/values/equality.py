"""Equality of values, and hashing that agrees with it. Nothing here recurses over data, however deep."""

from __future__ import annotations

from omega_runtime.acceleration import accelerated
from omega_runtime.values.chars import Char
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

_BYTES = (bytes, bytearray)
_HASHED = 10_000  # parts of a value that its hash looks at
_PATIENCE = 20_000  # comparisons after which a cycle is suspected
_NOTED = 8  # from then on one of so many comparisons of pairs is noted: enough for cycles, and little for large data


class _Classes:
    """Structures that are equal unless something else differs: union-find (Adams and Dybvig 2008)."""

    __slots__ = ("_kept", "_parents")

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}
        self._kept: list[Value] = []  # ids stay those of their structures

    def are_same(self, a: Value, b: Value) -> bool:
        """Whether two structures are in one class."""
        return self._root(id(a)) == self._root(id(b))

    def join(self, a: Value, b: Value) -> None:
        """Makes one class of the classes of two structures."""
        self._kept += (a, b)
        self._parents[self._root(id(a))] = self._root(id(b))

    def _root(self, key: int) -> int:
        parents = self._parents
        while (above := parents.get(key, key)) != key:
            parents[key] = parents.get(above, above)
            key = above
        return key


@accelerated
def is_eqv(a: Value, b: Value) -> bool:
    """Whether two values are the same: numbers by value (1 is 1.0), strings, chars and bytes by content.

    A boolean is no number; NaN is itself; everything else has an identity.
    """
    if a is b:
        return True
    kind, other = type(a), type(b)
    if kind is other:
        if kind is float:
            return bool(a == b or (a != a and b != b))
        if kind is str or kind is int or kind is Char or kind is bytes:
            return bool(a == b)
        return kind is tuple and not a and not b  # Python has several empty tuples
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return kind is not bool and other is not bool and bool(a == b or (a != a and b != b))
    if isinstance(a, str) and isinstance(b, str):
        return bool(a == b)
    return _is_empty(a) and _is_empty(b)


is_eq = is_eqv


def _is_empty(value: Value) -> bool:
    return value is NIL or (is_plain_list(value) and not value)


APART = frozenset({int, str, Char, Pair, Symbol})
"""Kinds of values that are never equal to one of another kind of these."""


@accelerated
def is_equal(a: Value, b: Value) -> bool:
    """Whether two values look the same: pairs, lists, vectors and bytevectors by content, the rest by `is_eqv`.

    Python lists and tuples equal lists of equal elements; other Python objects follow their own `==`;
    hash tables and records equal themselves only. Circular structures compare in finite time.
    """
    if a is b:
        return True
    kind, other = type(a), type(b)
    if kind is other and (kind is str or kind is int):
        return bool(a == b)
    if kind is not other and kind in APART and other in APART:
        return False
    stack = [(a, b)]
    classes = None
    steps = unnoted = 0
    while stack:
        a, b = stack.pop()
        if a is b:
            continue
        shape = _shape(a)
        if shape != _shape(b) or not (shape or _same_atom(a, b)):
            return False
        steps += 1
        if steps > _PATIENCE and shape:
            classes = classes or _Classes()
            if classes.are_same(a, b):
                continue
            unnoted += 1
            if unnoted == _NOTED or type(a) is not Pair:
                classes.join(a, b)
                unnoted = 0
        if shape == "list":
            one, other = _as_pairs(a), _as_pairs(b)
            kind = type(one.car)
            stack.append((one.cdr, other.cdr))
            if kind is not type(other.car) or (kind is not str and kind is not int):
                stack.append((one.car, other.car))
            elif one.car != other.car:
                return False
        elif shape:
            if len(a) != len(b):
                return False
            stack += zip(a, b, strict=True)
    return True


def _shape(value: Value) -> str:
    """The kind of structure a value is; empty for an atom."""
    if type(value) is Pair:
        return "list"
    if not isinstance(value, (list, tuple)):
        return ""
    if isinstance(value, Vector):
        return "vector"
    if isinstance(value, MultipleValues):
        return "values"
    return "list" if value else ""


def _as_pairs(value: Value) -> Value:
    return value if type(value) is Pair else list_from(value)


def _same_atom(a: Value, b: Value) -> bool:
    if is_eqv(a, b):
        return True
    if isinstance(a, _BYTES) and isinstance(b, _BYTES):
        return a == b
    return type(a) is type(b) and not isinstance(a, (dict, float)) and bool(a == b)


def structural_hash(value: Value) -> int:
    """A hash that is the same for values that are `is_equal`; looks at a bounded part of a large value."""
    result = 0
    stack = [value]
    for _ in range(_HASHED):
        if not stack:
            break
        item = stack.pop()
        if is_plain_list(item):
            item = list_from(item)
        if type(item) is Pair:
            token = 0x70616972
            stack += (item.cdr, item.car)
        elif isinstance(item, (Vector, MultipleValues)):
            token = len(item)
            stack += reversed(item)
        else:
            token = _atom_hash(item)
        result = hash((result, token))
    return result


def _atom_hash(value: Value) -> int:
    if value != value:
        return 0
    try:
        return hash(value)
    except TypeError:
        return 1
