"""Map, filter and fold with short procedures."""


def run(n: int) -> int:
    return sum(x * x for x in range(n) if x % 2 == 0)
