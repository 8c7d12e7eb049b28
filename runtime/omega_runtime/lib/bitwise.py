"""Exact integers as rows of bits, in two's complement without an end."""

from __future__ import annotations

import operator

from omega_runtime.lib.arguments import count
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_range, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.values import Value

# Beyond it, a shift would ask for more memory than there is.
_SHIFT_MAX = 1_000_000_000


def _exact(procedure: str, position: int, value: Value) -> int:
    if type(value) is int:
        return value
    raise wrong_type(procedure, position, "an exact integer", value)


def _combined(procedure: str, combine: Callable[[int, int], int], unit: int, integers: tuple[Value, ...]) -> int:
    result = unit
    for i, each in enumerate(integers):
        result = combine(result, _exact(procedure, i + 1, each))
    return result


@primitive("bitwise-and", "bit-and")
def bitwise_and(*integers: Value) -> int:
    """The bits that are set in all the integers; -1 of none."""
    return _combined("bitwise-and", operator.and_, -1, integers)


@primitive("bitwise-or", "bit-or")
def bitwise_or(*integers: Value) -> int:
    """The bits that are set in some of the integers; 0 of none."""
    return _combined("bitwise-or", operator.or_, 0, integers)


@primitive("bitwise-xor", "bit-xor")
def bitwise_xor(*integers: Value) -> int:
    """The bits that are set in an odd number of the integers; 0 of none."""
    return _combined("bitwise-xor", operator.xor, 0, integers)


@primitive("bitwise-not")
def bitwise_not(n: Value) -> int:
    """The bits that are not set."""
    return ~_exact("bitwise-not", 1, n)


@primitive("arithmetic-shift")
def arithmetic_shift(n: Value, distance: Value) -> int:
    """The bits moved to the left, or by a negative distance to the right."""
    return _shifted("arithmetic-shift", n, _exact("arithmetic-shift", 2, distance))


@primitive("shift-left")
def shift_left(n: Value, distance: Value) -> int:
    """The bits moved to the left."""
    return _shifted("shift-left", n, count("shift-left", 2, distance))


@primitive("shift-right")
def shift_right(n: Value, distance: Value) -> int:
    """The bits moved to the right."""
    return _shifted("shift-right", n, -count("shift-right", 2, distance))


def _shifted(procedure: str, n: Value, distance: int) -> int:
    number = _exact(procedure, 1, n)
    if distance <= 0:
        return number >> -distance
    if distance > _SHIFT_MAX:
        raise wrong_range(procedure, 2, f"at most {_SHIFT_MAX}", distance)
    return number << distance


@primitive("bit-count")
def bit_count(n: Value) -> int:
    """How many bits are set; of a negative integer, how many are not."""
    number = _exact("bit-count", 1, n)
    return (~number if number < 0 else number).bit_count()


@primitive("integer-length", "bit-length")
def integer_length(n: Value) -> int:
    """How many bits an integer takes, without its sign."""
    number = _exact("integer-length", 1, n)
    return (~number if number < 0 else number).bit_length()
