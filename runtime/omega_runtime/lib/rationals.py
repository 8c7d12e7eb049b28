"""Numbers as fractions, and what is exact about them. Exact fractions themselves there are none of."""

from __future__ import annotations

import math

from omega_runtime.lib.arguments import number
from omega_runtime.lib.numbers import ceiling, floor, round_, truncate
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fractions import Fraction

    from omega_runtime.lib.numbers import Number
    from omega_runtime.values import Procedure, Value


@primitive("numerator")
def numerator(n: Value) -> Number:
    """The numerator of a number in lowest terms; a float is the binary fraction that it is."""
    finite = _finite("numerator", n)
    return finite if isinstance(finite, int) else float(finite.as_integer_ratio()[0])


@primitive("denominator")
def denominator(n: Value) -> Number:
    """The denominator of a number in lowest terms; 1 for an integer."""
    finite = _finite("denominator", n)
    return 1 if isinstance(finite, int) else float(finite.as_integer_ratio()[1])


def _finite(procedure: str, value: Value) -> Number:
    n = number(procedure, 1, value)
    if isinstance(n, float) and not math.isfinite(n):
        raise wrong_range(procedure, 1, "a finite number", value)
    return n


@primitive("rationalize")
def rationalize(n: Value, tolerance: Value) -> Number:
    """The fraction with the smallest numerator and denominator that differs from n by at most the tolerance."""
    number("rationalize", 1, n)
    number("rationalize", 2, tolerance)
    is_exact = isinstance(n, int) and isinstance(tolerance, int)
    if not is_exact and not (_is_finite(n) and _is_finite(tolerance)):
        return 0.0 if _is_finite(n) and tolerance == tolerance else n + abs(tolerance) - abs(tolerance)
    from fractions import Fraction

    middle, radius = Fraction(n), abs(Fraction(tolerance))
    found = _simplest(middle - radius, middle + radius)
    try:
        return int(found) if is_exact else float(found)
    except OverflowError:
        raise wrong_range("rationalize", 1, "a number that a real can hold", n) from None


def _is_finite(n: Number) -> bool:
    return isinstance(n, int) or math.isfinite(n)


def _simplest(low: Fraction, high: Fraction) -> Fraction | int:
    """The simplest fraction from `low` to `high`, whose continued fractions begin as its own does."""
    if low <= 0 <= high:
        return 0
    if high < 0:
        return -_simplest(-high, -low)
    terms = []
    while (whole := math.ceil(low)) > high:
        terms.append(whole - 1)
        low, high = 1 / (high - terms[-1]), 1 / (low - terms[-1])
    found = low - low + whole
    for term in reversed(terms):
        found = term + 1 / found
    return found


def _exactly(name: str, value: Value, rounded: Procedure) -> int:
    result = rounded(value)
    if isinstance(result, float) and not math.isfinite(result):
        raise wrong_range(name, 1, "a finite number", value)
    return int(result)


@primitive("floor->exact", "exact-floor")
def floor_to_exact(n: Value) -> int:
    """The greatest integer that is not greater, exact."""
    return _exactly("floor->exact", n, floor)


@primitive("ceiling->exact", "exact-ceiling")
def ceiling_to_exact(n: Value) -> int:
    """The least integer that is not less, exact."""
    return _exactly("ceiling->exact", n, ceiling)


@primitive("round->exact", "exact-round")
def round_to_exact(n: Value) -> int:
    """The nearest integer, the even one of two, exact."""
    return _exactly("round->exact", n, round_)


@primitive("truncate->exact", "exact-truncate")
def truncate_to_exact(n: Value) -> int:
    """The integer part, exact."""
    return _exactly("truncate->exact", n, truncate)


@primitive("real-part")
def real_part(n: Value) -> Number:
    """The real part of a number: itself, as every number is real."""
    return number("real-part", 1, n)


@primitive("imag-part")
def imag_part(n: Value) -> int:
    """The imaginary part of a number: 0, as every number is real."""
    number("imag-part", 1, n)
    return 0


@primitive("angle")
def angle(n: Value) -> Number:
    """The angle of a number in the complex plane: 0, or pi for a negative one."""
    return math.pi if number("angle", 1, n) < 0 else 0
