"""The sieve with loops that count for themselves."""


def strike(flags: list[bool], n: int, prime: int) -> None:
    i = prime * prime
    while i < n:
        flags[i] = False
        i += prime


def run(n: int) -> int:
    flags = [True] * n
    i, count = 2, 0
    while i != n:
        if flags[i]:
            strike(flags, n, i)
            count += 1
        i += 1
    return count
