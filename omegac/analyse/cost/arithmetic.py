"""What procedures over numbers make of bounds, and what comparisons say of them."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import ONE, ZERO, Formula
from omegac.analyse.cost.sized import SIZES, sized
from omegac.analyse.cost.sizes import (
    BOOLEAN,
    FALSE,
    TRUE,
    Anything,
    Number,
    Size,
    Test,
    Values,
    as_number,
    exactly,
    truth,
    whole_number,
)


def _numbers(sizes: tuple[Size, ...]) -> list[Number] | None:
    found = [as_number(each) for each in sizes]
    return None if None in found else [each for each in found if each is not None]


@sized("+")
def _add(*sizes: Size) -> Size:
    numbers = _numbers(sizes)
    if numbers is None:
        return Anything()
    whole = all(each.is_whole for each in numbers)
    return Number(sum((each.low for each in numbers), ZERO), sum((each.high for each in numbers), ZERO), whole)


@sized("-")
def _subtract(*sizes: Size) -> Size:
    numbers = _numbers(sizes)
    if not numbers:
        return Anything()
    whole = all(each.is_whole for each in numbers)
    if len(numbers) == 1:
        return Number(-numbers[0].high, -numbers[0].low, whole)
    first, *others = numbers
    low = sum((-each.high for each in others), first.low)
    return Number(low, sum((-each.low for each in others), first.high), whole)


@sized("*")
def _multiply(*sizes: Size) -> Size:
    numbers = _numbers(sizes)
    if numbers is None or any(algebra.sign(each.low) not in (0, 1) and not each.low.is_nonnegative for each in numbers):
        return Anything()
    low, high = ONE, ONE
    for each in numbers:
        low, high = algebra.times(low, each.low), algebra.times(high, each.high)
    return Number(low, high, all(each.is_whole for each in numbers))


@sized("quotient", "truncate-quotient", "floor-quotient")
def _quotient(one: Size, other: Size) -> Size:
    number, divisor = as_number(one), whole_number(other)
    if number is None or divisor is None or divisor < 1 or not number.low.is_nonnegative:
        return Anything()
    by = algebra.number(divisor)
    is_whole = number.is_whole and isinstance(other, Number) and other.is_whole
    return Number(algebra.quotient(number.low, by), algebra.quotient(number.high, by), is_whole)


@sized("floor/", "truncate/")
def _quotient_and_remainder(one: Size, other: Size) -> Size:
    return Values((_quotient(one, other), _remainder(one, other)))


@sized("exact-integer-sqrt")
def _integer_root(size: Size) -> Size:
    number = as_number(size)
    if number is None or not number.low.is_nonnegative:
        return Values((Anything(), Anything()))
    return Values((Number(ZERO, number.high), Number(ZERO, number.high)))


@sized("/")
def _divide(*sizes: Size) -> Size:
    numbers = _numbers(sizes)
    divisor = whole_number(sizes[1]) if len(sizes) == 2 else None
    if numbers is None or divisor is None or divisor < 1:
        return Anything()
    return Number(numbers[0].low / divisor, numbers[0].high / divisor, is_whole=False)


@sized("exact", "inexact->exact")
def _exact(size: Size) -> Size:
    number = as_number(size)
    return Anything() if number is None else number


@sized("round", "ceiling")
def _rounded(size: Size) -> Size:
    number = as_number(size)
    if number is None or number.is_whole:
        return Anything() if number is None else number
    return Number(algebra.quotient(number.low, ONE), algebra.rounded_up(number.high, ONE), is_whole=False)


@sized("floor", "truncate")
def _floor(size: Size) -> Size:
    number = as_number(size)
    if number is None or not number.low.is_nonnegative:
        return Anything()
    return Number(algebra.quotient(number.low, ONE), algebra.quotient(number.high, ONE), number.is_whole)


@sized("exact-floor")
def _exact_floor(size: Size) -> Size:
    found = _floor(size)
    return attrs.evolve(found, is_whole=True) if isinstance(found, Number) else found


@sized("remainder", "modulo")
def _remainder(one: Size, other: Size) -> Size:
    number, divisor = as_number(one), whole_number(other)
    if number is None or divisor is None or divisor < 1:
        return Anything()
    low = ZERO if number.low.is_nonnegative else algebra.number(1 - divisor)
    is_whole = number.is_whole and isinstance(other, Number) and other.is_whole
    return Number(low, algebra.number(divisor - is_whole), is_whole)


def _extreme(choose: Callable[..., Formula]) -> Callable[..., Size]:
    def chosen(*sizes: Size) -> Size:
        numbers = _numbers(sizes)
        if not numbers:
            return Anything()
        low, high = choose(*(each.low for each in numbers)), choose(*(each.high for each in numbers))
        return Number(low, high, all(each.is_whole for each in numbers))

    return chosen


SIZES |= {"min": _extreme(algebra.least), "max": _extreme(algebra.most)}


def _comparison(relation: str, swapped: bool) -> Callable[..., Size]:
    def compare(*sizes: Size) -> Size:
        numbers = _numbers(sizes)
        if numbers is None or len(numbers) != 2:
            return BOOLEAN
        one, other = reversed(numbers) if swapped else numbers
        return compared(relation, one, other)

    return compare


def compared(relation: str, one: Number, other: Number, of_lengths: bool = False) -> Size:
    """A comparison: its outcome where that is known, otherwise the test."""
    test = Test(relation, one, other, of_lengths=of_lengths)
    known = truth(test)
    return test if known is None else TRUE if known else FALSE


SIZES |= {
    "=": _comparison("=", swapped=False),
    "<": _comparison("<", swapped=False),
    "<=": _comparison("<=", swapped=False),
    ">": _comparison("<", swapped=True),
    ">=": _comparison("<=", swapped=True),
}


@sized("zero?")
def _is_zero(size: Size) -> Size:
    return SIZES["="](size, exactly(ZERO))


@sized("positive?")
def _is_positive(size: Size) -> Size:
    return SIZES["<"](exactly(ZERO), size)


@sized("negative?")
def _is_negative(size: Size) -> Size:
    return SIZES["<"](size, exactly(ZERO))


@sized("not")
def negated(size: Size) -> Size:
    """The opposite of a test."""
    if isinstance(size, Test):
        return attrs.evolve(size, holds=not size.holds)
    known = truth(size)
    return BOOLEAN if known is None else FALSE if known else TRUE
