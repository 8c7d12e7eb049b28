"""Map, filter and fold over linked lists."""

from benchmarks.programs.literal.lists import filtered, folded, list_from, mapped


def run(n: int) -> int:
    squares = mapped(lambda x: x * x, filtered(lambda x: x % 2 == 0, list_from(range(n))))
    total: int = folded(lambda total, x: total + x, 0, squares)
    return total
