from __future__ import annotations


class Pair:
    __slots__ = ("car", "cdr")

    def __init__(self, car: int, cdr: Pair | None) -> None:
        self.car = car
        self.cdr = cdr


def up_to(n: int) -> Pair | None:
    items = None
    for i in range(n, 0, -1):
        items = Pair(i, items)
    return items


def evens(items: Pair | None) -> Pair | None:
    if items is None:
        return None
    if items.car % 2 == 0:
        return Pair(items.car, evens(items.cdr))
    return evens(items.cdr)


def reversed_list(items: Pair | None) -> Pair | None:
    result = None
    while items is not None:
        result = Pair(items.car, result)
        items = items.cdr
    return result


def total(items: Pair | None) -> int:
    if items is None:
        return 0
    return items.car + total(items.cdr)


def run(n: int) -> int:
    items = up_to(n)
    return total(reversed_list(items)) + total(evens(reversed_list(items)))
