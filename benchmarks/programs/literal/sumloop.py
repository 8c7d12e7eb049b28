"""A loop that counts for itself."""


def run(n: int) -> int:
    i, total = 0, 0
    while i != n:
        i, total = i + 1, total + i
    return total
