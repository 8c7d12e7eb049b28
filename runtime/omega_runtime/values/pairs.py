"""Pairs, the empty list, and lists made of them."""

from __future__ import annotations

from omega_runtime.acceleration import accelerated, introduce, pair_class
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omega_runtime.values import Value


class Nil:
    """The empty list; `NIL` is its one instance. Equal to Python's empty list; false for Python only."""

    __slots__ = ()
    _only: Nil | None = None

    def __new__(cls) -> Nil:
        if cls._only is None:
            cls._only = object.__new__(cls)
        return cls._only

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Value]:
        return iter(())

    def __reversed__(self) -> Iterator[Value]:
        return iter(())

    def __getitem__(self, index: int | slice) -> Value:
        return [][index]

    def __eq__(self, other: object) -> bool:
        return other is self or (is_plain_list(other) and not other)

    def __hash__(self) -> int:
        return 0x6E696C

    def __repr__(self) -> str:
        return "()"

    def __copy__(self) -> Nil:
        return self

    def __deepcopy__(self, memo: object) -> Nil:
        return self

    def __reduce__(self) -> tuple[type[Nil], tuple[()]]:
        return Nil, ()


NIL = Nil()
introduce("NIL", NIL)


@pair_class
class Pair:
    """A pair; chains of pairs ending in NIL are lists and behave as sequences for Python.

    `==` is `equal?`: structural, also against Python lists and tuples. Hashable by contents: do not change a
    pair while it is a key. Iterating an improper or circular list raises OmegaError when its end is reached.
    """

    __slots__ = ("car", "cdr")

    def __init__(self, car: Value, cdr: Value) -> None:
        self.car = car
        self.cdr = cdr

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        length = list_length(self)
        if length is None:
            raise OmegaError("not a proper list:", self)
        return length

    def __iter__(self) -> Iterator[Value]:
        rest: Value = self
        mark, count, limit = None, 0, 1024
        while type(rest) is Pair:
            yield rest.car
            rest = rest.cdr
            count += 1
            if rest is mark:
                raise OmegaError("circular list:", self)
            if count == limit:
                mark, limit = rest, 2 * limit
        if rest is not NIL:
            if not is_plain_list(rest):
                raise OmegaError("not a proper list:", self)
            yield from rest

    def __reversed__(self) -> Iterator[Value]:
        yield from reversed(list(self))

    def __getitem__(self, index: int | slice) -> Value:
        if type(index) is not int or index < 0:
            return list(self)[index]
        rest: Value = self
        while type(rest) is Pair:
            if index == 0:
                return rest.car
            rest = rest.cdr
            index -= 1
        return rest[index] if is_plain_list(rest) else [][index]

    def __eq__(self, other: object) -> bool:
        if type(other) is not Pair and not is_plain_list(other):
            return NotImplemented
        from omega_runtime.values.equality import is_equal

        return is_equal(self, other)

    def __hash__(self) -> int:
        from omega_runtime.values.equality import structural_hash

        return structural_hash(self)

    def __str__(self) -> str:
        from omega_runtime.values.printing import display_text

        return display_text(self)

    def __repr__(self) -> str:
        from omega_runtime.values.printing import write_text

        return write_text(self)

    def __copy__(self) -> Pair:
        return Pair(self.car, self.cdr)

    def __deepcopy__(self, memo: dict[int, Value]) -> Pair:
        from omega_runtime.values.copying import deep_copy

        return deep_copy(self, memo)  # type: ignore[no-any-return]


@accelerated
def make_list(*items: Value) -> Value:
    """The Omega list of the arguments."""
    result: Value = NIL
    for item in reversed(items):
        result = Pair(item, result)
    return result


@accelerated
def list_from(items: Iterable[Value], tail: Value = NIL) -> Value:
    """The Omega list of the items, ending in `tail`."""
    if type(items) is not list and type(items) is not tuple:
        items = list(items)
    result = tail
    for item in reversed(items):
        result = Pair(item, result)
    return result


# What most values are, and no plain list; `isinstance` takes longer to say so.
NO_LISTS = frozenset({Pair, Nil, int, float, bool, str, Symbol, Char, Vector, type(None)})


@accelerated
def is_plain_list(value: object) -> bool:
    """Whether a value is a Python list or tuple that Omega takes for a list."""
    kind = type(value)
    if kind is list or kind is tuple:
        return True
    if kind in NO_LISTS:
        return False
    return isinstance(value, (list, tuple)) and not isinstance(value, (Vector, MultipleValues))


@accelerated
def unlist(value: Value) -> list[Value] | None:
    """The elements of a list as a new Python list; None when the value is no proper list."""
    items: list[Value] = []
    append = items.append
    rest = value
    mark, limit = None, 1024
    while type(rest) is Pair:
        for _ in range(limit):
            append(rest.car)
            rest = rest.cdr
            if rest is mark:
                return None
            if type(rest) is not Pair:
                break
        mark, limit = rest, 2 * limit
    if rest is not NIL:
        if not is_plain_list(rest):
            return None
        items.extend(rest)
    return items


@accelerated
def list_length(value: Value) -> int | None:
    """The number of elements of a list; None when the value is improper, circular or no list."""
    rest = value
    mark, count, limit = None, 0, 1024
    while type(rest) is Pair:
        rest = rest.cdr
        count += 1
        if rest is mark:
            return None
        if count == limit:
            mark, limit = rest, 2 * limit
    if rest is NIL:
        return count
    return count + len(rest) if is_plain_list(rest) else None
