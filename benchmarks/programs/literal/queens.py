"""Queens on linked lists."""

from __future__ import annotations

from benchmarks.programs.literal.lists import List, Pair


def is_safe(column: int, distance: int, placed: List) -> bool:
    while placed is not None:
        if placed.car == column or abs(placed.car - column) == distance:
            return False
        distance, placed = distance + 1, placed.cdr
    return True


def solutions(size: int, row: int, placed: List) -> int:
    if row == size:
        return 1
    column, total = 0, 0
    while column != size:
        if is_safe(column, 1, placed):
            total += solutions(size, row + 1, Pair(column, placed))
        column += 1
    return total


def run(size: int) -> int:
    return solutions(size, 0, None)
