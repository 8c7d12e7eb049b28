def chain(n: int) -> int:
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def run(limit: int) -> int:
    longest = 0
    for n in range(1, limit):
        longest = max(longest, chain(n))
    return longest
