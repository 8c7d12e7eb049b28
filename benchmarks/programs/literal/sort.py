"""A linked list of numbers, sorted by two orders."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.programs.literal.lists import List, Pair, elements, list_from
from benchmarks.programs.sort import last_digits


def numbers(n: int) -> List:
    i, number = 0, 1
    result: List = None
    while i != n:
        i, number, result = i + 1, number * 16807 % 2147483647, Pair(number, result)
    return result


def ordered(items: List, key: Callable[[int], int] | None = None) -> Pair:
    result = list_from(sorted(elements(items), key=key))
    assert result is not None
    return result


def run(n: int) -> int:
    items = numbers(n)
    smallest: int = ordered(items).car + ordered(items, last_digits).car
    return smallest
