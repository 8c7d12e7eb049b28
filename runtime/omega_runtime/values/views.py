"""The entries of hash tables as a view, in a module of its own as Python's views are imported slowly."""

from __future__ import annotations

from collections.abc import ItemsView

from omega_runtime.values.tables import original

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from omega_runtime.values import Value
    from omega_runtime.values.tables import HashTable


class Entries(ItemsView["Value", "Value"]):
    """Goes through a table without looking its keys up, which aren't found when a program has changed them."""

    __slots__ = ("_table",)

    def __init__(self, table: HashTable) -> None:
        super().__init__(table)
        self._table = table

    def __iter__(self) -> Iterator[tuple[Value, Value]]:
        return ((original(key), value) for key, value in dict.items(self._table))
