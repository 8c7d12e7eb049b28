def count_keys(n: int) -> dict[int, int]:
    table: dict[int, int] = {}
    key = 1
    for _ in range(n):
        table[key % 500] = 1 + table.get(key % 500, 0)
        key = key * 16807 % 2147483647
    return table


def run(n: int) -> int:
    table = count_keys(n)
    most = 0
    for key in range(500):
        most = max(most, table.get(key, 0))
    return most
