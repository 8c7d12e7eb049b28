"""Coercion tables: procedures that make data of one type data of another, and the ways that they open."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Procedure, Value


class CoercionTable:
    """Procedures by the names of the types that they lead from and to; `tags` are the types as they were given."""

    __slots__ = ("procedures", "tags")

    def __init__(self) -> None:
        self.procedures: dict[str, dict[str, Procedure]] = {}
        self.tags: dict[str, Value] = {}

    def __repr__(self) -> str:
        return "#<coercion-table>"


def tag_name(procedure: str, position: int, tag: Value) -> str:
    """What a tag is compared by: the name of a symbol, or a string."""
    if isinstance(tag, Symbol):
        return tag.name
    if isinstance(tag, str):
        return str(tag)
    raise wrong_type(procedure, position, "a symbol or string", tag)


def coercion_table(procedure: str, position: int, value: Value) -> CoercionTable:
    """A coercion table."""
    if isinstance(value, CoercionTable):
        return value
    raise wrong_type(procedure, position, "a coercion table", value)


@primitive("make-coercion-table")
def make_coercion_table() -> CoercionTable:
    """A new coercion table."""
    return CoercionTable()


@primitive("coercion-table?")
def is_coercion_table(value: Value) -> bool:
    """Whether a value is a coercion table."""
    return isinstance(value, CoercionTable)


@primitive("put-coercion", row="state")
def put_coercion(table: Value, source: Value, target: Value, procedure: Value) -> None:
    """Lets the procedure make data of the type `source` data of the type `target`."""
    found = coercion_table("put-coercion", 1, table)
    start, end = tag_name("put-coercion", 2, source), tag_name("put-coercion", 3, target)
    found.procedures.setdefault(start, {})[end] = callee("put-coercion", 4, procedure)
    found.tags.setdefault(start, source)
    found.tags.setdefault(end, target)


@primitive("get-coercion")
def get_coercion(table: Value, source: Value, target: Value) -> Value:
    """The procedure that makes data of one type data of the other, or #f."""
    found = coercion_table("get-coercion", 1, table)
    start, end = tag_name("get-coercion", 2, source), tag_name("get-coercion", 3, target)
    return found.procedures.get(start, {}).get(end, False)


@primitive("find-coercion-path")
def find_coercion_path(table: Value, source: Value, target: Value) -> List | bool:
    """The list of types on a shortest way from one type to the other, both included; #f when there is none."""
    found = coercion_table("find-coercion-path", 1, table)
    start, end = tag_name("find-coercion-path", 2, source), tag_name("find-coercion-path", 3, target)
    names = _shortest_path(found, start, end)
    return False if names is None else _tags(found, names, source)


@primitive("find-all-coercion-paths")
def find_all_coercion_paths(table: Value, source: Value, target: Value) -> List:
    """The list of all ways from one type to the other that pass no type twice, the shortest first."""
    found = coercion_table("find-all-coercion-paths", 1, table)
    start, end = tag_name("find-all-coercion-paths", 2, source), tag_name("find-all-coercion-paths", 3, target)
    complete: list[list[str]] = []
    pending = [[start]]
    while pending:
        path = pending.pop()
        if path[-1] == end:
            complete.append(path)
        else:
            # In reverse, as the last one is gone on with first.
            onward = reversed(found.procedures.get(path[-1], {}))
            pending += [[*path, name] for name in onward if name not in path]
    return list_from([_tags(found, path, source) for path in sorted(complete, key=len)])


def _tags(table: CoercionTable, names: list[str], source: Value) -> Value:
    """The types of a way, as they were given; the first may be one that the table doesn't know."""
    return list_from([table.tags.get(name, source) for name in names])


def _shortest_path(table: CoercionTable, start: str, end: str) -> list[str] | None:
    """By breadth-first search."""
    before: dict[str, str | None] = {start: None}
    pending = [start]
    for name in pending:
        if name == end:
            break
        for onward in table.procedures.get(name, {}):
            if onward not in before:
                before[onward] = name
                pending.append(onward)
    if end not in before:
        return None
    path = [end]
    while (previous := before[path[-1]]) is not None:
        path.append(previous)
    return path[::-1]


@primitive("coerce-value", calls=(0,))
def coerce_value(table: Value, value: Value, source: Value, target: Value) -> Value:
    """The value, made a datum of another type along a shortest way. Raises OmegaError where there is none."""
    found = coercion_table("coerce-value", 1, table)
    start, end = tag_name("coerce-value", 3, source), tag_name("coerce-value", 4, target)
    made = coerced(found, value, start, end)
    if made is ABSENT:
        raise OmegaError(f"coerce-value: no coercions lead from {start} to {end}; add one with put-coercion")
    return made


def coerced(table: CoercionTable, value: Value, start: str, end: str) -> Value:
    """The value, made a datum of another type along a shortest way; ABSENT where there is none."""
    path = _shortest_path(table, start, end)
    if path is None:
        return ABSENT
    for i in range(1, len(path)):
        value = table.procedures[path[i - 1]][path[i]](value)
    return value
