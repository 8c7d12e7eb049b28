"""Words of a linked list counted in a dict."""

from __future__ import annotations

from benchmarks.programs.literal.lists import List, Pair


def words(n: int) -> List:
    i, number = 0, 1
    result: List = None
    while i != n:
        i, number, result = i + 1, number * 16807 % 2147483647, Pair("word" + str(number % 400), result)
    return result


def run(n: int) -> int:
    counts: dict[str, int] = {}
    items = words(n)
    while items is not None:
        counts[items.car] = 1 + counts.get(items.car, 0)
        items = items.cdr
    return max(counts.values())
