"""A loop that adds numbers up."""


def run(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total
