"""Whether a value lies within what is said of its size, and sizes that say less of a value than all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omega_runtime.models.provider import text_bound
from omega_runtime.values.equality import is_equal
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import Pair as RuntimePair
from omega_runtime.values.pairs import unlist
from omega_runtime.values.printing import display_text
from omega_runtime.values.vectors import Vector as RuntimeVector

from omegac.analyse.cost import algebra, sizes
from omegac.analyse.cost.sizes import Size

SLACK = 1e-9


class NotWithin(AssertionError):
    """A value outside of what is said of it."""


def check_within(value: Any, size: Size, known: dict[str, int]) -> None:
    """Fail unless a value lies within a size; `known` are the values of the names in its formulas."""

    def at(formula: Any) -> float:
        constant = algebra.constant(algebra.value_at(formula, known))
        assert constant is not None, formula
        return constant

    def between(low: Any, actual: float, high: Any) -> None:
        if not at(low) - SLACK <= actual <= at(high) + SLACK:
            raise NotWithin(f"{actual} isn't between {low} and {high}")

    match size:
        case sizes.Anything() | sizes.Closure() | sizes.Library() | sizes.Escape():
            return
        case sizes.Either(choices=choices):
            if not any(_is_within(value, each, known) for each in choices):
                raise NotWithin(f"{value!r} is none of {choices}")
        case sizes.Test():
            _check(isinstance(value, bool), value, "a truth")
            outcome = _outcome(size, at)
            _check(outcome is None or outcome == value, value, size)
        case sizes.Datum(value=expected):
            _check(expected is None or type(value) is type(expected), value, expected)
            _check(expected is None or is_equal(value, expected), value, expected)
        case sizes.Number():
            _check(isinstance(value, int | float) or hasattr(value, "numerator"), value, "a number")
            _check(not size.is_whole or type(value) is int, value, "a whole number")
            between(size.low, float(value), size.high)
        case sizes.Text():
            _check(isinstance(value, str), value, "a text")
            between(size.low, text_bound(value), size.high)
        case sizes.Items() | sizes.Sequence():
            _check(not isinstance(value, RuntimeVector | RuntimePair) or unlist(value) is not None, value, "a list")
            _check_elements(_elements(value), size, known)
        case sizes.Vector(contents=contents):
            _check(isinstance(value, RuntimeVector), value, "a vector")
            _check_elements(list(value), contents, known)
        case sizes.Values(items=items):
            _check(isinstance(value, MultipleValues) and len(value) == len(items), value, "several values")
            for each, inner in zip(value, items, strict=True):
                check_within(each, inner, known)
        case sizes.Pair(car=car, cdr=cdr):
            _check(isinstance(value, RuntimePair), value, "a pair")
            check_within(value.car, car, known)
            check_within(value.cdr, cdr, known)
        case sizes.Given():
            _check_given(value, size, known, between)
        case _:
            raise AssertionError(size)


def _check(holds: bool, value: Any, expected: Any) -> None:
    if not holds:
        raise NotWithin(f"{value!r} isn't {expected}")


def _is_within(value: Any, size: Size, known: dict[str, int]) -> bool:
    try:
        check_within(value, size, known)
    except NotWithin:
        return False
    return True


def _elements(value: Any) -> list[Any]:
    found = value if isinstance(value, list) and not isinstance(value, RuntimeVector) else unlist(value)
    _check(found is not None, value, "a list")
    return list(found)


def _check_elements(values: list[Any], size: Size, known: dict[str, int]) -> None:
    if isinstance(size, sizes.Items):
        _check(len(values) == len(size.items), values, f"{len(size.items)} elements")
        for each, inner in zip(values, size.items, strict=True):
            check_within(each, inner, known)
        return
    assert isinstance(size, sizes.Sequence)
    check_within(len(values), sizes.Number(size.low, size.high), known)
    for each in values:
        check_within(each, size.element, known)


def _check_given(value: Any, size: sizes.Given, known: dict[str, int], between: Any) -> None:
    if isinstance(value, str):
        between(*size.bounds(size.text)[:1], text_bound(value), size.text)
    elif isinstance(value, int | float):
        between(*size.bounds(size.value)[:1], value, size.value)
    else:
        _check_elements(_elements(value), sizes.Sequence(*size.bounds(size.length), size.element), known)


def _outcome(test: sizes.Test, at: Any) -> bool | None:
    """What a test gives where both sides are known."""
    if at(test.one.low) != at(test.one.high) or at(test.other.low) != at(test.other.high):
        return None
    one, other = at(test.one.low), at(test.other.low)
    return {"<": one < other, "<=": one <= other, "=": one == other}[test.relation] == test.holds


def views_of(value: Any, name: str) -> Iterator[tuple[Size, dict[str, int]]]:
    """Sizes that a value lies within, from the closest to the widest, with the values of the names in them."""
    exact = sizes.size_of_datum(value)
    yield exact, {}
    if isinstance(exact, sizes.Number):
        yield sizes.Number(exact.low - 1, exact.high + 2, exact.is_whole), {}
    elif isinstance(value, str):
        length = algebra.number(text_bound(value))
        yield sizes.Text(algebra.ZERO, length + 2), {}
    elif isinstance(exact, sizes.Items):
        yield _wider(exact), {}
    elif isinstance(exact, sizes.Vector):
        yield sizes.Vector(_wider(exact.contents)), {}
    if _is_simple(value) or (isinstance(exact, sizes.Items) and all(map(_is_simple, _elements(value)))):
        yield sizes.given(name), _sizes_of(value, name)


def _is_simple(value: Any) -> bool:
    return isinstance(value, str) or (type(value) is int and value >= 0)


def _wider(size: sizes.Items | sizes.Sequence) -> sizes.Sequence:
    sequence = sizes.as_sequence(size)
    assert sequence is not None
    return sizes.Sequence(algebra.ZERO, sequence.high + 1, sequence.element)


def _sizes_of(value: Any, name: str) -> dict[str, int]:
    """The sizes of something given; those that it doesn't have are those of its text."""
    shown = text_bound(display_text(value))
    if isinstance(value, int):
        return {name: value, f"bytes({name})": shown, f"len({name})": 0, **_sizes_of_elements([], name)}
    if isinstance(value, str):
        return {name: 0, f"bytes({name})": text_bound(value), f"len({name})": 0, **_sizes_of_elements([], name)}
    items = _elements(value)
    return {name: 0, f"bytes({name})": shown, f"len({name})": len(items), **_sizes_of_elements(items, name)}


def _sizes_of_elements(items: list[Any], name: str) -> dict[str, int]:
    inner = f"{name}[]"
    return {
        inner: max((each for each in items if isinstance(each, int)), default=0),
        f"bytes({inner})": max((text_bound(display_text(each)) for each in items), default=0),
        f"len({inner})": 0,
    }
