"""What a compiled `match` asks about values; the names can't be written in a program."""

from __future__ import annotations

from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from, list_length, unlist
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from omega_runtime.values import Value


@primitive("%list-of?")
def is_list_of(value: Value, size: int) -> bool:
    """Whether a value is a list of so many elements."""
    rest = value
    for done in range(size):
        if type(rest) is not Pair:
            return is_plain_list(rest) and len(rest) == size - done
        rest = rest.cdr
    return rest is NIL or (is_plain_list(rest) and not rest)


@primitive("%starts-with?")
def is_started_with(value: Value, size: int) -> bool:
    """Whether a value has so many elements, whatever follows them."""
    rest = value
    for done in range(size):
        if type(rest) is not Pair:
            return is_plain_list(rest) and len(rest) >= size - done
        rest = rest.cdr
    return True


@primitive("%list-from?")
def is_list_from(value: Value, size: int) -> bool:
    """Whether a value is a list of so many elements or more."""
    found = list_length(value)
    return found is not None and found >= size


@primitive("%vector-of?")
def is_vector_of(value: Value, size: int) -> bool:
    """Whether a value is a vector of so many elements."""
    return isinstance(value, Vector) and len(value) == size


@primitive("%middle")
def middle(items: Value, before: int, after: int) -> Value:
    """The list of the elements but for so many at the start and at the end."""
    found = unlist(items) or []
    return list_from(found[before : len(found) - after])


@primitive("%from-end")
def from_end(items: Value, k: int) -> Value:
    """The element that `k` elements of a list end with; 1 for the last."""
    return (unlist(items) or [])[-k]


@primitive("%match-each", calls=(0,))
def match_each(procedure: Value, items: Value, count: int) -> Value:
    """What the elements of a list bind, each of `count` names to the list of its values; #f when one doesn't match.

    The procedure gives the list of what an element binds, or #f.
    """
    rows = []
    for item in unlist(items) or []:
        row = procedure(item)
        if row is False:
            return False
        rows.append(list(row))
    return tuple(list_from([row[i] for row in rows]) for i in range(count))


@primitive("%no-match")
def no_match(value: Value) -> NoReturn:
    """Raises the error for a value that no clause matches."""
    raise OmegaError("match: no clause matches", value)
