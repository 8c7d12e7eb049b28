def is_safe(column: int, placed: list[int]) -> bool:
    for distance, other in enumerate(reversed(placed), 1):
        if other == column or abs(other - column) == distance:
            return False
    return True


def solutions(size: int, row: int, placed: list[int]) -> int:
    if row == size:
        return 1
    total = 0
    for column in range(size):
        if is_safe(column, placed):
            total += solutions(size, row + 1, [*placed, column])
    return total


def run(size: int) -> int:
    return solutions(size, 0, [])
