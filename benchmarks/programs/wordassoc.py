"""Words counted, in a dict."""

from collections import Counter


def words(n: int) -> list[str]:
    number = 1
    result = []
    for _ in range(n):
        result.append(f"word{number % 40}")
        number = number * 16807 % 2147483647
    return result


def run(n: int) -> int:
    return max(Counter(words(n)).values())
