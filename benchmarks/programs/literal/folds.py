"""Map, filter and fold with closures over linked lists."""

from benchmarks.programs.folds import compose, is_fit, plus, times
from benchmarks.programs.literal.lists import filtered, folded, list_from, mapped


def run(n: int) -> int:
    made = mapped(compose(plus(1), times(2)), filtered(is_fit, list_from(range(n))))
    total: int = folded(lambda total, x: total + x, 0, made)
    return total
