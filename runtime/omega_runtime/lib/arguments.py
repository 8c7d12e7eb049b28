"""Checks of arguments that several themes share; each raises ArgumentError for what it does not take."""

from __future__ import annotations

from math import inf

from omega_runtime.acceleration import accelerated
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, unlist
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeVar

    from omega_runtime.values import Procedure, Value

    Repeatable = TypeVar("Repeatable", str, bytes, list[Value])


class Absent:
    """Stands for an optional argument that was not given; `ABSENT` is its one instance."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "#<default>"


ABSENT = Absent()


# The flag of a code object that takes *arguments.
_VARIADIC = 0x04

PLAIN_NUMBERS = frozenset({int, float})
"""The types that are numbers without further question; a subclass of them other than bool is one, too."""

# What most other values are; `isinstance` takes longer to say so.
_NO_NUMBERS = frozenset({bool, str, Symbol, Pair, Char, type(NIL), type(None)})


def is_number(value: Value) -> bool:
    """Whether a value is an Omega number: an int or a float, but no boolean."""
    kind = type(value)
    if kind is int or kind is float:
        return True
    return kind not in _NO_NUMBERS and isinstance(value, (int, float))


def number(procedure: str, position: int, value: Value) -> int | float:
    """A number."""
    if not is_number(value):
        raise wrong_type(procedure, position, "a number", value)
    return value  # type: ignore[no-any-return]


def integer(procedure: str, position: int, value: Value) -> int | float:
    """An int, or a float without a fraction."""
    if type(value) is int or (is_number(value) and value - value == 0 and value == value // 1):
        return value  # type: ignore[no-any-return]
    raise wrong_type(procedure, position, "an integer", value)


def count(procedure: str, position: int, value: Value) -> int:
    """An exact integer that is not negative."""
    if type(value) is int and value >= 0:
        return value
    raise wrong_type(procedure, position, "a non-negative exact integer", value)


def repeated(procedure: str, position: int, items: Repeatable, size: Value) -> Repeatable:
    """A Python list, string or bytes `size` times in a row."""
    try:
        return items * count(procedure, position, size)
    except (OverflowError, MemoryError):
        raise wrong_range(procedure, position, "a size that fits into memory", size) from None


def index(procedure: str, position: int, value: Value, size: int) -> int:
    """An exact integer from 0 to below `size`."""
    if type(value) is int and 0 <= value < size:
        return value
    if type(value) is not int:
        raise wrong_type(procedure, position, "an exact integer", value)
    if value < 0:
        raise wrong_range(procedure, position, "a non-negative exact integer", value)
    raise wrong_range(procedure, position, f"an index below {size}", value)


def span(procedure: str, position: int, start: Value, end: Value, size: int) -> tuple[int, int]:
    """A range within `size` elements, checked; `position` is that of the start, an absent end is `size`."""
    if end is ABSENT:
        end = size
    elif type(end) is not int or not 0 <= end <= size:
        raise wrong_range(procedure, position + 1, f"an index from 0 to {size}", end)
    if type(start) is not int or not 0 <= start <= end:
        raise wrong_range(procedure, position, f"an index from 0 to {end}", start)
    return start, end


def string(procedure: str, position: int, value: Value) -> str:
    """A string."""
    if isinstance(value, str):
        return value
    raise wrong_type(procedure, position, "a string", value)


def char(procedure: str, position: int, value: Value) -> str:
    """A char, as its one-character string."""
    if type(value) is Char:
        return value.value
    raise wrong_type(procedure, position, "a char", value)


def callee(procedure: str, position: int, value: Value) -> Procedure:
    """A procedure."""
    if callable(value):
        return value  # type: ignore[no-any-return]
    raise wrong_type(procedure, position, "a procedure", value)


def arity(value: Procedure) -> tuple[int, float]:
    """The least and the most arguments that a procedure takes; 0 and infinity where Python can't say."""
    code = getattr(value, "__code__", None)
    if code is not None and not code.co_kwonlyargcount and not value.__defaults__:
        return code.co_argcount, inf if code.co_flags & _VARIADIC else code.co_argcount
    from inspect import Parameter, signature

    try:
        parameters = signature(value).parameters.values()
    except (TypeError, ValueError):
        return 0, inf
    plain = [each for each in parameters if each.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    is_variadic = any(each.kind is Parameter.VAR_POSITIONAL for each in parameters)
    return sum(each.default is Parameter.empty for each in plain), inf if is_variadic else len(plain)


@accelerated
def elements(procedure: str, position: int, value: Value) -> list[Value]:
    """The elements of a proper list, as a new Python list."""
    items = unlist(value)
    if items is None:
        raise wrong_type(procedure, position, "a list", value)
    return items


def vector_items(procedure: str, position: int, value: Value) -> list[Value]:
    """A vector, or a Python list or tuple standing for one, itself."""
    if isinstance(value, (list, tuple)) and not isinstance(value, MultipleValues):
        return value  # type: ignore[return-value]
    raise wrong_type(procedure, position, "a vector", value)


def walk(procedure: str, position: int, value: Value) -> Iterator[Value]:
    """The elements one by one, endlessly for a circular list; an improper end is an error once reached."""
    rest = value
    while type(rest) is Pair:
        yield rest.car
        rest = rest.cdr
    if rest is not NIL:
        if not is_plain_list(rest):
            raise wrong_type(procedure, position, "a list", value)
        yield from rest


def all_slices(procedure: str, position: int, lists: tuple[Value, ...]) -> list[tuple[Value, ...]]:
    """As `rows`, gathered before any use; a single list must be proper."""
    if len(lists) == 1:
        return [(item,) for item in elements(procedure, position, lists[0])]
    return list(slices(procedure, position, lists))


def slices(procedure: str, position: int, lists: tuple[Value, ...]) -> Iterator[tuple[Value, ...]]:
    """The first elements of all the lists, then the second ones, up to the end of the shortest list."""
    return zip(*[walk(procedure, position + i, each) for i, each in enumerate(lists)], strict=False)
