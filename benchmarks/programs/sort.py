def numbers(n: int) -> list[int]:
    number = 1
    result = []
    for _ in range(n):
        result.append(number)
        number = number * 16807 % 2147483647
    result.reverse()
    return result


def last_digits(number: int) -> int:
    return number % 1000


def run(n: int) -> int:
    items = numbers(n)
    return sorted(items)[0] + sorted(items, key=last_digits)[0]
