from collections.abc import Callable
from functools import reduce
from operator import add

Function = Callable[[int], int]


def compose(f: Function, g: Function) -> Function:
    return lambda x: f(g(x))


def times(k: int) -> Function:
    return lambda x: k * x


def plus(k: int) -> Function:
    return lambda x: k + x


def is_fit(x: int) -> bool:
    return x % 3 == 0


def run(n: int) -> int:
    return reduce(add, map(compose(plus(1), times(2)), filter(is_fit, range(n))), 0)
