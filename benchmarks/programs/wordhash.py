"""Words counted in a dict, step by step."""


def words(n: int) -> list[str]:
    number = 1
    result = []
    for _ in range(n):
        result.append(f"word{number % 400}")
        number = number * 16807 % 2147483647
    return result


def run(n: int) -> int:
    counts: dict[str, int] = {}
    for word in words(n):
        counts[word] = 1 + counts.get(word, 0)
    return max(counts.values())
