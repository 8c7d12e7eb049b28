"""Hash tables: dicts whose keys are compared as Omega compares values."""

from __future__ import annotations

from omega_runtime.acceleration import introduce
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, KeysView

    from omega_runtime.values import Value

PLAIN = frozenset({str, int, Symbol})
"""The types of keys that every table stores as they are."""


class _Stored:
    """The stored form of a key whose Python equality is not Omega's, made equal to itself only."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class _ById:
    """The stored form of a key that equals itself only."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return type(other) is _ById and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


_TRUE, _FALSE, _NAN = _Stored(True), _Stored(False), _Stored(float("nan"))


class HashTable(dict["Value", "Value"]):
    """A table from keys compared by `equal?` to values, in order of insertion.

    A dict for Python too, except that #t is not 1 and that pairs, vectors and Python lists are keys by
    content; a Python list, tuple or bytearray comes back as Omega's. Do not change a structure while it is a key.
    """

    __slots__ = ()

    def __init__(self, entries: Value = (), /, **named: Value) -> None:
        super().__init__()
        self.update(entries, **named)

    def stored(self, key: Value) -> Value:
        """The form in which the underlying dict holds a key."""
        if type(key) in PLAIN:
            return key
        if key is True:
            return _TRUE
        if key is False:
            return _FALSE
        if is_plain_list(key):
            return list_from(key)
        if key is NIL or isinstance(key, (Pair, Vector)):
            return key
        if type(key) is bytearray:
            return Bytevector(key)
        if key != key:
            return _NAN
        try:
            hash(key)
        except TypeError:
            return _ById(key)
        return key

    def __getitem__(self, key: Value) -> Value:
        try:
            return super().__getitem__(self.stored(key))
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: Value, value: Value) -> None:
        super().__setitem__(self.stored(key), value)

    def __delitem__(self, key: Value) -> None:
        try:
            super().__delitem__(self.stored(key))
        except KeyError:
            raise KeyError(key) from None

    def __contains__(self, key: Value) -> bool:
        return super().__contains__(self.stored(key))

    def get(self, key: Value, default: Value = None) -> Value:
        """The value at the key, or the default."""
        return super().get(self.stored(key), default)

    def pop(self, key: Value, *default: Value) -> Value:
        """Takes out the key and returns its value, or the default; raises KeyError without one."""
        return super().pop(self.stored(key), *default)

    def popitem(self) -> tuple[Value, Value]:
        """Takes out the newest entry; raises KeyError when the table is empty."""
        key, value = super().popitem()
        return original(key), value

    def setdefault(self, key: Value, default: Value = None) -> Value:
        """The value at the key, after storing the default there when it is missing."""
        return super().setdefault(self.stored(key), default)

    def update(self, entries: Value = (), /, **named: Value) -> None:
        """Stores every entry of a mapping, or of an iterable of pairs (key, value)."""
        for key, value in entries.items() if hasattr(entries, "items") else entries:
            self[key] = value
        for name, value in named.items():
            self[name] = value

    def __ior__(self, other: Value) -> HashTable:
        self.update(other)
        return self

    def __or__(self, other: Value) -> HashTable:
        merged = self.copy()
        merged.update(other)
        return merged

    def __iter__(self) -> Iterator[Value]:
        return map(original, super().__iter__())

    def __reversed__(self) -> Iterator[Value]:
        return map(original, super().__reversed__())

    def keys(self) -> KeysView[Value]:  # type: ignore[override]
        """The keys, as they are for Omega."""
        from collections.abc import KeysView

        return KeysView(self)

    def items(self) -> ItemsView[Value, Value]:  # type: ignore[override]
        """The entries as pairs (key, value)."""
        from omega_runtime.values.views import Entries

        return Entries(self)

    def copy(self) -> HashTable:
        """A new table of the same kind with the same entries."""
        fresh = type(self)()
        dict.update(fresh, dict.items(self))
        return fresh

    __copy__ = copy

    def __str__(self) -> str:
        from omega_runtime.values.printing import display_text

        return display_text(self)

    def __repr__(self) -> str:
        from omega_runtime.values.printing import write_text

        return write_text(self)


class EqvHashTable(HashTable):
    """A hash table whose keys are compared by `eqv?`: pairs, vectors and bytevectors by identity."""

    __slots__ = ()

    def stored(self, key: Value) -> Value:
        """The form in which the underlying dict holds a key."""
        structure = type(key) is Pair or isinstance(key, (Vector, bytearray)) or (is_plain_list(key) and key)
        return _ById(key) if structure else super().stored(key)


introduce("HashTable", HashTable)
introduce("EqvHashTable", EqvHashTable)


def original(key: Value) -> Value:
    """A key as it is for Omega, from its stored form."""
    return key.value if isinstance(key, (_Stored, _ById)) else key
