"""Numbers: arithmetic, comparison, rounding, and their text."""

from __future__ import annotations

import math
from _operator import eq, ge, gt, le, lt
from itertools import pairwise

from omega_runtime.lib.arguments import ABSENT, PLAIN_NUMBERS, integer, is_number, number, string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import DivisionByZero, OmegaError, wrong_range, wrong_type
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.numerals import integer_text, number_text, parse_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from omega_runtime.values import Value

    Number: TypeAlias = int | float


def _check(procedure: str, position: int, numbers: tuple[Value, ...]) -> None:
    """Raises ArgumentError unless all the arguments from the position on are numbers."""
    for i, each in enumerate(numbers):
        number(procedure, position + i, each)


def _zero_divisor(procedure: str) -> DivisionByZero:
    return DivisionByZero(f"{procedure}: division by zero")


def _too_large(procedure: str) -> OmegaError:
    return OmegaError(f"{procedure}: the result is too large for a real number")


@primitive("+")
def add(*numbers: Value) -> Number:
    """The sum; 0 of none."""
    total: Number | None = None
    try:
        for each in numbers:
            if type(each) not in PLAIN_NUMBERS:
                _check("+", 1, numbers)
            total = each if total is None else total + each
    except OverflowError:
        raise _too_large("+") from None
    return 0 if total is None else total


@primitive("*")
def multiply(*numbers: Value) -> Number:
    """The product; 1 of none."""
    product: Number = 1
    try:
        for each in numbers:
            if type(each) not in PLAIN_NUMBERS:
                _check("*", 1, numbers)
            product *= each
    except OverflowError:
        raise _too_large("*") from None
    return product


@primitive("-")
def subtract(first: Value, *rest: Value) -> Number:
    """The first number less the others; alone, its negative."""
    difference = number("-", 1, first)
    if not rest:
        return -difference
    try:
        for each in rest:
            if type(each) not in PLAIN_NUMBERS:
                _check("-", 2, rest)
            difference -= each
    except OverflowError:
        raise _too_large("-") from None
    return difference


@primitive("/")
def divide(first: Value, *rest: Value) -> Number:
    """The first number divided by the others; alone, its reciprocal. An int when exact, else a float."""
    if len(rest) == 1 and type(first) is float and type(rest[0]) in PLAIN_NUMBERS and rest[0]:
        return _ratio(first, rest[0])
    quotient = number("/", 1, first)
    if not rest:
        return _ratio(1, quotient)
    for i, each in enumerate(rest):
        quotient = _ratio(quotient, number("/", i + 2, each))
    return quotient


def _ratio(a: Number, b: Number) -> Number:
    if not b:
        raise _zero_divisor("/")
    try:
        if type(a) is int and type(b) is int and a % b == 0:
            return a // b
        return a / b
    except OverflowError:
        raise _too_large("/") from None


def _holds_between(procedure: str, test: Callable[[Number, Number], bool], numbers: tuple[Value, ...]) -> bool:
    """Whether a test holds for every number and the next."""
    _check(procedure, 1, numbers)
    return all(test(a, b) for a, b in pairwise(numbers))


@primitive("=")
def numbers_equal(first: Value, *rest: Value) -> bool:
    """Whether all the numbers are the same."""
    if len(rest) == 1 and type(first) in PLAIN_NUMBERS and type(rest[0]) in PLAIN_NUMBERS:
        return first == rest[0]  # type: ignore[no-any-return]
    return _holds_between("=", eq, (first, *rest))


@primitive("<")
def less(first: Value, *rest: Value) -> bool:
    """Whether each number is less than the next."""
    if len(rest) == 1 and type(first) in PLAIN_NUMBERS and type(rest[0]) in PLAIN_NUMBERS:
        return first < rest[0]  # type: ignore[no-any-return]
    return _holds_between("<", lt, (first, *rest))


@primitive(">")
def greater(first: Value, *rest: Value) -> bool:
    """Whether each number is greater than the next."""
    if len(rest) == 1 and type(first) in PLAIN_NUMBERS and type(rest[0]) in PLAIN_NUMBERS:
        return first > rest[0]  # type: ignore[no-any-return]
    return _holds_between(">", gt, (first, *rest))


@primitive("<=")
def less_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no number is greater than the next."""
    if len(rest) == 1 and type(first) in PLAIN_NUMBERS and type(rest[0]) in PLAIN_NUMBERS:
        return first <= rest[0]  # type: ignore[no-any-return]
    return _holds_between("<=", le, (first, *rest))


@primitive(">=")
def greater_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no number is less than the next."""
    if len(rest) == 1 and type(first) in PLAIN_NUMBERS and type(rest[0]) in PLAIN_NUMBERS:
        return first >= rest[0]  # type: ignore[no-any-return]
    return _holds_between(">=", ge, (first, *rest))


@primitive("1+")
def add_one(n: Value) -> Number:
    """n + 1."""
    return number("1+", 1, n) + 1


@primitive("-1+", "1-")
def subtract_one(n: Value) -> Number:
    """n - 1."""
    return number("-1+", 1, n) - 1


def _operands(
    procedure: str, n: Value, d: Value, kind: Callable[[str, int, Value], Number] = integer
) -> tuple[Number, Number]:
    a, b = kind(procedure, 1, n), kind(procedure, 2, d)
    if not b:
        raise _zero_divisor(procedure)
    if isinstance(a, float) or isinstance(b, float):
        try:
            return float(a), float(b)
        except OverflowError:
            raise _too_large(procedure) from None
    return a, b


def _truncated(a: Number, b: Number) -> Number:
    if isinstance(a, float) and not a:
        return a / b
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _remainder(a: Number, b: Number) -> Number:
    remainder = abs(a) % abs(b)
    return remainder if a >= 0 else -remainder


@primitive("quotient", "truncate-quotient")
def quotient(n: Value, d: Value) -> Number:
    """The quotient of two integers, rounded towards zero."""
    if type(n) is int and type(d) is int and d > 0:
        return n // d if n >= 0 else -(-n // d)
    return _truncated(*_operands("quotient", n, d))


@primitive("remainder", "truncate-remainder")
def remainder(n: Value, d: Value) -> Number:
    """What `quotient` leaves; it has the sign of n."""
    if type(n) is int and type(d) is int and d > 0 and n >= 0:
        return n % d
    return _remainder(*_operands("remainder", n, d))


@primitive("modulo", "floor-remainder")
def modulo(n: Value, d: Value) -> Number:
    """What `floor-quotient` leaves, of any real numbers; it has the sign of d."""
    a, b = _operands("modulo", n, d, number)
    return a % b


@primitive("floor-quotient")
def floor_quotient(n: Value, d: Value) -> Number:
    """The quotient of two integers, rounded down."""
    a, b = _operands("floor-quotient", n, d)
    return a // b


@primitive("floor/")
def floor_divide(n: Value, d: Value) -> MultipleValues:
    """`floor-quotient` and `floor-remainder`, as two values."""
    a, b = _operands("floor/", n, d)
    return MultipleValues((a // b, a % b))


@primitive("truncate/")
def truncate_divide(n: Value, d: Value) -> MultipleValues:
    """`truncate-quotient` and `truncate-remainder`, as two values."""
    a, b = _operands("truncate/", n, d)
    return MultipleValues((_truncated(a, b), _remainder(a, b)))


@primitive("gcd")
def gcd(*integers: Value) -> Number:
    """The greatest common divisor; 0 of none."""
    divisor = math.gcd(*[int(integer("gcd", i + 1, each)) for i, each in enumerate(integers)])
    return _as_exact_as(integers, divisor)


@primitive("lcm")
def lcm(*integers: Value) -> Number:
    """The least common multiple; 1 of none."""
    multiple = math.lcm(*[int(integer("lcm", i + 1, each)) for i, each in enumerate(integers)])
    return _as_exact_as(integers, multiple)


def _as_exact_as(numbers: tuple[Value, ...], result: Number) -> Number:
    """A result as a float when one of the numbers is a float; an int that no float can hold stays one."""
    if isinstance(result, float) or not any(isinstance(each, float) for each in numbers):
        return result
    try:
        return float(result)
    except OverflowError:
        return result


@primitive("abs", "magnitude")
def abs_(n: Value) -> Number:
    """The absolute value."""
    return abs(number("abs", 1, n))


@primitive("min")
def min_(first: Value, second: Value = ABSENT, *rest: Value) -> Number:
    """The least of the numbers, a float when one of them is, and NaN when one is that."""
    kind = type(first)
    if type(second) is kind and (kind is int or (kind is float and second == second)) and not rest:
        return second if second < first else first  # type: ignore[no-any-return]
    numbers = (first, *rest) if second is ABSENT else (first, second, *rest)
    _check("min", 1, numbers)
    return _as_exact_as(numbers, _nan_of(numbers) or min(numbers))


@primitive("max")
def max_(first: Value, second: Value = ABSENT, *rest: Value) -> Number:
    """The greatest of the numbers, a float when one of them is, and NaN when one is that."""
    kind = type(first)
    if type(second) is kind and (kind is int or (kind is float and second == second)) and not rest:
        return second if second > first else first  # type: ignore[no-any-return]
    numbers = (first, *rest) if second is ABSENT else (first, second, *rest)
    _check("max", 1, numbers)
    return _as_exact_as(numbers, _nan_of(numbers) or max(numbers))


def _nan_of(numbers: tuple[Number, ...]) -> Number | None:
    """The first number that is none, or nothing."""
    return next((n for n in numbers if n != n), None)


def _is_whole(n: Number) -> bool:
    """Whether rounding leaves a number as it is: ints, infinities and NaN."""
    return isinstance(n, int) or not math.isfinite(n)


@primitive("floor")
def floor(n: Value) -> Number:
    """The greatest integer that is not greater; a float stays a float."""
    return n if _is_whole(number("floor", 1, n)) else float(math.floor(n))


@primitive("ceiling")
def ceiling(n: Value) -> Number:
    """The least integer that is not less; a float stays a float."""
    return n if _is_whole(number("ceiling", 1, n)) else float(math.ceil(n))


@primitive("round")
def round_(n: Value) -> Number:
    """The nearest integer, the even one of two; a float stays a float."""
    return n if _is_whole(number("round", 1, n)) else float(round(n))


@primitive("truncate")
def truncate(n: Value) -> Number:
    """The integer part; a float stays a float."""
    return n if _is_whole(number("truncate", 1, n)) else float(math.trunc(n))


@primitive("number?", "complex?", "real?")
def is_number_(value: Value) -> bool:
    """Whether a value is a number; a boolean is none."""
    return type(value) is int or is_number(value)


@primitive("integer?")
def is_integer(value: Value) -> bool:
    """Whether a value is a number without a fraction: 2 and 2.0 are."""
    return type(value) is int or (is_number(value) and (isinstance(value, int) or value.is_integer()))


@primitive("rational?")
def is_rational(value: Value) -> bool:
    """Whether a value is a number, neither infinite nor NaN."""
    return is_number(value) and (isinstance(value, int) or math.isfinite(value))


@primitive("exact?")
def is_exact(n: Value) -> bool:
    """Whether a number is exact: an int."""
    return isinstance(number("exact?", 1, n), int)


@primitive("inexact?")
def is_inexact(n: Value) -> bool:
    """Whether a number is a float."""
    return isinstance(number("inexact?", 1, n), float)


@primitive("exact-integer?")
def is_exact_integer(value: Value) -> bool:
    """Whether a value is an int."""
    return is_number(value) and isinstance(value, int)


@primitive("exact-rational?")
def is_exact_rational(value: Value) -> bool:
    """Whether a value is an exact number: an int."""
    return is_exact_integer(value)


@primitive("exact-nonnegative-integer?")
def is_exact_nonnegative_integer(value: Value) -> bool:
    """Whether a value is an int that is not negative."""
    return is_exact_integer(value) and value >= 0


@primitive("nan?")
def is_nan(n: Value) -> bool:
    """Whether a number is NaN."""
    return bool(number("nan?", 1, n) != n)


@primitive("finite?")
def is_finite(n: Value) -> bool:
    """Whether a number is neither infinite nor NaN."""
    return isinstance(number("finite?", 1, n), int) or math.isfinite(n)


@primitive("infinite?")
def is_infinite(n: Value) -> bool:
    """Whether a number is infinite."""
    return isinstance(number("infinite?", 1, n), float) and math.isinf(n)


@primitive("zero?")
def is_zero(n: Value) -> bool:
    """Whether a number is 0."""
    return number("zero?", 1, n) == 0


@primitive("positive?")
def is_positive(n: Value) -> bool:
    """Whether a number is greater than 0."""
    return number("positive?", 1, n) > 0


@primitive("negative?")
def is_negative(n: Value) -> bool:
    """Whether a number is less than 0."""
    return number("negative?", 1, n) < 0


@primitive("odd?")
def is_odd(n: Value) -> bool:
    """Whether an integer is odd."""
    return integer("odd?", 1, n) % 2 == 1


@primitive("even?")
def is_even(n: Value) -> bool:
    """Whether an integer is even."""
    return integer("even?", 1, n) % 2 == 0


@primitive("square")
def square(n: Value) -> Number:
    """n times n."""
    return multiply(number("square", 1, n), n)


@primitive("exact", "inexact->exact")
def exact(n: Value) -> int:
    """The int of the same value; there is none for a fraction, which is an error."""
    if not is_integer(n):
        raise wrong_type("exact", 1, "an integer", n)
    return int(n)


@primitive("inexact", "exact->inexact")
def inexact(n: Value) -> float:
    """The nearest float."""
    try:
        return float(number("inexact", 1, n))
    except OverflowError:
        raise _too_large("inexact") from None


@primitive("number->string")
def number_to_string(n: Value, radix: Value = 10) -> str:
    """The digits of a number; a radix other than 10 is for integers only."""
    # Python writes integers of any size, but those with very many digits not by itself.
    if type(n) is int and radix == 10 and -0x10000000000000000 < n < 0x10000000000000000:
        return str(n)
    number("number->string", 1, n)
    if type(radix) is not int or not 2 <= radix <= 36:
        raise wrong_range("number->string", 2, "a radix from 2 to 36", radix)
    if radix == 10:
        return number_text(n)
    if not is_integer(n):
        raise wrong_type("number->string", 1, f"an integer for radix {radix}", n)
    return integer_text(int(n), radix)


@primitive("string->number")
def string_to_number(text: Value, radix: Value = 10) -> Number | bool:
    """The number that the string is a literal of, or #f."""
    string("string->number", 1, text)
    if type(radix) is not int or not 2 <= radix <= 36:
        raise wrong_range("string->number", 2, "a radix from 2 to 36", radix)
    found = parse_number(text, radix)
    return False if found is None else found
