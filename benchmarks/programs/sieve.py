def strike(flags: list[bool], n: int, prime: int) -> None:
    for i in range(prime * prime, n, prime):
        flags[i] = False


def run(n: int) -> int:
    flags = [True] * n
    count = 0
    for i in range(2, n):
        if flags[i]:
            strike(flags, n, i)
            count += 1
    return count
