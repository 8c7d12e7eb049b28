"""Linked lists as a Python programmer writes them down who wants Lisp's data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Pair:
    """A pair; None ends a list."""

    __slots__ = ("car", "cdr")

    def __init__(self, car: Any, cdr: Any) -> None:
        self.car = car
        self.cdr = cdr


List = Pair | None


def list_from(items: Iterable[Any]) -> List:
    """The list of the items."""
    result: List = None
    for item in reversed(list(items)):
        result = Pair(item, result)
    return result


def reverse(items: List) -> List:
    """The list from the last item to the first."""
    result: List = None
    while items is not None:
        result = Pair(items.car, result)
        items = items.cdr
    return result


def mapped(function: Callable[[Any], Any], items: List) -> List:
    """The list of what the function gives for the items."""
    result: List = None
    while items is not None:
        result = Pair(function(items.car), result)
        items = items.cdr
    return reverse(result)


def filtered(test: Callable[[Any], bool], items: List) -> List:
    """The list of the items that the test holds for."""
    result: List = None
    while items is not None:
        if test(items.car):
            result = Pair(items.car, result)
        items = items.cdr
    return reverse(result)


def folded(function: Callable[[Any, Any], Any], result: Any, items: List) -> Any:
    """The last result of the function, which takes the one before and an item."""
    while items is not None:
        result = function(result, items.car)
        items = items.cdr
    return result


def elements(items: List) -> list[Any]:
    """The items of a list as Python's."""
    found = []
    while items is not None:
        found.append(items.car)
        items = items.cdr
    return found
