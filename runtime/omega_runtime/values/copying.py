"""Deep copies of pairs and vectors, without recursion over them."""

from __future__ import annotations

from omega_runtime.values.pairs import Pair
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


def deep_copy(value: Value, memo: dict[int, Value]) -> Value:
    """What `copy.deepcopy` of a pair or vector returns; `memo` is deepcopy's. Sharing and cycles are kept."""
    from copy import deepcopy

    todo: list[Value] = []

    def copied(part: Value) -> Value:
        if id(part) in memo:
            return memo[id(part)]
        if type(part) is Pair:
            fresh: Value = Pair(None, None)
        elif type(part) is Vector:
            fresh = Vector()
        else:
            return deepcopy(part, memo)
        memo[id(part)] = fresh
        todo.append(part)
        return fresh

    result = copied(value)
    while todo:
        original = todo.pop()
        copy = memo[id(original)]
        if type(original) is Pair:
            copy.car, copy.cdr = copied(original.car), copied(original.cdr)
        else:
            copy.extend(map(copied, original))
    return result
