def is_even(n: int) -> bool:
    return True if n == 0 else is_odd(n - 1)


def is_odd(n: int) -> bool:
    return False if n == 0 else is_even(n - 1)


def run(limit: int) -> int:
    count = 0
    for n in range(limit):
        if is_even(n):
            count += 1
    return count
