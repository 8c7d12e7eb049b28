"""Distributions: values with weights."""

from __future__ import annotations

from omega_runtime.values.pairs import Pair, list_from
from omega_runtime.values.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.values import Value


class Distribution(Record):
    """Values with their weights, in order; `support` is the list of pairs (value . weight)."""

    __slots__ = ("support",)
    __omega_name__ = "dist"
    __omega_fields__ = ("support",)

    support: Value

    def __init__(self, entries: Iterable[tuple[Value, int | float]]) -> None:
        self.support = list_from([Pair(value, weight) for value, weight in entries])

    @property
    def entries(self) -> list[tuple[Value, int | float]]:
        """The values and their weights."""
        return [(pair.car, pair.cdr) for pair in self.support]

    def __eq__(self, other: object) -> bool:
        from omega_runtime.values.equality import is_equal

        return isinstance(other, Distribution) and is_equal(self.support, other.support)

    def __hash__(self) -> int:
        return hash(self.support)


def counted(values: Iterable[Value]) -> Distribution:
    """The distribution of values that were seen: equal ones are one, its weight how often it was there."""
    from omega_runtime.values.tables import HashTable

    counts = HashTable()
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return Distribution(counts.items())
