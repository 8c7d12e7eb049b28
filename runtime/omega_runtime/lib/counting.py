"""What loops that count run through, where only the run can know whether that is a `range`.

Each function gives the numbers from `start` on, a `step` apart, that a loop with its test sees: floats, and numbers
without end, as the test has them. Raises ArgumentError for an end that is no number.
"""

from __future__ import annotations

from omega_runtime.acceleration import accelerated
from omega_runtime.lib.numbers import add, greater, greater_or_equal, less, less_or_equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from omega_runtime.values import Value


@accelerated
def until(start: Value, end: Value, step: Value = 1) -> Iterable[Value]:
    """Up to before the number that is `end`, which is a number."""
    if type(start) is int and type(end) is int and type(step) is int and step:
        rounds, rest = divmod(end - start, step)
        if rest == 0 and rounds >= 0:
            return range(start, end, step)
    return _counted(start, lambda number: number != end, step)


@accelerated
def below(start: Value, end: Value, step: Value = 1) -> Iterable[Value]:
    """As long as they are less than `end`."""
    if _is_up(start, end, step):
        return range(start, end, step)
    less(start, end)
    return _counted(start, lambda number: number < end, step)


@accelerated
def upto(start: Value, end: Value, step: Value = 1) -> Iterable[Value]:
    """As long as they are not greater than `end`."""
    if _is_up(start, end, step):
        return range(start, end + 1, step)
    less_or_equal(start, end)
    return _counted(start, lambda number: number <= end, step)


@accelerated
def reaching(start: Value, end: Value, step: Value = 1) -> Iterable[Value]:
    """Until one is `end` or more."""
    if _is_up(start, end, step):
        return range(start, end, step)
    greater_or_equal(start, end)
    return _counted(start, lambda number: not number >= end, step)


@accelerated
def passing(start: Value, end: Value, step: Value = 1) -> Iterable[Value]:
    """Until one is greater than `end`."""
    if _is_up(start, end, step):
        return range(start, end + 1, step)
    greater(start, end)
    return _counted(start, lambda number: not number > end, step)


@accelerated
def above(start: Value, end: Value, step: Value) -> Iterable[Value]:
    """As long as they are greater than `end`."""
    if _is_down(start, end, step):
        return range(start, end, step)
    greater(start, end)
    return _counted(start, lambda number: number > end, step)


@accelerated
def downto(start: Value, end: Value, step: Value) -> Iterable[Value]:
    """As long as they are not less than `end`."""
    if _is_down(start, end, step):
        return range(start, end - 1, step)
    greater_or_equal(start, end)
    return _counted(start, lambda number: number >= end, step)


@accelerated
def falling(start: Value, end: Value, step: Value) -> Iterable[Value]:
    """Until one is `end` or less."""
    if _is_down(start, end, step):
        return range(start, end, step)
    less_or_equal(start, end)
    return _counted(start, lambda number: not number <= end, step)


@accelerated
def sinking(start: Value, end: Value, step: Value) -> Iterable[Value]:
    """Until one is less than `end`."""
    if _is_down(start, end, step):
        return range(start, end - 1, step)
    less(start, end)
    return _counted(start, lambda number: not number < end, step)


def _is_up(start: Value, end: Value, step: Value) -> bool:
    return type(start) is int and type(end) is int and type(step) is int and step > 0


def _is_down(start: Value, end: Value, step: Value) -> bool:
    return type(start) is int and type(end) is int and type(step) is int and step < 0


def _counted(start: Value, goes_on: Callable[[Value], bool], step: Value) -> Iterator[Value]:
    number = start
    while goes_on(number):
        yield number
        number = add(number, step)
