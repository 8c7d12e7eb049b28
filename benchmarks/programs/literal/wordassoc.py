"""Words counted in an association list."""

from __future__ import annotations

from benchmarks.programs.literal.lists import List, Pair, folded


def words(n: int) -> List:
    i, number = 0, 1
    result: List = None
    while i != n:
        i, number, result = i + 1, number * 16807 % 2147483647, Pair("word" + str(number % 40), result)
    return result


def assoc(key: str, entries: List) -> Pair | None:
    while entries is not None:
        if entries.car.car == key:
            entry: Pair = entries.car
            return entry
        entries = entries.cdr
    return None


def count_words(items: List) -> List:
    counts: List = None
    while items is not None:
        entry = assoc(items.car, counts)
        if entry is not None:
            entry.cdr = entry.cdr + 1
        else:
            counts = Pair(Pair(items.car, 1), counts)
        items = items.cdr
    return counts


def run(n: int) -> int:
    most: int = folded(lambda most, entry: max(most, entry.cdr), 0, count_words(words(n)))
    return most
