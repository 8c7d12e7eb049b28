"""Maps for programs: `parallel-map`, `sequential`, and what the compiler writes for calls that are independent."""

from __future__ import annotations

from omega_runtime.concurrent.maps import is_sequential, map_at_once, map_independent, mapper
from omega_runtime.lib.arguments import callee, elements, slices, vector_items
from omega_runtime.lib.registry import primitive
from omega_runtime.values.pairs import list_from
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.values import List, Procedure, Value

MOST_BINDINGS = 16
"""How many independent values of a `let` are computed at once at most."""


@primitive("parallel-map", calls=(0,))
def parallel_map(procedure: Value, first: Value, *rest: Value) -> List:
    """The list of what the procedure gives for the elements of the lists; up to `jobs` calls go on at once.

    Where the program has workers, they make the calls.
    """
    callee("parallel-map", 1, procedure)
    arguments = _arguments("parallel-map", first, rest)
    make = None if is_sequential.get() else mapper.get()
    return list_from(map_at_once(procedure, arguments) if make is None else make(procedure, list(arguments)))


@primitive("%sequential", calls=(0,))
def sequential(thunk: Procedure) -> Value:
    """The value of `(thunk)`, within which nothing goes on at once."""
    token = is_sequential.set(True)
    try:
        return thunk()
    finally:
        is_sequential.reset(token)


@primitive("%concurrent-map", calls=(0,))
def concurrent_map(procedure: Procedure, first: Value, *rest: Value) -> Value:
    """`map` with a procedure whose calls are independent."""
    return list_from(map_independent(procedure, _arguments("map", first, rest)))


@primitive("%concurrent-for-each", calls=(0,))
def concurrent_for_each(procedure: Procedure, first: Value, *rest: Value) -> None:
    """`for-each` with a procedure whose calls are independent."""
    map_independent(procedure, _arguments("for-each", first, rest))


@primitive("%concurrent-vector-map", calls=(0,))
def concurrent_vector_map(procedure: Procedure, first: Value, *rest: Value) -> Vector:
    """`vector-map` with a procedure whose calls are independent."""
    columns = [vector_items("vector-map", i + 2, each) for i, each in enumerate((first, *rest))]
    return Vector(map_independent(procedure, zip(*columns, strict=False)))


@primitive("%concurrent-filter", calls=(0,))
def concurrent_filter(predicate: Procedure, items: Value) -> Value:
    """`filter` with a predicate whose calls are independent."""
    parts = elements("filter", 2, items)
    kept = map_independent(predicate, [(part,) for part in parts])
    return list_from([part for part, keeps in zip(parts, kept, strict=True) if keeps is not False])


@primitive("%concurrently", calls=tuple(range(MOST_BINDINGS)))
def concurrently(*thunks: Procedure) -> list[Value]:
    """The values of independent thunks, as a Python list."""
    return map_independent(value_of, [(thunk,) for thunk in thunks])


def value_of(thunk: Procedure) -> Value:
    """The value of a thunk of `concurrently`."""
    return thunk()


def _arguments(procedure: str, first: Value, rest: tuple[Value, ...]) -> Iterable[tuple[Value, ...]]:
    if rest:
        return slices(procedure, 2, (first, *rest))
    return [(item,) for item in elements(procedure, 2, first)]
