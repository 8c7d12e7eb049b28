"""Numbers: roots, powers, logarithms, trigonometry and chance."""

from __future__ import annotations

import math

from omega_runtime.lib.arguments import ABSENT, count, number
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import DivisionByZero, wrong_range
from omega_runtime.values.multiple import MultipleValues

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from omega_runtime.values import Value

    Number: TypeAlias = int | float


def _real(procedure: str, position: int, value: Value) -> float:
    """A number as a float; an int too large for one is an error."""
    try:
        return float(number(procedure, position, value))
    except OverflowError:
        raise wrong_range(procedure, position, "a number that a real can hold", value) from None


@primitive("sqrt")
def sqrt(n: Value) -> Number:
    """The square root: an int for an int that is a square, else a float."""
    if number("sqrt", 1, n) < 0:
        raise wrong_range("sqrt", 1, "a non-negative number", n)
    if isinstance(n, int):
        root = math.isqrt(n)
        if root * root == n:
            return root
    return math.sqrt(_real("sqrt", 1, n))


@primitive("exact-integer-sqrt")
def exact_integer_sqrt(n: Value) -> MultipleValues:
    """The integer part of the square root of an exact integer, and what its square lacks of n."""
    root = math.isqrt(count("exact-integer-sqrt", 1, n))
    return MultipleValues((root, n - root * root))


@primitive("expt")
def expt(base: Value, exponent: Value) -> Number:
    """The power; exact where it is an integer."""
    number("expt", 1, base)
    number("expt", 2, exponent)
    if exponent < 0 and base == 0:
        raise DivisionByZero("expt: division by zero")
    if isinstance(base, int) and isinstance(exponent, int):
        if exponent < 0 and base in (1, -1):
            exponent = -exponent
    elif base < 0 and isinstance(exponent, float) and exponent % 1:
        raise wrong_range("expt", 1, "a non-negative number", base)
    try:
        return base**exponent  # type: ignore[no-any-return]
    except OverflowError:
        if (abs(base) > 1) == (exponent < 0):
            return 0.0
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf


@primitive("exp")
def exp(n: Value) -> float:
    """e to the power of n."""
    try:
        return math.exp(_real("exp", 1, n))
    except OverflowError:
        return math.inf


@primitive("log")
def log(n: Value, base: Value = ABSENT) -> float:
    """The logarithm, natural or to a base."""
    if number("log", 1, n) <= 0:
        raise wrong_range("log", 1, "a positive number", n)
    if base is ABSENT:
        return math.log(n)
    if number("log", 2, base) <= 0 or base == 1:
        raise wrong_range("log", 2, "a positive number other than 1", base)
    if base in (2, 10):
        return math.log2(n) if base == 2 else math.log10(n)
    return math.log(n) / math.log(base)


@primitive("sin")
def sin(angle: Value) -> float:
    """The sine of an angle in radians."""
    return math.sin(_finite("sin", angle))


@primitive("cos")
def cos(angle: Value) -> float:
    """The cosine of an angle in radians."""
    return math.cos(_finite("cos", angle))


@primitive("tan")
def tan(angle: Value) -> float:
    """The tangent of an angle in radians."""
    return math.tan(_finite("tan", angle))


def _finite(procedure: str, value: Value) -> float:
    n = _real(procedure, 1, value)
    if math.isinf(n):
        raise wrong_range(procedure, 1, "a finite number", value)
    return n


@primitive("asin")
def asin(n: Value) -> float:
    """The angle whose sine is n, in radians."""
    return math.asin(_ratio("asin", n))


@primitive("acos")
def acos(n: Value) -> float:
    """The angle whose cosine is n, in radians."""
    return math.acos(_ratio("acos", n))


def _ratio(procedure: str, value: Value) -> float:
    n = _real(procedure, 1, value)
    if abs(n) > 1:
        raise wrong_range(procedure, 1, "a number from -1 to 1", value)
    return n


@primitive("atan")
def atan(y: Value, x: Value = ABSENT) -> float:
    """The angle whose tangent is y, or that of the point (x, y), in radians."""
    if x is ABSENT:
        return math.atan(_real("atan", 1, y))
    return math.atan2(_real("atan", 1, y), _real("atan", 2, x))


@primitive("random", row="state")
def random_(limit: Value) -> Number:
    """A random number from 0 to below the limit: an int for an int, else a float."""
    from random import random, randrange

    if not 0 < number("random", 1, limit) < math.inf:
        raise wrong_range("random", 1, "a positive number", limit)
    return randrange(limit) if isinstance(limit, int) else random() * limit
